using System.Buffers;

namespace Hufu.Rpc;

/// <summary>A lasting connection that carries whole messages both ways: a WebSocket, or a local socket.</summary>
interface IMessageChannel : IDisposable
{
    /// <summary>The next message, to be disposed; null where the other side has ended the connection or broken its rules.</summary>
    ValueTask<ReceivedMessage?> ReceiveAsync(CancellationToken stop);

    /// <summary>Sends one message, and returns when the other side's window has taken it. Cancelling breaks the connection.</summary>
    /// <param name="isMoreToCome">The message may wait for the next, which follows at once.</param>
    ValueTask SendAsync(ReadOnlyMemory<byte> message, bool isMoreToCome, CancellationToken stop);

    /// <summary>Tells the other side why the connection ends, as far as the channel can say it.</summary>
    ValueTask CloseAsync(CloseReason reason, CancellationToken stop);
}

/// <summary>Why this side ends a connection.</summary>
/// <param name="Code">Of RFC 6455, section 7.4.1.</param>
/// <param name="Text">At most 123 bytes.</param>
readonly record struct CloseReason(ushort Code, string Text)
{
    public static readonly CloseReason Done = new(1000, "");
    public static readonly CloseReason Stopping = new(1001, "the node stops");
    public static readonly CloseReason TooLarge = new(1009, "the message is too large");
    public static readonly CloseReason TooSlow = new(1013, "too slow: notifications pile up unread; connect again, and read what was missed from the chain");
}

/// <summary>A message in a buffer from the pool.</summary>
sealed class ReceivedMessage(byte[] buffer, int length) : IDisposable
{
    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, length);

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);
}
