namespace Hufu.Primitives;

/// <summary>
/// When each fork of one network begins: by block number until Paris, by terminal total difficulty at Paris, by timestamp after it.
/// Immutable; the rules of a block are looked up, never computed.
/// </summary>
public sealed class ForkSchedule
{
    /// <summary>Mainnet's deposit contract (EIP-6110).</summary>
    public static readonly Address MainnetDepositContract = Address.Parse("0x00000000219ab540356cbb839cbe05303d7705fa");

    readonly (ulong Block, ForkRules Rules)[] _byBlock;
    readonly (ulong Time, ForkRules Rules)[] _byTime;
    readonly ForkRules _paris = ForkRules.Of(Fork.Paris);

    /// <param name="byBlock">Forks up to Gray Glacier with the block each begins at, in the order of <see cref="Fork"/>. Frontier begins at 0 unasked. Of forks that begin together the last counts.</param>
    /// <param name="byTime">Forks from Shanghai on with the timestamp each begins at, in order.</param>
    /// <param name="blobs">Blob schedules with the timestamp each begins at (EIP-7840, EIP-7892), in order; where none has begun a fork's own counts.</param>
    public ForkSchedule(IEnumerable<(Fork Fork, ulong Block)> byBlock, IEnumerable<(Fork Fork, ulong Time)> byTime,
        IEnumerable<(ulong Time, BlobParameters Blob)>? blobs = null)
    {
        var blocks = new List<(ulong, ForkRules)> { (0, ForkRules.Of(Fork.Frontier)) };
        foreach (var (fork, block) in byBlock)
        {
            if (fork > Fork.GrayGlacier) throw new ArgumentException($"{fork} begins at a timestamp, not at a block", nameof(byBlock));
            Add(blocks, block, ForkRules.Of(fork));
        }
        _byBlock = [.. blocks];

        var forkTimes = byTime.ToList();
        var blobTimes = blobs?.ToList() ?? [];
        var times = new List<(ulong, ForkRules)>();
        foreach (var time in forkTimes.Select(entry => entry.Time).Concat(blobTimes.Select(entry => entry.Time)).Distinct().Order())
        {
            var begun = forkTimes.Where(entry => entry.Time <= time).ToList();
            if (begun.Count == 0) continue;
            var fork = begun[^1].Fork;
            if (fork <= Fork.Paris) throw new ArgumentException($"{fork} does not begin at a timestamp", nameof(byTime));
            var rules = ForkRules.Of(fork);
            var blobsBegun = blobTimes.Where(entry => entry.Time <= time).ToList();
            times.Add((time, blobsBegun.Count == 0 ? rules : rules.WithBlob(blobsBegun[^1].Blob)));
        }
        _byTime = [.. times];
    }

    public ulong ChainId { get; init; } = 1;

    /// <summary>The total difficulty from which a block's children are proof of stake (EIP-3675). Null: the network never leaves its own consensus for proof of stake.</summary>
    public UInt256? TerminalTotalDifficulty { get; init; }

    /// <summary>The block of the DAO's irregular state change; null where there was none.</summary>
    public ulong? DaoForkBlock { get; init; }

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

    static void Add(List<(ulong At, ForkRules Rules)> entries, ulong at, ForkRules rules)
    {
        while (entries.Count > 0 && entries[^1].At >= at) entries.RemoveAt(entries.Count - 1);
        entries.Add((at, rules));
    }
}
