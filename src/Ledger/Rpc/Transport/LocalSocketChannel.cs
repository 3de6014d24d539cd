using System.Buffers;
using System.IO.Pipelines;

namespace Hufu.Rpc;

/// <summary>Messages over a stream of bytes, as geth's IPC has them: JSON values one after the other, white space between them or none.</summary>
/// <param name="maxBytes">A longer message ends the connection.</param>
sealed class LocalSocketChannel(GatheringStream stream, long maxBytes) : IMessageChannel
{
    readonly PipeReader _reader = PipeReader.Create(stream);
    byte[] _line = [];

    public async ValueTask<ReceivedMessage?> ReceiveAsync(CancellationToken stop)
    {
        var boundary = new JsonBoundary();
        var scanned = 0L;
        try
        {
            while (true)
            {
                var read = await _reader.ReadAsync(stop).ConfigureAwait(false);
                var end = boundary.Find(read.Buffer.Slice(scanned));
                if (end >= 0)
                {
                    var message = Copy(read.Buffer.Slice(0, scanned + end));
                    _reader.AdvanceTo(read.Buffer.GetPosition(scanned + end));
                    return message;
                }
                scanned = read.Buffer.Length;
                if (read.IsCompleted || scanned > maxBytes) return null;
                _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, bool isMoreToCome, CancellationToken stop)
    {
        if (_line.Length <= message.Length) _line = new byte[Math.Max(4096, message.Length + message.Length / 2 + 1)];
        message.CopyTo(_line);
        _line[message.Length] = (byte)'\n';
        stream.IsMoreToCome = isMoreToCome;
        await stream.WriteAsync(_line.AsMemory(0, message.Length + 1), stop).ConfigureAwait(false);
        await stream.FlushAsync(stop).ConfigureAwait(false);
    }

    // Such a socket has no word for a reason: it just ends.
    public ValueTask CloseAsync(CloseReason reason, CancellationToken stop) => ValueTask.CompletedTask;

    public void Dispose() => stream.Dispose();

    static ReceivedMessage Copy(in ReadOnlySequence<byte> bytes)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)bytes.Length);
        bytes.CopyTo(buffer);
        return new ReceivedMessage(buffer, (int)bytes.Length);
    }
}
