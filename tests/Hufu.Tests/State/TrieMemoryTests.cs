using Hufu.Primitives;
using Xunit;

namespace Hufu.State;

public class TrieMemoryTests
{
    const int Accounts = 6_000;
    const long Bound = 300_000;

    [Fact]
    public void A_state_far_larger_than_the_bound_stays_within_it_and_keeps_its_root()
    {
        var world = Grow(new MemoryStore(), Bound, out var sizes);
        Assert.All(sizes, size => Assert.InRange(size, 1, Bound));

        Grow(new MemoryStore(), long.MaxValue, out var unbounded);
        Assert.True(unbounded[^1] > 5 * Bound, $"the state is to be far larger than the bound: {unbounded[^1]}");
        Assert.Null(world.VerifyRoot());
    }

    [Fact]
    public void What_was_let_go_is_proven_and_found_again_after_a_restart()
    {
        var store = new MemoryStore();
        var world = Grow(store, Bound, out _);
        CheckProofs(world);
        CheckProofs(WorldState.Open(store, Options(Bound)));
    }

    [Fact]
    public void What_is_used_stays_when_the_rest_goes()
    {
        var world = Grow(new MemoryStore(), Bound, out _);
        for (ulong i = 0; i < 4; i++)
        {
            var diff = new StateDiff();
            diff.Accounts.Add(TestAccount(7), new AccountDiff { Balance = 1000 + i });
            Commit(world, diff);
        }
        var size = TrieMemory.SizeBytes(world.Trie);
        Assert.InRange(size, 1, Bound);
        Assert.True(IsLoaded(world.Trie, KeyHash.Of(TestAccount(7))));
    }

    static WorldStateOptions Options(long bound) => new() { CachedTrieBytes = bound, TrieToDiskEveryBlocks = 1, MeasureTrieEveryChanges = 1, CachedValues = 0 };

    /// <summary>Twenty blocks of new accounts, every tenth with storage; the size of the trie in memory after each.</summary>
    static WorldState Grow(MemoryStore store, long bound, out List<long> sizes)
    {
        var world = WorldState.Open(store, Options(bound));
        sizes = [];
        for (ulong number = 0; number < 20; number++)
        {
            var diff = new StateDiff();
            for (var i = 0; i < Accounts / 20; i++)
            {
                var account = new AccountDiff { Balance = number + 1 };
                if (i % 10 == 0) account.Storage = Enumerable.Range(1, 20).ToDictionary(slot => (UInt256)(ulong)slot, slot => (UInt256)(ulong)(slot * 3));
                diff.Accounts.Add(TestAccount((uint)(number * (Accounts / 20)) + (uint)i), account);
            }
            Commit(world, diff);
            sizes.Add(TrieMemory.SizeBytes(world.Trie));
        }
        return world;
    }

    static void Commit(WorldState world, StateDiff diff)
    {
        var transition = world.Head is { } head ? world.Begin(head.Block)! : WorldState.BeginEmpty();
        transition.Apply(diff);
        var number = world.Head?.Number + 1 ?? 0;
        Assert.True(world.Commit(transition, new BlockId(number, Keccak256.Hash(transition.Root().Bytes)), new WriteBatch(), sync: false));
    }

    static bool IsLoaded(LiveNode? node, in Hash256 key)
    {
        for (var depth = 0; ; depth++)
        {
            if (node is LeafNode leaf) return leaf.Key == key;
            if (node is not BranchNode branch) return false;
            node = branch.Loaded(TrieKey.NibbleAt(key, depth));
        }
    }

    static Address TestAccount(uint i) => Address.FromNumber(0x1000 + i);

    static void CheckProofs(WorldState world)
    {
        var head = world.Head!.Value;
        for (uint i = 0; i < Accounts; i += 997)
        {
            var proof = world.Proof(head.Block, TestAccount(i), [1, 2, 99])!;
            Assert.True(MerkleProof.TryVerifyAccount(head.StateRoot, TestAccount(i), proof.Nodes, out var account, out var refusal), refusal?.ToString());
            Assert.NotNull(account);
            foreach (var slot in proof.Storage)
            {
                Assert.True(MerkleProof.TryVerifyStorage(account.Value.StorageRoot, slot.Slot, slot.Nodes, out var value, out refusal), refusal?.ToString());
                Assert.Equal(slot.Value, value);
            }
        }
    }
}
