using Hufu.Primitives;
using Xunit;

namespace Hufu.State;

/// <summary>States that are taken in from others: range by range, of several blocks, killed on the way.</summary>
public sealed class StateIntakeTests
{
    const int Addresses = 400, Slots = 60;

    static readonly BlockId Genesis = new(0, Keccak256.Hash([0]));

    sealed class Source
    {
        readonly Random _random;
        readonly StateModel _model = new();

        public Source(int seed)
        {
            _random = new Random(seed);
            var genesis = WorldState.BeginEmpty();
            World = WorldState.InMemory();
            World.Commit(genesis, Genesis, new WriteBatch(), sync: false);
            Grow(400);
        }

        public WorldState World { get; }
        public StateHead Head => World.Head!.Value;
        public StateModel Model => _model;

        public void Grow(int blocks)
        {
            for (var i = 0; i < blocks; i++)
            {
                var number = Head.Number + 1;
                var transition = World.Begin(Head.Block)!;
                transition.Apply(_model.Change(_random, Addresses, Slots));
                Assert.True(World.Commit(transition, new BlockId(number, Keccak256.Hash(BitConverter.GetBytes(number))), new WriteBatch(), sync: false));
            }
        }
    }

    static WorldState Empty(IKeyValueStore store)
    {
        var world = WorldState.Open(store);
        if (world.Intake is null) world.Commit(WorldState.BeginEmpty(), Genesis, new WriteBatch(), sync: false);
        return world;
    }

    /// <summary>Takes ranges as peers would serve them, each proven.</summary>
    static void Fetch(StateIntake intake, ServedState state, int accountsAtOnce, Func<bool> goesOn)
    {
        while (intake.Missing is [var range, ..] && goesOn())
        {
            var some = state.Accounts(range.First).Take(accountsAtOnce).ToList();
            List<byte[]> proof = [.. state.Prove(range.First), .. some.Count > 0 ? state.Prove(some[^1].Key) : []];
            Assert.True(RangeProof.TryVerify(state.Block.StateRoot, range.First, [.. some.Select(entry => SlimAccount.ToEntry(entry.Key, entry.Account))], proof, out var hasMore, out var refusal), refusal?.ToString());
            foreach (var (key, account) in some)
            {
                if (account.HasCode) intake.TakeCodes([state.CodeOf(account.CodeHash)!]);
                if (account.StorageRoot == Account.EmptyTrieRoot) continue;
                TrieEntry[] slots = [.. state.Storage(key, Hash256.Zero)];
                Assert.True(RangeProof.TryVerify(account.StorageRoot, Hash256.Zero, slots, [], out _, out refusal), refusal?.ToString());
                Assert.True(intake.TakeStorage(key, slots, isFirst: true));
            }
            Hash256? next = hasMore && some[^1].Key <= range.Last ? Hash256.FromUInt256(some[^1].Key.ToUInt256() + UInt256.One) : null;
            intake.TakeAccounts(range, some, next);
        }
    }

    static int Heal(StateIntake intake, ServedState state)
    {
        var healing = new StateHealing(intake, state.Block.StateRoot);
        while (true)
        {
            var wanted = healing.Next(50);
            if (healing.IsComplete) return healing.Taken;
            foreach (var node in wanted)
                Assert.True(healing.TryTake(node, node.Owner.IsZero ? state.NodeAt(node.Path, node.Depth)! : state.NodeAt(node.Owner, node.Path, node.Depth)!));
            foreach (var code in healing.WantedCodes.ToArray()) Assert.True(healing.TryTakeCode(state.CodeOf(code)!));
        }
    }

    static void AssertIsSource(WorldState world, Source source)
    {
        source.Model.AssertSame(world.At(source.Head.Block)!, Addresses, Slots);
        Assert.Null(world.VerifyRoot());
        Assert.Null(world.At(0));
    }

