using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>
/// Messages that wait to be heard. Everybody who hands some over has a queue of his own, with limits on number and bytes, and they take turns: one that floods waits for
/// himself alone, and never for long does he keep the others waiting. For any thread.
/// </summary>
sealed class QbftInbox
{
    public const int MostOfSender = 1024, MostBytesOfSender = 24 << 20;
    public const long MostBytes = 256 << 20;

    sealed class Sender
    {
        public Queue<Heard> Queue { get; } = new();
        public long Bytes { get; set; }
    }

    readonly Lock _lock = new();
    readonly Dictionary<Address, Sender> _waiting = [];
    readonly Queue<Address> _turns = new();
    long _bytes;

    /// <returns>False where too much of this sender's waits: it is dropped, and its author says it again.</returns>
    public bool TryAdd(Heard heard)
    {
        var size = heard.SizeBytes;
        lock (_lock)
        {
            if (!_waiting.TryGetValue(heard.From, out var sender)) _waiting.Add(heard.From, sender = new Sender());
            // One message of each may always wait, however long it is: a block must come through.
            if (sender.Queue.Count > 0 && (sender.Queue.Count >= MostOfSender || sender.Bytes + size > MostBytesOfSender || _bytes + size > MostBytes)) return false;
            if (sender.Queue.Count == 0) _turns.Enqueue(heard.From);
            sender.Queue.Enqueue(heard);
            sender.Bytes += size;
            _bytes += size;
            return true;
        }
    }

    public bool TryTake([NotNullWhen(true)] out Heard? heard)
    {
        heard = null;
        lock (_lock)
        {
            if (!_turns.TryDequeue(out var from)) return false;
            var sender = _waiting[from];
            heard = sender.Queue.Dequeue();
            sender.Bytes -= heard.SizeBytes;
            _bytes -= heard.SizeBytes;
            if (sender.Queue.Count > 0) _turns.Enqueue(from);
            else _waiting.Remove(from);
            return true;
        }
    }
}
