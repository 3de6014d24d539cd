using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Hufu.Chain;
using Hufu.Primitives;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hufu.Consensus;

/// <summary>How a validator speaks with the others: joined by hand to the sub-protocol <c>istanbul/100</c>, or to channels in tests.</summary>
public sealed record QbftTransport
{
    /// <summary>Sends to one validator; false where it is not connected. Never waits.</summary>
    public required Func<Address, byte, ReadOnlyMemory<byte>, bool> Send { get; init; }

    /// <summary>Whether a validator is connected.</summary>
    public required Func<Address, bool> IsConnected { get; init; }

    /// <summary>Whether a validator is connected and understands <see cref="QbftExchange"/>.</summary>
    public Func<Address, bool> Exchanges { get; init; } = static _ => false;

    /// <summary>Sends what is no message of QBFT to one that understands it. Never waits.</summary>
    public Action<Address, byte, ReadOnlyMemory<byte>> SendBeside { get; init; } = static (_, _, _) => { };

    /// <summary>A peer is ahead: fetch its blocks, import and choose them.</summary>
    public required Action<Address, ulong> CatchUp { get; init; }

    /// <summary>A peer is behind: let it know how far the chain is.</summary>
    public required Action<Address, ulong> Help { get; init; }
}

/// <summary>
/// A validator at work: owns the clock, the key, the record of what was signed and the way to the others, and carries out what <see cref="QbftProtocol"/> wants by building,
/// importing and choosing blocks. A node whose key is no validator's follows the chain the same way and is silent.
/// </summary>
/// <param name="kept">Where the record of what was signed is kept; null for networks in memory.</param>
/// <param name="transactions">What waits for a block with this parent, best first.</param>
/// <param name="hasTransactions">Whether anything waits at all: an empty block may be put off.</param>
public sealed class QbftDriver(Blockchain chain, ChainWriter writer, SigningRecordFile? kept, QbftRules rules, QbftKey key, QbftTransport transport,
    Func<Header, BlockAttributes, ITransactionSource> transactions, Func<bool> hasTransactions, QbftDriverOptions options, TimeProvider clock)
{
    readonly QbftInbox _inbox = new();
    readonly Channel<QbftEvent> _own = Channel.CreateUnbounded<QbftEvent>(new UnboundedChannelOptions { SingleReader = true });
    readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    readonly Dictionary<Hash256, ExecutedBlock> _executed = [];
    readonly BlockAllowance _allowance = new();
    readonly CompactMessages _compact = new(options.Knowledge, options.Dialect);
    readonly Dictionary<Type, ITimer> _timers = [];
    SigningRecord _record = SigningRecord.Empty;
    volatile QbftState _state = new(key.Address, rules.Config.Limits);
    readonly long _started = clock.GetTimestamp();
    bool _waitsForTransactions;
    int _poolStirred;

    public Address Address => key.Address;

    /// <summary>What this validator knows now. For any thread.</summary>
    public QbftState State => _state;
    public QbftRules Rules => rules;

    /// <summary>Votes that this validator puts into the blocks it proposes, until they have passed.</summary>
    public PendingVotes Votes { get; } = new();

    /// <summary>Why a candidate is not ready to become a validator; null where it is. Votes to add it wait until then: one that is not up to date would only be missed.</summary>
    public Func<Address, string?> WhyNotReady { get; set; } = _ => null;

    /// <summary>When the head last moved here.</summary>
    public DateTimeOffset LastBlock { get; private set; } = clock.GetUtcNow();

    /// <summary>Told of each block decided here: in which round, and how long after it was due.</summary>
    public event Action<uint, TimeSpan>? Decided;

    public bool IsConnected(Address validator) => validator == key.Address || transport.IsConnected(validator);

    /// <summary>A message came from a peer. Cheap; never blocks: where too many wait, it is dropped, and its sender says it again.</summary>
    /// <returns>What is wrong with it; null where it can be read.</returns>
    public Refusal? MessageArrived(Address from, byte code, ReadOnlyMemory<byte> bytes)
    {
        if (!QbftMessage.TryDecode(code, bytes, out var message, out var refusal)) return refusal;
        if (!IsWorthHearing(message)) return null;
        if (_inbox.TryAdd(new Received(from, message))) _wake.Writer.TryWrite(true);
        return null;
    }

    /// <summary>A peer that understands it sent what goes beside the messages of QBFT. Cheap; never blocks.</summary>
    /// <returns>What is wrong with it; null where it can be read.</returns>
    public Refusal? BesideArrived(Address from, byte code, ReadOnlyMemory<byte> bytes)
    {
        var state = _state;
        if (state.At is not { } at || !at.Validators.Contains(from)) return null;
        Heard? heard = null;
        switch ((BesideCode)code)
        {
            case BesideCode.Exchange:
                if (QbftExchange.TryRead(bytes.Span) is not { } exchange) return new Refusal("what a validator has cannot be decoded");
                heard = new Told(from, exchange);
                break;
            case BesideCode.CompactProposal or BesideCode.CompactRoundChange:
                if (_compact.Read(from, (BesideCode)code, bytes, at, state.Round, out var question, out var refusal) is { } message && IsWorthHearing(message)) heard = new Received(from, message);
                if (question is not null) transport.SendBeside(from, (byte)BesideCode.SendWhole, question);
                if (refusal is not null) return refusal;
                break;
            case BesideCode.SendWhole:
                if (_compact.Whole(from, bytes.Span) is { } whole) transport.Send(from, (byte)whole.Code, whole.Encoded);
                break;
        }
        if (heard is not null && _inbox.TryAdd(heard)) _wake.Writer.TryWrite(true);
        return null;
    }

    /// <summary>Who signed is found out here, at the expense of whoever hands the message over: what no validator said goes no further, and holds nobody up.</summary>
    bool IsWorthHearing(QbftMessage message) => _state.At is not { } at
        || (message.Height < at.Height ? message is RoundChange : message.Author is { } author && at.Validators.Contains(author));

    /// <summary>The connection with a peer has ended: where it is a validator, its turns are waited for less long until it is heard of again.</summary>
    public void PeerLost(Address peer)
    {
        if (_state.At is { } at && at.Validators.Contains(peer)) TellOwn(new PeerLost(peer));
    }

    /// <summary>Tells the driver that transactions wait. Cheap; never blocks.</summary>
    public void TransactionsArrived()
    {
        if (_waitsForTransactions && Interlocked.Exchange(ref _poolStirred, 1) == 0) _wake.Writer.TryWrite(true);
    }

    public async Task RunAsync(CancellationToken stop)
    {
        // Networks in memory begin together, with nothing signed for the first height.
        _record = kept is null ? SigningRecord.Blank with { ForgottenFrom = 2 } : kept.Read() ?? SigningRecord.Blank;
        var following = FollowAsync(stop);
        // A validator that follows the chain no more must not go on as if all were well.
        _ = following.ContinueWith(fault => _wake.Writer.TryComplete(fault.Exception!.GetBaseException()), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        try
        {
            await MoveToHeadAsync(stop).ConfigureAwait(false);
            while (await _wake.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
            {
                _wake.Reader.TryRead(out _);
                while (TryNext(out var happened)) await HappenAsync(happened, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
        finally
        {
            foreach (var timer in _timers.Values) await timer.DisposeAsync().ConfigureAwait(false);
        }
        await following.ConfigureAwait(false);
    }

    bool TryNext([NotNullWhen(true)] out QbftEvent? happened)
    {
        if (_own.Reader.TryRead(out happened)) return true;
        if (Interlocked.Exchange(ref _poolStirred, 0) != 0 && _waitsForTransactions)
        {
            happened = new BlockTimeout(_state.Height, true, Now());
            return true;
        }
        var isThere = _inbox.TryTake(out var arrived);
        happened = arrived;
        return isThere;
    }

    // What comes from inside is never dropped.
    void TellOwn(QbftEvent happened)
    {
        _own.Writer.TryWrite(happened);
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Blocks that came by sync move the height on.</summary>
    async Task FollowAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var feed = chain.Feed.Subscribe();
            try
            {
                TellHead(chain.Head.Head);
                await foreach (var move in feed.Moves.ReadAllAsync(stop).ConfigureAwait(false)) TellHead(move.Head.Head);
                return;
            }
            catch (FeedOverrun)
            {
                // Only the present head counts.
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The way to stop.
            }
        }
    }

    void TellHead(Header head)
    {
        if (head.Number < _state.Height) return;
        TellOwn(HeadEvent(head));
    }

    NewHead HeadEvent(Header head)
    {
        LastBlock = clock.GetUtcNow();
        return new NewHead(new QbftHeight(head, rules.Validators.After(head), rules.Config.At(head.Number + 1, head.Timestamp + 1).Times), _record, Now(), clock.GetElapsedTime(_started));
    }

    Task MoveToHeadAsync(CancellationToken stop) => HappenAsync(HeadEvent(chain.Head.Head), stop);

    async Task HappenAsync(QbftEvent happened, CancellationToken stop)
    {
        // While a state is fetched nothing can be built or judged: whoever comes back without a disk says nothing until it knows where the others are.
        if (chain.Intake is not null)
        {
            _state = new QbftState(key.Address, rules.Config.Limits);
            return;
        }
        // The record is that of now, not of when the head moved.
        if (happened is NewHead head) happened = head with { Record = _record };
        var (state, effects) = QbftProtocol.Step(_state, happened);
        NoteLost(_state, happened, state);
        if (state.Height != _state.Height)
        {
            _executed.Clear();
            _compact.Forget();
            _waitsForTransactions = false;
        }
        if (state.IsCautious && !_state.IsCautious) options.Log.Cautious(state.Height, 2 * (long)state.At!.Times.LongestRound.TotalSeconds);
        _state = state;
        foreach (var effect in effects) await CarryOutAsync(effect, stop).ConfigureAwait(false);
        if (happened is BlockTimeout && state.HasBegun) _waitsForTransactions = false;
    }

    /// <summary>Learns from valid blocks that were not decided in their round, or were ready when it was over, that they were too much.</summary>
    void NoteLost(QbftState before, QbftEvent happened, QbftState after)
    {
        if (before.At is not { } at || after.Height != before.Height || before.IsDecided) return;
        var lost = happened switch
        {
            Built late when late.Height == before.Height && late.Round < before.Round => late.Block.InRound(late.Round),
            Validated { IsValid: true } late when _executed.TryGetValue(late.Block, out var executed) && QbftBlock.TryMake(executed.Block, out var block) && block.Round < before.Round => block,
            _ when after.Round > before.Round && before is { Proposal: { } proposal, IsAccepted: true } => proposal.Block,
            _ => null,
        };
        if (lost is not null) _allowance.RoundLost(before.Height, lost.Round, lost.Header.GasUsed, lost.Header.GasLimit, at.Proposer(lost.Round) == key.Address);
    }

    async Task CarryOutAsync(QbftEffect effect, CancellationToken stop)
    {
        switch (effect)
        {
            case Say say: Sign(say.Draft); break;
            case SendAgain again:
                SendTo(again.IsUnasked ? again.To.Where(validator => !transport.Exchanges(validator)) : again.To, again.Message);
                break;
            case Tell tell:
                var unjoined = tell.Asks ? [.. _state.At!.Validators.Addresses.Select(validator => !IsConnected(validator))] : new bool[tell.Holdings.RoundChanges.Count];
                var told = new QbftExchange(tell.Holdings, tell.Asks, unjoined).Encode();
                foreach (var validator in tell.To)
                    if (transport.Exchanges(validator)) transport.SendBeside(validator, (byte)BesideCode.Exchange, told);
                break;
            case StartBlockTimer timer:
                _waitsForTransactions = Now() >= _state.At!.Times.BlockDue(_state.At.Parent);
                Start<StartBlockTimer>(timer.After, () => new BlockTimeout(timer.Height, hasTransactions(), Now()));
                break;
            case StartRoundTimer timer:
                if (timer.Round > 0) options.Log.RoundBegins(timer.Height, timer.Round, Cause());
                Start<StartRoundTimer>(timer.After, () => new RoundTimeout(timer.Height, timer.Round));
                break;
            case StartRepeatTimer timer: Start<StartRepeatTimer>(timer.After, () => new RepeatTimeout(timer.Height)); break;
            case Build build: await BuildAsync(build, stop).ConfigureAwait(false); break;
            case Validate validate: await ValidateAsync(validate, stop).ConfigureAwait(false); break;
            case Decide decide: await DecideAsync(decide.Sealed, stop).ConfigureAwait(false); break;
            case CatchUp catchUp: transport.CatchUp(catchUp.From, catchUp.Height); break;
            case Help help: transport.Help(help.From, help.Height); break;
        }
    }

    /// <summary>Writes down, then signs, then sends: a crash between any two leaves nothing that could be contradicted.</summary>
    void Sign(QbftDraft draft)
    {
        if (!_record.TryNote(draft, out var noted))
        {
            options.Log.NotSigningTwice(draft.Code, draft.Height, draft.Round);
            return;
        }
        if (noted != _record)
        {
            kept?.Write(noted);
            _record = noted;
        }
        var message = draft.Sign(key, options.Dialect);
        SendTo(_state.At!.Validators.Addresses.Where(validator => validator != key.Address), message);
        TellOwn(new Received(key.Address, message));
    }

    void SendTo(IEnumerable<Address> validators, QbftMessage message)
    {
        (BesideCode Code, byte[] Bytes)? compact = null;
        var isTried = false;
        foreach (var validator in validators)
        {
            var exchanges = transport.Exchanges(validator);
            if (exchanges && !isTried) (compact, isTried) = (_compact.Of(message), true);
            if (exchanges && compact is var (code, form)) transport.SendBeside(validator, (byte)code, form);
            else transport.Send(validator, (byte)message.Code, message.Encoded);
        }
    }

    void Start<TTimer>(TimeSpan after, Func<QbftEvent> happens)
    {
        if (_timers.Remove(typeof(TTimer), out var old)) old.Dispose();
        _timers[typeof(TTimer)] = clock.CreateTimer(_ => TellOwn(happens()), null, after, Timeout.InfiniteTimeSpan);
    }

    async Task BuildAsync(Build build, CancellationToken stop)
    {
        var built = await writer.Ask(chain => chain.Intake is null && chain.Head.Hash == build.On.Parent.Hash ? BuildOn(chain, build.On) : null, stop).ConfigureAwait(false);
        if (built is null || !QbftBlock.TryMake(built.Block, out var block)) return;
        _executed[built.Hash] = built;
        _compact.Note(built.Block);
        TellOwn(new Built(build.On.Height, build.Round, block));
    }

    /// <summary>What a block of this validator on this parent would be asked to be if it came now.</summary>
    public BlockAttributes NextAttributes(Header parent) => Attributes(Math.Max((ulong)Now() / 1000, parent.Timestamp + 1));

    BlockAttributes Attributes(ulong timestamp) => new() { Timestamp = timestamp, Beneficiary = key.Address, PrevRandao = QbftExtraData.MixHash, GasLimitTarget = options.GasLimitTarget };

    ExecutedBlock BuildOn(Blockchain chain, QbftHeight on)
    {
        var due = on.Times.BlockDue(on.Parent) / 1000;
        var timestamp = (ulong)Math.Max(Math.Max(due, Now() / 1000), (long)on.Parent.Timestamp + 1);
        var isContract = rules.Config.At(on.Height, timestamp).Contract is not null;
        var attributes = Attributes(timestamp) with
        {
            ExtraData = new QbftExtraData
            {
                Vanity = options.Vanity,
                Validators = isContract ? [] : on.Validators.Addresses,
                Vote = isContract || on.Height % rules.Config.EpochLength == 0 ? null : Votes.Next(on.Validators, candidate => WhyNotReady(candidate) is null),
            }.Encode(),
            GasBudget = _allowance.Gas,
        };
        return chain.Build(on.Parent.Hash, attributes, transactions(on.Parent, attributes));
    }

    async Task ValidateAsync(Validate validate, CancellationToken stop)
    {
        var block = validate.Block;
        options.Recognise(block.Block);
        var refusal = !validate.IsPrepared && validate.On.Times.IsInFuture(block.Header, validate.On.Parent, Now())
            ? new BlockRefusal(BlockRule.Timestamp, block.Height, "the block is more than a second in the future of this clock")
            : await writer.Ask(chain =>
            {
                var refused = chain.Examine(block.Block, rules.Unsealed, out var executed);
                if (executed is not null) _executed[block.Hash] = executed;
                return refused;
            }, stop).ConfigureAwait(false);
        if (refusal is null) _compact.Note(block.Block);
        if (refusal is not null) options.Log.ProposalRefused(block.Height, refusal.ToString());
        TellOwn(new Validated(validate.On.Height, block.Hash, refusal is null));
    }

    async Task DecideAsync(QbftBlock block, CancellationToken stop)
    {
        var executed = _executed.GetValueOrDefault(block.Hash);
        var result = await writer.Ask(chain =>
        {
            if (executed is not null) return chain.Import(executed.Sealed(block.Header.ExtraData), isChosen: true);
            var imported = chain.Import(block.Block);
            if (imported.Refusal is null) chain.Choose(block.Hash, block.Hash, block.Hash);
            return imported;
        }, stop).ConfigureAwait(false);
        if (result.Refusal is null && _state.At is { } at) Decided?.Invoke(_state.Round, TimeSpan.FromMilliseconds(Now() - at.Times.BlockDue(at.Parent)));
        if (result.Refusal is null && block.Round == 0) _allowance.Decided(block.Header.GasUsed, block.Header.GasLimit);
        if (result.Refusal is null) options.Log.Decided(block.Height, _state.Round, block.Hash, block.Block.Transactions.Count);
        if (result.Refusal is { } refusal && chain.Intake is null) throw new InvalidOperationException($"a quorum sealed a block that is refused here: {refusal}");
        await MoveToHeadAsync(stop).ConfigureAwait(false);
    }

    string Cause() => _state.At is { } at
        ? $"connected to {at.Validators.Addresses.Count(IsConnected)} of {at.Validators.Count} validators, {at.Validators.Quorum} are needed"
        : "not begun";

    long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();
}

public sealed record QbftDriverOptions
{
    public QbftDialect Dialect { get; init; } = QbftDialect.Legacy;

    /// <summary>32 bytes that a proposer may fill as it likes.</summary>
    public ReadOnlyMemory<byte> Vanity { get; init; } = new byte[32];

    /// <summary>Where the gas limit goes; null leaves it as genesis set it.</summary>
    public ulong? GasLimitTarget { get; init; }

    /// <summary>Tells the transactions of a proposed block what is known of them already: most have waited here.</summary>
    public Action<Block> Recognise { get; init; } = static _ => { };

    /// <summary>What need not be sent to those who have it as well.</summary>
    public QbftKnowledge Knowledge { get; init; } = new();

    /// <summary>Hears what an operator may want to know.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;
}

/// <summary>The votes that an operator has asked for.</summary>
public sealed class PendingVotes
{
    readonly Lock _lock = new();
    readonly Dictionary<Address, bool> _votes = [];
    int _turn;

    public IReadOnlyDictionary<Address, bool> All
    {
        get { lock (_lock) return new Dictionary<Address, bool>(_votes); }
    }

    public void Propose(Address validator, bool adds)
    {
        lock (_lock) _votes[validator] = adds;
    }

    public void Discard(Address validator)
    {
        lock (_lock) _votes.Remove(validator);
    }

    /// <summary>One that has not come true yet, each in its turn.</summary>
    /// <param name="isReady">Whether a candidate may be added by now.</param>
    internal QbftVote? Next(ValidatorSet validators, Func<Address, bool> isReady)
    {
        lock (_lock)
        {
            var open = _votes.Where(vote => validators.Contains(vote.Key) != vote.Value && (!vote.Value || isReady(vote.Key))).OrderBy(vote => vote.Key).ToList();
            if (open.Count == 0) return null;
            var (recipient, adds) = open[_turn++ % open.Count];
            return new QbftVote(recipient, adds);
        }
    }
}