    [Fact]
    public void A_state_of_one_block_needs_no_healing_and_goes_on_block_by_block()
    {
        var source = new Source(1);
        var store = new MemoryStore();
        var world = Empty(store);
        var intake = world.BeginIntake();
        var served = source.World.Serve(source.Head.StateRoot, 0)!;
        Fetch(intake, served, 7, () => true);
        Assert.Equal(0, Heal(intake, served));
        world.FinishIntake(source.Head, new WriteBatch());
        AssertIsSource(world, source);

        // The same on the next blocks, and after the process began anew.
        for (var i = 0; i < 20; i++)
        {
            var diff = source.Model.Change(new Random(i), Addresses, Slots);
            var (theirs, ours) = (source.World.Begin(source.Head.Block)!, world.Begin(world.Head!.Value.Block)!);
            theirs.Apply(diff);
            ours.Apply(diff);
            Assert.Equal(theirs.Root(), ours.Root());
            var block = new BlockId(source.Head.Number + 1, Keccak256.Hash([1, (byte)i]));
            Assert.True(source.World.Commit(theirs, block, new WriteBatch(), sync: false));
            Assert.True(world.Commit(ours, block, new WriteBatch(), sync: false));
            if (i % 6 == 3) world = WorldState.Open(store);
        }
        AssertIsSource(world, source);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Ranges_of_several_blocks_are_made_one_state_through_kills(int seed)
    {
        var source = new Source(seed);
        var store = new MemoryStore();
        var world = Empty(store);
        var intake = world.BeginIntake();
        var random = new Random(seed);
        while (intake.Missing.Count > 0)
        {
            var left = random.Next(1, 8);
            Fetch(intake, source.World.Serve(source.Head.StateRoot, 0)!, random.Next(1, 20), () => left-- > 0);
            source.Grow(random.Next(1, 6));
            if (random.Next(3) == 0) intake = (world = Empty(store)).Intake!;
        }
        // A healing that is given up half done is begun again at a later block.
        var given = new StateHealing(intake, source.Head.StateRoot);
        var state = source.World.Serve(source.Head.StateRoot, 0)!;
        for (var i = 0; i < 3; i++)
            foreach (var node in given.Next(9))
                if (random.Next(4) == 0) given.GiveBack(node);
                else Assert.True(given.TryTake(node, node.Owner.IsZero ? state.NodeAt(node.Path, node.Depth)! : state.NodeAt(node.Owner, node.Path, node.Depth)!));
        source.Grow(5);
        Assert.True(Heal(intake, source.World.Serve(source.Head.StateRoot, 0)!) > 0);
        world.FinishIntake(source.Head, new WriteBatch());
        AssertIsSource(world, source);
        AssertIsSource(WorldState.Open(store), source);
    }

    [Fact]
    public void Earlier_blocks_are_served_as_they_were()
    {
        var source = new Source(6);
        var heads = new List<(StateHead Head, StateModel Model)>();
        for (var i = 0; i < 12; i++)
        {
            heads.Add((source.Head, source.Model.Copy()));
            source.Grow(3);
        }
        foreach (var (head, model) in heads)
        {
            var state = source.World.Serve(head.StateRoot, 128)!;
            Assert.Equal(head, state.Block);
            TrieEntry[] accounts = [.. state.Accounts(Hash256.Zero).Select(entry => SlimAccount.ToEntry(entry.Key, entry.Account))];
            Assert.Equal(model.Accounts.Count, accounts.Length);
            Assert.True(RangeProof.TryVerify(head.StateRoot, Hash256.Zero, accounts, [], out _, out var refusal), refusal?.ToString());
            foreach (var (key, account) in state.Accounts(Hash256.Zero))
                Assert.True(RangeProof.TryVerify(account.StorageRoot, Hash256.Zero, [.. state.Storage(key, Hash256.Zero)], [], out _, out refusal), refusal?.ToString());
        }
        Assert.Null(source.World.Serve(heads[0].Head.StateRoot, 10));
        Assert.Null(source.World.Serve(Keccak256.Hash([1]), 128));
    }

    [Fact]
    public void While_a_state_comes_in_readers_see_genesis_and_no_block_is_chosen()
    {
        var source = new Source(7);
        var store = new MemoryStore();
        var world = Empty(store);
        var intake = world.BeginIntake();
        Fetch(intake, source.World.Serve(source.Head.StateRoot, 0)!, 10, () => intake.Missing.Count > 8);

        Assert.False(world.At(0)!.TryGetAccount(Address.FromNumber(1), out _));
        var next = world.Begin(Genesis)!;
        Assert.False(world.Commit(next, new BlockId(1, Keccak256.Hash([1])), new WriteBatch(), sync: false));
        Assert.Null(world.Serve(Account.EmptyTrieRoot, 128));
        Assert.Throws<InvalidOperationException>(() => world.FinishIntake(source.Head, new WriteBatch()));
    }
}
