using System.Diagnostics.CodeAnalysis;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Chain;

/// <summary>
/// The single writer of blocks, state and head, with the three verbs of every consensus: build, import, choose.
/// Its verbs are synchronous and belong to one thread at a time (see <see cref="ChainWriter"/>); <see cref="Head"/>, <see cref="Blocks"/>,
/// <see cref="Feed"/> and <see cref="StateAt"/> are for any thread.
/// </summary>
public sealed class Blockchain : IDisposable
{
    // Executing more than this again to follow one branch would hold everything else up for minutes.
    const int MaxRestored = 8192;

    // As many as geth remembers.
    const int MostRefused = 10;

    const string TakingIn = "the chain is being taken in from others; blocks are executed once its state is whole";

    readonly IKeyValueStore _store;
    readonly WorldState _world;
    readonly IConsensusRules _consensus;
    readonly HeaderRules _headers;
    readonly BlockVerification _verification;
    readonly BlockReplay _replay;
    readonly BlockBuilder _builder;
    readonly WriteBatch _batch = new();
    readonly bool _followsImports;
    volatile ChainHead _head;
    volatile RefusedBlock[] _refused = [];
    volatile StateEdits? _edits;

    Blockchain(IKeyValueStore store, WorldState world, ForkSchedule forks, IConsensusRules consensus, bool followsImports, BlockStore blocks, ChainHead head)
    {
        (_store, _world, _consensus, _followsImports, Blocks, _head) = (store, world, consensus, followsImports, blocks, head);
        _headers = new HeaderRules(forks, consensus);
        _verification = new BlockVerification(_headers, new OmmerRules(_headers, hash => blocks.BlockOf(hash)));
        _replay = new BlockReplay(forks, consensus);
        _builder = new BlockBuilder(_headers);
        Forks = forks;
        LogIndex = new LogIndex(store, blocks);
        Genesis = blocks.HeaderOf(blocks.Mark(ChainMark.Genesis) ?? head.Hash) ?? head.Head;
    }

    public ForkSchedule Forks { get; }
    public IConsensusRules Consensus => _consensus;
    public Header Genesis { get; }
    public BlockStore Blocks { get; }
    public ChainFeed Feed { get; } = new();

    /// <summary>Where to look for logs. Somebody has to run it; until then searches go through the blocks.</summary>
    public LogIndex LogIndex { get; }

    /// <summary>The last blocks that broke a rule, newest first, since the process began.</summary>
    public IReadOnlyList<RefusedBlock> RecentlyRefused => _refused;

    /// <summary>Where the chain stands now.</summary>
    public ChainHead Head => _head;

    /// <summary>Whether a commit waits for the disk (a loss of power then costs nothing that was answered for). True but for tools that can begin again.</summary>
    public bool SyncsToDisk { get; set; } = true;

    /// <summary>Which accounts may send transactions, where the genesis file makes it a rule of the chain; null where all may. Set before the first block is imported.</summary>
    public AccountPermissions? Permissions { get; set; }

    /// <summary>What runs by itself at the beginning of blocks, where the genesis file makes it a rule of the chain; null where nothing does. Set before the first block is imported.</summary>
    public InBlockJobs? Jobs { get; set; }

    /// <summary>The chain that is being taken in without being executed; null where none is. Until its state is whole no other block is imported or chosen.</summary>
    public ChainIntake? Intake { get; private set; }

    /// <summary>Begins to take a chain in, or goes on with it. Only one that stands at its genesis can.</summary>
    /// <param name="trustedEnd">See <see cref="ChainIntake.TrustedEnd"/>.</param>
    public ChainIntake BeginIntake(Hash256? trustedEnd = null) => Intake ??= new ChainIntake(this, _store, _headers, _world.BeginIntake()) { TrustedEnd = trustedEnd };

    /// <summary>The state with a root, to be served to others, where it is that of one of the last blocks; null where it is not.</summary>
    /// <param name="reach">How many blocks back are looked at.</param>
    public ServedState? Serve(Hash256 stateRoot, ulong reach) => _world.Serve(stateRoot, reach);

