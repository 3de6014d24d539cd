using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>JSON-RPC over one WebSocket: requests run side by side, answers find their request by its id, and the node can tell of news.</summary>
public sealed class WebSocketTransport : IRpcFeed
{
    const int MaxMessageBytes = 256 << 20;

    readonly ClientWebSocket _socket = new();
    readonly CancellationTokenSource _closing = new();
    readonly SemaphoreSlim _sending = new(1);
    readonly ConcurrentDictionary<string, TaskCompletionSource<ReadOnlyMemory<byte>>> _waiting = new();
    Task _receiving = Task.CompletedTask;
    volatile Exception? _end;

    WebSocketTransport(Uri url) => Name = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    public string Name { get; }
    public event Action<ReadOnlyMemory<byte>>? Told;
    public event Action<Exception>? Ended;

    /// <exception cref="ChainException">No node answers there.</exception>
    public static async Task<WebSocketTransport> ConnectAsync(Uri url, CancellationToken stop = default)
    {
        var transport = new WebSocketTransport(url);
        try
        {
            await transport._socket.ConnectAsync(url, stop).ConfigureAwait(false);
        }
        catch (WebSocketException error)
        {
            await transport.DisposeAsync().ConfigureAwait(false);
            throw new ChainException(new Refusal($"the node at {transport.Name} cannot be reached", error.Message, "check the URL, and that the node speaks WebSocket there"), inner: error);
        }
        transport._receiving = transport.ReceiveAsync();
        return transport;
    }

    public async Task<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> request, CancellationToken stop)
    {
        var id = IdOf(request.Span);
        var answer = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_waiting.TryAdd(id, answer)) throw new ArgumentException($"a request with the id {id} is waiting already", nameof(request));
        try
        {
            await _sending.WaitAsync(stop).ConfigureAwait(false);
            try
            {
                if (_end is { } end) throw Broken(end);
                // A message cut off halfway would end the connection for everyone, so only its wait can be cancelled.
                await _socket.SendAsync(request, WebSocketMessageType.Text, endOfMessage: true, _closing.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                throw Broken(error);
            }
            finally
            {
                _sending.Release();
            }
            return await answer.Task.WaitAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    async Task ReceiveAsync()
    {
        Exception end;
        try
        {
            var message = new ArrayBufferWriter<byte>();
            while (true)
            {
                var part = await _socket.ReceiveAsync(message.GetMemory(16_384), _closing.Token).ConfigureAwait(false);
                message.Advance(part.Count);
                if (part.MessageType == WebSocketMessageType.Close) throw new WebSocketException("the node closed the connection");
                if (message.WrittenCount > MaxMessageBytes) throw new WebSocketException("a message is too long");
                if (!part.EndOfMessage) continue;
                Deliver(message.WrittenMemory.ToArray());
                message.ResetWrittenCount();
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or JsonException or ObjectDisposedException)
        {
            end = error;
        }
        _end = end;
        foreach (var (_, waiting) in _waiting) waiting.TrySetException(Broken(end));
        Ended?.Invoke(end);
    }

    void Deliver(byte[] message)
    {
        if (IdOf(message) is { Length: > 0 } id && _waiting.TryGetValue(id, out var waiting)) waiting.TrySetResult(message);
        else Told?.Invoke(message);
    }

    // The id of a message, or of the first one of a batch; empty for a notification.
    static string IdOf(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            var isId = reader.ValueTextEquals("id"u8);
            reader.Read();
            if (isId) return reader.TokenType is JsonTokenType.Number or JsonTokenType.String ? Encoding.UTF8.GetString(reader.ValueSpan) : "";
            reader.Skip();
        }
        return "";
    }

    ChainException Broken(Exception why) => new(new Refusal($"the connection to {Name} has ended", why.Message, "connect again"), inner: why);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
        _socket.Dispose();
        _closing.Dispose();
        _sending.Dispose();
    }
}
