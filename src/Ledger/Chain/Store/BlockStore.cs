using System.Buffers.Binary;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Chain;

/// <summary>Where a transaction stands in the chain to the head.</summary>
public readonly record struct TransactionLocation(ulong BlockNumber, int Index);

/// <summary>
/// Every block kept, of the chain to the head and of others: header, body, receipts, total difficulty. Reading is safe from any thread;
/// writes are gathered into a batch by the one writer, <see cref="Blockchain"/>.
/// </summary>
public sealed class BlockStore(IKeyValueStore store)
{
    const int KeySize = sizeof(ulong) + Hash256.Size;
    const int LocationSize = sizeof(ulong) + sizeof(int);

    // Decoded values by a few bits of their hash. A newer one takes the place of an older; a reader compares the hash, so no lock is needed.
    readonly Header?[] _headers = new Header?[512];
    readonly Block?[] _blocks = new Block?[64];
    readonly BlockReceipts?[] _receipts = new BlockReceipts?[64];

    // Blocks of a development chain may hold transactions that nobody signed.
    volatile bool _hasImpersonation = store.Get(ChainTables.Marks, [(byte)ChainMark.Development]) is not null;

    sealed record BlockReceipts(Hash256 Block, IReadOnlyList<Receipt> Receipts);

    public bool Contains(in Hash256 hash) => NumberOf(hash) is not null;

    public ulong? NumberOf(in Hash256 hash)
    {
        if (Cached(_headers, hash) is { } header && header.Hash == hash) return header.Number;
        Span<byte> entry = stackalloc byte[sizeof(ulong) + 32];
        return store.Get(ChainTables.Blocks, hash.Bytes, entry) < 0 ? null : BinaryPrimitives.ReadUInt64BigEndian(entry);
    }

    public UInt256? TotalDifficultyOf(in Hash256 hash) =>
        store.Get(ChainTables.Blocks, hash.Bytes) is { } entry ? UInt256.FromBigEndian(entry.AsSpan(sizeof(ulong))) : null;

    public Header? HeaderOf(in Hash256 hash)
    {
        if (Cached(_headers, hash) is { } cached && cached.Hash == hash) return cached;
        if (NumberOf(hash) is not { } number || Get(ChainTables.Headers, number, hash) is not { } rlp) return null;
        var reader = new RlpReader(rlp);
        var header = Header.Read(ref reader);
        Intact(ref reader, "header", hash);
        return Cached(_headers, hash) = header;
    }

    public Block? BlockOf(in Hash256 hash)
    {
        if (Cached(_blocks, hash) is { } cached && cached.Hash == hash) return cached;
        if (HeaderOf(hash) is not { } header || Get(ChainTables.Bodies, header.Number, hash) is not { } rlp) return null;
        var reader = new RlpReader(rlp);
        var end = reader.EnterList();
        var block = Block.ReadBody(ref reader, end, header);
        reader.LeaveList(end);
        Intact(ref reader, "body", hash);
        if (_hasImpersonation) foreach (var transaction in block.Transactions) transaction.RestoreImpersonation();
        return Cached(_blocks, hash) = block;
    }

    public IReadOnlyList<Receipt>? ReceiptsOf(in Hash256 hash)
    {
        if (Cached(_receipts, hash) is { } cached && cached.Block == hash) return cached.Receipts;
        if (NumberOf(hash) is not { } number || Get(ChainTables.Receipts, number, hash) is not { } rlp) return null;
        var reader = new RlpReader(rlp);
        var receipts = new List<Receipt>();
        var end = reader.EnterList();
        while (reader.HasMore(end))
        {
            if (Receipt.Read(ref reader) is { } receipt) receipts.Add(receipt);
        }
        reader.LeaveList(end);
        Intact(ref reader, "receipts", hash);
        Cached(_receipts, hash) = new BlockReceipts(hash, receipts);
        return receipts;
    }

