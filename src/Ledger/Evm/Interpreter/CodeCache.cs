using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// Code by its hash, shared by all machines, bounded by bytes. Two generations: when the young one is full it becomes the old one,
/// and what is asked for again moves back to the young, so what stays in use stays in memory.
/// </summary>
static class CodeCache
{
    // What a block of 30,000,000 gas can call in different contracts of full size is 280 MB; this is what one of a third of that can, and read again
    // from the store they took 20 times revm's time.
    const long GenerationBytes = 128 << 20;

    // What an entry costs beside its bytes; keeps a flood of tiny codes bounded.
    const int EntryBytes = 256;

    static readonly Lock Turning = new();
    static volatile ConcurrentDictionary<Hash256, Code> _young = new();
    static volatile ConcurrentDictionary<Hash256, Code> _old = new();
    static long _youngBytes;

    public static bool TryGet(in Hash256 hash, [NotNullWhen(true)] out Code? code)
    {
        if (_young.TryGetValue(hash, out code)) return true;
        if (!_old.TryGetValue(hash, out code)) return false;
        Keep(hash, code);
        return true;
    }

    public static Code Keep(in Hash256 hash, Code code)
    {
        var young = _young;
        if (!young.TryAdd(hash, code)) return young.GetValueOrDefault(hash, code);
        if (Interlocked.Add(ref _youngBytes, code.Length + EntryBytes) > GenerationBytes) Turn(young);
        return code;
    }

    /// <summary>Counts what was made from code that is cached.</summary>
    public static void Charge(long bytes)
    {
        if (Interlocked.Add(ref _youngBytes, bytes) > GenerationBytes) Turn(_young);
    }

    static void Turn(ConcurrentDictionary<Hash256, Code> full)
    {
        lock (Turning)
        {
            if (_young != full) return;
            _old = full;
            _young = new();
            _youngBytes = 0;
        }
    }
}
