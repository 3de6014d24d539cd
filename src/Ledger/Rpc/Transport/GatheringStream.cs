using System.Buffers;

namespace Hufu.Rpc;

/// <summary>
/// A stream whose writes are gathered while more is known to follow, so that many small messages leave in one call of the system: with a thousand
/// subscribers that call, not the message, is what news cost.
/// </summary>
sealed class GatheringStream(Stream inner) : Stream
{
    const int Enough = 64 << 10;

    byte[]? _gathered;
    int _length;

    /// <summary>Whether a flush may wait for the next write. Set by the one who sends.</summary>
    public bool IsMoreToCome { get; set; }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_gathered is null && !IsMoreToCome) return inner.WriteAsync(buffer, cancellationToken);
        _gathered ??= ArrayPool<byte>.Shared.Rent(Enough);
        if (_length + buffer.Length > _gathered.Length) return WriteBothAsync(buffer, cancellationToken);
        buffer.CopyTo(_gathered.AsMemory(_length));
        _length += buffer.Length;
        return ValueTask.CompletedTask;
    }

    async ValueTask WriteBothAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await WriteGatheredAsync(cancellationToken).ConfigureAwait(false);
        await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    async ValueTask WriteGatheredAsync(CancellationToken cancellationToken)
    {
        if (_gathered is not { } gathered) return;
        var length = _length;
        (_gathered, _length) = (null, 0);
        try
        {
            await inner.WriteAsync(gathered.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(gathered);
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (IsMoreToCome) return;
        await WriteGatheredAsync(cancellationToken).ConfigureAwait(false);
        await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => inner.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    // Nobody here waits on a thread.
    public override void Flush() => throw new NotSupportedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
