using Hufu.Consensus;
using Hufu.Primitives;

namespace Hufu.Simulation;

/// <summary>One validator's host: its clock, its disk, its chain, and the driver's part of carrying out what the protocol wants.</summary>
sealed class SimulatedValidator : IDisposable
{
    readonly SimulatedNetwork _network;
    readonly int _index;
    readonly SimulatedDisk _disk = new();
    readonly Dictionary<Hash256, Header> _headers = [];
    readonly QbftRules _rules;
    readonly Dictionary<ulong, long> _lastAsked = [];
    readonly Dictionary<Type, int> _timers = [];
    SigningRecord _record = SigningRecord.Empty;
    int _life;
    int _starts;
    long _startedAt;
    int _deathAfterEffects = -1;
    QbftState _state;
    SimulatedLedger? _ledger;

    public SimulatedValidator(SimulatedNetwork network, int index)
    {
        (_network, _index) = (network, index);
        _rules = new QbftRules(network.Config);
        _rules.Join(new QbftValidators(network.Config, hash => _headers.GetValueOrDefault(hash), (_, _) => null) { QuorumOffset = network.Broken == Mutation.QuorumOffByOne ? 1 : 0 });
        _disk.Chain.Add(network.Genesis);
        _ledger = network.NewLedger();
        _state = Fresh();
    }

    public Lie Lie { get; set; }

    /// <summary>How far this clock is from the true one, in milliseconds.</summary>
    public long ClockOffset { get; set; }
    public bool IsUp { get; private set; }
    public QbftKey Key => _network.Keys[_index];
    public QbftState State => _state;
    public QbftBlock Head => _disk.Chain[^1];

    /// <summary>How often jobs ran on its chain.</summary>
    public ulong Runs => _ledger?.Runs ?? 0;

    /// <summary>What to vote for when proposing.</summary>
    public QbftVote? Vote { get; set; }
    public ValidatorSet NextValidators => _rules.Validators.After(Head.Header);

    // A network in the middle of a rolling upgrade, for ever: every start is with the other generation of messages, and neighbours differ.
    QbftDialect Dialect => (_network.Seed + (ulong)(_index + _starts)) % 2 == 0 ? QbftDialect.Legacy : QbftDialect.WithAccessList;

    /// <summary>Whether it understands what goes beside the messages of QBFT: in most networks all do, in some those of the newer generation, in some none.</summary>
    public bool Exchanges => (_network.Seed % 5) switch { 3 => Dialect == QbftDialect.WithAccessList, 4 => false, _ => true };

    long Clock => Math.Max(0, _network.Now + ClockOffset);

    public string Describe() => $"  {_index} {(IsUp ? "up" : "down")} {Lie} head {Head.Height} height {_state.Height} round {_state.Round} begun {_state.HasBegun} proposal {_state.Proposal is not null} accepted {_state.IsAccepted} committed {_state.HasCommitted} company {_state.HasCompany} prepared {_state.Prepared?.Round} clock {ClockOffset} validator {_state.IsValidator} of {_state.At?.Validators.Count} cautious {_state.IsCautious} block time {_state.Proposal?.Block.Header.Timestamp} head time {Head.Header.Timestamp}";

    public void Start()
    {
        IsUp = true;
        _startedAt = _network.Now;
        _starts++;
        _life++;
        _deathAfterEffects = -1;
        var forgets = Lie == Lie.Forgets || _network.Broken is Mutation.DoubleSignAllowed or Mutation.RecordNotRead;
        _record = forgets ? SigningRecord.Empty
            : _disk.Read() ?? (_network.Broken == Mutation.FirstHeightForgotten ? SigningRecord.Blank with { ForgottenFrom = 2 } : SigningRecord.Blank);
        _state = Fresh();
        _headers.Clear();
        foreach (var block in _disk.Chain) _headers[block.Hash] = block.Header;
        AnnounceHead();
    }

    /// <summary>Stops at once, or in the middle of what it does next.</summary>
    public void Crash(int afterEffects = 0)
    {
        if (afterEffects > 0) _deathAfterEffects = afterEffects;
        else Die();
    }

    /// <summary>Takes back a crash that has not happened yet.</summary>
    public void Spare() => _deathAfterEffects = -1;

    public void WipeDisk()
    {
        Die();
        _disk.Wipe();
        _ledger?.Dispose();
        _ledger = _network.NewLedger();
        _network.NoteWipe(Key.Address);
    }

    public void Hear(int from, byte code, ReadOnlyMemory<byte> bytes)
    {
        if (IsUp && QbftMessage.TryDecode(code, bytes, out var message, out _)) Hear(from, message);
    }

