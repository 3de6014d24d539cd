using Hufu.Consensus;
using Hufu.Network;
using Hufu.Rpc;
using Hufu.State;

namespace Hufu.Node;

/// <summary>Watches over a node: what it counts, whether it is well, and what it tells its peers of itself.</summary>
sealed class NodeWatch(Ledger ledger, DataFolder? folder, bool isValidator)
{
    // With less than this the next blocks may not find room.
    const long LittleDisk = 256L << 20;

    // A chain that has stood still for so many of its periods is not merely slow.
    const int PeriodsOfPatience = 5;

    readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    PeerNetwork? _network;
    QbftDriver? _driver;
    volatile string _failure = "";

    public NodeMetrics Metrics { get; } = new(ledger, Web3Methods.Version, () => (ulong)FreeDisk(folder));

    public void Join(PeerNetwork network)
    {
        _network = network;
        Metrics.Add(network.Peers);
    }

    public void Join(QbftDriver driver)
    {
        _driver = driver;
        Metrics.Add(driver);
    }

    public Task RunAsync(CancellationToken stop) => Metrics.RunAsync(ledger.Chain, stop);

    /// <summary>A part of the node has failed: its peers hear of it before it goes.</summary>
    public void Failed(Exception fault)
    {
        _failure = fault is StoreFailure failure ? failure.Refusal.What : "a fault of the program: " + fault.GetType().Name;
        _network?.Reports.Tell();
    }

    /// <summary>What peers are told.</summary>
    public NodeReport Report()
    {
        var (head, free, state) = (ledger.Chain.Head, FreeDisk(folder), _driver?.State);
        var trouble = _failure.Length > 0 ? _failure : free < LittleDisk ? $"its disk is full: {free >> 20} MiB are left" : "";
        return new NodeReport(Web3Methods.Version, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), head.Number, head.Hash, state?.Height ?? 0, state?.Round ?? 0, (ulong)free, trouble);
    }

    public NodeHealth Health()
    {
        if (_failure.Length > 0) return new NodeHealth(false, false, _failure);
        var health = _driver is not null ? OfValidator(_driver) : isValidator ? new NodeHealth(true, false, "the node is starting") : OfOther();
        if (ledger.Sync.Progress is { } progress) return health with { IsReady = false, Why = $"fetching blocks: at {progress.CurrentBlock} of {progress.HighestBlock}" };
        return health;
    }

    NodeHealth OfValidator(QbftDriver driver)
    {
        var report = StallReport.Of(driver, DateTimeOffset.UtcNow);
        if (!report.IsStalled) return NodeHealth.Well;
        var cause = _network is { } network ? ConsensusDiagnosis.Of(ledger, driver, network.Peers, network.Reports, DateTimeOffset.UtcNow).Cause : report.Cause;
        return new NodeHealth(false, false, $"no block for {(long)report.SinceBlock.TotalSeconds} s at height {report.Height}, round {report.Round}: {cause}");
    }

    NodeHealth OfOther()
    {
        if (ledger.Chain.Consensus is not QbftRules rules) return NodeHealth.Well;
        // A follower of validators knows how often they make blocks.
        var head = ledger.Chain.Head.Head;
        var times = rules.Config.At(head.Number + 1, head.Timestamp + 1).Times;
        var period = times.EmptyBlockPeriod > times.BlockPeriod ? times.EmptyBlockPeriod : times.BlockPeriod;
        var (now, since) = (DateTimeOffset.UtcNow, DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(head.Timestamp, int.MaxValue * 2UL)));
        var patience = PeriodsOfPatience * period + 2 * times.RequestTimeout;
        if (since <= patience || now - _started < patience) return NodeHealth.Well;
        return new NodeHealth(false, false, _network?.Peers.Peers.Count is null or 0 ? "no peer is connected" : $"no block for {(long)since.TotalSeconds} s");
    }

    static long FreeDisk(DataFolder? folder)
    {
        if (folder is null) return long.MaxValue;
        try
        {
            return new DriveInfo(folder.Path).AvailableFreeSpace;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue;
        }
    }
}
