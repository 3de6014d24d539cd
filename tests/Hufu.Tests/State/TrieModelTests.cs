using CsCheck;
using Hufu.Primitives;
using Xunit;

namespace Hufu.State;

public class TrieModelTests
{
    // Keys of two nibble values share long paths, so that extensions, forks and nodes short enough to stand in their parents all occur.
    static Hash256 CloseKey(Random random)
    {
        Span<byte> key = stackalloc byte[32];
        key.Clear();
        for (var i = random.Next(3); i > 0; i--) key[random.Next(32)] = (byte)(random.Next(2) == 0 ? 0x01 : 0x10);
        return Hash256.FromBytes(key);
    }

    static Hash256 FarKey(Random random)
    {
        Span<byte> key = stackalloc byte[32];
        random.NextBytes(key);
        return Hash256.FromBytes(key);
    }

    static Hash256 ModelRoot(Dictionary<Hash256, UInt256> model) =>
        TrieRoot.Of(new StateModel.SortedEntries(model.Select(pair => (pair.Key, FlatValue.ToTrieValue(pair.Value)!))));

    static TrieChange[] ChangeModel(Random random, Dictionary<Hash256, UInt256> model, WriteBatch flat, bool close, int count)
    {
        var changes = new Dictionary<Hash256, UInt256>();
        for (var i = random.Next(1, count); i > 0; i--)
        {
            var known = model.Count > 0 && random.Next(2) == 0;
            var key = known ? model.Keys.ElementAt(random.Next(model.Count)) : close ? CloseKey(random) : FarKey(random);
            changes[key] = random.Next(5) < 2 ? UInt256.Zero : random.Next(2) == 0 ? (ulong)random.Next(1, 200) : new UInt256((ulong)random.NextInt64(1, long.MaxValue), 5, 6, 7);
        }
        var flatKey = new byte[64];
        foreach (var (key, value) in changes)
        {
            if (value.IsZero) model.Remove(key);
            else model[key] = value;
            HistoryKey.WriteSlot(flatKey, Owner, key);
            if (value.IsZero) flat.Delete(StateTables.Storage, flatKey);
            else flat.Put(StateTables.Storage, flatKey, FlatValue.WriteSlot(value, new byte[32]));
        }
        var sorted = changes.Select(pair => new TrieChange(pair.Key, FlatValue.ToTrieValue(pair.Value))).ToArray();
        TrieKey.Sort(sorted);
        return sorted;
    }

    static readonly Hash256 Owner = Keccak256.Hash("an account"u8);

    [Fact]
    public void A_trie_changed_in_batches_has_the_root_of_one_built_whole() =>
        Gen.Select(Gen.Int, Gen.Bool).Sample((seed, close) =>
        {
            var random = new Random(seed);
            var model = new Dictionary<Hash256, UInt256>();
            LiveNode? trie = null;
            for (var batch = 0; batch < 12; batch++)
            {
                var changes = ChangeModel(random, model, new WriteBatch(), close, 40);
                trie = WorldTrie.ApplyAndHash(trie, new NodeSource(new MemoryStore()), Owner, changes, []);
                Assert.Equal(ModelRoot(model), WorldTrie.RootHash(trie));
            }
        }, iter: 300);

    [Fact]
    public void A_large_batch_changed_in_parallel_gives_the_same_root() =>
        Gen.Int.Sample(seed =>
        {
            var random = new Random(seed);
            var model = new Dictionary<Hash256, UInt256>();
            LiveNode? trie = null;
            for (var batch = 0; batch < 4; batch++)
            {
                var changes = ChangeModel(random, model, new WriteBatch(), false, 3000);
                trie = WorldTrie.ApplyAndHash(trie, new NodeSource(new MemoryStore()), Owner, changes, []);
                Assert.Equal(ModelRoot(model), WorldTrie.RootHash(trie));
            }
        }, iter: 5);

    [Fact]
    public void A_trie_that_went_to_disk_and_came_back_goes_on_and_leaves_nothing_stale_behind() =>
        Gen.Select(Gen.Int, Gen.Bool).Sample((seed, close) =>
        {
            var random = new Random(seed);
            var model = new Dictionary<Hash256, UInt256>();
            var store = new MemoryStore();
            var root = Account.EmptyTrieRoot;
            LiveNode? trie = null;
            var vacated = new List<NodePlace>();
            for (var round = 0; round < 10; round++)
            {
                var flat = new WriteBatch();
                for (var batch = random.Next(1, 4); batch > 0; batch--)
                {
                    trie = WorldTrie.ApplyAndHash(trie, new NodeSource(store), Owner, ChangeModel(random, model, flat, close, 30), vacated);
                    // Nodes come back from disk by the state the disk is at, so the flat table moves with the trie, as in a block.
                    store.Commit(flat, sync: false);
                    flat.Clear();
                    root = WorldTrie.RootHash(trie);
                    Assert.Equal(ModelRoot(model), root);
                }
                var write = TrieWrite.Write(flat, store, Hang(trie), vacated, new TrieMark(0, root));
                store.Commit(flat, sync: false);
                write.Finish();
                vacated.Clear();
                Assert.Equal(NodesOf(WrittenWhole(model)), NodesOf(store));
                if (random.Next(2) == 0) trie = root == Account.EmptyTrieRoot ? null : new StubNode(root);
            }
        }, iter: 200);

    // A storage trie goes to disk below its account's leaf.
    static LeafNode Hang(LiveNode? storage) => new(Owner, [1]) { Storage = storage };

    static MemoryStore WrittenWhole(Dictionary<Hash256, UInt256> model)
    {
        var store = new MemoryStore();
        var changes = model.Select(pair => new TrieChange(pair.Key, FlatValue.ToTrieValue(pair.Value))).ToArray();
        TrieKey.Sort(changes);
        var trie = WorldTrie.ApplyAndHash(null, new NodeSource(store), Owner, changes, []);
        var batch = new WriteBatch();
        TrieWrite.Write(batch, store, Hang(trie), [], new TrieMark(0, WorldTrie.RootHash(trie)));
        store.Commit(batch, sync: false);
        return store;
    }

    static List<string> NodesOf(MemoryStore store)
    {
        var nodes = new List<string>();
        using var cursor = store.Walk(StateTables.StorageTrie);
        while (cursor.MoveNext()) nodes.Add(Hex.Encode(cursor.Key) + " " + Hex.Encode(cursor.Value));
        return nodes;
    }
}