    /// <summary>The hash of the block at a height of the chain to the head; null above it.</summary>
    public Hash256? CanonicalHash(ulong number)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, number);
        Span<byte> hash = stackalloc byte[Hash256.Size];
        return store.Get(ChainTables.Canonical, key, hash) < 0 ? null : Hash256.FromBytes(hash);
    }

    /// <summary>Tells the hashes of blocks before the first one kept, where the chain forks another; null where the first is genesis.</summary>
    public Func<ulong, Hash256>? Earlier { get; set; }

    public bool IsCanonical(Header header) => CanonicalHash(header.Number) == header.Hash;

    public TransactionLocation? LocationOf(in Hash256 transaction)
    {
        Span<byte> entry = stackalloc byte[LocationSize];
        return store.Get(ChainTables.Transactions, transaction.Bytes, entry) < 0 ? null
            : new TransactionLocation(BinaryPrimitives.ReadUInt64BigEndian(entry), BinaryPrimitives.ReadInt32BigEndian(entry[sizeof(ulong)..]));
    }

    public Hash256? Mark(ChainMark mark) => store.Get(ChainTables.Marks, [(byte)mark]) is { } hash ? Hash256.FromBytes(hash) : null;

    /// <summary>Makes this the store of a development chain for good: blocks in it may hold transactions that nobody signed, and changes made by hand.</summary>
    public void TakeDevelopment()
    {
        var batch = new WriteBatch();
        PutMark(batch, ChainMark.Development, Hash256.Zero);
        store.Commit(batch, sync: true);
        _hasImpersonation = true;
    }

    /// <summary>The changes by hand that a block was built on; null for every block that follows from the rules alone.</summary>
    internal StateDiff? EditsUnder(in Hash256 hash)
    {
        if (!_hasImpersonation || store.Get(ChainTables.Edits, hash.Bytes) is not { } rlp) return null;
        var reader = new RlpReader(rlp);
        var diff = StateEdits.ReadDiff(ref reader);
        Intact(ref reader, "edits", hash);
        return diff;
    }

    internal static void PutEdits(WriteBatch batch, in Hash256 hash, StateDiff diff)
    {
        using var writer = RlpWriter.Rent();
        StateEdits.WriteDiff(writer, diff);
        batch.Put(ChainTables.Edits, hash.Bytes, writer.Written);
    }

    internal static void DeleteMark(WriteBatch batch, ChainMark mark) => batch.Delete(ChainTables.Marks, [(byte)mark]);

    internal static void PutMark(WriteBatch batch, ChainMark mark, in Hash256 hash) => batch.Put(ChainTables.Marks, [(byte)mark], hash.Bytes);

    internal static void Put(WriteBatch batch, Block block, IReadOnlyList<Receipt> receipts, in UInt256 totalDifficulty)
    {
        var hash = block.Hash;
        Span<byte> entry = stackalloc byte[sizeof(ulong) + 32];
        BinaryPrimitives.WriteUInt64BigEndian(entry, block.Number);
        totalDifficulty.WriteBigEndian(entry[sizeof(ulong)..]);
        batch.Put(ChainTables.Blocks, hash.Bytes, entry);

        using var writer = RlpWriter.Rent();
        Span<byte> key = stackalloc byte[KeySize];
        WriteKey(key, block.Number, hash);
        block.Header.Write(writer);
        batch.Put(ChainTables.Headers, key, writer.Written);

        writer.Clear();
        var body = writer.StartList();
        block.WriteBody(writer);
        writer.EndList(body);
        batch.Put(ChainTables.Bodies, key, writer.Written);

        writer.Clear();
        var list = writer.StartList();
        foreach (var receipt in receipts)
        {
            if (receipt.Type == TransactionType.Legacy)
            {
                receipt.WriteEnvelope(writer);
                continue;
            }
            var envelope = writer.StartBytes();
            receipt.WriteEnvelope(writer);
            writer.EndBytes(envelope);
        }
        writer.EndList(list);
        batch.Put(ChainTables.Receipts, key, writer.Written);
    }

    /// <summary>Makes the block part of the chain to the head.</summary>
    internal static void PutCanonical(WriteBatch batch, Block block)
    {
        Span<byte> entry = stackalloc byte[LocationSize];
        BinaryPrimitives.WriteUInt64BigEndian(entry, block.Number);
        batch.Put(ChainTables.Canonical, entry[..sizeof(ulong)], block.Hash.Bytes);
        for (var index = 0; index < block.Transactions.Count; index++)
        {
            BinaryPrimitives.WriteInt32BigEndian(entry[sizeof(ulong)..], index);
            batch.Put(ChainTables.Transactions, block.Transactions[index].Hash.Bytes, entry);
        }
    }

    /// <summary>Takes the block out of the chain to the head; it stays kept. Blocks that take its place are put after this.</summary>
    internal static void DeleteCanonical(WriteBatch batch, Block block)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, block.Number);
        batch.Delete(ChainTables.Canonical, key);
        foreach (var transaction in block.Transactions) batch.Delete(ChainTables.Transactions, transaction.Hash.Bytes);
    }

    /// <summary>Keeps decoded what was just committed: it is what readers ask for next.</summary>
    internal void Remember(Block block, IReadOnlyList<Receipt> receipts)
    {
        var hash = block.Hash;
        Cached(_headers, hash) = block.Header;
        Cached(_blocks, hash) = block;
        Cached(_receipts, hash) = new BlockReceipts(hash, receipts);
    }

    /// <summary>Forgets what was decoded: some of it was deleted.</summary>
    internal void Forget()
    {
        Array.Clear(_headers);
        Array.Clear(_blocks);
        Array.Clear(_receipts);
    }

    byte[]? Get(Table table, ulong number, in Hash256 hash)
    {
        Span<byte> key = stackalloc byte[KeySize];
        WriteKey(key, number, hash);
        return store.Get(table, key);
    }

    static void WriteKey(Span<byte> key, ulong number, in Hash256 hash)
    {
        BinaryPrimitives.WriteUInt64BigEndian(key, number);
        hash.Bytes.CopyTo(key[sizeof(ulong)..]);
    }

    static ref T? Cached<T>(T?[] cache, in Hash256 hash) where T : class =>
        ref cache[BinaryPrimitives.ReadUInt16LittleEndian(hash.Bytes) & (cache.Length - 1)];

    static void Intact(ref RlpReader reader, string what, in Hash256 hash)
    {
        if (reader.Error is { } why) throw new InvalidDataException($"the {what} of block {hash} in the store is damaged: {why}");
    }
}

/// <summary>Blocks that the chain knows by a name.</summary>
public enum ChainMark : byte
{
    Genesis,
    Head,
    Safe,
    Finalised,

    /// <summary>Names no block: there where the chain is one of development.</summary>
    Development,

    /// <summary>The last block that the index of logs holds.</summary>
    LogIndex,

    /// <summary>The last block of a chain that is being taken in without being executed.</summary>
    Intake,
}