    public void Hear(int from, QbftMessage message)
    {
        if (IsUp) Happen(new Received(_network.Keys[from].Address, message));
    }

    public void HearBlocks(int from, IReadOnlyList<QbftBlock> blocks)
    {
        if (!IsUp) return;
        var before = Head.Height;
        foreach (var block in blocks)
        {
            if (block.Height <= Head.Height) continue;
            if (block.Height > Head.Height + 1) { Ask(from, block.Height); break; }
            if (!Import(block)) break;
        }
        if (Head.Height > before) AnnounceHead();
    }

    public void GiveBlocks(int to, ulong above)
    {
        if (!IsUp || Lie == Lie.Silent) return;
        var blocks = _disk.Chain.Skip((int)above + 1).Take(30).ToList();
        if (blocks.Count > 0) _network.SendBlocks(_index, to, blocks);
    }

    public void Happen(QbftEvent happened)
    {
        if (!IsUp) return;
        var (state, effects) = QbftProtocol.Step(_state, happened);
        _state = state;
        if (state.Future.Bytes > state.Limits.FutureBytes || state.Future.Count > state.Limits.FutureMessages * 2) throw _network.Break($"validator {_index} keeps {state.Future.Count} future messages");
        foreach (var effect in effects)
        {
            if (_deathAfterEffects == 0)
            {
                if (effect is Say say && Lie == Lie.None && _record.TryNote(say.Draft, out var torn)) _disk.Write(torn, (WriteFate)_network.Random.Next(3));
                Die();
                return;
            }
            if (_deathAfterEffects > 0) _deathAfterEffects--;
            CarryOut(effect);
            if (!IsUp) return;
        }
    }

    void Die()
    {
        IsUp = false;
        _life++;
        _network.NoteLoss(_index);
    }

    QbftState Fresh() => new(Key.Address, new QbftLimits { FutureMessages = 200 }) { ChecksJustification = _network.Broken != Mutation.CertificateNotChecked, ChecksChangers = _network.Broken != Mutation.ChangerNotChecked };

    void AnnounceHead() => Happen(new NewHead(new QbftHeight(Head.Header, _rules.Validators.After(Head.Header), _network.Times), _record, Clock, TimeSpan.FromMilliseconds(_network.Now - _startedAt)));

    void CarryOut(QbftEffect effect)
    {
        switch (effect)
        {
            case Say say: SayIt(say.Draft); break;
            case SendAgain again when Lie is Lie.None or Lie.Forgets || (Lie != Lie.Silent && again.Message.Author == Key.Address):
                _network.Broadcast(_index, again.Message, to => again.To.Contains(_network.Keys[to].Address) && !(again.IsUnasked && Exchanges && _network.Validators[to].Exchanges));
                break;
            case Tell tell when Lie != Lie.Silent: TellIt(tell); break;
            case StartBlockTimer timer: Set(timer, timer.After, () => new BlockTimeout(timer.Height, true, Clock)); break;
            case StartRoundTimer timer: Set(timer, timer.After, () => new RoundTimeout(timer.Height, timer.Round)); break;
            case StartRepeatTimer timer: Set(timer, timer.After, () => new RepeatTimeout(timer.Height)); break;
            case Build build: Later(TimeSpan.FromMilliseconds(_network.Random.Next(30)), () => new Built(build.On.Height, build.Round, Make(build.On))); break;
            case Validate validate: Later(TimeSpan.FromMilliseconds(_network.Random.Next(30)), () => new Validated(validate.On.Height, validate.Block.Hash, IsValid(validate))); break;
            case Decide decide:
                if (Import(decide.Sealed))
                {
                    for (var i = 0; i < _network.Validators.Count; i++) if (i != _index) _network.SendBlocks(_index, i, [decide.Sealed]);
                    AnnounceHead();
                }
                else if (Lie == Lie.None) throw _network.Break($"validator {_index} decided a block that its own rules refuse");
                break;
            case CatchUp catchUp: Ask(IndexOf(catchUp.From), catchUp.Height); break;
            case Help help: GiveBlocks(IndexOf(help.From), help.Height - 1); break;
        }
    }

    public void HearTold(int from, ReadOnlyMemory<byte> bytes)
    {
        if (IsUp && QbftExchange.TryRead(bytes.Span) is { } told) Happen(new Told(_network.Keys[from].Address, told));
    }

