using Hufu.Primitives;
using Xunit;

namespace Hufu.State;

/// <summary>Ranges of a trie and their proofs: what is served verifies, and nothing that differs from the trie does.</summary>
public sealed class RangeProofTests
{
    const int Entries = 300;

    static readonly Hash256 Lowest = Hash256.Zero;
    static readonly Hash256 Highest = Hash256.FromUInt256(UInt256.MaxValue);

    static (List<TrieEntry> Entries, LiveNode Trie) Make(int count = Entries, int seed = 1, bool isClose = false)
    {
        var random = new Random(seed);
        var keys = new SortedSet<Hash256>();
        var key = new byte[32];
        while (keys.Count < count)
        {
            if (isClose) key[random.Next(32)] = (byte)(random.Next(2) == 0 ? 0x01 : 0x10);
            else random.NextBytes(key);
            keys.Add(Hash256.FromBytes(key));
            if (isClose && random.Next(4) == 0) key.AsSpan().Clear();
        }
        // Some values are so short that their nodes stand in their parents whole.
        List<TrieEntry> entries = [.. keys.Select(some => new TrieEntry(some, FlatValue.ToTrieValue((ulong)random.Next(1, 100_000))!))];
        return (entries, TrieBuilder.Of(entries.Select(entry => new TrieChange(entry.Key, entry.Value)).ToArray(), 0)!);
    }

    static List<byte[]> Prove(LiveNode trie, params Hash256[] keys)
    {
        var nodes = new NodeSource(new MemoryStore());
        return [.. keys.SelectMany(key => ProofWalk.Walk(trie, nodes, TrieKey.NoOwner, key, out _))];
    }

    static bool Verifies(LiveNode trie, Hash256 origin, IReadOnlyList<TrieEntry> entries, IReadOnlyList<byte[]> proof, out bool hasMore) =>
        RangeProof.TryVerify(trie.RootHash, origin, entries, proof, out hasMore, out _);

    static Hash256 Before(Hash256 key) => Hash256.FromUInt256(key.ToUInt256() - UInt256.One);
    static Hash256 After(Hash256 key) => Hash256.FromUInt256(key.ToUInt256() + UInt256.One);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_range_that_is_served_verifies(bool isClose)
    {
        var (entries, trie) = Make(isClose ? 60 : Entries, isClose: isClose);
        var random = new Random(2);
        for (var i = 0; i < 400; i++)
        {
            var from = random.Next(entries.Count);
            var to = random.Next(from, entries.Count);
            // The beginning need not be a key.
            var origin = random.Next(3) switch { 0 => entries[from].Key, 1 => from == 0 ? Lowest : After(entries[from - 1].Key), _ => entries[from].Key.IsZero ? Lowest : Before(entries[from].Key) };
            if (from > 0 && origin <= entries[from - 1].Key) origin = entries[from].Key;
            var some = entries[from..(to + 1)];
            Assert.True(Verifies(trie, origin, some, Prove(trie, origin, some[^1].Key), out var hasMore));
            Assert.Equal(to < entries.Count - 1, hasMore);
        }
    }

    [Fact]
    public void A_single_entry_is_a_range()
    {
        var (entries, trie) = Make();
        foreach (var entry in entries.Take(50))
        {
            Assert.True(Verifies(trie, entry.Key, [entry], Prove(trie, entry.Key), out _));
            Assert.True(Verifies(trie, Before(entry.Key), [entry], Prove(trie, Before(entry.Key), entry.Key), out _));
        }
        var (alone, leaf) = Make(1);
        Assert.True(Verifies(leaf, Lowest, alone, Prove(leaf, Lowest, alone[0].Key), out var hasMore));
        Assert.False(hasMore);
        Assert.True(Verifies(leaf, Lowest, alone, [], out _));
    }

    [Fact]
    public void The_whole_trie_needs_no_proof_and_a_part_does()
    {
        var (entries, trie) = Make();
        Assert.True(Verifies(trie, Lowest, entries, [], out var hasMore));
        Assert.False(hasMore);
        Assert.True(Verifies(trie, Lowest, entries, Prove(trie, Lowest, entries[^1].Key), out hasMore));
        Assert.False(hasMore);
        Assert.False(Verifies(trie, Lowest, entries[..^1], [], out _));
        Assert.False(Verifies(trie, Lowest, entries[1..], [], out _));
        Assert.False(Verifies(trie, Lowest, [], [], out _));
    }

