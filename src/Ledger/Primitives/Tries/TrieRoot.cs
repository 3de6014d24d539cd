using System.Runtime.CompilerServices;

namespace Hufu.Primitives;

/// <summary>The leaves of a trie that is built once and whole, in ascending order of their keys. No key occurs twice.</summary>
public interface ITrieEntries
{
    int Count { get; }

    /// <summary>The key at a position; valid until the next call.</summary>
    ReadOnlySpan<byte> Key(int position);

    /// <summary>Appends the value's bytes, without an RLP header around them. Never no bytes.</summary>
    void WriteValue(int position, RlpWriter writer);
}

/// <summary>
/// Roots of tries that are built once and whole: a block's transactions, receipts and withdrawals, a genesis state.
/// The entries are sorted, so a node is a range of them and no tree is ever made: nothing is allocated but the buffer the thread keeps.
/// </summary>
public static class TrieRoot
{
    /// <summary>The transactions root of a block (yellow paper, section 4.3.2).</summary>
    public static Hash256 OfTransactions(IReadOnlyList<Transaction> transactions) => OfList(new TransactionValues(transactions));

    /// <summary>The receipts root of a block.</summary>
    public static Hash256 OfReceipts(IReadOnlyList<Receipt> receipts) => OfList(new ReceiptValues(receipts));

    /// <summary>The withdrawals root of a block (EIP-4895).</summary>
    public static Hash256 OfWithdrawals(IReadOnlyList<Withdrawal> withdrawals) => OfList(new WithdrawalValues(withdrawals));

    /// <summary>The root of a list whose keys are the RLP of each index; the values are taken as they are.</summary>
    public static Hash256 OfList(IReadOnlyList<byte[]> values) => OfList(new RawValues(values));

    public static Hash256 Of<TEntries>(TEntries entries) where TEntries : ITrieEntries
    {
        if (entries.Count == 0) return Account.EmptyTrieRoot;
        using var writer = RlpWriter.Rent();
        using var unhashed = RlpWriter.Rent();
        new Walk<TEntries>(entries, writer, unhashed).WriteNode(0, entries.Count, 0);
        return Keccak256.Hash(writer.Written);
    }

