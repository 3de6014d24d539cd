using CsCheck;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Primitives.Tries;

public class TrieTests
{
    static readonly Gen<Dictionary<string, byte[]>> Contents = Gen.Select(
        // Few distinct nibbles and lengths, so that keys share prefixes and end inside one another.
        Gen.OneOf(Gen.Int[0, 3].Select(digit => (byte)(digit * 17)), Gen.Byte).Array[0, 5],
        Gen.Byte.Array[1, 50]).Array[0, 40]
        .Select(entries => entries.GroupBy(entry => Convert.ToHexString(entry.Item1)).ToDictionary(group => group.Key, group => group.First().Item2));

    [Fact]
    public void The_root_is_that_of_the_definition() => Contents.Sample(contents =>
        TrieRoot.Of(new Sorted(contents)) == Definition.Root(contents), iter: 500);

    [Fact]
    public void Every_entry_is_proved_and_every_absence_is_seen() => Gen.Select(Contents, Gen.Byte.Array[0, 5]).Sample((contents, other) =>
    {
        var entries = new Sorted(contents);
        var root = TrieRoot.Of(entries);
        for (var i = 0; i < entries.Count; i++)
        {
            var nodes = TrieRoot.Prove(entries, i);
            Assert.True(MerkleProof.TryVerify(root, entries.Key(i), nodes, out var value, out var refusal), refusal?.ToString());
            Assert.Equal(contents[Convert.ToHexString(entries.Key(i))], value);

            // The same way may show that another key is not there; it never shows another value.
            if (!contents.ContainsKey(Convert.ToHexString(other)) && MerkleProof.TryVerify(root, other, nodes, out value, out _)) Assert.Null(value);
        }
    }, iter: 300);

    [Fact]
    public void A_damaged_proof_is_refused() => Gen.Select(Contents.Where(contents => contents.Count > 0), Gen.Int[0, 1000], Gen.Int[0, 100_000], Gen.Int[0, 7]).Sample((contents, which, place, bit) =>
    {
        var entries = new Sorted(contents);
        var root = TrieRoot.Of(entries);
        var position = which % entries.Count;
        var nodes = TrieRoot.Prove(entries, position).ToList();

        Assert.False(MerkleProof.TryVerify(root, entries.Key(position), nodes.SkipLast(1).ToList(), out _, out _));
        Assert.False(MerkleProof.TryVerify(root, entries.Key(position), [.. nodes, nodes[^1]], out _, out _));
        var flipped = (byte[])nodes[place % nodes.Count].Clone();
        flipped[place % flipped.Length] ^= (byte)(1 << bit);
        nodes[place % nodes.Count] = flipped;
        Assert.False(MerkleProof.TryVerify(root, entries.Key(position), nodes, out var value, out var refusal));
        Assert.Null(value);
        Assert.StartsWith("invalid proof", refusal.What, StringComparison.Ordinal);
    }, iter: 500);

