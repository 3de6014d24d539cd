using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>A keystore read and found to be within bounds, not yet unlocked.</summary>
sealed class KeystoreFile
{
    const int LongestJson = 64 << 10, LongestCiphertext = 64, DerivedKeySize = 32;

    // 128 · 2^22 bytes are 512 MiB, twice what wallets use; the work may be eight times theirs.
    const long MostScryptMemory = 1 << 22, MostScryptWork = 1 << 24, MostScryptLanes = 1 << 14, MostIterations = 10_000_000;

    public required byte[] Ciphertext { get; init; }
    public required byte[] Mac { get; init; }
    public required Address? Address { get; init; }

    public required byte[] Iv { get; init; }
    public required byte[] Salt { get; init; }

    int Version { get; init; }

    /// <summary>scrypt's N, r and p; or p = 0, and PBKDF2's iterations in place of N.</summary>
    (int N, int R, int P) Cost { get; init; }

    public static bool TryParse(string json, [NotNullWhen(true)] out KeystoreFile? file, [NotNullWhen(false)] out Refusal? refusal)
    {
        file = null;
        refusal = null;
        if (json.Length > LongestJson)
        {
            refusal = NotOne($"it has {json.Length} characters, and no keystore has more than {LongestJson}");
            return false;
        }
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            file = Read(document.RootElement);
            return true;
        }
        catch (JsonException exception)
        {
            refusal = NotOne(exception.Message);
        }
        catch (KeystoreFormatException exception)
        {
            refusal = exception.Refusal;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // Half a surrogate pair, raw or escaped.
            refusal = NotOne("its text is not Unicode");
        }
        return false;
    }

    public byte[] DeriveKey(ReadOnlySpan<byte> password)
    {
        if (Cost.P == 0) return Rfc2898DeriveBytes.Pbkdf2(password, Salt, Cost.N, HashAlgorithmName.SHA256, DerivedKeySize);
        var key = new byte[DerivedKeySize];
        Scrypt.Derive(password, Salt, Cost.N, Cost.R, Cost.P, key);
        return key;
    }

    public bool TryDecipher(ReadOnlySpan<byte> key, [NotNullWhen(true)] out byte[]? secret)
    {
        secret = null;
        if (Version == 3)
        {
            secret = KeystoreCipher.ApplyCounterMode(key[..16], Iv, Ciphertext);
            return true;
        }

        // Version 1 hashes the key once more and chains blocks.
        if (Ciphertext.Length % 16 != 0) return false;
        using var aes = Aes.Create();
        aes.SetKey(Keccak256.Hash(key[..16]).Bytes[..16]);
        try
        {
            secret = aes.DecryptCbc(Ciphertext, Iv);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    static KeystoreFile Read(JsonElement root)
    {
        var version = Property(root, "version");
        var isVersion1 = version is { ValueKind: JsonValueKind.String } && version.GetString() == "1" || version is { ValueKind: JsonValueKind.Number } && version.TryGetInt32(out var one) && one == 1;
        var isVersion3 = version is { ValueKind: JsonValueKind.String } && version.GetString() == "3" || version is { ValueKind: JsonValueKind.Number } && version.TryGetInt32(out var three) && three == 3;
        if (!isVersion1 && !isVersion3) throw Wrong("its version is neither 3 nor 1");

        var crypto = Property(root, "crypto");
        Expect(crypto, "cipher", isVersion1 ? "aes-128-cbc" : "aes-128-ctr");
        var ciphertext = Bytes(crypto, "ciphertext");
        if (ciphertext.Length is 0 or > LongestCiphertext) throw Wrong($"its ciphertext has {ciphertext.Length} bytes, not those of a secret key");
        var iv = Bytes(Property(crypto, "cipherparams"), "iv");
        if (iv.Length != 16) throw Wrong($"its iv has {iv.Length} bytes, not 16");
        var parameters = Property(crypto, "kdfparams");
        if (Integer(parameters, "dklen") is < DerivedKeySize or > 1024) throw Wrong("its dklen is not between 32 and 1024");

        return new KeystoreFile
        {
            Version = isVersion1 ? 1 : 3,
            Ciphertext = ciphertext,
            Iv = iv,
            Mac = Bytes(crypto, "mac"),
            Salt = Bytes(parameters, "salt"),
            Cost = ReadCost(Text(crypto, "kdf"), parameters),
            Address = ReadAddress(root),
        };
    }

    static (int, int, int) ReadCost(string function, JsonElement parameters)
    {
        if (function == "pbkdf2")
        {
            Expect(parameters, "prf", "hmac-sha256");
            var iterations = Integer(parameters, "c");
            if (iterations is < 1 or > MostIterations) throw TooCostly($"c is {iterations}, and at most {MostIterations} is accepted");
            return ((int)iterations, 0, 0);
        }
        if (function != "scrypt") throw Wrong($"its kdf '{function}' is neither scrypt nor pbkdf2");

        long n = Integer(parameters, "n"), r = Integer(parameters, "r"), p = Integer(parameters, "p");
        if (n < 2 || !BitOperations.IsPow2(n) || r < 1 || p < 1) throw Wrong("its scrypt parameters are not a power of two and two positive numbers");
        if (n > MostScryptMemory || r > MostScryptMemory / n) throw TooCostly($"n = {n} and r = {r} ask for more than 512 MiB of memory");
        if (p > MostScryptWork / (n * r) || p > MostScryptLanes / r) throw TooCostly($"n = {n}, r = {r} and p = {p} ask for more than {MostScryptWork / (1 << 21)} times the usual work");
        return ((int)n, (int)r, (int)p);
    }

    static Address? ReadAddress(JsonElement root)
    {
        if (!TryProperty(root, "address", out var element) || element.ValueKind != JsonValueKind.String) return null;
        var text = element.GetString()!;
        if (text.Length == 0) return null;
        if (!text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) text = "0x" + text;
        return Primitives.Address.TryParse(text, out var address) ? address : throw Wrong("its address is no address");
    }

    // Names differ in letter case among the programs that write these files.
    static bool TryProperty(JsonElement element, string name, out JsonElement value)
    {
        value = default;
        if (element.ValueKind != JsonValueKind.Object) return false;
        foreach (var property in element.EnumerateObject())
        {
            if (!property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            value = property.Value;
            return true;
        }
        return false;
    }

    static JsonElement Property(JsonElement element, string name) => TryProperty(element, name, out var value) ? value : throw Wrong($"it has no {name}");

    static string Text(JsonElement element, string name)
    {
        var value = Property(element, name);
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong($"its {name} is no text");
    }

    static void Expect(JsonElement element, string name, string expected)
    {
        var text = Text(element, name);
        if (text != expected) throw Wrong($"its {name} is '{text}', not '{expected}'");
    }

    static long Integer(JsonElement element, string name)
    {
        var value = Property(element, name);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : throw Wrong($"its {name} is no integer");
    }

    static byte[] Bytes(JsonElement element, string name)
    {
        var text = Text(element, name);
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) text = text[2..];
        try
        {
            return Convert.FromHexString(text);
        }
        catch (FormatException)
        {
            throw Wrong($"its {name} is not hexadecimal");
        }
    }

    static Refusal NotOne(string why) => new("not a keystore file", why, "give a file of version 3 as wallets export it");

    static KeystoreFormatException Wrong(string why) => new(NotOne(why));

    static KeystoreFormatException TooCostly(string why) => new(new Refusal("the keystore asks for too much", why, "re-encrypt it with usual parameters by the program that made it"));

    /// <summary>Ends the reading of a file at its first fault; never leaves this class.</summary>
    sealed class KeystoreFormatException(Refusal refusal) : Exception(refusal.ToString())
    {
        public Refusal Refusal { get; } = refusal;
    }
}
