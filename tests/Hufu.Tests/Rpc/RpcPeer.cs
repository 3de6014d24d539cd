using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Rpc;

/// <summary>A client on a WebSocket that takes what comes in order: answers to its calls, and notifications.</summary>
sealed class RpcPeer : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly Queue<JsonElement> _notifications = [];
    readonly byte[] _buffer = new byte[1 << 20];
    int _id;

    public ClientWebSocket Socket { get; } = new();

    public static async Task<RpcPeer> ConnectAsync(RpcServer server)
    {
        var peer = new RpcPeer();
        await peer.Socket.ConnectAsync(new UriBuilder(server.Url) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
        return peer;
    }

    /// <param name="parameters">The params member as JSON.</param>
    public async Task<JsonElement> AskAsync(string method, string parameters)
    {
        await SendAsync($$"""{"jsonrpc":"2.0","id":{{++_id}},"method":"{{method}}","params":{{parameters}}}""");
        while (true)
        {
            var message = await ReceiveAsync();
            if (!message.TryGetProperty("method", out _)) return message;
            _notifications.Enqueue(message);
        }
    }

    public async Task<string> SubscribeAsync(string parameters)
    {
        var answer = await AskAsync("eth_subscribe", parameters);
        return answer.TryGetProperty("result", out var id) ? id.GetString()! : throw new InvalidOperationException(answer.ToString());
    }

    /// <summary>The next notification of a subscription: its result.</summary>
    public async Task<JsonElement> NextAsync(string subscription)
    {
        var message = _notifications.Count > 0 ? _notifications.Dequeue() : await ReceiveAsync();
        Assert.Equal("eth_subscription", message.GetProperty("method").GetString());
        Assert.Equal(subscription, message.GetProperty("params").GetProperty("subscription").GetString());
        return message.GetProperty("params").GetProperty("result");
    }

    public async Task SendAsync(string text) => await Socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    public async Task<JsonElement> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var length = 0;
        while (true)
        {
            var part = await Socket.ReceiveAsync(_buffer.AsMemory(length), patience.Token);
            if (part.MessageType == WebSocketMessageType.Close) throw new InvalidOperationException($"closed: {Socket.CloseStatus} {Socket.CloseStatusDescription}");
            length += part.Count;
            if (part.EndOfMessage) return JsonDocument.Parse(_buffer.AsMemory(0, length)).RootElement.Clone();
        }
    }

    public void Dispose() => Socket.Dispose();

    public static async Task UntilAsync(Func<bool> holds)
    {
        for (var clock = Stopwatch.StartNew(); !holds(); await Task.Delay(10, TestContext.Current.CancellationToken))
            if (clock.Elapsed > Patience) throw new TimeoutException("what was waited for did not come");
    }
}
