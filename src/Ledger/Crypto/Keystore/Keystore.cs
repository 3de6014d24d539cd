using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>A secret in a file, locked by a password: the Web3 Secret Storage definition. Writes version 3; reads 3 and 1.</summary>
public static class Keystore
{
    /// <summary>The cost that wallets use: 256 MiB of memory and about a second.</summary>
    public const int StandardCost = 1 << 18;

    /// <summary>A cost for development and tests: 4 MiB and some milliseconds.</summary>
    public const int LightCost = 1 << 12;

    const int DerivedKeySize = 32, BlockSize = 8;

    /// <summary>The file as JSON in UTF-8's form, with the address in clear.</summary>
    /// <param name="password">Taken as UTF-8, as it stands.</param>
    /// <param name="cost">scrypt's N, a power of two.</param>
    public static string Encrypt(ReadOnlySpan<byte> secret32, string password, int cost = StandardCost)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(32), iv = RandomNumberGenerator.GetBytes(16), key = new byte[DerivedKeySize];
        var address = Address.FromPublicKey(Secp256k1.PublicKey(secret32));
        var passwordBytes = Encoding.UTF8.GetBytes(password);
        try
        {
            Scrypt.Derive(passwordBytes, salt, cost, BlockSize, 1, key);
            var ciphertext = KeystoreCipher.ApplyCounterMode(key.AsSpan(0, 16), iv, secret32);
            using var stream = new MemoryStream();
            using (var json = new Utf8JsonWriter(stream))
            {
                json.WriteStartObject();
                json.WriteString("address", Convert.ToHexStringLower(address.Bytes));
                json.WriteStartObject("crypto");
                json.WriteString("cipher", "aes-128-ctr");
                json.WriteString("ciphertext", Convert.ToHexStringLower(ciphertext));
                json.WriteStartObject("cipherparams");
                json.WriteString("iv", Convert.ToHexStringLower(iv));
                json.WriteEndObject();
                json.WriteString("kdf", "scrypt");
                json.WriteStartObject("kdfparams");
                json.WriteNumber("dklen", DerivedKeySize);
                json.WriteNumber("n", cost);
                json.WriteNumber("p", 1);
                json.WriteNumber("r", BlockSize);
                json.WriteString("salt", Convert.ToHexStringLower(salt));
                json.WriteEndObject();
                json.WriteString("mac", Convert.ToHexStringLower(KeystoreCipher.Mac(key, ciphertext)));
                json.WriteEndObject();
                json.WriteString("id", Guid.NewGuid());
                json.WriteNumber("version", 3);
                json.WriteEndObject();
            }
            return Encoding.UTF8.GetString(stream.ToArray());
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(passwordBytes);
        }
    }

    /// <summary>Unlocks a secret. A file is refused before any work on it if it asks for more memory or time than a keystore may.</summary>
    /// <param name="secret32">32 bytes; a shorter one in the file is filled up with zeros in front.</param>
    public static bool TryDecrypt(string json, string password, [NotNullWhen(true)] out byte[]? secret32, [NotNullWhen(false)] out Refusal? refusal)
    {
        secret32 = null;
        if (!KeystoreFile.TryParse(json, out var file, out refusal)) return false;
        var passwordBytes = Encoding.UTF8.GetBytes(password);
        var key = file.DeriveKey(passwordBytes);
        try
        {
            if (!CryptographicOperations.FixedTimeEquals(KeystoreCipher.Mac(key, file.Ciphertext), file.Mac))
            {
                refusal = new Refusal("could not decrypt key with given password", "the message authentication code does not fit", "type the password of this very file again");
                return false;
            }
            if (!file.TryDecipher(key, out var secret) || secret.Length > Secp256k1.SecretSize)
            {
                refusal = new Refusal("the keystore holds no secret key", "its ciphertext has not the length of one");
                return false;
            }
            secret32 = new byte[Secp256k1.SecretSize];
            secret.CopyTo(secret32.AsSpan(Secp256k1.SecretSize - secret.Length));
            CryptographicOperations.ZeroMemory(secret);
            refusal = FaultOf(secret32, file.Address);
            if (refusal is null) return true;
            CryptographicOperations.ZeroMemory(secret32);
            secret32 = null;
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(passwordBytes);
        }
    }

    /// <summary>The address a file says it holds the key of; needs no password and is not proven by one.</summary>
    public static bool TryReadAddress(string json, out Address address)
    {
        address = default;
        if (!KeystoreFile.TryParse(json, out var file, out _) || file.Address is not { } found) return false;
        address = found;
        return true;
    }

    /// <summary>The name wallets give such a file: UTC--2026-01-31T12-00-00.0000000Z--address.</summary>
    public static string FileName(in Address address, DateTimeOffset made) =>
        string.Create(CultureInfo.InvariantCulture, $"UTC--{made.UtcDateTime:yyyy-MM-dd'T'HH-mm-ss.fffffff}Z--{Convert.ToHexStringLower(address.Bytes)}");

    static Refusal? FaultOf(ReadOnlySpan<byte> secret32, Address? stated)
    {
        if (!Secp256k1.IsValidSecret(secret32)) return new Refusal("the keystore holds no secret key", "the number in it is zero or not below the group order");
        if (stated is null || stated == Address.FromPublicKey(Secp256k1.PublicKey(secret32))) return null;
        return new Refusal("the keystore's address is not its key's", $"it states {stated.Value.ToChecksumString()}", "remove the address from the file if you trust its origin");
    }
}

/// <summary>The symmetric half of a keystore.</summary>
static class KeystoreCipher
{
    /// <summary>Keccak-256 of the derived key's second half and the ciphertext.</summary>
    public static byte[] Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> ciphertext) => Keccak256.Hash([.. key[16..32], .. ciphertext]).ToArray();

    /// <summary>AES in counter mode (NIST SP 800-38A, section 6.5), which is its own inverse.</summary>
    public static byte[] ApplyCounterMode(ReadOnlySpan<byte> key16, ReadOnlySpan<byte> iv16, ReadOnlySpan<byte> text)
    {
        var counters = new byte[(text.Length + 15) / 16 * 16];
        var counter = BinaryPrimitives.ReadUInt128BigEndian(iv16);
        for (var at = 0; at < counters.Length; at += 16) BinaryPrimitives.WriteUInt128BigEndian(counters.AsSpan(at), unchecked(counter++));
        using var aes = Aes.Create();
        aes.SetKey(key16);
        var pad = aes.EncryptEcb(counters, PaddingMode.None);
        var result = new byte[text.Length];
        for (var i = 0; i < result.Length; i++) result[i] = (byte)(text[i] ^ pad[i]);
        return result;
    }
}