    /// <summary>Opens the chain kept in <paramref name="store"/>, or begins it with <paramref name="genesis"/> where the store is empty.</summary>
    /// <param name="followsImports">After proof of stake began nobody but a driver chooses the head. True lets every accepted block become it: for tools that import files.</param>
    /// <exception cref="InvalidOperationException">The store holds a chain of another genesis, or the genesis block does not state the root of its own accounts.</exception>
    public static Blockchain Open(IKeyValueStore store, GenesisBlock genesis, ForkSchedule forks, IConsensusRules consensus, bool followsImports = false, WorldStateOptions? options = null) =>
        TryOpen(store, genesis, forks, consensus, followsImports, options, out var chain, out var refusal) ? chain : throw new InvalidOperationException(refusal.ToString());

    /// <summary>As <see cref="Open"/>, with what goes wrong as an answer.</summary>
    public static bool TryOpen(IKeyValueStore store, GenesisBlock genesis, ForkSchedule forks, IConsensusRules consensus, bool followsImports, WorldStateOptions? options,
        [NotNullWhen(true)] out Blockchain? chain, [NotNullWhen(false)] out Refusal? refusal)
    {
        chain = null;
        var blocks = new BlockStore(store);
        var world = WorldState.Open(store, options ?? new WorldStateOptions());
        if (blocks.Mark(ChainMark.Genesis) is not { } kept) refusal = Begin(blocks, world, genesis);
        else refusal = kept == genesis.Block.Hash ? null : new Refusal($"the data folder holds the chain of another genesis block: {kept}",
            $"the genesis given has the hash {genesis.Block.Hash}", "give the genesis file of this chain, or another data folder");
        if (refusal is not null) return false;

        // Before a terminal total difficulty that is not zero there is something to merge from.
        if (forks.TerminalTotalDifficulty is { IsZero: false } && consensus is not Merge) consensus = new Merge(consensus);
        chain = new Blockchain(store, world, forks, consensus, followsImports, blocks, HeadIn(blocks));
        if (world.Intake is not null)
        {
            var meanwhile = WorldState.BeginEmpty();
            meanwhile.Apply(genesis.State);
            world.ShowMeanwhile(meanwhile, IdOf(genesis.Block.Header));
            chain.BeginIntake();
        }
        consensus.Join(chain);
        return true;
    }

    /// <summary>The oldest block of the chain to the head whose state can be read.</summary>
    public ulong OldestState => _world.OldestBlock;

    /// <summary>The rules of a child of a kept block.</summary>
    /// <param name="timestamp">The child's, in seconds since 1970.</param>
    public ForkRules RulesAfter(Header parent, ulong timestamp) => Forks.RulesAt(parent.Number + 1, timestamp,
        Forks.TerminalTotalDifficulty is { } terminal && Blocks.TotalDifficultyOf(parent.Hash) >= terminal);

    /// <summary>The state after a kept block; null where the block or its state is not kept.</summary>
    public IStateView? StateAt(Hash256 block)
    {
        var edits = _edits;
        if (Blocks.NumberOf(block) is not { } number || _world.At(new BlockId(number, block)) is not { } state) return null;
        return edits is not null && edits.Head == block ? new EditedState(state, edits.Diff) : state;
    }

    /// <summary>What a child of the block asks for one gas, as far as is known before it is made.</summary>
    public UInt256 BaseFeeAfter(Header parent, ForkRules rules) =>
        !rules.Has(Eip.BaseFee) ? UInt256.Zero : _edits is { BaseFeePerGas: { } wanted } edits && edits.Head == parent.Hash ? wanted : BaseFee.After(parent);

    /// <summary>Changes by hand that wait for the next block; null where there are none.</summary>
    public StateEdits? Edits => _edits;

    /// <summary>A state to try things out on, as after a kept block; null where it is not kept. For any thread; nothing of it is kept.</summary>
    public StateTransition? BeginOn(Header block) => _world.Begin(IdOf(block));

    /// <summary>The hashes of a block and its ancestors by their number, for what runs on that block. For one thread.</summary>
    public Func<ulong, Hash256> AncestorsFrom(Header block) => new Ancestry(Blocks, block).HashOf;

