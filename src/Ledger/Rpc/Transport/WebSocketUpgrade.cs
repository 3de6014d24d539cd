using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hufu.Rpc;

/// <summary>
/// Opens a WebSocket by its handshake (RFC 6455, section 4.2) over a stream of our own. The framework's middleware would do the same, but keeps the stream to
/// itself, and each message would leave in a call of the system by itself.
/// </summary>
static class WebSocketUpgrade
{
    const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const int KeySize = 16;

    // A peer that vanished without a word answers no ping, and its connection is given up.
    static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    public static bool IsAsked(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        && context.Request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase);

    /// <summary>Null where the request is no proper handshake; the response then has its status.</summary>
    public static async Task<(WebSocket Socket, GatheringStream Stream)?> AcceptAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var key = request.Headers.SecWebSocketKey.ToString();
        if (request.Headers.SecWebSocketVersion != "13" || !IsKey(key))
        {
            response.StatusCode = request.Headers.SecWebSocketVersion == "13" ? StatusCodes.Status400BadRequest : StatusCodes.Status426UpgradeRequired;
            response.Headers.SecWebSocketVersion = "13";
            return null;
        }
        response.Headers.Connection = "Upgrade";
        response.Headers.Upgrade = "websocket";
        response.Headers.SecWebSocketAccept = AcceptOf(key);
        var stream = new GatheringStream(await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync().ConfigureAwait(false));
        return (WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = KeepAlive, KeepAliveTimeout = KeepAlive }), stream);
    }

    static bool IsKey(string key)
    {
        Span<byte> bytes = stackalloc byte[KeySize + 2];
        return Convert.TryFromBase64String(key, bytes, out var length) && length == KeySize;
    }

#pragma warning disable CA5350 // SHA-1 is what the handshake asks for; it keeps no secret.
    static string AcceptOf(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));
#pragma warning restore CA5350
}
