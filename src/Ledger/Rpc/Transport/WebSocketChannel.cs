using System.Buffers;
using System.Net.WebSockets;

namespace Hufu.Rpc;

/// <summary>Messages over a WebSocket (RFC 6455): one JSON-RPC body each.</summary>
/// <param name="maxBytes">A longer message ends the connection with code 1009.</param>
sealed class WebSocketChannel(WebSocket socket, GatheringStream stream, long maxBytes) : IMessageChannel
{
    const int FirstSize = 2048;

    public async ValueTask<ReceivedMessage?> ReceiveAsync(CancellationToken stop)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstSize);
        var length = 0;
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), stop).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close) break;
                length += part.Count;
                if (part.EndOfMessage) return new ReceivedMessage(Interlocked.Exchange(ref buffer, null!), length);
                if (length > maxBytes)
                {
                    await CloseAsync(CloseReason.TooLarge, stop).ConfigureAwait(false);
                    break;
                }
                if (length == buffer.Length) buffer = Grown(buffer);
            }
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side went away without a word, or this side broke the connection.
        }
        finally
        {
            if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
        }
        return null;
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, bool isMoreToCome, CancellationToken stop)
    {
        stream.IsMoreToCome = isMoreToCome;
        return socket.SendAsync(message, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage | WebSocketMessageFlags.DisableCompression, stop);
    }

    public async ValueTask CloseAsync(CloseReason reason, CancellationToken stop)
    {
        stream.IsMoreToCome = false;
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            await socket.CloseOutputAsync((WebSocketCloseStatus)reason.Code, reason.Text, stop).ConfigureAwait(false);
    }

    public void Dispose()
    {
        socket.Abort();
        socket.Dispose();
    }

    static byte[] Grown(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