    /// <summary>A block's execution on its parent's state, before its first step, to be watched; null where that state is not kept. For any thread; nothing of it is kept.</summary>
    public BlockExecution? Replay(Header block)
    {
        if (Blocks.HeaderOf(block.ParentHash) is not { } parent || BeginOn(parent) is not { } state) return null;
        if (Blocks.EditsUnder(block.Hash) is { } edits) state.Apply(edits);
        return _replay.Prepare(block, state, AncestorsFrom(parent));
    }

    /// <summary>An account and some of its slots after a kept block, with their proofs; null where the block or its state is not kept.</summary>
    public StateProof? ProofAt(Hash256 block, Address address, IReadOnlyList<UInt256> slots) =>
        Blocks.NumberOf(block) is { } number ? _world.Proof(new BlockId(number, block), address, slots) : null;

    /// <summary>Computes the state root of the head anew from every account kept and compares it with what is stored; null where all is well.</summary>
    public Refusal? VerifyState(IProgress<StateScanProgress>? progress = null, CancellationToken stop = default) => _world.VerifyRoot(progress, stop);

    /// <summary>Decodes, verifies, executes and keeps a block. A refused block leaves no trace.</summary>
    public ImportResult Import(ReadOnlySpan<byte> rlp) => DecodedBlock.TryDecode(rlp, out var decoded, out var refusal)
        ? Import(decoded)
        : new ImportResult(ImportOutcome.Refused, default, refusal);

    public ImportResult Import(Block block) => Import(DecodedBlock.Of(block));

    public ImportResult Import(DecodedBlock decoded)
    {
        var block = decoded.Block;
        // The hash is that of the header alone: the same header with another body is another's block, not one we know.
        if (Blocks.Contains(block.Hash)) return BlockVerification.CheckBody(block, Forks.RulesOf(block.Header)) is { } foreign ? Refused(block, foreign) : Known(block.Header);
        if (Intake is not null) return Unknown(block.Header, TakingIn);
        if (ParentOf(block.Header, out var parent) is { } orphan) return orphan;
        if (!_verification.TryVerify(decoded, parent, out var verified, out var refusal)) return Refused(block, refusal);
        if (CheckTerminalDifficulty(verified.Header, parent, verified.Rules) is { } misplaced) return Refused(block, misplaced);
        if (!TryRestore(parent) || _world.Begin(IdOf(parent)) is not { } state) return Unknown(block.Header, $"the state of the parent {parent.Hash} is not kept any more");
        if (!_world.HasRoomAfter(IdOf(parent))) return Unknown(block.Header, $"the branch that ends in the parent {parent.Hash} is as long as one may be that nobody chose: choose a block of it first");
        if ((Jobs?.Check(this, verified) ?? Permissions?.Check(this, verified)) is { } forbidden) return Refused(block, forbidden);
        if (!_replay.TryExecute(verified, state, new Ancestry(Blocks, parent).HashOf, out var executed, out refusal)) return Refused(block, refusal);
        return Keep(executed);
    }

    /// <summary>
    /// Verifies and executes a block on a kept parent without keeping it, as a validator does before it agrees. What comes out can be sealed and imported, and does not run again.
    /// </summary>
    /// <param name="consensus">The rules for a block whose seals are still to come.</param>
    public BlockRefusal? Examine(Block block, IConsensusRules consensus, out ExecutedBlock? executed)
    {
        executed = null;
        if (Intake is not null) return Unknown(block.Header, TakingIn).Refusal;
        if (ParentOf(block.Header, out var parent) is { } orphan) return orphan.Refusal;
        var verification = new BlockVerification(new HeaderRules(Forks, consensus), new OmmerRules(_headers, hash => Blocks.BlockOf(hash)));
        if (!verification.TryVerify(DecodedBlock.Of(block), parent, out var verified, out var refusal)) return refusal;
        if (!TryRestore(parent) || _world.Begin(IdOf(parent)) is not { } state)
            return new BlockRefusal(BlockRule.Parent, block.Number, $"the state of the parent {parent.Hash} is not kept any more");
        if ((Jobs?.Check(this, verified) ?? Permissions?.Check(this, verified)) is { } forbidden) return forbidden;
        return _replay.TryExecute(verified, state, new Ancestry(Blocks, parent).HashOf, out executed, out refusal) ? null : refusal;
    }

