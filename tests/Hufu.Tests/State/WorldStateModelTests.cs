using CsCheck;
using Hufu.Primitives;
using Xunit;

namespace Hufu.State;

/// <summary>A world that grows, forks, reorganises, fails to write, dies and is opened again, held against a plain model of every block.</summary>
public class WorldStateModelTests
{
    const int Addresses = 24;
    const int Slots = 10;

    sealed record ModelBlock(BlockId Id, BlockId? Parent, StateModel State, Hash256 Root);

    sealed class Scenario(Random random, WorldStateOptions options)
    {
        readonly MemoryStore _disk = new();
        readonly Dictionary<Hash256, ModelBlock> _blocks = [];
        FaultyStore _store = null!;
        WorldState _world = null!;
        ModelBlock? _head;
        byte _salt;

        public void Run(int steps)
        {
            Restart();
            Commit(null);
            for (var step = 0; step < steps; step++)
            {
                switch (random.Next(12))
                {
                    case < 5: Commit(_head); break;
                    case < 7: KeepOn(AnyKnown()); break;
                    case 7: Choose(AnyKnown()); break;
                    case 8: Restart(); break;
                    case 9: FailToWrite(); break;
                    case 10: CheckProof(AnyKnown()); break;
                    default: CheckAnyBlock(); break;
                }
                Assert.Equal(_head!.Id, _world.Head!.Value.Block);
            }
            foreach (var block in Chain()) Check(block);
            Assert.Null(_world.VerifyRoot());
            Restart();
            foreach (var block in Chain()) Check(block);
        }

        (StateTransition Transition, ModelBlock Block) Execute(ModelBlock? parent)
        {
            var model = parent?.State.Copy() ?? new StateModel();
            var transition = parent is null ? WorldState.BeginEmpty() : _world.Begin(parent.Id)!;
            for (var transaction = random.Next(5); transaction > 0; transaction--)
            {
                transition.Apply(model.Change(random, Addresses, Slots));
                if (random.Next(3) == 0) Assert.Equal(model.Root(), transition.Root());
                if (random.Next(3) == 0) model.AssertSame(transition, Addresses, Slots);
            }
            var root = model.Root();
            Assert.Equal(root, transition.Root());
            var number = parent is null ? 0 : parent.Id.Number + 1;
            var id = new BlockId(number, Keccak256.Hash([.. root.Bytes, .. (parent?.Id.Hash ?? default).Bytes, _salt++]));
            return (transition, new ModelBlock(id, parent?.Id, model, root));
        }

        void Commit(ModelBlock? parent)
        {
            var (transition, block) = Execute(parent);
            Assert.True(_world.Commit(transition, block.Id, new WriteBatch(), sync: true));
            _blocks[block.Id.Hash] = _head = block;
        }

        void KeepOn(ModelBlock parent)
        {
            var (transition, block) = Execute(parent);
            _world.Keep(transition, block.Id);
            _blocks[block.Id.Hash] = block;
            if (_world.Knows(block.Id)) block.State.AssertSame(_world.At(block.Id)!, Addresses, Slots);
        }

        void Choose(ModelBlock target)
        {
            Assert.True(_world.Choose(target.Id, new WriteBatch(), sync: true));
            _head = target;
            Check(target);
        }

        void FailToWrite()
        {
            _store.Fails = true;
            var target = AnyKnown();
            Assert.Throws<StoreFailure>(() => _world.Choose(target.Id, new WriteBatch(), sync: true));
            var (transition, block) = Execute(_head);
            Assert.Throws<StoreFailure>(() => _world.Commit(transition, block.Id, new WriteBatch(), sync: true));
            _blocks[block.Id.Hash] = block;
            _store.Fails = false;
            Check(_head!);
        }

        void Restart()
        {
            _store = new FaultyStore(_disk);
            _world = WorldState.Open(_store, options);
            Assert.Equal(_head?.Id, _world.Head?.Block);
            if (_head is not null) Check(_head);
        }

        void CheckAnyBlock() => Check(AnyKnown());

        void Check(ModelBlock block)
        {
            block.State.AssertSame(_world.At(block.Id)!, Addresses, Slots);
            Assert.Equal(block.Root, _world.RootOf(block.Id));
        }

        void CheckProof(ModelBlock block)
        {
            var address = Address.FromNumber((uint)random.Next(Addresses));
            UInt256[] slots = [(ulong)random.Next(Slots), (ulong)random.Next(Slots)];
            var proof = _world.Proof(block.Id, address, slots)!;
            Assert.True(MerkleProof.TryVerifyAccount(block.Root, address, proof.Nodes, out var account, out var refusal), refusal?.ToString());
            Assert.Equal(proof.Account, account);
            Assert.Equal(block.State.Accounts.ContainsKey(address), account.HasValue);
            for (var i = 0; i < slots.Length; i++)
            {
                var expected = block.State.Accounts.TryGetValue(address, out var known) && known.Storage.TryGetValue(slots[i], out var stored) ? stored : UInt256.Zero;
                Assert.Equal(expected, proof.Storage[i].Value);
                if (account is not { } present) continue;
                Assert.True(MerkleProof.TryVerifyStorage(present.StorageRoot, slots[i], proof.Storage[i].Nodes, out var value, out refusal), refusal?.ToString());
                Assert.Equal(expected, value);
            }
        }

        ModelBlock AnyKnown()
        {
            var known = _blocks.Values.Where(block => _world.Knows(block.Id)).ToArray();
            return known[random.Next(known.Length)];
        }

        IEnumerable<ModelBlock> Chain()
        {
            for (var block = _head; block is not null && block.Id.Number >= _world.OldestBlock; block = block.Parent is { } parent ? _blocks[parent.Hash] : null) yield return block;
        }
    }

    static WorldStateOptions Options(Random random) => new()
    {
        CachedValues = random.Next(2) * 16,
        TrieToDiskEveryBlocks = random.Next(3) switch { 0 => 1, 1 => 4, _ => ulong.MaxValue },
        KeptBlocks = random.Next(2) == 0 ? 4 : 256,
        KeepBlocks = random.Next(3) == 0 ? 5 : null,
        CachedTrieBytes = random.Next(3) switch { 0 => 0, 1 => 4000, _ => 256 << 20 },
        MeasureTrieEveryChanges = random.Next(2) == 0 ? 1 : 50,
    };

    [Fact]
    public void A_world_agrees_with_its_model_whatever_happens_to_it() =>
        Gen.Int.Sample(seed =>
        {
            var random = new Random(seed);
            new Scenario(random, Options(random)).Run(steps: 40);
        }, iter: 60);

    /// <summary>A disk that may refuse a batch whole.</summary>
    sealed class FaultyStore(MemoryStore disk) : IKeyValueStore
    {
        public bool Fails { get; set; }

        public byte[]? Get(Table table, ReadOnlySpan<byte> key) => disk.Get(table, key);
        public int Get(Table table, ReadOnlySpan<byte> key, Span<byte> value) => disk.Get(table, key, value);
        public IKeyValueCursor Walk(Table table, ReadOnlySpan<byte> prefix = default) => disk.Walk(table, prefix);
        public IKeyValueReader Snapshot() => disk.Snapshot();
        public void Dispose() { }

        public void Commit(WriteBatch batch, bool sync)
        {
            if (Fails) throw new StoreFailure(new Refusal("the disk is full"));
            disk.Commit(batch, sync);
        }
    }
}
