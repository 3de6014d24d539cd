using Hufu.Primitives;
using Xunit;

namespace Hufu.State;

/// <summary>Bytes on disk that were never written so: an error that names the place, or the loss mended from what is whole; never a wrong answer.</summary>
public class DamageTests
{
    const int Addresses = 20;
    const int Slots = 6;

    static (MemoryStore Store, StateModel Model, BlockId Head) World(int seed)
    {
        var random = new Random(seed);
        var store = new MemoryStore();
        var world = WorldState.Open(store, new WorldStateOptions { TrieToDiskEveryBlocks = 3, CachedValues = 0 });
        var model = new StateModel();
        BlockId? parent = null;
        for (ulong number = 0; number < 8; number++)
        {
            var transition = parent is { } at ? world.Begin(at)! : WorldState.BeginEmpty();
            for (var i = 0; i < 3; i++) transition.Apply(model.Change(random, Addresses, Slots));
            var id = new BlockId(number, Keccak256.Hash([(byte)number]));
            world.Commit(transition, id, new WriteBatch(), sync: false);
            parent = id;
        }
        return (store, model, parent!.Value);
    }

    public static TheoryData<string> TableNames => [.. StateTables.All.Select(table => table.Name)];

    [Theory]
    [MemberData(nameof(TableNames))]
    public void A_damaged_value_is_named_or_mended_but_never_believed(string name)
    {
        var table = StateTables.All.Single(candidate => candidate.Name == name);
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var (store, model, head) = World(seed);
            if (!Damage(store, table, random)) continue;
            try
            {
                var world = WorldState.Open(store, new WorldStateOptions { CachedValues = 0 });
                Assert.Equal(head, world.Head!.Value.Block);
                if (world.VerifyRoot() is not null) continue;
                for (var i = 0; i < 5; i++)
                {
                    var transition = world.Begin(world.Head!.Value.Block)!;
                    transition.Apply(model.Change(random, Addresses, Slots));
                    Assert.Equal(model.Root(), transition.Root());
                    Assert.True(world.Commit(transition, new BlockId(head.Number + 1 + (ulong)i, Keccak256.Hash([9, (byte)i])), new WriteBatch(), sync: false));
                }
            }
            catch (StoreFailure failure)
            {
                Assert.NotEmpty(failure.Refusal.What);
                Assert.NotEmpty(failure.Refusal.Mend);
            }
        }
    }

    static bool Damage(MemoryStore store, Table table, Random random)
    {
        var keys = new List<(byte[] Key, byte[] Value)>();
        using (var cursor = store.Walk(table))
            while (cursor.MoveNext()) keys.Add((cursor.Key.ToArray(), cursor.Value.ToArray()));
        if (keys.Count == 0) return false;
        var batch = new WriteBatch();
        for (var i = 0; i < 3; i++)
        {
            var (key, value) = keys[random.Next(keys.Count)];
            switch (random.Next(4))
            {
                case 0:
                    batch.Delete(table, key);
                    break;
                case 1:
                    batch.Put(table, key, value.AsSpan(0, random.Next(value.Length)));
                    break;
                case 2:
                    batch.Put(table, key, [.. value, 0]);
                    break;
                default:
                    if (value.Length > 0) value[random.Next(value.Length)] ^= (byte)(1 << random.Next(8));
                    batch.Put(table, key, value);
                    break;
            }
        }
        store.Commit(batch, sync: false);
        return true;
    }
}