    /// <summary>What a contract answers after a kept block, asked by nobody; null where it fails or the state is not kept. For any thread.</summary>
    public byte[]? Ask(Header after, Address contract, ReadOnlyMemory<byte> input)
    {
        if (StateAt(after.Hash) is not { } state) return null;
        var rules = Forks.RulesOf(after);
        var machine = new TransactionExecution(state, BlockExecution.ContextOf(after, rules, Forks.ChainId, new Ancestry(Blocks, after).HashOf), rules);
        var result = machine.Call(new CallRequest { To = contract, Input = input, ChargesIntrinsicGas = false });
        return result.Succeeded ? result.Output.ToArray() : null;
    }

    /// <summary>Keeps a block that was built here: its header is checked, its transactions do not run again.</summary>
    /// <param name="isChosen">
    /// Makes the block head, safe and finalised as well, for a sealer that alone decides: import and choice land in one write and wait for the disk once.
    /// </param>
    public ImportResult Import(ExecutedBlock executed, bool isChosen = false)
    {
        var block = executed.Block;
        if (Blocks.Contains(block.Hash)) return isChosen ? ChosenAgain(block.Header) : Known(block.Header);
        if (Intake is not null) return Unknown(block.Header, TakingIn);
        if (ParentOf(block.Header, out var parent) is { } orphan) return orphan;
        if (!executed.BendsRules && _headers.Check(block.Header, parent) is { } refusal) return Refused(block, refusal);
        if (CheckTerminalDifficulty(block.Header, parent, Forks.RulesOf(block.Header)) is { } misplaced) return Refused(block, misplaced);
        return Keep(executed, isChosen);
    }

    /// <summary>Builds a block on a kept parent; nothing is kept until it is imported.</summary>
    /// <exception cref="ArgumentException">The parent, or its state, is not kept.</exception>
    public ExecutedBlock Build(Hash256 parent, BlockAttributes attributes, ITransactionSource transactions)
    {
        var header = Blocks.HeaderOf(parent) ?? throw new ArgumentException($"block {parent} is not kept", nameof(parent));
        var state = (TryRestore(header) ? _world.Begin(IdOf(header)) : null) ?? throw new ArgumentException($"the state of block {parent} is not kept", nameof(parent));
        return Assemble(header, attributes, transactions, state, new Ancestry(Blocks, header).HashOf);
    }

    /// <summary>Builds a block for show: for any thread; it cannot be imported without running again. Null where the parent's state is not kept.</summary>
    public ExecutedBlock? BuildAside(Header parent, BlockAttributes attributes, ITransactionSource transactions) => BeginOn(parent) is { } state
        ? Assemble(parent, attributes, transactions, state, AncestorsFrom(parent)) : null;

    /// <summary>The header of a block's child as far as it is known before its transactions run. For any thread.</summary>
    public Header DraftAfter(Header parent, BlockAttributes attributes) => _builder.Draft(parent, RulesAfter(parent, attributes.Timestamp), attributes);

    ExecutedBlock Assemble(Header parent, BlockAttributes attributes, ITransactionSource transactions, StateTransition state, Func<ulong, Hash256> ancestor)
    {
        var rules = RulesAfter(parent, attributes.Timestamp);
        var edits = _edits is { } some && some.Head == parent.Hash ? some : null;
        if (edits is not null) attributes = edits.Over(attributes);
        if (Permissions is not null) transactions = Permissions.Sieve(this, parent, transactions);
        if (Jobs is not null) transactions = Jobs.Lead(this, parent, _builder.Draft(parent, rules, attributes), transactions);
        if (edits is null) return _builder.Build(parent, rules, attributes, transactions, state, ancestor);
        state.Apply(edits.Diff);
        return _builder.Build(parent, rules, attributes, transactions, state, ancestor).With(edits);
    }