    /// <summary>The nodes on the way to one entry, the root first, as <see cref="MerkleProof"/> checks them. Nodes that stand inside their parent are not listed.</summary>
    public static IReadOnlyList<byte[]> Prove<TEntries>(TEntries entries, int position) where TEntries : ITrieEntries
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)position, (uint)entries.Count, nameof(position));
        using var writer = RlpWriter.Rent();
        using var unhashed = RlpWriter.Rent();
        var nodes = new List<byte[]>();
        new Walk<TEntries>(entries, writer, unhashed, nodes, position).WriteNode(0, entries.Count, 0);
        nodes.Reverse();
        return nodes;
    }

    public static IReadOnlyList<byte[]> ProveTransaction(IReadOnlyList<Transaction> transactions, int index) => ProveInList(new TransactionValues(transactions), index);

    public static IReadOnlyList<byte[]> ProveReceipt(IReadOnlyList<Receipt> receipts, int index) => ProveInList(new ReceiptValues(receipts), index);

    static Hash256 OfList<TValues>(TValues values) where TValues : struct, IListValues => Of(new IndexedEntries<TValues>(values));

    static IReadOnlyList<byte[]> ProveInList<TValues>(TValues values, int index) where TValues : struct, IListValues =>
        Prove(new IndexedEntries<TValues>(values), IndexedEntries<TValues>.PositionOf(index, values.Count));

    /// <summary>The trie as ranges of its sorted entries: a range that shares <c>depth</c> nibbles is the node at that depth.</summary>
    /// <param name="writer">Holds the node written last.</param>
    /// <param name="unhashed">Holds, behind those of the branches above, the children of a branch until all are there: hashed together they cost a quarter.</param>
    readonly struct Walk<TEntries>(TEntries entries, RlpWriter writer, RlpWriter unhashed, List<byte[]>? proof = null, int proved = -1) where TEntries : ITrieEntries
    {
        /// <summary>Leaves the RLP of the node over entries [first, end) in the writer, alone.</summary>
        public void WriteNode(int first, int end, int depth)
        {
            if (end - first == 1) WriteLeaf(first, depth);
            else
            {
                // Sorted: what the first and the last share, all share.
                var shared = SharedNibbles(first, end - 1);
                if (shared > depth) WriteExtension(first, end, depth, shared);
                else WriteBranch(first, end, depth);
            }
            // A node shorter than a hash stands inside its parent, except the root.
            if (proof is not null && proved >= first && proved < end && (depth == 0 || writer.Length >= Hash256.Size)) proof.Add(writer.ToArray());
        }

        void WriteLeaf(int position, int depth)
        {
            writer.Clear();
            var list = writer.StartList();
            TrieNode.WritePath(writer, new NibblePath(entries.Key(position)).Skip(depth), leaf: true);
            WriteValue(position);
            writer.EndList(list);
        }

        [SkipLocalsInit]
        void WriteExtension(int first, int end, int depth, int shared)
        {
            Span<byte> child = stackalloc byte[TrieReference.MaxLength];
            WriteNode(first, end, shared);
            var length = TrieNode.WriteReference(writer.Written, child);
            writer.Clear();
            TrieNode.WriteExtension(writer, new NibblePath(entries.Key(first)).Slice(depth, shared - depth), child[..length]);
        }

        [SkipLocalsInit]
        void WriteBranch(int first, int end, int depth)
        {
            // Only a key that ends here can be a prefix of the others, so it sorts first.
            var valueAt = -1;
            if (entries.Key(first).Length * 2 == depth) valueAt = first++;

            Span<byte> children = stackalloc byte[16 * TrieReference.MaxLength];
            Span<int> ends = stackalloc int[16];
            Span<int> places = stackalloc int[16];
            var (length, waiting, start) = (0, 0, unhashed.Length);
            for (var nibble = 0; nibble < 16; nibble++)
            {
                var childEnd = first;
                while (childEnd < end && new NibblePath(entries.Key(childEnd))[depth] == nibble) childEnd++;
                if (childEnd == first)
                {
                    children[length++] = 0x80;
                    continue;
                }
                WriteNode(first, childEnd, depth + 1);
                first = childEnd;
                if (writer.Length < Hash256.Size)
                {
                    writer.Written.CopyTo(children[length..]);
                    length += writer.Length;
                    continue;
                }
                unhashed.WriteRaw(writer.Written);
                ends[waiting] = unhashed.Length - start;
                places[waiting++] = length;
                length += TrieReference.MaxLength;
            }
            HashChildren(start, ends[..waiting], places, children);

            writer.Clear();
            var list = writer.StartList();
            writer.WriteRaw(children[..length]);
            if (valueAt < 0) writer.WriteRaw(0x80);
            else WriteValue(valueAt);
            writer.EndList(list);
        }

        [SkipLocalsInit]
        void HashChildren(int start, ReadOnlySpan<int> ends, ReadOnlySpan<int> places, Span<byte> children)
        {
            Span<Hash256> digests = stackalloc Hash256[16];
            Keccak256.HashBatch(unhashed.Written[start..], ends, digests[..ends.Length]);
            for (var i = 0; i < ends.Length; i++)
            {
                children[places[i]] = 0x80 + Hash256.Size;
                digests[i].Bytes.CopyTo(children[(places[i] + 1)..]);
            }
            unhashed.Truncate(start);
        }

        void WriteValue(int position)
        {
            var value = writer.StartBytes();
            entries.WriteValue(position, writer);
            writer.EndBytes(value);
        }

        int SharedNibbles(int first, int last)
        {
            // A key is only promised to stay until the next one is asked for.
            Span<byte> copy = stackalloc byte[64];
            var key = entries.Key(first);
            if (key.Length > copy.Length) copy = new byte[key.Length];
            key.CopyTo(copy);
            return new NibblePath(copy[..key.Length]).CommonPrefixLength(new NibblePath(entries.Key(last)));
        }
    }

    interface IListValues
    {
        int Count { get; }
        void WriteValue(int index, RlpWriter writer);
    }

    /// <summary>A list as a trie: keys are the RLP of the index, so 1 … 127 come first, then 0 (0x80), then 128 and on.</summary>
    sealed class IndexedEntries<TValues>(TValues values) : ITrieEntries where TValues : struct, IListValues
    {
        readonly byte[] _key = new byte[5];

        public int Count { get; } = values.Count;

        public ReadOnlySpan<byte> Key(int position)
        {
            var index = IndexAt(position);
            if (index == 0) return EmptyItem;
            if (index < 0x80)
            {
                _key[0] = (byte)index;
                return _key.AsSpan(0, 1);
            }
            var length = index <= 0xFF ? 1 : index <= 0xFFFF ? 2 : index <= 0xFF_FFFF ? 3 : 4;
            _key[0] = (byte)(0x80 + length);
            for (var i = length; i > 0; i--)
            {
                _key[i] = (byte)index;
                index >>= 8;
            }
            return _key.AsSpan(0, 1 + length);
        }

        public void WriteValue(int position, RlpWriter writer) => values.WriteValue(IndexAt(position), writer);

        public static int PositionOf(int index, int count) => index == 0 ? Math.Min(count, 128) - 1 : index < 128 ? index - 1 : index;

        int IndexAt(int position) => position >= 128 ? position : position == Math.Min(Count, 128) - 1 ? 0 : position + 1;

        static ReadOnlySpan<byte> EmptyItem => [0x80];
    }

    readonly struct TransactionValues(IReadOnlyList<Transaction> transactions) : IListValues
    {
        public int Count => transactions.Count;
        public void WriteValue(int index, RlpWriter writer) => writer.WriteRaw(transactions[index].Encoded.Span);
    }

    readonly struct ReceiptValues(IReadOnlyList<Receipt> receipts) : IListValues
    {
        public int Count => receipts.Count;
        public void WriteValue(int index, RlpWriter writer) => receipts[index].WriteEnvelope(writer);
    }

    readonly struct WithdrawalValues(IReadOnlyList<Withdrawal> withdrawals) : IListValues
    {
        public int Count => withdrawals.Count;
        public void WriteValue(int index, RlpWriter writer) => withdrawals[index].Write(writer);
    }

    readonly struct RawValues(IReadOnlyList<byte[]> values) : IListValues
    {
        public int Count => values.Count;
        public void WriteValue(int index, RlpWriter writer) => writer.WriteRaw(values[index]);
    }
}