    [Fact]
    public void An_empty_range_is_only_at_the_end()
    {
        var (entries, trie) = Make();
        var end = After(entries[^1].Key);
        Assert.True(Verifies(trie, end, [], Prove(trie, end), out var hasMore));
        Assert.False(hasMore);
        Assert.True(Verifies(trie, Highest, [], Prove(trie, Highest), out _));
        // Something is left: nothing proves that it is not.
        foreach (var at in new[] { 0, 10, entries.Count - 1 })
        {
            Assert.False(Verifies(trie, entries[at].Key, [], Prove(trie, entries[at].Key), out _));
            Assert.False(Verifies(trie, Before(entries[at].Key), [], Prove(trie, Before(entries[at].Key)), out _));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_differs_from_the_trie_is_refused(bool isClose)
    {
        var (entries, trie) = Make(isClose ? 60 : Entries, seed: 3, isClose: isClose);
        var random = new Random(4);
        for (var i = 0; i < 600; i++)
        {
            var from = random.Next(entries.Count - 4);
            var to = random.Next(from + 2, entries.Count);
            List<TrieEntry> some = [.. entries[from..(to + 1)]];
            var origin = some[0].Key;
            var proof = Prove(trie, origin, some[^1].Key);
            var at = random.Next(some.Count);
            switch (i % 7)
            {
                case 0:   // another key
                    var key = Hash256.FromUInt256(some[at].Key.ToUInt256() ^ UInt256.One);
                    if (entries.Any(entry => entry.Key == key)) continue;
                    some[at] = some[at] with { Key = key };
                    break;
                case 1:   // another value
                    some[at] = some[at] with { Value = FlatValue.ToTrieValue(200_000UL + (ulong)i)! };
                    break;
                case 2:   // a gap in the middle
                    if (at == 0 || at == some.Count - 1) at = 1;
                    some.RemoveAt(at);
                    break;
                case 3:   // wrong order
                    var other = at == 0 ? 1 : at - 1;
                    (some[at], some[other]) = (some[other], some[at]);
                    break;
                case 4:   // a value that is none
                    some[at] = some[at] with { Value = [] };
                    break;
                case 5:   // one too many
                    if (from + at >= entries.Count - 1) continue;
                    var between = After(some[at].Key);
                    if (entries.Any(entry => entry.Key == between)) continue;
                    some.Insert(at + 1, new TrieEntry(between, FlatValue.ToTrieValue(5UL)!));
                    if (at + 1 == some.Count - 1) proof = Prove(trie, origin, between);
                    break;
                default:  // the same one twice
                    some.Insert(at, some[at]);
                    break;
            }
            Assert.False(Verifies(trie, origin, some, proof, out _), $"case {i % 7} of {from}..{to} at {at}");
        }
    }

    [Fact]
    public void A_gap_at_the_beginning_or_an_end_that_is_not_proven_is_refused()
    {
        var (entries, trie) = Make();
        var origin = entries[10].Key;
        var some = entries[10..40];
        // The first ones are kept back.
        Assert.False(Verifies(trie, origin, some[3..], Prove(trie, origin, some[^1].Key), out _));
        Assert.False(Verifies(trie, Lowest, some, Prove(trie, origin, some[^1].Key), out _));
        Assert.False(Verifies(trie, Lowest, some, Prove(trie, Lowest, some[^1].Key), out _));
        // The proof is that of another end.
        Assert.False(Verifies(trie, origin, some, Prove(trie, origin, entries[60].Key), out _));
        Assert.False(Verifies(trie, origin, some, Prove(trie, origin), out _));
        Assert.False(Verifies(trie, origin, some, Prove(trie, some[^1].Key), out _));
        // An entry before the range.
        Assert.False(Verifies(trie, After(origin), some, Prove(trie, After(origin), some[^1].Key), out _));
    }

    [Fact]
    public void A_changed_bit_of_the_proof_is_refused()
    {
        var (entries, trie) = Make();
        var some = entries[20..45];
        var proof = Prove(trie, some[0].Key, some[^1].Key);
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var damaged = proof.Select(node => node.ToArray()).ToList();
            var node = damaged[random.Next(damaged.Count)];
            var original = node.ToArray();
            node[random.Next(node.Length)] ^= (byte)(1 << random.Next(8));
            // The root stands in it twice: one of both may be damaged.
            damaged.RemoveAll(other => !ReferenceEquals(other, node) && other.AsSpan().SequenceEqual(original));
            Assert.False(Verifies(trie, some[0].Key, some, damaged, out _));
        }
    }

    [Fact]
    public void Superfluous_nodes_do_no_harm_and_another_root_is_refused()
    {
        var (entries, trie) = Make();
        var (_, other) = Make(seed: 9);
        var some = entries[20..45];
        Assert.True(Verifies(trie, some[0].Key, some, [.. Prove(trie, some[0].Key, some[^1].Key), .. Prove(other, some[0].Key)], out _));
        Assert.False(Verifies(other, some[0].Key, some, Prove(trie, some[0].Key, some[^1].Key), out _));
    }
}