    /// <summary>Makes a kept block the head, and names the safe and the finalised block (null leaves them as they are).</summary>
    public Refusal? Choose(Hash256 head, Hash256? safe = null, Hash256? finalised = null)
    {
        if (Intake is not null) return new Refusal("missing state", TakingIn, "wait until the state is whole");
        if (Blocks.HeaderOf(head) is not { } header) return new Refusal("unknown block", $"block {head} is not kept here", "import it first");
        if (!TryRestore(header) || !_world.Knows(IdOf(header))) return new Refusal("missing state", $"the state of block {head} is not kept any more, or lies on a branch longer than is kept");
        if (AncestorMark(safe, header, _head.Safe, out var safeHeader) is { } noSafe) return noSafe;
        if (AncestorMark(finalised, header, _head.Finalised, out var finalisedHeader) is { } noFinalised) return noFinalised;
        _batch.Clear();
        MoveHead(header, Blocks.TotalDifficultyOf(head)!.Value, safeHeader, finalisedHeader);
        return null;
    }

    /// <summary>
    /// Changes the state by hand, for development chains: readers of the head see it at once, and the next block built on the head holds it. Such a block
    /// follows from no rule, so that nobody else can import it. The edits go when the head moves.
    /// </summary>
    /// <param name="edits">Made for the present head; null takes all edits back.</param>
    public void Edit(StateEdits? edits)
    {
        if (edits is not null && edits.Head != _head.Hash) throw new ArgumentException("these edits are for another head", nameof(edits));
        _edits = edits;
        Feed.Publish(new ChainMove([], [], _head));
    }

    /// <summary>Whether a kept block is the other one or one of its ancestors.</summary>
    public bool IsAncestor(Hash256 ancestor, Header of) => Blocks.HeaderOf(ancestor) is { } header && IsAncestor(header, of);

    public void Dispose()
    {
        Feed.Close();
    }

    static Refusal? Begin(BlockStore blocks, WorldState world, GenesisBlock genesis)
    {
        var header = genesis.Block.Header;
        var state = WorldState.BeginEmpty();
        state.Apply(genesis.State);
        if (!genesis.IsForked && state.Root() is var root && root != header.StateRoot)
            return new Refusal("the genesis block does not state the root of its accounts", $"it states {header.StateRoot}, its accounts have {root}", "correct the genesis file");

        var batch = new WriteBatch();
        BlockStore.Put(batch, genesis.Block, [], header.Difficulty);
        BlockStore.PutCanonical(batch, genesis.Block);
        BlockStore.PutMark(batch, ChainMark.Genesis, header.Hash);
        BlockStore.PutMark(batch, ChainMark.Head, header.Hash);
        if (!world.Commit(state, IdOf(header), batch, sync: true))
            return new Refusal("the data folder holds a state without its chain", Mend: "give an empty data folder");
        blocks.Remember(genesis.Block, []);
        return null;
    }

    static ChainHead HeadIn(BlockStore blocks)
    {
        var genesis = blocks.Mark(ChainMark.Genesis)!.Value;
        var head = Marked(ChainMark.Head);
        return new ChainHead(head, Marked(ChainMark.Safe), Marked(ChainMark.Finalised), blocks.TotalDifficultyOf(head.Hash)!.Value);

        Header Marked(ChainMark mark) => blocks.HeaderOf(blocks.Mark(mark) ?? genesis)
            ?? throw new InvalidDataException($"the store names a {mark} block that it does not hold");
    }

    ImportResult? ParentOf(Header header, out Header parent)
    {
        parent = Blocks.HeaderOf(header.ParentHash)!;
        return parent is null ? Unknown(header, $"the parent {header.ParentHash} is not known here") : null;
    }

    /// <summary>Proof of work may go on until its total difficulty reaches the terminal one, and proof of stake may begin only there (EIP-3675).</summary>
    BlockRefusal? CheckTerminalDifficulty(Header header, Header parent, ForkRules rules)
    {
        if (Forks.TerminalTotalDifficulty is not { } terminal) return null;
        var reached = Blocks.TotalDifficultyOf(parent.Hash)!.Value;
        if (rules.Has(Eip.ProofOfStake) == reached >= terminal) return null;
        return new BlockRefusal(BlockRule.TerminalTotalDifficulty, header.Number,
            $"total difficulty is {reached}, terminal is {terminal}: this block must {(reached >= terminal ? "be" : "not be")} one of proof of stake");
    }

