using System.Text;
using CsCheck;
using Hufu.Primitives;
using Xunit;

namespace Hufu.State;

/// <summary>Both stores keep the same promises.</summary>
public sealed class StoreTests : IDisposable
{
    static readonly Table Plain = new(60, "plain");
    static readonly Table Prefixed = new(61, "prefixed", Prefix: 2);

    readonly string _folder = Directory.CreateTempSubdirectory("hufu-store-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    RocksStore OpenRocks(string name = "db")
    {
        Assert.True(RocksStore.TryOpen(Path.Combine(_folder, name), [.. StateTables.All, Plain, Prefixed], null, out var store, out var refusal), refusal?.ToString());
        return store;
    }

    [Fact]
    public void A_store_in_memory_behaves_as_a_sorted_dictionary() => Gen.Int.Sample(seed => Agrees(new MemoryStore(), new Random(seed), 200), iter: 30);

    [Fact]
    public void A_store_on_disk_behaves_as_a_sorted_dictionary()
    {
        using var store = OpenRocks();
        Agrees(store, new Random(7), 600);
    }

    static void Agrees(IKeyValueStore store, Random random, int steps)
    {
        var model = new SortedDictionary<(byte, string), string>();
        var snapshots = new List<(IKeyValueReader Reader, SortedDictionary<(byte, string), string> Model)>();
        for (var step = 0; step < steps; step++)
        {
            switch (random.Next(8))
            {
                case < 4:
                    var batch = new WriteBatch();
                    // Now and then so many that the store carries them out in an order of its own.
                    for (var i = random.Next(1, random.Next(20) == 0 ? 1000 : 8); i > 0; i--)
                    {
                        var (table, key) = AnyKey(random);
                        if (random.Next(3) == 0)
                        {
                            batch.Delete(table, Encoding.ASCII.GetBytes(key));
                            model.Remove((table.Id, key));
                        }
                        else
                        {
                            var value = new string('v', random.Next(3) == 0 ? random.Next(2000) : random.Next(4)) + step;
                            batch.Put(table, Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(value));
                            model[(table.Id, key)] = value;
                        }
                    }
                    store.Commit(batch, sync: step % 50 == 0);
                    break;
                case 4:
                    snapshots.Add((store.Snapshot(), new(model)));
                    break;
                default:
                    var (reader, expected) = snapshots.Count > 0 && random.Next(2) == 0 ? snapshots[random.Next(snapshots.Count)] : (store, model);
                    Compare(reader, expected, random);
                    break;
            }
        }
        foreach (var (reader, expected) in snapshots)
        {
            Compare(reader, expected, random);
            reader.Dispose();
        }
    }

    static void Compare(IKeyValueReader reader, SortedDictionary<(byte, string), string> model, Random random)
    {
        var (table, key) = AnyKey(random);
        var expected = model.GetValueOrDefault((table.Id, key));
        var bytes = Encoding.ASCII.GetBytes(key);
        Assert.Equal(expected, reader.Get(table, bytes) is { } value ? Encoding.ASCII.GetString(value) : null);
        var buffer = new byte[5];
        Assert.Equal(expected?.Length ?? -1, reader.Get(table, bytes, buffer));
        if (expected is { Length: <= 5 }) Assert.Equal(expected, Encoding.ASCII.GetString(buffer, 0, expected.Length));

        var prefix = random.Next(3) switch { 0 => "", 1 => key[..1], _ => key[..Math.Min(2, key.Length)] };
        var within = model.Where(pair => pair.Key.Item1 == table.Id && pair.Key.Item2.StartsWith(prefix, StringComparison.Ordinal)).Select(pair => (pair.Key.Item2, pair.Value)).ToList();
        var from = random.Next(2) == 0 ? prefix : key;
        if (!from.StartsWith(prefix, StringComparison.Ordinal)) from = prefix;
        using var cursor = reader.Walk(table, Encoding.ASCII.GetBytes(prefix));
        var walked = new List<(string, string)>();
        for (var there = from.Length > 0 ? cursor.Seek(Encoding.ASCII.GetBytes(from)) : cursor.MoveNext(); there; there = cursor.MoveNext())
            walked.Add((Encoding.ASCII.GetString(cursor.Key), Encoding.ASCII.GetString(cursor.Value)));
        Assert.Equal(within.Where(pair => string.CompareOrdinal(pair.Item1, from) >= 0), walked);
    }

    static (Table, string) AnyKey(Random random)
    {
        var length = random.Next(2, 5);
        return (random.Next(2) == 0 ? Plain : Prefixed, string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(3)))));
    }

    [Fact]
    public void What_was_committed_is_there_after_opening_again()
    {
        using (var store = OpenRocks())
        {
            var batch = new WriteBatch();
            batch.Put(Plain, "key"u8, "value"u8);
            store.Commit(batch, sync: true);
        }
        using var again = OpenRocks();
        Assert.Equal("value"u8.ToArray(), again.Get(Plain, "key"u8));
    }

    [Fact]
    public void A_folder_that_is_open_already_is_refused_with_the_reason()
    {
        using var store = OpenRocks();
        Assert.False(RocksStore.TryOpen(Path.Combine(_folder, "db"), StateTables.All, null, out _, out var refusal));
        Assert.StartsWith("the data folder is in use", refusal.What);
        Assert.Contains("--data", refusal.Mend);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_with_the_reason()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        Assert.False(RocksStore.TryOpen(Path.Combine(file, "db"), StateTables.All, null, out _, out var refusal));
        Assert.StartsWith("cannot use the data folder", refusal.What);
    }

    [Fact]
    public void A_folder_whose_files_are_damaged_is_refused_with_the_reason()
    {
        using (OpenRocks()) { }
        File.WriteAllText(Path.Combine(_folder, "db", "CURRENT"), "nothing of the kind\n");
        Assert.False(RocksStore.TryOpen(Path.Combine(_folder, "db"), StateTables.All, null, out _, out var refusal));
        Assert.StartsWith("the data folder is damaged", refusal.What);
    }

    [Fact]
    public void A_closed_store_and_its_snapshots_throw_and_do_no_more()
    {
        var store = OpenRocks();
        var snapshot = store.Snapshot();
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => store.Get(Plain, "key"u8));
        Assert.Throws<ObjectDisposedException>(() => snapshot.Get(Plain, "key"u8));
        Assert.Throws<ObjectDisposedException>(() => store.Snapshot());
        Assert.Throws<ObjectDisposedException>(() => store.Commit(new WriteBatch(), sync: false));
        snapshot.Dispose();
        OpenRocks().Dispose();
    }

    [Fact]
    public void Snapshots_nobody_holds_are_let_go()
    {
        using var store = OpenRocks();
        for (var i = 0; i < 200; i++) store.Snapshot();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(-1, store.Get(Plain, "absent"u8, []));
    }

    [Fact]
    public void A_world_on_disk_is_found_again_wherever_its_process_died()
    {
        var random = new Random(11);
        var options = new WorldStateOptions { TrieToDiskEveryBlocks = 5 };
        var models = new List<(BlockId Id, StateModel State)>();
        using var store = OpenRocks();
        var world = WorldState.Open(store, options);
        for (ulong number = 0; number < 30; number++)
        {
            var model = number == 0 ? new StateModel() : models[^1].State.Copy();
            var transition = number == 0 ? WorldState.BeginEmpty() : world.Begin(models[^1].Id)!;
            for (var i = 0; i < 4; i++) transition.Apply(model.Change(random, 20, 6));
            Assert.Equal(model.Root(), transition.Root());
            var id = new BlockId(number, Keccak256.Hash([(byte)number]));
            Assert.True(world.Commit(transition, id, new WriteBatch(), sync: true));
            models.Add((id, model));

            // The files as a sudden end would leave them.
            var copy = Path.Combine(_folder, $"copy{number}");
            CopyFolder(Path.Combine(_folder, "db"), copy);
            using var found = OpenRocks($"copy{number}");
            var reopened = WorldState.Open(found, options);
            Assert.Equal(id, reopened.Head!.Value.Block);
            Assert.Null(reopened.VerifyRoot());
            foreach (var (block, state) in models) state.AssertSame(reopened.At(block)!, 20, 6);
            var next = reopened.Begin(id)!;
            next.Apply(model.Copy().Change(random, 20, 6));
            Assert.True(reopened.Commit(next, new BlockId(number + 1, Keccak256.Hash([1, (byte)number])), new WriteBatch(), sync: false));
        }
    }

    static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            if (Path.GetFileName(file) != "LOCK") File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
