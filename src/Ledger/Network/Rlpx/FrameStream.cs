using System.Buffers;

namespace Hufu.Network;

/// <summary>
/// Frames over a stream. What is read is authenticated before it is believed, and room is made as bytes arrive, not as a header claims them.
/// One task reads, one writes.
/// </summary>
sealed class FrameStream(Stream stream, FrameCodec codec) : IDisposable
{
    // Ids are RLP integers; all in use are one byte.
    public const int Ids = 0x80;

    const int FirstRoom = 4096, LargestKept = 1 << 18;

    byte[] _reading = ArrayPool<byte>.Shared.Rent(FirstRoom);

    /// <summary>The content of the next frame: the message id and the body. Good until the next call.</summary>
    /// <param name="mostBytes">A longer one is a fault.</param>
    /// <param name="patience">For the rest of a frame that has begun.</param>
    /// <exception cref="PeerFaultException">The peer broke the rules of the frames.</exception>
    /// <exception cref="IOException">The connection ended.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(int mostBytes, TimeSpan patience, CancellationToken stop)
    {
        const int headSize = FrameCodec.HeaderSize + FrameCodec.MacSize;
        if (_reading.Length > LargestKept) Replace(FirstRoom, kept: 0);
        await stream.ReadExactlyAsync(_reading.AsMemory(0, 1), stop).ConfigureAwait(false);

        using var begun = CancellationTokenSource.CreateLinkedTokenSource(stop);
        begun.CancelAfter(patience);
        try
        {
            await stream.ReadExactlyAsync(_reading.AsMemory(1, headSize - 1), begun.Token).ConfigureAwait(false);
            if (!codec.TryOpenHeader(_reading.AsSpan(0, headSize), out var size)) throw new PeerFaultException(PeerFault.Breach("a frame header that does not authenticate"));
            if (size == 0 || size > mostBytes) throw new PeerFaultException(PeerFault.Breach($"a frame of {size} bytes, where at most {mostBytes} are allowed"));

            var sealedSize = FrameCodec.SealedBodySize(size);
            for (var have = 0; have < sealedSize;)
            {
                if (have == _reading.Length) Replace(Math.Min(2 * have, sealedSize), have);
                var read = await stream.ReadAsync(_reading.AsMemory(have, Math.Min(_reading.Length, sealedSize) - have), begun.Token).ConfigureAwait(false);
                if (read == 0) throw new EndOfStreamException("the peer closed the connection inside a frame");
                have += read;
            }
            if (!codec.TryOpenBody(_reading.AsSpan(0, sealedSize))) throw new PeerFaultException(PeerFault.Breach("a frame that does not authenticate"));
            return _reading.AsMemory(0, size);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new PeerFaultException(new PeerFault(DisconnectReason.TcpError, $"a frame that did not arrive within {patience.TotalSeconds} s"));
        }
    }

    public async ValueTask WriteAsync(int id, ReadOnlyMemory<byte> body, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)Ids, nameof(id));
        var wire = ArrayPool<byte>.Shared.Rent(FrameCodec.SealedSize(1 + body.Length));
        try
        {
            codec.Seal([id == 0 ? (byte)0x80 : (byte)id], body.Span, wire);
            await stream.WriteAsync(wire.AsMemory(0, FrameCodec.SealedSize(1 + body.Length)), stop).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(wire);
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_reading);
        _reading = [];
        codec.Dispose();
        stream.Dispose();
    }

    void Replace(int size, int kept)
    {
        var larger = ArrayPool<byte>.Shared.Rent(size);
        _reading.AsSpan(0, kept).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_reading);
        _reading = larger;
    }
}

/// <summary>Carries a peer's fault out of the reading of frames; caught by the connection, never seen outside this room.</summary>
#pragma warning disable CA1032, CA1064 // Made in this room alone.
sealed class PeerFaultException(PeerFault fault) : Exception(fault.Why)
#pragma warning restore CA1032, CA1064
{
    public PeerFault Fault => fault;
}
