using System.Collections.Concurrent;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>What we have asked one peer and it has not answered yet. An answer nobody waits for costs the peer some of its standing; none in time costs more.</summary>
sealed class PeerRequests(Peer peer, TimeSpan patience)
{
    const int MostAtOnce = 16;

    readonly ConcurrentDictionary<ulong, (int AnswerId, TaskCompletionSource<ReadOnlyMemory<byte>?> Done)> _waiting = new();
    readonly SemaphoreSlim _slots = new(MostAtOnce);
    long _nextId = System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);
    volatile bool _isOver;

    /// <summary>Asks, and waits for the answer.</summary>
    /// <returns>The answer's body; null where there is none in time, or the peer has gone.</returns>
    public async Task<ReadOnlyMemory<byte>?> AskAsync(int wireId, int answerId, Func<ulong, byte[]> body, CancellationToken stop)
    {
        await _slots.WaitAsync(stop).ConfigureAwait(false);
        var id = (ulong)Interlocked.Increment(ref _nextId);
        var done = new TaskCompletionSource<ReadOnlyMemory<byte>?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = (answerId, done);
        try
        {
            if (_isOver || !peer.Send(wireId, body(id))) return null;
            return await done.Task.WaitAsync(patience, stop).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            peer.Penalise(20, "an answer that did not come in time");
            return null;
        }
        finally
        {
            _waiting.TryRemove(id, out _);
            _slots.Release();
        }
    }

    /// <summary>Takes an answer.</summary>
    public PeerFault? Answered(int answerId, ReadOnlyMemory<byte> body)
    {
        var reader = new RlpReader(body.Span);
        reader.EnterList();
        var id = reader.ReadUInt64();
        if (reader.Failed) return PeerFault.Breach("an answer that is no list");
        if (_waiting.TryGetValue(id, out var request) && request.AnswerId == answerId) request.Done.TrySetResult(body);
        else peer.Penalise(10, "an answer to nothing that was asked");
        return null;
    }

    public void End()
    {
        _isOver = true;
        foreach (var (_, request) in _waiting) request.Done.TrySetResult(null);
    }
}
