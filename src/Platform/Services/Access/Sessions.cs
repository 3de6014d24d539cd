using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Hufu.Services;

/// <summary>
/// Whoever has signed in with a browser. The key is sent once and kept nowhere: a random token in a cookie stands for it, of which only the digest is held
/// here. A session ends when it is closed, not used for a while, or its key runs out; and with the process.
/// </summary>
public sealed class Sessions(PlatformOptions options)
{
    /// <summary>The cookie's name.</summary>
    public const string Cookie = "hufu-session";

    // More than that at once is no office any more; whoever was idle longest signs in again.
    const int Most = 10_000;

    static readonly TimeSpan Longest = TimeSpan.FromHours(12), Idle = TimeSpan.FromHours(2);

    readonly ConcurrentDictionary<string, Session> _open = new(StringComparer.Ordinal);

    sealed record Session(Caller Caller, DateTimeOffset OpenedAt, DateTimeOffset UsedAt)
    {
        public bool IsOver(DateTimeOffset now) => now - OpenedAt > Longest || now - UsedAt > Idle || Caller.Until <= now;
    }

    /// <summary>Whether anybody has to sign in.</summary>
    public bool AreAsked => options.AsksWhoCalls;

    /// <summary>Signs in whoever has a key, or a token of the provider; null where it is nobody's.</summary>
    public async Task<Caller?> SignInAsync(HttpContext context, string secret)
    {
        if (options.Oidc is not { } tokens || !OidcTokens.IsOne(secret.Trim())) return SignIn(context, secret);
        if (await tokens.FindAsync(secret.Trim()).ConfigureAwait(false) is not { } caller) return null;
        Open(context, caller);
        return caller;
    }

    /// <summary>Signs in whoever has a key; null where it is nobody's.</summary>
    public Caller? SignIn(HttpContext context, string key)
    {
        if (options.Keys?.Find(key.Trim()) is not { } caller) return null;
        Open(context, caller);
        return caller;
    }

    /// <summary>Lets somebody in whom another door has recognised.</summary>
    public void Open(HttpContext context, Caller caller)
    {
        var now = DateTimeOffset.UtcNow;
        foreach (var (digest, _) in _open.Where(one => one.Value.IsOver(now))) _open.TryRemove(digest, out _);
        if (_open.Count >= Most && _open.MinBy(one => one.Value.UsedAt) is { Key: { } idle }) _open.TryRemove(idle, out _);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _open[DigestOf(token)] = new Session(caller, now, now);
        context.Response.Cookies.Append(Cookie, token, Attributes(context.Request));
    }

    /// <summary>Signs out.</summary>
    public void Close(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is { } token) _open.TryRemove(DigestOf(token), out _);
        context.Response.Cookies.Delete(Cookie, Attributes(context.Request));
    }

    /// <summary>Who has signed in with the cookie of a request; null for nobody.</summary>
    internal Caller? Find(HttpRequest request)
    {
        if (request.Cookies[Cookie] is not { Length: 64 } token) return null;
        var (digest, now) = (DigestOf(token), DateTimeOffset.UtcNow);
        if (!_open.TryGetValue(digest, out var session)) return null;
        if (session.IsOver(now))
        {
            _open.TryRemove(digest, out _);
            return null;
        }
        // Compared with what was read: a session that somebody closes meanwhile stays closed.
        _open.TryUpdate(digest, session with { UsedAt = now }, session);
        return session.Caller;
    }

    // No script reads it, and no page of another site sends it along.
    static CookieOptions Attributes(HttpRequest request) => new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = request.IsHttps, Path = "/", IsEssential = true };

    static string DigestOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