    /// <summary>Writes the block with all it left behind, and moves the head to it where it won.</summary>
    ImportResult Keep(ExecutedBlock executed, bool isChosen = false)
    {
        var header = executed.Header;
        var totalDifficulty = SaturatingSum(Blocks.TotalDifficultyOf(executed.Parent.Hash)!.Value, header.Difficulty);
        _batch.Clear();
        BlockStore.Put(_batch, executed.Block, executed.Receipts, totalDifficulty);
        if (executed.Edits is { Diff.IsEmpty: false } edits) BlockStore.PutEdits(_batch, header.Hash, edits.Diff);
        _world.Keep(executed.State, IdOf(header));

        // A branch too long to be held at once is kept on disk, and stays a branch.
        var wins = (isChosen || Wins(header, totalDifficulty)) && _world.Knows(IdOf(header));
        if (wins) MoveHead(header, totalDifficulty, isChosen ? header : _head.Safe, isChosen ? header : _head.Finalised, executed);
        else Written(executed);
        return new ImportResult(ImportOutcome.Accepted, header.Hash, HeadMoved: wins);
    }

    bool Wins(Header header, in UInt256 totalDifficulty)
    {
        if (Forks.RulesOf(header).Has(Eip.ProofOfStake) || !_consensus.ChoosesByTotalDifficulty) return _followsImports;
        // Proof of work never takes the head back from proof of stake. Of equals the first seen stays.
        return totalDifficulty > _head.TotalDifficulty && (_head.Number == 0 || !Forks.RulesOf(_head.Head).Has(Eip.ProofOfStake));
    }

    // Only what is in the store is remembered: after a failed write the block must be as unknown as it is.
    void Written(ExecutedBlock executed)
    {
        _store.Commit(_batch, SyncsToDisk);
        Blocks.Remember(executed.Block, executed.Receipts);
    }

    /// <summary>Commits the batch with the chain to the new head, and only then lets readers see it.</summary>
    /// <param name="fresh">The new head itself, where it is being kept by this same batch.</param>
    void MoveHead(Header header, in UInt256 totalDifficulty, Header safe, Header finalised, ExecutedBlock? fresh = null)
    {
        var (reverted, committed) = PathTo(header, fresh?.Block);
        foreach (var block in reverted) BlockStore.DeleteCanonical(_batch, block);
        foreach (var block in committed) BlockStore.PutCanonical(_batch, block);
        BlockStore.PutMark(_batch, ChainMark.Head, header.Hash);
        BlockStore.PutMark(_batch, ChainMark.Safe, safe.Hash);
        BlockStore.PutMark(_batch, ChainMark.Finalised, finalised.Hash);
        if (!_world.Choose(IdOf(header), _batch, SyncsToDisk)) throw new InvalidOperationException($"the state of block {header.Number} ({header.Hash}) was kept and is gone");
        if (fresh is not null) Blocks.Remember(fresh.Block, fresh.Receipts);

        _edits = null;
        _head = new ChainHead(header, safe, finalised, totalDifficulty);
        if (reverted.Count + committed.Count > 0) Feed.Publish(new ChainMove(reverted, committed, _head));
    }

    /// <summary>
    /// Makes sure that the state of a kept block can be built on. The states of blocks beside the chain to the head live in memory, and not all of them:
    /// those missing are executed again from the nearest ancestor whose state is there.
    /// </summary>
    bool TryRestore(Header header)
    {
        var missing = new Stack<Header>();
        for (var at = header; !_world.Knows(IdOf(at)); at = Blocks.HeaderOf(at.ParentHash)!)
        {
            missing.Push(at);
            if (missing.Count > MaxRestored || !Blocks.Contains(at.ParentHash)) return false;
        }
        while (missing.TryPop(out var next))
        {
            var parent = Blocks.HeaderOf(next.ParentHash)!;
            if (Blocks.BlockOf(next.Hash) is not { } block || _world.Begin(IdOf(parent)) is not { } state) return false;
            if (!_verification.TryVerify(DecodedBlock.Of(block), parent, out var verified, out var refusal)
                || !_replay.TryExecute(verified, state, new Ancestry(Blocks, parent).HashOf, out var executed, out refusal))
                throw new InvalidDataException($"a block that was accepted is refused when executed again: {refusal}");
            _world.Keep(executed.State, IdOf(next));
        }
        return true;
    }

