using Hufu.Primitives;

namespace Hufu.State;

/// <summary>Keys of accounts from one to another, both included.</summary>
public readonly record struct KeyRange(Hash256 First, Hash256 Last)
{
    /// <summary>The key after one; null after the last.</summary>
    public static Hash256? After(in Hash256 key) => UInt256.TryAdd(key.ToUInt256(), UInt256.One, out var next) ? Hash256.FromUInt256(next) : null;
}

/// <summary>
/// A state on its way in from others, range by range, into the flat tables. Readers see none of it until it is whole. What is missing is written with every
/// range that came, so that an intake that was killed goes on where it was. Ranges may be of different blocks: <see cref="StateHealing"/> makes one
/// state of them. For any thread.
/// </summary>
public sealed class StateIntake
{
    // As many parts of the key space may be fetched side by side.
    const int Parts = 16;
    const int FlushAtBytes = 4 << 20;

    readonly Lock _lock = new();
    readonly List<KeyRange> _missing;

    StateIntake(IKeyValueStore store, List<KeyRange> missing) => (Store, _missing) = (store, missing);

    static ReadOnlySpan<byte> Key => "intake"u8;

    internal IKeyValueStore Store { get; }

    /// <summary>Where the trie on disk is at, once the state is whole and its trie written.</summary>
    internal Hash256? WrittenRoot { get; set; }

    /// <summary>The keys whose accounts have not come yet.</summary>
    public IReadOnlyList<KeyRange> Missing
    {
        get { lock (_lock) return [.. _missing]; }
    }

    /// <summary>Empties the tables and begins.</summary>
    internal static StateIntake Begin(IKeyValueStore store)
    {
        var batch = new WriteBatch();
        // Genesis, and no more: an intake begins only there.
        foreach (var table in new[] { StateTables.Accounts, StateTables.Storage, StateTables.AccountTrie, StateTables.StorageTrie })
        {
            using var cursor = store.Walk(table);
            while (cursor.MoveNext()) batch.Delete(table, cursor.Key);
        }
        var missing = new List<KeyRange>();
        for (var part = 0; part < Parts; part++)
        {
            var (first, last) = (new byte[Hash256.Size], new byte[Hash256.Size]);
            last.AsSpan().Fill(0xFF);
            first[0] = (byte)(part << 4);
            last[0] = (byte)(part << 4 | 0xF);
            missing.Add(new KeyRange(Hash256.FromBytes(first), Hash256.FromBytes(last)));
        }
        var intake = new StateIntake(store, missing);
        intake.WriteMissing(batch);
        store.Commit(batch, sync: true);
        return intake;
    }

    /// <summary>The intake that was under way in this store; null where none was.</summary>
    internal static StateIntake? Resume(IKeyValueStore store)
    {
        if (store.Get(StateTables.Marks, Key) is not { } encoded) return null;
        var reader = new RlpReader(encoded);
        var missing = new List<KeyRange>();
        var end = reader.EnterList();
        while (reader.HasMore(end)) missing.Add(new KeyRange(reader.ReadHash(), reader.ReadHash()));
        reader.LeaveList(end);
        reader.ExpectEnd();
        return reader.Failed ? throw StoreFailure.Damaged(StateTables.Marks, Key, reader.Error!) : new StateIntake(store, missing);
    }

    internal static void End(WriteBatch batch) => batch.Delete(StateTables.Marks, Key);

    public bool HasCode(in Hash256 hash) => hash == Account.EmptyCodeHash || Store.Get(StateTables.Codes, hash.Bytes, []) >= 0;

    /// <summary>Takes codes; each is kept under its hash.</summary>
    public void TakeCodes(IEnumerable<byte[]> codes)
    {
        var batch = new WriteBatch();
        foreach (var code in codes) batch.Put(StateTables.Codes, Keccak256.Hash(code).Bytes, code);
        Store.Commit(batch, sync: false);
    }

    /// <summary>Takes slots of an account, proven against its storage root. They count when the account is taken.</summary>
    /// <param name="isFirst">What was taken of the account before goes.</param>
    /// <returns>False where a slot holds what is no storage value.</returns>
    public bool TakeStorage(in Hash256 account, IReadOnlyList<TrieEntry> slots, bool isFirst)
    {
        var batch = new WriteBatch();
        if (isFirst) DeleteStorage(batch, Store, account);
        foreach (var slot in slots)
            if (!TryPutSlot(batch, account, slot.Key, slot.Value)) return false;
        Store.Commit(batch, sync: false);
        return true;
    }

    /// <summary>Takes accounts that were proven to be all from the first key of a missing range on, and whose codes and slots were taken before them.</summary>
    /// <param name="next">The first key not proven; null where the range is whole.</param>
    public void TakeAccounts(KeyRange range, IReadOnlyList<(Hash256 Key, Account Account)> accounts, Hash256? next)
    {
        var batch = new WriteBatch();
        using var writer = RlpWriter.Rent();
        foreach (var (key, account) in accounts)
        {
            if (key < range.First || key > range.Last) continue;
            writer.Clear();
            FlatValue.WriteAccount(writer, account);
            batch.Put(StateTables.Accounts, key.Bytes, writer.Written);
        }
        lock (_lock)
        {
            var at = _missing.FindIndex(missing => missing.Last == range.Last);
            if (next is { } from && from <= range.Last) _missing[at] = range with { First = from };
            else _missing.RemoveAt(at);
            WriteMissing(batch);
            Store.Commit(batch, sync: false);
        }
    }

    void WriteMissing(WriteBatch batch)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        foreach (var range in _missing)
        {
            writer.Write(range.First);
            writer.Write(range.Last);
        }
        writer.EndList(list);
        batch.Put(StateTables.Marks, Key, writer.Written);
    }

    internal static bool TryPutSlot(WriteBatch batch, in Hash256 account, in Hash256 slot, ReadOnlySpan<byte> value)
    {
        var reader = new RlpReader(value);
        var digits = reader.ReadUInt256();
        reader.ExpectEnd();
        if (reader.Failed || digits.IsZero) return false;
        Span<byte> key = stackalloc byte[2 * Hash256.Size];
        Span<byte> buffer = stackalloc byte[32];
        batch.Put(StateTables.Storage, HistoryKey.WriteSlot(key, account, slot), FlatValue.WriteSlot(digits, buffer));
        return true;
    }

    /// <summary>Deletes what an account has stored; what is much goes at once instead of with the batch.</summary>
    internal static void DeleteStorage(WriteBatch batch, IKeyValueStore store, in Hash256 account)
    {
        using var cursor = store.Walk(StateTables.Storage, account.Bytes);
        while (cursor.MoveNext())
        {
            batch.Delete(StateTables.Storage, cursor.Key);
            FlushIfLarge(batch, store);
        }
    }

    internal static void FlushIfLarge(WriteBatch batch, IKeyValueStore store)
    {
        if (batch.SizeBytes < FlushAtBytes) return;
        store.Commit(batch, sync: false);
        batch.Clear();
    }
}
