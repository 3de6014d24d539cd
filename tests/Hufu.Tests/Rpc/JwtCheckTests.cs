using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Rpc;

public sealed class JwtCheckTests : IDisposable
{
    static readonly byte[] Secret = Convert.FromHexString(string.Concat(Enumerable.Repeat("a1", 32)));
    static readonly JwtCheck Check = new(Secret);

    readonly string _folder = Directory.CreateTempSubdirectory("hufu-jwt-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static string Token(string header, string claims, byte[]? secret = null)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"Bearer {signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret ?? Secret, Encoding.ASCII.GetBytes(signed)))}";
    }

    static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    [Theory]
    [InlineData(0)]
    [InlineData(-55)]
    [InlineData(55)]
    public void A_token_of_this_minute_is_let_in(int secondsOff) =>
        Assert.Null(Check.WhyRefused(Token("""{"alg":"HS256"}""", $$"""{"iat":{{Now + secondsOff}},"id":"beacon"}""")));

    [Fact]
    public void A_token_it_makes_itself_is_let_in() => Assert.Null(Check.WhyRefused(Check.NewAuthorization()));

    [Fact]
    public void Every_other_token_is_refused_and_told_why()
    {
        var now = Now;
        Refused("missing token", null);
        Refused("not a Bearer token", "Basic abc");
        Refused("not a JSON Web Token", "Bearer abc");
        Refused("another secret", Token("""{"alg":"HS256"}""", $$"""{"iat":{{now}}}""", new byte[32]));
        Refused("not HS256", Token("""{"alg":"none"}""", $$"""{"iat":{{now}}}"""));
        Refused("stale", Token("""{"alg":"HS256"}""", $$"""{"iat":{{now - 65}}}"""));
        Refused("stale", Token("""{"alg":"HS256"}""", $$"""{"iat":{{now + 65}}}"""));
        Refused("no claim iat", Token("""{"alg":"HS256"}""", "{}"));
        Refused("no claim iat", Token("""{"alg":"HS256"}""", """{"iat":"now"}"""));
        Refused("expired", Token("""{"alg":"HS256"}""", $$"""{"iat":{{now}},"exp":{{now - 5}}}"""));
        Refused("JSON objects", Token("[]", $$"""{"iat":{{now}}}"""));
    }

    static void Refused(string why, string? authorization) => Assert.Contains(why, Check.WhyRefused(authorization) ?? "let in", StringComparison.Ordinal);

    [Fact]
    public void A_token_damaged_anywhere_is_refused()
    {
        var good = Check.NewAuthorization();
        Gen.Select(Gen.Int[0, good.Length - 2], Gen.Char[' ', '~']).Sample((at, letter) =>
        {
            if (good[at] == letter || char.ToLowerInvariant(good[at]) == char.ToLowerInvariant(letter) && at < 7) return;
            // White space after "Bearer" is trimmed; the last letter carries unused bits and is left alone.
            if (at < 8 && letter == ' ') return;
            Assert.NotNull(Check.WhyRefused(good[..at] + letter + good[(at + 1)..]));
        }, iter: 2_000);
    }

    [Fact]
    public void A_secret_is_made_once_and_read_again()
    {
        var file = Path.Combine(_folder, "jwt.hex");
        Assert.True(JwtCheck.TryReadOrMake(file, out var first, out _));
        Assert.True(JwtCheck.TryReadOrMake(file, out var again, out _));
        Assert.Null(again.WhyRefused(first.NewAuthorization()));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x1234")]
    [InlineData("zz00000000000000000000000000000000000000000000000000000000000000")]
    public void A_file_without_a_secret_is_refused(string text)
    {
        var file = Path.Combine(_folder, "jwt.hex");
        File.WriteAllText(file, text);
        Assert.False(JwtCheck.TryRead(file, out _, out var refusal));
        Assert.Contains("64 hexadecimal digits", refusal.ToString(), StringComparison.Ordinal);
    }
}
