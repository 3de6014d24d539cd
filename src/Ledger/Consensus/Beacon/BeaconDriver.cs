using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>
/// Lets a consensus client lead the chain: what it calls a new payload is imported and never chosen, what it calls the head is chosen, and a block is
/// built on it where it asks for one (execution-apis, Engine API). Calls take effect in the order in which they come.
/// </summary>
/// <param name="transactions">What waits for a block with this parent and these attributes, best first.</param>
/// <param name="sidecarOf">The blobs of a waiting transaction.</param>
/// <param name="reportFault">Hears of faults that have no caller to be told.</param>
public sealed class BeaconDriver(
    ChainWriter writer, Blockchain chain, Func<Header, BlockAttributes, ITransactionSource> transactions, Func<Hash256, BlobSidecar?> sidecarOf,
    TimeProvider clock, Action<Exception> reportFault)
{
    // engine_getPayload must be answered within a second; the first build is worth waiting for.
    static readonly TimeSpan BuildPatience = TimeSpan.FromMilliseconds(600);

    readonly PayloadBuilds _builds = new(chain, transactions, sidecarOf, clock, reportFault);

    // These belong to the writer's loop.
    readonly RefusedBlocks _refused = new();
    readonly WaitingBlocks _waiting = new();
    ForkchoiceState? _awaited;
    bool _isAdvancing;
    BeaconSync? _sync;

    // The head that could not be gone towards, and why.
    (Hash256 Head, string Why)? _unreachable;

    /// <summary>Whether the consensus client's head is beyond what is here.</summary>
    public bool IsSyncing => Volatile.Read(ref _sync) is not null;

    /// <summary>
    /// A block that the consensus client's head is or stands on, and that nobody has handed in: whoever can shall fetch it, with what lies before it, for
    /// <see cref="TakeMissing"/>. For the writer's loop.
    /// </summary>
    public Hash256? Missing { get; private set; }

    /// <summary>Told with every step towards a head that is not here, and with null once it is. On the writer's loop.</summary>
    public event Action<BeaconSync?>? Progressed;

    /// <summary>Tells the builds under way that there are new transactions. Cheap; never blocks.</summary>
    public void TransactionsArrived() => _builds.TransactionsArrived();

    /// <summary>Judges a payload whose hash is that of its header, and keeps it where it is valid. The head stays.</summary>
    /// <param name="accessList">The access list of the payload (EIP-7928); null where it has none, or none that can be read.</param>
    public Task<PayloadStatus> NewPayloadAsync(Block block, BlockAccessList? accessList = null) => writer.Ask(_ =>
    {
        var status = Judge(block, accessList);
        if (status.Validity == PayloadValidity.Valid) GoOnWith(block.Hash);
        return status;
    });

    /// <summary>Answers for a payload whose hash is right but whose body is none, and remembers it.</summary>
    public Task<PayloadStatus> RefuseAsync(Header header, string why) => writer.Ask(_ =>
        StandingOf(header.Hash) ?? (chain.Blocks.HeaderOf(header.ParentHash) is { } parent
            ? _refused.Add(header.Hash, PayloadStatus.Invalid(LatestValid(parent), why))
            : PayloadStatus.Invalid(null, why)));

    /// <summary>Follows the consensus client's choice, and begins to build on it where <paramref name="attributes"/> say so.</summary>
    public Task<ForkchoiceOutcome> ForkchoiceUpdatedAsync(ForkchoiceState state, BlockAttributes? attributes) => writer.Ask(_ => Apply(state, attributes));

    /// <summary>When the block of a build is to be; null where there is no such build.</summary>
    public ulong? TimestampOf(ulong payloadId) => _builds.Find(payloadId)?.Timestamp;

    /// <summary>The best block of a build so far, which ends with this; null where there is no such build.</summary>
    public async Task<BuiltPayload?> GetPayloadAsync(ulong payloadId) =>
        _builds.Find(payloadId) is { } build ? await build.TakeAsync(BuildPatience).ConfigureAwait(false) : null;

    /// <summary>Hears how high a missing block is. For the writer's loop.</summary>
    public void FoundMissing(Hash256 wanted, ulong number)
    {
        if (Missing == wanted) Tell(number);
    }

    /// <summary>Takes blocks on the way to one that was missing, the oldest first. The head goes with them: it is what the consensus client asked for. For the writer's loop.</summary>
    /// <returns>Why the way ends here; null where it goes on.</returns>
    public string? TakeMissing(Hash256 wanted, IReadOnlyList<Block> blocks)
    {
        foreach (var block in blocks)
        {
            // The client may have gone elsewhere meanwhile.
            if (Missing is null) return "the consensus client has no need of it any more";
            if (Step(block) is not { } fault) continue;
            // What stands on an invalid block is invalid, whatever else of it is unknown here.
            if (_refused.Find(block.Hash) is { } refused) _refused.Add(wanted, refused with { Why = $"its ancestor {block.Number} ({block.Hash}) is invalid: {refused.Why}" });
            else if (_awaited is { } state) _unreachable = (state.Head, fault);
            (Missing, _awaited) = (null, null);
            return fault;
        }
        Tell();
        if (chain.Blocks.Contains(wanted)) GoOn();
        return null;
    }

    /// <summary>Runs until stopped; then no build reads the chain any more.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _builds.StopAsync().ConfigureAwait(false);
    }

    PayloadStatus Judge(Block block, BlockAccessList? accessList = null)
    {
        if (StandingOf(block.Hash) is { } known) return known;
        var parent = block.Header.ParentHash;
        if (_refused.Find(parent) is { } ancestor) return _refused.Add(block.Hash, ancestor with { Why = $"the parent {parent} is invalid: {ancestor.Why}" });

        var result = chain.Import(DecodedBlock.Of(block) with { AccessList = accessList });
        switch (result.Outcome)
        {
            case ImportOutcome.UnknownParent:
                _waiting.Add(block);
                // The parent is here and its state is not: a branch too far from the head to be run before it is chosen.
                return chain.Blocks.Contains(parent) ? PayloadStatus.Accepted : PayloadStatus.Syncing;
            case ImportOutcome.Refused:
                _waiting.Remove(block.Hash);
                return _refused.Add(block.Hash, PayloadStatus.Invalid(LatestValid(chain.Blocks.HeaderOf(parent)!), result.Refusal!.ToString()));
            default:
                _waiting.Remove(block.Hash);
                return PayloadStatus.Valid(block.Hash);
        }
    }

    /// <summary>What is known of a block already; null where it has not been judged.</summary>
    PayloadStatus? StandingOf(in Hash256 block) => chain.Blocks.Contains(block) ? PayloadStatus.Valid(block) : _refused.Find(block);

    Hash256 LatestValid(Header parent) => IsProofOfStake(parent) ? parent.Hash : Hash256.Zero;

    bool IsProofOfStake(Header header) => chain.Forks.RulesOf(header).Has(Eip.ProofOfStake);

    ForkchoiceOutcome Apply(ForkchoiceState state, BlockAttributes? attributes)
    {
        if (_refused.Find(state.Head) is { } refused) return new ForkchoiceOutcome(refused);
        if (chain.Blocks.HeaderOf(state.Head) is not { } head) return Await(state);
        if (!IsTransitionBlock(head)) return new ForkchoiceOutcome(PayloadStatus.Invalid(Hash256.Zero, "a block of proof of work that does not reach the terminal total difficulty"));

        (_awaited, _unreachable, Missing) = (null, null, null);
        EndSync();
        var valid = PayloadStatus.Valid(head.Hash);
        // What is final stays; a client that starts anew may still name an older block.
        var now = chain.Head;
        if (head.Number < now.Finalised.Number && chain.Blocks.IsCanonical(head)) return new ForkchoiceOutcome(valid);
        if (Choose(head, state) is { Fault: not ForkchoiceFault.None } fault) return fault with { Status = valid };
        if (attributes is null) return new ForkchoiceOutcome(valid);
        if (attributes.Timestamp <= head.Timestamp)
            return new ForkchoiceOutcome(valid, null, ForkchoiceFault.InvalidAttributes, $"timestamp {attributes.Timestamp} is not later than the head's {head.Timestamp}");
        return new ForkchoiceOutcome(valid, _builds.Begin(head, attributes));
    }

    ForkchoiceOutcome Choose(Header head, ForkchoiceState state)
    {
        var now = chain.Head;
        foreach (var mark in (ReadOnlySpan<Hash256>)[state.Safe, state.Finalised])
            if (!mark.IsZero && !chain.IsAncestor(mark, head)) return Fault(ForkchoiceFault.InvalidState, $"block {mark} is not on the chain to the head {head.Hash}");
        if (!chain.IsAncestor(now.Finalised.Hash, head)) return Fault(ForkchoiceFault.TooDeepReorg, $"the chain to {head.Hash} does not hold the finalised block {now.Finalised.Number} ({now.Finalised.Hash})");

        // A safe block that was left behind is safe no more, and none has been named in its place.
        var finalised = state.Finalised.IsZero ? now.Finalised.Hash : state.Finalised;
        var safe = !state.Safe.IsZero ? state.Safe : chain.IsAncestor(now.Safe.Hash, head) ? now.Safe.Hash : finalised;
        return chain.Choose(head.Hash, safe, finalised) is { } refusal ? Fault(ForkchoiceFault.TooDeepReorg, refusal.ToString()) : new ForkchoiceOutcome(PayloadStatus.Syncing);

        static ForkchoiceOutcome Fault(ForkchoiceFault fault, string why) => new(PayloadStatus.Syncing, null, fault, why);
    }

    /// <summary>The last block of proof of work may be the head only where it is the one that proof of stake begins on (EIP-3675).</summary>
    bool IsTransitionBlock(Header head)
    {
        if (IsProofOfStake(head) || chain.Forks.TerminalTotalDifficulty is not { } terminal) return true;
        return chain.Blocks.TotalDifficultyOf(head.Hash) >= terminal && (head.Number == 0 || chain.Blocks.TotalDifficultyOf(head.ParentHash) < terminal);
    }

    /// <summary>A head that is not here, or whose ancestors were too many to run: it is gone towards as far as the blocks are here.</summary>
    ForkchoiceOutcome Await(ForkchoiceState state)
    {
        if (_unreachable is { } end && end.Head == state.Head) return new ForkchoiceOutcome(PayloadStatus.Syncing, null, ForkchoiceFault.TooDeepReorg, end.Why);
        var path = _waiting.PathTo(state.Head);
        if (path.Count > 0 && _refused.Find(path[0].Header.ParentHash) is { } refused)
        {
            foreach (var block in path)
            {
                _waiting.Remove(block.Hash);
                _refused.Add(block.Hash, refused);
            }
            return new ForkchoiceOutcome(refused);
        }
        _awaited = state;
        Tell(path.Count == 0 ? 0 : path[^1].Number);
        GoOn();
        return new ForkchoiceOutcome(PayloadStatus.Syncing);
    }

    void GoOn()
    {
        if (_isAdvancing) return;
        _isAdvancing = true;
        Later(_ => Advance());
    }

    /// <summary>Imports one more block on the way to the awaited head; between two of them other calls have their turn.</summary>
    void Advance()
    {
        _isAdvancing = false;
        if (_awaited is not { } state) return;
        if (chain.Blocks.Contains(state.Head))
        {
            Apply(state, null);
            return;
        }
        var path = _waiting.PathTo(state.Head);
        var before = path.Count == 0 ? state.Head : path[0].Header.ParentHash;
        if (!chain.Blocks.Contains(before))
        {
            Missing = before;
            return;
        }
        Missing = null;
        if (Step(path[0]) is { } fault)
        {
            if (_refused.Find(path[0].Hash) is null) _unreachable = (state.Head, fault);
            // The client hears of it when it names that head again.
            _awaited = null;
            return;
        }
        Tell();
        GoOn();
    }

    /// <summary>Judges the next block on the way to a head, and takes the head along where the block is above it: only so many blocks may lie beside the chain.</summary>
    /// <returns>Why the way ends here; null where it goes on.</returns>
    string? Step(Block block)
    {
        var status = Judge(block);
        if (status.Validity == PayloadValidity.Accepted && chain.Blocks.HeaderOf(block.Header.ParentHash) is { } parent)
        {
            if (ChooseOnTheWay(parent) is { } tooDeep) return tooDeep;
            status = Judge(block);
        }
        if (status.Validity != PayloadValidity.Valid) return status.Why ?? $"what block {block.Number} ({block.Hash}) stands on is not here";
        return block.Number > chain.Head.Number ? ChooseOnTheWay(block.Header) : null;
    }

    string? ChooseOnTheWay(Header head) =>
        chain.Head.Hash != head.Hash && Choose(head, new ForkchoiceState(head.Hash, default, default)) is { Fault: not ForkchoiceFault.None } fault ? fault.Why : null;

    void Tell(ulong highest = 0)
    {
        var from = _sync?.From ?? chain.Head.Number;
        _sync = new BeaconSync(from, Math.Max(Math.Max(highest, _sync?.Highest ?? 0), chain.Head.Number));
        Progressed?.Invoke(_sync);
    }

    void EndSync()
    {
        if (_sync is null) return;
        _sync = null;
        Progressed?.Invoke(null);
    }

    /// <summary>Blocks that waited for this one are judged now, one by one.</summary>
    void GoOnWith(Hash256 parent)
    {
        if (_waiting.Count == 0 || _waiting.ChildOf(parent) is not { } child) return;
        Later(_ =>
        {
            if (_waiting.Contains(child.Hash) && Judge(child).Validity == PayloadValidity.Valid) GoOnWith(child.Hash);
            if (!_waiting.Contains(child.Hash)) GoOnWith(parent);
        });
    }

    void Later(Action<Blockchain> work)
    {
        _ = writer.Ask(asked =>
        {
            work(asked);
            return true;
        }).ContinueWith(task => reportFault(task.Exception!.GetBaseException()), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
