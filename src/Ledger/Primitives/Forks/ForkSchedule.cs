namespace Hufu.Primitives;

/// <summary>
/// When each fork of one network begins: by block number until Paris, by terminal total difficulty at Paris, by timestamp after it.
/// Immutable; the rules of a block are looked up, never computed.
/// </summary>
public sealed class ForkSchedule
{
    /// <summary>Mainnet's deposit contract (EIP-6110).</summary>
    public static readonly Address MainnetDepositContract = Address.Parse("0x00000000219ab540356cbb839cbe05303d7705fa");

    readonly (Fork Fork, ulong Block)[] _blockForks;
    readonly (Fork Fork, ulong Time)[] _timeForks;
    readonly (ulong Time, BlobParameters Blob)[] _blobs;
    readonly (ulong Block, ForkRules Rules)[] _byBlock;
    readonly (ulong Time, ForkRules Rules)[] _byTime;
    readonly ForkRules _paris = ForkRules.Of(Fork.Paris);

    /// <param name="byBlock">Forks up to Gray Glacier with the block each begins at, in the order of <see cref="Fork"/>. Frontier begins at 0 unasked. Of forks that begin together the last counts.</param>
    /// <param name="byTime">Forks from Shanghai on with the timestamp each begins at, in order.</param>
    /// <param name="blobs">Blob schedules with the timestamp each begins at (EIP-7840, EIP-7892), in order; where none has begun a fork's own counts.</param>
    public ForkSchedule(IEnumerable<(Fork Fork, ulong Block)> byBlock, IEnumerable<(Fork Fork, ulong Time)> byTime,
        IEnumerable<(ulong Time, BlobParameters Blob)>? blobs = null)
    {
        _blockForks = [.. byBlock];
        _timeForks = [.. byTime];
        _blobs = [.. blobs ?? []];

        var blocks = new List<(ulong, ForkRules)> { (0, ForkRules.Of(Fork.Frontier)) };
        foreach (var (fork, block) in _blockForks)
        {
            if (fork > Fork.GrayGlacier) throw new ArgumentException($"{fork} begins at a timestamp, not at a block", nameof(byBlock));
            while (blocks.Count > 0 && blocks[^1].Item1 >= block) blocks.RemoveAt(blocks.Count - 1);
            blocks.Add((block, ForkRules.Of(fork)));
        }
        _byBlock = [.. blocks];

        var times = new List<(ulong, ForkRules)>();
        foreach (var time in _timeForks.Select(entry => entry.Time).Concat(_blobs.Select(entry => entry.Time)).Distinct().Order())
        {
            var begun = _timeForks.Where(entry => entry.Time <= time).ToList();
            if (begun.Count == 0) continue;
            var fork = begun[^1].Fork;
            if (fork <= Fork.Paris) throw new ArgumentException($"{fork} does not begin at a timestamp", nameof(byTime));
            var rules = ForkRules.Of(fork);
            var blobsBegun = _blobs.Where(entry => entry.Time <= time).ToList();
            times.Add((time, blobsBegun.Count == 0 ? rules : rules.WithBlob(blobsBegun[^1].Blob)));
        }
        _byTime = [.. times];
    }

    // The same network with other forks.
    ForkSchedule(ForkSchedule network, IEnumerable<(Fork Fork, ulong Block)> byBlock, IEnumerable<(Fork Fork, ulong Time)> byTime, IEnumerable<(ulong Time, BlobParameters Blob)> blobs)
        : this(byBlock, byTime, blobs)
    {
        (ChainId, TerminalTotalDifficulty, DaoForkBlock) = (network.ChainId, network.TerminalTotalDifficulty, network.DaoForkBlock);
        (MergeNetsplitBlock, DepositContract) = (network.MergeNetsplitBlock, network.DepositContract);
    }

    public ulong ChainId { get; init; } = 1;

    /// <summary>The total difficulty from which a block's children are proof of stake (EIP-3675). Null: the network never leaves its own consensus for proof of stake.</summary>
    public UInt256? TerminalTotalDifficulty { get; init; }

    /// <summary>The block of the DAO's irregular state change; null where there was none.</summary>
    public ulong? DaoForkBlock { get; init; }

