using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>
/// Whether a caller knows the secret that it shares with this node: a JSON Web Token signed with HMAC-SHA-256 and made within the last minute
/// (execution-apis, engine/authentication).
/// </summary>
public sealed class JwtCheck
{
    public const int SecretSize = 32;

    const int LongestToken = 8192;

    static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(60);

    readonly byte[] _secret;
    readonly TimeProvider _clock;

    /// <param name="secret">32 bytes.</param>
    public JwtCheck(ReadOnlySpan<byte> secret, TimeProvider? clock = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, SecretSize, nameof(secret));
        (_secret, _clock) = (secret.ToArray(), clock ?? TimeProvider.System);
    }

    /// <summary>Takes the secret from a file: 64 hexadecimal digits, with or without 0x, white space around them.</summary>
    public static bool TryRead(string file, [NotNullWhen(true)] out JwtCheck? check, [NotNullWhen(false)] out Refusal? refusal)
    {
        (check, refusal) = (null, null);
        try
        {
            var text = File.ReadAllText(file).Trim();
            if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) text = text[2..];
            if (text.Length == 2 * SecretSize && text.All(char.IsAsciiHexDigit)) check = new JwtCheck(Convert.FromHexString(text));
            else refusal = new Refusal($"cannot use the JWT secret in {file}", "it is not 64 hexadecimal digits (32 bytes)", "make one with `openssl rand -hex 32`");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            refusal = new Refusal($"cannot read the JWT secret in {file}", error.Message, "make one with `openssl rand -hex 32`, readable by this user");
        }
        return check is not null;
    }

    /// <summary>As <see cref="TryRead"/>; where there is no such file, one with a new secret is made that only this user can read.</summary>
    public static bool TryReadOrMake(string file, [NotNullWhen(true)] out JwtCheck? check, [NotNullWhen(false)] out Refusal? refusal)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            if (!File.Exists(file))
            {
                using var made = new FileStream(file, options);
                made.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretSize))));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Reading tells why it cannot be used.
        }
        return TryRead(file, out check, out refusal);
    }

    /// <summary>A token good for the next minute, as the Authorization header carries it; for those who call a node of their own.</summary>
    public string NewAuthorization()
    {
        var signed = Encode("""{"alg":"HS256","typ":"JWT"}"""u8) + "." + Encode(Encoding.UTF8.GetBytes($$"""{"iat":{{_clock.GetUtcNow().ToUnixTimeSeconds()}}}"""));
        return "Bearer " + signed + "." + Encode(HMACSHA256.HashData(_secret, Encoding.ASCII.GetBytes(signed)));

        static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
    }

    /// <summary>Why the caller stays outside, in words for its operator; null where it may come in.</summary>
    /// <param name="authorization">The Authorization header; null or empty where there was none.</param>
    public string? WhyRefused(string? authorization)
    {
        if (string.IsNullOrEmpty(authorization)) return "missing token: send the header Authorization: Bearer TOKEN";
        if (!authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return "the Authorization header is not a Bearer token";
        var token = authorization.AsSpan("Bearer ".Length).Trim();
        var (first, last) = (token.IndexOf('.'), token.LastIndexOf('.'));
        if (token.Length > LongestToken || first < 0 || first == last || !Ascii.IsValid(token)) return "the token is not a JSON Web Token (header.claims.signature)";

        // Nothing of the token is believed, or even read as JSON, before its signature holds.
        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (Base64Url.DecodeFromChars(token[(last + 1)..], signature, out _, out var length) != OperationStatus.Done || length != signature.Length) return "the token is not signed with HS256";
        var expected = HMACSHA256.HashData(_secret, Encoding.ASCII.GetBytes(token[..last].ToString()));
        if (!CryptographicOperations.FixedTimeEquals(signature, expected)) return "the token's signature is wrong: it is signed with another secret";
        return WhyRefused(token[..first], token[(first + 1)..last]);
    }

    string? WhyRefused(ReadOnlySpan<char> header, ReadOnlySpan<char> claims)
    {
        if (!TryParse(header, out var head) || !TryParse(claims, out var body)) return "the token does not hold JSON objects";
        using (head)
        using (body)
        {
            if (!head.RootElement.TryGetProperty("alg"u8, out var algorithm) || algorithm.ValueKind != JsonValueKind.String || !algorithm.ValueEquals("HS256"u8)) return "the token's algorithm is not HS256";
            var now = _clock.GetUtcNow();
            if (SecondsOf(body, "iat"u8) is not { } issued) return "missing issued-at: the token has no claim iat";
            if (Math.Abs(issued - now.ToUnixTimeSeconds()) > Tolerance.TotalSeconds) return "stale token: iat is more than 60 s from this node's clock";
            if (SecondsOf(body, "exp"u8) is { } expires && expires < now.ToUnixTimeSeconds()) return "the token has expired (exp)";
            return null;
        }
    }

    static double? SecondsOf(JsonDocument claims, ReadOnlySpan<byte> name) =>
        claims.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) ? seconds : null;

    static bool TryParse(ReadOnlySpan<char> part, [NotNullWhen(true)] out JsonDocument? json)
    {
        json = null;
        try
        {
            json = JsonDocument.Parse(Base64Url.DecodeFromChars(part));
            if (json.RootElement.ValueKind == JsonValueKind.Object) return true;
            json.Dispose();
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            // Not a token.
        }
        json = null;
        return false;
    }
}