    void TellIt(Tell tell)
    {
        if (!Exchanges) return;
        var holdings = Lie == Lie.None ? tell.Holdings : Liar.Holdings(_network, Lie, tell.Holdings);
        // Only what is not joined is known to be so; who has lost messages to the weather does not know it.
        IReadOnlyList<bool> unjoined = tell.Asks ? [.. _state.At!.Validators.Addresses.Select(validator => _network.Weather.Links?.Invoke(IndexOf(validator), _index) == false)] : new bool[holdings.RoundChanges.Count];
        var bytes = new QbftExchange(holdings, tell.Asks, unjoined).Encode();
        foreach (var validator in tell.To)
            if (IndexOf(validator) is var to && _network.Validators[to].Exchanges) _network.SendBeside(_index, to, bytes);
    }

    void SayIt(QbftDraft draft)
    {
        if (Lie is Lie.None or Lie.Forgets)
        {
            if (_network.Broken != Mutation.DoubleSignAllowed)
            {
                if (!_record.TryNote(draft, out var noted)) return;
                _record = noted;
                if (Lie == Lie.None) _disk.Write(noted, WriteFate.Whole);
            }
            if (Lie == Lie.None) _network.NoteSignature(Key.Address, draft);
        }
        var message = draft.Sign(Key, Dialect);
        if (Lie == Lie.None || Lie == Lie.Forgets || !Liar.Say(_network, _index, Lie, _state, draft, message)) _network.Broadcast(_index, message);
        Later(TimeSpan.Zero, () => new Received(Key.Address, message));
    }

    public QbftBlock Make(QbftHeight on, byte vanity = 0)
    {
        var due = (ulong)(_network.Times.BlockDue(on.Parent) / 1000);
        var extraData = new QbftExtraData { Vanity = VanityOf(vanity), Validators = on.Validators.Addresses, Vote = Vote is { } vote && on.Validators.Contains(vote.Recipient) != vote.Adds ? vote : null };
        var header = new Header
        {
            ParentHash = on.Parent.Hash,
            Number = on.Height,
            Beneficiary = Key.Address,
            Difficulty = UInt256.One,
            GasLimit = on.Parent.GasLimit,
            Timestamp = Math.Max(due, (ulong)(Clock / 1000)),
            ExtraData = extraData.Encode(),
            PrevRandao = QbftExtraData.MixHash,
        };
        // A liar leaves out what is due, now and then.
        var made = _ledger?.Build(on.Parent, header.Timestamp, Key.Address, extraData.Encode(), isLawful: Lie == Lie.None || _network.Random.Next(2) == 0) ?? new Block(header, [], [], null);
        QbftBlock.TryMake(made, out var block);
        return block!;
    }

    public void Dispose() => _ledger?.Dispose();

    static byte[] VanityOf(byte mark)
    {
        var vanity = new byte[32];
        vanity[0] = mark;
        return vanity;
    }

    bool IsValid(Validate asked) =>
        (asked.IsPrepared || !asked.On.Times.IsInFuture(asked.Block.Header, asked.On.Parent, Clock)) && _rules.Unsealed.Check(asked.Block.Header, asked.On.Parent, null!) is null
        && _ledger?.IsValid(asked.Block.Block) != false;

    bool Import(QbftBlock block)
    {
        if (block.Header.ParentHash != Head.Hash || _rules.Check(block.Header, Head.Header, null!) is not null) return false;
        if (_ledger?.Import(block.Block) is { } refused) return Lie == Lie.None ? throw _network.Break($"validator {_index} refuses a sealed block: {refused}") : false;
        if (Lie == Lie.None) _network.NoteImport(_index, block);
        _disk.Chain.Add(block);
        _headers[block.Hash] = block.Header;
        return true;
    }

    void Ask(int peer, ulong height)
    {
        // One question about a height in half a second is enough.
        if (peer == _index || (_lastAsked.TryGetValue(height, out var last) && _network.Now - last < 500)) return;
        _lastAsked[height] = _network.Now;
        _network.AskForBlocks(_index, peer, Head.Height);
    }

    /// <summary>Sets one of the three timers: it takes the place of the one that ran, as in the driver.</summary>
    void Set(QbftEffect timer, TimeSpan after, Func<QbftEvent> happens)
    {
        var kind = timer.GetType();
        var mine = _timers[kind] = _timers.GetValueOrDefault(kind) + 1;
        var life = _life;
        _network.After((long)Math.Min(after.TotalMilliseconds, 1e12), () =>
        {
            if (IsUp && _life == life && _timers[kind] == mine) Happen(happens());
        });
    }

    void Later(TimeSpan after, Func<QbftEvent> happens)
    {
        var life = _life;
        _network.After((long)Math.Min(after.TotalMilliseconds, 1e12), () =>
        {
            if (IsUp && _life == life) Happen(happens());
        });
    }

    int IndexOf(in Address address)
    {
        for (var i = 0; i < _network.Keys.Count; i++) if (_network.Keys[i].Address == address) return i;
        return _index;
    }
}
