using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>Who calls, and what it may do.</summary>
/// <param name="Acts">Names of acts (payments.pay), of a service's acts (payments.*), or * for all. Reading needs none.</param>
public sealed record Caller(string Name, IReadOnlyList<string> Acts, DateTimeOffset? Until = null)
{
    /// <summary>Whoever is at this machine, where no keys are asked for.</summary>
    public static Caller Local { get; } = new("local", ["*"]);

    public bool May(string act) => Acts.Any(one => Covers(one, act));

    /// <summary>Whether a pattern (payments.*, *) covers an act.</summary>
    internal static bool Covers(string pattern, string act) => pattern == "*" || pattern == act || (pattern.EndsWith(".*", StringComparison.Ordinal) && act.StartsWith(pattern[..^1], StringComparison.Ordinal));
}

/// <summary>The keys by which callers of the API are told apart. Only their digests are held.</summary>
public sealed class ServiceKeys
{
    const int ShortestKey = 32, LongestKey = 512;

    readonly Dictionary<string, Caller> _byDigest = new(StringComparer.Ordinal);

    /// <summary>Reads { "keys": [ { "name", "key" or "sha256", "acts": ["payments.*"], "until" } ] }.</summary>
    public static bool TryRead(string file, [NotNullWhen(true)] out ServiceKeys? keys, [NotNullWhen(false)] out Refusal? refusal)
    {
        (keys, refusal) = (null, null);
        const string Form = "write it as JSON: { \"keys\": [ { \"name\": \"till\", \"sha256\": \"…\", \"acts\": [\"payments.pay\"] } ] }";
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
            {
                refusal = new Refusal($"the keys in {file} are no secret", "every user of this machine can read or write the file", $"run `chmod 600 {file}`");
                return false;
            }
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var read = new ServiceKeys();
            foreach (var one in json.RootElement.GetProperty("keys").EnumerateArray()) read.Add(one);
            if (read._byDigest.Count == 0) throw new FormatException("it holds no key");
            keys = read;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            refusal = new Refusal($"cannot read the keys in {file}", error.Message, "check the path");
        }
        catch (Exception error) when (error is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            // What stands in the file stands in no message: that may go into a log.
            refusal = new Refusal($"cannot use the keys in {file}", error is FormatException ? error.Message : "it is not of the right form", Form);
        }
        return keys is not null;
    }

    void Add(JsonElement one)
    {
        var name = one.GetProperty("name").GetString() is { Length: > 0 } given ? given : throw new FormatException("a key has no name");
        if (name is "local" or "platform" or "console") throw new FormatException($"'{name}' is a name of the platform's own");
        var digest = one.TryGetProperty("sha256", out var hashed) ? hashed.GetString()!.ToLowerInvariant()
            : one.GetProperty("key").GetString() is { Length: >= ShortestKey and <= LongestKey } plain ? DigestOf(plain)
            : throw new FormatException($"{name}: a key has {ShortestKey} to {LongestKey} characters (`openssl rand -hex 32` makes one)");
        if (digest.Length != 2 * SHA256.HashSizeInBytes || !digest.All(char.IsAsciiHexDigit)) throw new FormatException($"{name}: sha256 is 64 hexadecimal digits");
        var until = one.TryGetProperty("until", out var end) ? end.GetDateTimeOffset() : (DateTimeOffset?)null;
        _byDigest[digest] = new Caller(name, [.. one.GetProperty("acts").EnumerateArray().Select(act => act.GetString()!)], until);
    }

    /// <summary>Whose key this is; null where it is nobody's, or no longer.</summary>
    public Caller? Find(string presented) =>
        presented.Length is >= ShortestKey and <= LongestKey && _byDigest.GetValueOrDefault(DigestOf(presented)) is { } caller && !(caller.Until <= DateTimeOffset.UtcNow) ? caller : null;

    static string DigestOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
