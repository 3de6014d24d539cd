using System.Diagnostics.CodeAnalysis;
using System.Net;
using Hufu.Primitives;
using Microsoft.AspNetCore.Http;

namespace Hufu.Rpc;

/// <summary>Who may come in, and what is offered to whom.</summary>
sealed class Door
{
    const string Bearer = "Bearer ";

    readonly RpcServerOptions _options;
    readonly Caller _anyone;
    readonly Dictionary<ApiKey, Caller> _byKey = [];
    readonly bool _anyOrigin;
    readonly bool _anyHost;

    // Callers name the host they know, again and again: the last name that was allowed.
    string? _knownHost;

    Door(RpcServerOptions options, MethodTable methods, bool isLocal)
    {
        _options = options;
        (_anyOrigin, _anyHost) = (options.AllowedOrigins.Contains("*"), options.AllowedHosts.Contains("*"));
        // On loopback, or with the secret, a caller is the node's own operator.
        var isOwn = isLocal || options.Jwt is not null;
        _anyone = new Caller(Offered(methods, options.Modules ?? (isOwn ? ["*"] : RpcModules.Public)), methods) { IsTrusted = isOwn };
        Local = new Caller(methods);
        foreach (var key in options.Keys?.All ?? [])
            _byKey[key] = new Caller(Offered(methods, key.Modules), methods)
            {
                IsTrusted = key.IsTrusted,
                Rate = key.CallsPerSecond is { } rate ? new RateLimit(rate, key.Burst) : null,
            };
    }

    /// <summary>Whoever may open the local socket.</summary>
    public Caller Local { get; }

    public static bool TryBuild(RpcServerOptions options, MethodTable methods, IPAddress address, [NotNullWhen(true)] out Door? door, [NotNullWhen(false)] out Refusal? refusal)
    {
        door = null;
        refusal = WhyUnsafe(options, methods, address);
        if (refusal is null) door = new Door(options, methods, IPAddress.IsLoopback(address));
        return door is not null;
    }

    static Refusal? WhyUnsafe(RpcServerOptions options, MethodTable methods, IPAddress address)
    {
        foreach (var module in options.Modules ?? [])
            if (module != "*" && module != "rpc" && !methods.Names.Any(name => RpcModules.Of(name) == module))
                return new Refusal($"there is no module '{module}'", $"this node has {string.Join(", ", methods.Names.Select(RpcModules.Of).Distinct())}", "give names of these to --rpc-modules");
        if (IPAddress.IsLoopback(address) || options.Jwt is not null || options.Keys is not null) return null;

        var exposed = (options.Modules ?? []).Where(module => module == "*" || RpcModules.IsPrivate(module)).ToList();
        if (exposed.Count > 0) return new Refusal(
            $"refusing to offer {string.Join(", ", exposed)} on {options.Host} without a key",
            "whoever reaches the port could change or exhaust the node", "give --rpc-keys FILE or --rpc-jwt-secret FILE, or leave --host or --rpc-modules out");
        return options.SignsForCallers ? new Refusal(
            $"refusing to sign for whoever reaches {options.Host}",
            "this node has unlocked accounts, and anyone could spend what they hold", "give --accounts 0, or --rpc-keys FILE or --rpc-jwt-secret FILE, or leave --host out") : null;
    }

    static MethodTable Offered(MethodTable methods, IReadOnlyList<string> modules) =>
        modules.Contains("*") ? methods : methods.Some(methods.Names.Where(name => RpcModules.Of(name) is var module && (module == "rpc" || modules.Contains(module, StringComparer.OrdinalIgnoreCase))));

    /// <summary>Whether the caller shows what is asked for; else the answer's status and words.</summary>
    public bool TryAdmit(HttpRequest request, [NotNullWhen(true)] out Caller? caller, out (int Status, string Text) refused)
    {
        (caller, refused) = (null, default);
        if (!IsHostAllowed(request))
            refused = (StatusCodes.Status403Forbidden, "this Host name is not allowed: start the node with --rpc-hosts NAME");
        // With both, either opens: a key has its own rights, the secret those of the operator.
        else if (_options.Keys is { } keys && PresentedKey(request) is { } presented && keys.Find(presented) is { } key) caller = _byKey[key];
        else if (_options.Jwt is { } jwt)
        {
            if (jwt.WhyRefused(request.Headers.Authorization) is { } why) refused = (StatusCodes.Status401Unauthorized, why);
            else caller = _anyone;
        }
        else if (_options.Keys is not null)
            refused = (StatusCodes.Status401Unauthorized, "no valid key: send the header Authorization: Bearer KEY");
        else caller = _anyone;
        return caller is not null;
    }

    /// <summary>Whether pages of the request's origin may call; says so to the browser.</summary>
    public bool AllowOrigin(HttpRequest request, HttpResponse response)
    {
        if (request.Headers.Origin.Count == 0) return true;
        var origin = request.Headers.Origin.ToString();
        if (!_anyOrigin && !IsOwn(origin) && !_options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)) return false;
        response.Headers.AccessControlAllowOrigin = _anyOrigin ? "*" : origin;
        response.Headers.AccessControlAllowMethods = "POST, GET, OPTIONS";
        response.Headers.AccessControlAllowHeaders = "content-type, authorization, x-api-key";
        response.Headers.AccessControlMaxAge = "600";
        response.Headers.Vary = "Origin";
        return true;
    }

    static string? PresentedKey(HttpRequest request)
    {
        if (request.Headers["X-Api-Key"] is { Count: 1 } key) return key;
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : null;
    }

    bool IsHostAllowed(HttpRequest request)
    {
        var header = request.Headers.Host.ToString();
        if (header == _knownHost) return true;
        if (!IsHostAllowed(request.Host.Host)) return false;
        _knownHost = header;
        return true;
    }

    bool IsHostAllowed(string host) =>
        _anyHost || host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host, out _) || _options.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    // A page served from this machine, or a wallet installed in the browser, is not some page on the web.
    static bool IsOwn(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && (uri.Scheme.EndsWith("-extension", StringComparison.OrdinalIgnoreCase) || (uri.Scheme is "http" or "https" && uri.IsLoopback));
}
