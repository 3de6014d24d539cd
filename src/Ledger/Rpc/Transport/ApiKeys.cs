using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Whom a key belongs to, and what it opens.</summary>
/// <param name="Modules">What it may call; "*" for everything.</param>
/// <param name="CallsPerSecond">Null: as often as it likes.</param>
/// <param name="Burst">Calls it may make at once.</param>
/// <param name="IsTrusted">May have scripts of its own run inside the node.</param>
public sealed record ApiKey(string Name, IReadOnlyList<string> Modules, double? CallsPerSecond, int Burst, bool IsTrusted);

/// <summary>
/// The keys of a file, by which callers are told apart. Only their digests are held: whoever reads this process's memory, or the file where it holds
/// digests only, has no key.
/// </summary>
public sealed class ApiKeys
{
    const int ShortestKey = 32;
    const int LongestKey = 512;

    readonly Dictionary<string, ApiKey> _byDigest = new(StringComparer.Ordinal);

    public IEnumerable<ApiKey> All => _byDigest.Values;

    /// <summary>Reads a file of keys: { "keys": [ { "name", "key" or "sha256", "modules", "callsPerSecond", "burst", "trusted" } ] }.</summary>
    public static bool TryRead(string file, [NotNullWhen(true)] out ApiKeys? keys, [NotNullWhen(false)] out Refusal? refusal)
    {
        keys = null;
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
                refusal = new Refusal($"the keys in {file} are no secret", "every user of this machine can read or write the file", $"run `chmod 600 {file}`");
            else
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
                var read = new ApiKeys();
                refusal = read.Add(json.RootElement) is { } why ? new Refusal($"cannot use the keys in {file}", why, "see docs/guide/en/rpc.md for the form of the file") : null;
                if (refusal is null) keys = read;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            refusal = new Refusal($"cannot read the keys in {file}", error.Message, "write it as JSON: { \"keys\": [ { \"name\": \"explorer\", \"key\": \"at least 32 characters\" } ] }");
        }
        return refusal is null;
    }

    /// <summary>The key behind this text; null where it is none.</summary>
    public ApiKey? Find(string presented) => presented.Length is < ShortestKey or > LongestKey ? null : _byDigest.GetValueOrDefault(DigestOf(presented));

    string? Add(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array) return "it is not an object with an array \"keys\"";
        foreach (var one in list.EnumerateArray())
            if ((one.ValueKind != JsonValueKind.Object ? "a key is an object" : Add(one, $"key {_byDigest.Count + 1}")) is { } why) return why;
        return _byDigest.Count == 0 ? "it holds no key" : null;
    }

    // The text of a key stands in no message: those go into logs.
    string? Add(JsonElement one, string place)
    {
        var name = one.TryGetProperty("name", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString()! : place;
        string digest;
        if (one.TryGetProperty("sha256", out var hashed) && hashed.ValueKind == JsonValueKind.String)
        {
            digest = hashed.GetString()!.ToLowerInvariant();
            if (digest.Length != 2 * SHA256.HashSizeInBytes || !digest.All(char.IsAsciiHexDigit)) return $"{name}: sha256 is 64 hexadecimal digits";
        }
        else if (one.TryGetProperty("key", out var plain) && plain.ValueKind == JsonValueKind.String)
        {
            if (plain.GetString()!.Length is < ShortestKey or > LongestKey) return $"{name}: a key has {ShortestKey} to {LongestKey} characters (`openssl rand -hex 32` makes one)";
            digest = DigestOf(plain.GetString()!);
        }
        else return $"{name}: it has neither \"key\" nor \"sha256\"";

        double? rate = null;
        if (one.TryGetProperty("callsPerSecond", out var perSecond) && perSecond.ValueKind != JsonValueKind.Null)
        {
            if (perSecond.ValueKind != JsonValueKind.Number || perSecond.GetDouble() is not (> 0 and < 1e9)) return $"{name}: callsPerSecond is a number above zero";
            rate = perSecond.GetDouble();
        }
        var burst = (int)Math.Max(1, Math.Ceiling(2 * (rate ?? 1)));
        if (one.TryGetProperty("burst", out var atOnce) && !(atOnce.ValueKind == JsonValueKind.Number && atOnce.TryGetInt32(out burst) && burst > 0)) return $"{name}: burst is a whole number above zero";

        IReadOnlyList<string> modules = RpcModules.Public;
        if (one.TryGetProperty("modules", out var listed))
        {
            if (listed.ValueKind != JsonValueKind.Array || listed.EnumerateArray().Any(module => module.ValueKind != JsonValueKind.String)) return $"{name}: modules is an array of names";
            modules = [.. listed.EnumerateArray().Select(module => module.GetString()!)];
        }
        var trusted = one.TryGetProperty("trusted", out var trust) && trust.ValueKind == JsonValueKind.True;
        return _byDigest.TryAdd(digest, new ApiKey(name, modules, rate, burst, trusted)) ? null : $"{name}: the same key stands twice";
    }

    static string DigestOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