    [Fact]
    public void Arbitrary_bytes_are_no_node_or_a_canonical_one() => Gen.Select(Contents.Where(contents => contents.Count > 0), Gen.Int[0, 1000])
        .SelectMany((contents, which) => GenPrimitives.Damaged(TrieRoot.Prove(new Sorted(contents), which % contents.Count)[0]))
        .Sample(bytes =>
        {
            if (!TrieNode.TryDecode(bytes, out var node)) return;
            var writer = new RlpWriter();
            switch (node.Kind)
            {
                case TrieNodeKind.Leaf: TrieNode.WriteLeaf(writer, node.Path, node.Value); break;
                case TrieNodeKind.Extension: TrieNode.WriteExtension(writer, node.Path, node.Next.Item); break;
                default:
                    var list = writer.StartList();
                    for (var i = 0; i < 16; i++) writer.WriteRaw(node[i].Item);
                    writer.Write(node.Value);
                    writer.EndList(list);
                    break;
            }
            Assert.True(writer.Written.SequenceEqual(bytes));
        }, iter: GenPrimitives.FuzzCases);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(300)]
    [InlineData(70_000)]
    public void A_list_has_the_root_of_its_indices(int count)
    {
        var values = Enumerable.Range(0, count).Select(i => BitConverter.GetBytes(i * 7919L).Append((byte)1).ToArray()).ToList();
        var contents = new Dictionary<string, byte[]>();
        for (var i = 0; i < count; i++)
        {
            var key = new RlpWriter();
            key.Write((ulong)i);
            contents[Convert.ToHexString(key.Written)] = values[i];
        }
        Assert.Equal(TrieRoot.Of(new Sorted(contents)), TrieRoot.OfList(values));
        if (count is > 0 and < 1000) Assert.Equal(Definition.Root(contents), TrieRoot.OfList(values));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(200, 0)]
    [InlineData(200, 127)]
    [InlineData(200, 128)]
    [InlineData(300, 299)]
    public void A_transaction_is_proved_to_be_in_its_block(int count, int index)
    {
        var transactions = Enumerable.Range(0, count).Select(i => (Transaction)new LegacyTransaction { Nonce = (ulong)i, Data = new byte[40], V = 27, R = 1, S = 1 }).ToList();
        var root = TrieRoot.OfTransactions(transactions);
        var nodes = TrieRoot.ProveTransaction(transactions, index);
        Assert.True(MerkleProof.TryVerifyListEntry(root, (ulong)index, nodes, out var value, out var refusal), refusal?.ToString());
        Assert.True(transactions[index].Encoded.Span.SequenceEqual(value));
        Assert.False(MerkleProof.TryVerifyListEntry(root, (ulong)index + 1, nodes, out value, out _) && value is not null);
    }

    [Fact]
    public void Hex_prefixes_agree_with_the_yellow_paper() => Gen.Select(Gen.Byte.Array[0, 34], Gen.Int[0, 68], Gen.Int[0, 68], Gen.Bool).Sample((bytes, first, last, leaf) =>
    {
        var all = new NibblePath(bytes);
        var start = Math.Min(first, all.Length);
        var path = all.Slice(start, Math.Min(last, all.Length - start));
        var encoded = new byte[path.HexPrefixLength];
        Assert.Equal(encoded.Length, path.WriteHexPrefix(encoded, leaf));
        Assert.True(NibblePath.TryReadHexPrefix(encoded, out var read, out var isLeaf));
        Assert.Equal(leaf, isLeaf);
        Assert.True(read.SequenceEqual(path));
        Assert.Equal((leaf ? 2 : 0) + path.Length % 2, encoded[0] >> 4);
    });

    sealed class Sorted : ITrieEntries
    {
        readonly List<(byte[] Key, byte[] Value)> _entries;

        public Sorted(Dictionary<string, byte[]> contents)
        {
            _entries = [.. contents.Select(entry => (Convert.FromHexString(entry.Key), entry.Value))];
            _entries.Sort((left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        }

        public int Count => _entries.Count;
        public ReadOnlySpan<byte> Key(int position) => _entries[position].Key;
        public void WriteValue(int position, RlpWriter writer) => writer.WriteRaw(_entries[position].Value);
    }

    /// <summary>The trie as the yellow paper defines it (appendix D), word for word and slow, over keys written as hexadecimal digits.</summary>
    static class Definition
    {
        public static Hash256 Root(Dictionary<string, byte[]> contents) => contents.Count == 0
            ? Keccak256.Hash([0x80])
            : Keccak256.Hash(Compose([.. contents.OrderBy(entry => entry.Key, StringComparer.Ordinal)], 0));

        static byte[] Reference(KeyValuePair<string, byte[]>[] entries, int depth)
        {
            if (entries.Length == 0) return [0x80];
            var node = Compose(entries, depth);
            return node.Length < 32 ? node : [0xA0, .. Keccak256.Hash(node).ToArray()];
        }

        static byte[] Compose(KeyValuePair<string, byte[]>[] entries, int depth)
        {
            var writer = new RlpWriter();
            var list = writer.StartList();
            if (entries.Length == 1)
            {
                writer.Write(HexPrefix(entries[0].Key[depth..], 2));
                writer.Write(entries[0].Value);
            }
            else if (Shared(entries) is var shared && shared > depth)
            {
                writer.Write(HexPrefix(entries[0].Key[depth..shared], 0));
                writer.WriteRaw(Reference(entries, shared));
            }
            else
            {
                foreach (var digit in "0123456789ABCDEF")
                    writer.WriteRaw(Reference([.. entries.Where(entry => entry.Key.Length > depth && entry.Key[depth] == digit)], depth + 1));
                writer.Write(entries.Where(entry => entry.Key.Length == depth).Select(entry => entry.Value).FirstOrDefault() ?? []);
            }
            writer.EndList(list);
            return writer.ToArray();
        }

        static int Shared(KeyValuePair<string, byte[]>[] entries)
        {
            var shared = 0;
            while (entries.All(entry => entry.Key.Length > shared && entry.Key[shared] == entries[0].Key[shared])) shared++;
            return shared;
        }

        static byte[] HexPrefix(string nibbles, int flag) =>
            Convert.FromHexString(nibbles.Length % 2 == 1 ? $"{flag + 1:X}{nibbles}" : $"{flag:X}0{nibbles}");
    }
}