    /// <summary>A block number that only marks the fork id of networks that went through The Merge (EIP-3675, FORK_NEXT_VALUE); it changes no rule.</summary>
    public ulong? MergeNetsplitBlock { get; init; }

    /// <summary>Whose logs are deposit requests (EIP-6110).</summary>
    public Address DepositContract { get; init; } = MainnetDepositContract;

    /// <summary>One fork from the genesis block on, with proof of stake from the first block where the fork has it.</summary>
    public static ForkSchedule Always(Fork fork, ulong chainId = 1, BlobParameters? blob = null) => new(
        fork < Fork.Paris ? [(fork, 0UL)] : [(Fork.GrayGlacier, 0UL)],
        fork > Fork.Paris ? [(fork, 0UL)] : [],
        blob is { } some ? [(0UL, some)] : [])
    {
        ChainId = chainId,
        TerminalTotalDifficulty = fork < Fork.Paris ? null : UInt256.Zero,
    };

    /// <summary>The rules of a block. Forks that begin at a timestamp wait for proof of stake where the network has a terminal total difficulty.</summary>
    public ForkRules RulesAt(ulong number, ulong timestamp, bool proofOfStake)
    {
        if (proofOfStake || TerminalTotalDifficulty is null)
        {
            for (var i = _byTime.Length - 1; i >= 0; i--)
                if (_byTime[i].Time <= timestamp) return _byTime[i].Rules;
            if (proofOfStake) return _paris;
        }
        var at = _byBlock.Length - 1;
        while (_byBlock[at].Block > number) at--;
        return _byBlock[at].Rules;
    }

    /// <summary>The rules of a block whose difficulty tells its consensus: a header of proof of stake, and no other, has difficulty zero (a genesis block may have any).</summary>
    public ForkRules RulesOf(Header header) =>
        RulesAt(header.Number, header.Timestamp, TerminalTotalDifficulty is { } terminal && (header.Difficulty.IsZero || terminal.IsZero));

    /// <summary>The rules that shape a genesis header: forks that begin at its timestamp count even before proof of stake.</summary>
    public ForkRules RulesOfGenesis(ulong number, ulong timestamp)
    {
        var byBlock = RulesAt(number, timestamp, proofOfStake: false);
        if (TerminalTotalDifficulty is null || !byBlock.Has(Eip.BaseFee)) return byBlock;
        var begun = RulesAt(number, timestamp, proofOfStake: true);
        return begun.Fork > Fork.Paris ? begun : byBlock;
    }

    /// <summary>The rules that begin at a timestamp, changes of the blob schedule among them, in order (EIP-7910 tells of the current, the next and the last).</summary>
    public IReadOnlyList<(ulong Time, ForkRules Rules)> ByTime => _byTime;

    /// <summary>The block numbers at which any fork begins, ascending, each once and zero left out: what a fork id is made of (EIP-2124).</summary>
    public IEnumerable<ulong> ForkBlocks => _blockForks.Select(entry => entry.Block).Concat(Present(DaoForkBlock)).Concat(Present(MergeNetsplitBlock))
        .Where(block => block > 0).Distinct().Order();

    /// <summary>The timestamps at which any fork or blob schedule begins, ascending, each once (EIP-6122).</summary>
    public IEnumerable<ulong> ForkTimes => _timeForks.Select(entry => entry.Time).Concat(_blobs.Select(entry => entry.Time)).Distinct().Order();

    /// <summary>This network with one more fork: <c>ForkSchedule.Always(Fork.Berlin).With(Fork.London, 5)</c> is Berlin, and London from block 5 on.</summary>
    /// <param name="at">A block number up to Gray Glacier, a timestamp from Shanghai on.</param>
    public ForkSchedule With(Fork fork, ulong at) => fork <= Fork.GrayGlacier
        ? new ForkSchedule(this, [.. _blockForks, (fork, at)], _timeForks, _blobs)
        : new ForkSchedule(this, _blockForks, [.. _timeForks, (fork, at)], _blobs);

    /// <summary>This network with one more change of the blob schedule.</summary>
    public ForkSchedule With(BlobParameters blob, ulong atTime) => new(this, _blockForks, _timeForks, [.. _blobs, (atTime, blob)]);

    static IEnumerable<ulong> Present(ulong? block) => block is { } some ? [some] : [];
}