    /// <summary>Makes the last block taken in the head, in one write.</summary>
    internal void Adopt(Header header)
    {
        var block = Blocks.BlockOf(header.Hash)!;
        var isFinal = !_consensus.ChoosesByTotalDifficulty;
        _batch.Clear();
        BlockStore.PutMark(_batch, ChainMark.Head, header.Hash);
        BlockStore.PutMark(_batch, ChainMark.Safe, isFinal ? header.Hash : _head.Safe.Hash);
        BlockStore.PutMark(_batch, ChainMark.Finalised, isFinal ? header.Hash : _head.Finalised.Hash);
        BlockStore.DeleteMark(_batch, ChainMark.Intake);
        _world.FinishIntake(new StateHead(IdOf(header), header.StateRoot), _batch);

        Intake = null;
        _head = new ChainHead(header, isFinal ? header : _head.Safe, isFinal ? header : _head.Finalised, Blocks.TotalDifficultyOf(header.Hash)!.Value);
        Feed.Publish(new ChainMove([], [block], _head));
    }

    static BlockId IdOf(Header header) => new(header.Number, header.Hash);

    /// <summary>The blocks to leave, newest first, and to join, oldest first, on the way from the head to another block.</summary>
    (List<Block> Reverted, List<Block> Committed) PathTo(Header target, Block? fresh)
    {
        List<Block> reverted = [], committed = [];
        var at = target;
        if (fresh is not null)
        {
            committed.Add(fresh);
            at = Blocks.HeaderOf(target.ParentHash)!;
        }
        for (; !Blocks.IsCanonical(at); at = Blocks.HeaderOf(at.ParentHash)!) committed.Add(Blocks.BlockOf(at.Hash)!);
        for (var from = _head.Head; from.Hash != at.Hash; from = Blocks.HeaderOf(from.ParentHash)!) reverted.Add(Blocks.BlockOf(from.Hash)!);
        committed.Reverse();
        return (reverted, committed);
    }

    Refusal? AncestorMark(Hash256? hash, Header head, Header current, out Header header)
    {
        header = current;
        if (hash is not { } wanted || wanted.IsZero) return null;
        if (Blocks.HeaderOf(wanted) is not { } found) return new Refusal("unknown block", $"block {wanted} is not kept here", "import it first");
        header = found;
        return IsAncestor(found, head) ? null
            : new Refusal("invalid forkchoice state", $"block {wanted} is not an ancestor of the head {head.Hash}");
    }

    bool IsAncestor(Header ancestor, Header of)
    {
        var at = of;
        while (at.Number > ancestor.Number)
        {
            // On the chain to the present head the table of heights answers at once.
            if (Blocks.IsCanonical(at)) return Blocks.CanonicalHash(ancestor.Number) == ancestor.Hash;
            if (Blocks.HeaderOf(at.ParentHash) is not { } parent) return false;
            at = parent;
        }
        return at.Hash == ancestor.Hash;
    }

    // A development chain that was set back may seal the very block it sealed before.
    ImportResult ChosenAgain(Header header) => Choose(header.Hash, header.Hash, header.Hash) is { } unchosen
        ? new ImportResult(ImportOutcome.UnknownParent, header.Hash, new BlockRefusal(BlockRule.Parent, header.Number, unchosen.ToString()))
        : Known(header) with { HeadMoved = true };

    static ImportResult Known(Header header) => new(ImportOutcome.AlreadyKnown, header.Hash);

    static ImportResult Unknown(Header header, string why) =>
        new(ImportOutcome.UnknownParent, header.Hash, new BlockRefusal(BlockRule.Parent, header.Number, why));

    ImportResult Refused(Block block, BlockRefusal refusal)
    {
        _refused = [new RefusedBlock(block, refusal), .. _refused.Take(MostRefused - 1)];
        return new ImportResult(ImportOutcome.Refused, block.Hash, refusal);
    }

    static UInt256 SaturatingSum(in UInt256 left, in UInt256 right) => UInt256.TryAdd(left, right, out var sum) ? sum : UInt256.MaxValue;
}
