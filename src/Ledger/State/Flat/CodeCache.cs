using System.Collections.Concurrent;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>Code read from the store, shared by all readers. A code never changes, so an entry is never wrong; when the bytes exceed their bound all are dropped and gather again.</summary>
sealed class CodeCache(long maxBytes)
{
    ConcurrentDictionary<Hash256, byte[]>? _codes;
    long _bytes;

    public byte[] Get(IKeyValueReader store, in Hash256 hash)
    {
        if (hash == Account.EmptyCodeHash) return [];
        var codes = _codes;
        if (codes is not null && codes.TryGetValue(hash, out var known)) return known;

        var code = store.Get(StateTables.Codes, hash.Bytes) ?? throw StoreFailure.Damaged(StateTables.Codes, hash.Bytes, "an account has this code hash but the code is missing");
        codes ??= Interlocked.CompareExchange(ref _codes, new ConcurrentDictionary<Hash256, byte[]>(), null) ?? _codes;
        if (Interlocked.Add(ref _bytes, code.Length) > maxBytes)
        {
            codes.Clear();
            Interlocked.Exchange(ref _bytes, code.Length);
        }
        codes[hash] = code;
        return code;
    }
}
