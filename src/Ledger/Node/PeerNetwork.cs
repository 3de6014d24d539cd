using System.Net;
using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Network;
using Hufu.Primitives;
using Hufu.Rpc;
using Microsoft.Extensions.Logging;

namespace Hufu.Node;

/// <summary>The parts of a node that speak with other nodes, joined.</summary>
sealed class PeerNetwork : IDisposable
{
    // Reports come every few seconds, and blocks every second or so.
    const ulong MostBehind = 8;

    readonly BlockGossip _blocks;
    readonly TransactionGossip _transactions;

    readonly NodeDiscovery? _discovery;
    readonly DnsNodeLists? _lists;
    readonly ILogger _log;

    PeerNetwork(NodeKey key, PeerSet peers, NodeDiscovery? discovery, DnsNodeLists? lists, EthProtocol eth, ReportProtocol reports, BlockGossip blocks, TransactionGossip transactions, ChainSync? sync, SnapSync? snap, ILogger log) =>
        (Key, Peers, _discovery, _lists, Eth, Reports, _blocks, _transactions, Sync, Snap, _log) = (key, peers, discovery, lists, eth, reports, blocks, transactions, sync, snap, log);

    public NodeKey Key { get; }
    public PeerSet Peers { get; }
    public EthProtocol Eth { get; }

    /// <summary>What the nodes say of themselves.</summary>
    public ReportProtocol Reports { get; }

    /// <summary>Null where the chain is led from here, or by a consensus client.</summary>
    public ChainSync? Sync { get; }

    /// <summary>Fetches the state of the peers first; null where their chain is executed from its beginning.</summary>
    public SnapSync? Snap { get; }

    /// <param name="folder">Null: the node has another identity at every start.</param>
    /// <param name="follows">Whether the chain of the peers is followed.</param>
    /// <param name="report">What this node says of itself.</param>
    /// <param name="further">Sub-protocols beside `eth`.</param>
    public static PeerNetwork? TryOpen(NetworkOptions options, DataFolder? folder, Blockchain chain, TransactionPool pool, ChainWriter writer, bool follows,
        Func<NodeReport> report, IReadOnlyList<ISubProtocol> further, ILoggerFactory logs, out Refusal? refusal)
    {
        var log = logs.CreateLogger("p2p");
        NodeKey? key;
        if ((options.NodeKeyFile ?? folder?.NodeKey) is not { } file) (key, refusal) = (NodeKey.Random(), null);
        else if (!(options.NodeKeyFile is null && chain.Consensus is QbftRules ? DataFolder.TryReadOrMakeKey(folder!.Path, out key, out refusal) : NodeKey.TryReadOrMake(file, out key, out refusal))) return null;

        var eth = new EthProtocol(chain, pool, new EthOptions { NetworkId = options.NetworkId ?? chain.Forks.ChainId, PropagatesBlocks = chain.Consensus.LetsBlocksTravel });
        var transactions = new TransactionGossip(pool, eth);
        var blocks = new BlockGossip(chain, eth);
        var reports = new ReportProtocol(report, TimeProvider.System);
        var states = new SnapProtocol(chain);
        var sync = follows ? new ChainSync(chain, writer, eth, logs.CreateLogger("sync")) : null;
        // An intake that was begun is brought to its end, whatever is asked for now: there is no other way back to a whole state.
        var snap = follows && (options.Sync == SyncMode.Snap || chain.Intake is not null) ? new SnapSync(chain, writer, eth, states, logs.CreateLogger("snap")) : null;
        if (!PeerSet.TryOpen(key, options.Peers with { ClientId = Web3Methods.Version }, [eth, states, reports, .. further], log, out var peers, out refusal)) return null;

        NodeDiscovery? discovery = null;
        if (options.HasDiscovery && options.Peers.IsListening)
        {
            var own = new OwnRecord(key, StatedAddress(options.Peers), peers.Port, peers.Port, eth.ForkIdNow);
            discovery = NodeDiscovery.TryOpen(key, options.Peers.Host, peers.Port, own, new DiscoveryOptions { Bootnodes = options.Bootnodes, IsCompatible = eth.IsCompatible, LearnsEndpoint = options.LearnsEndpoint && options.Peers.ExternalAddress is null }, log, out refusal);
            if (discovery is null)
            {
                peers.Dispose();
                return null;
            }
            peers.Own = own;
        }
        var lists = options.DnsLists is { } dns ? new DnsNodeLists(dns, eth.IsCompatible, log) : null;
        if (discovery is not null || lists is not null) peers.Candidates = () => discovery?.NextCandidate() ?? lists?.NextCandidate();
        return new PeerNetwork(key, peers, discovery, lists, eth, reports, blocks, transactions, sync, snap, log);
    }

    // Who listens on all addresses does not know by which others reach it, until they say so.
    static IPAddress? StatedAddress(PeerSetOptions peers) => peers.ExternalAddress ?? (peers.Host.Equals(IPAddress.Any) || peers.Host.Equals(IPAddress.IPv6Any) ? null : peers.Host);

    /// <summary>Tells of nodes that are all joined to each other and have every block from its proposal: the validators.</summary>
    public void SetInnerCircle(Func<NodeId, bool> isInside)
    {
        _blocks.IsInformed = _transactions.IsOfInnerCircle = session => isInside(session.Peer.Id);
        Sync?.Forbearance = TimeSpan.FromMilliseconds(400);
    }

    /// <summary>Whether the chain may change its mind about who may be connected.</summary>
    public bool RechecksPeers { get; set; }

    /// <summary>Why a node would be of no use as a validator yet; null where it is up to date.</summary>
    public string? WhyNotReady(Address candidate)
    {
        if (Eth.Sessions.FirstOrDefault(session => session.Peer.Id.Address == candidate) is not { } session) return "it is not connected here";
        var (told, head) = (session.Head.Number ?? 0, Eth.Head);
        if (Reports.Latest.GetValueOrDefault(session.Peer.Id) is { } report) told = Math.Max(told, report.Report.Head);
        return told + MostBehind >= head ? null : $"it is at block {told} of {head}";
    }

    async Task RecheckAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2));
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                if (RechecksPeers) Peers.Recheck();
                // The chain may have passed a fork.
                Peers.Own?.SetForkId(Eth.ForkIdNow);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
    }

    async Task SyncAsync(CancellationToken stop)
    {
        if (Snap is not null) await Snap.RunAsync(stop).ConfigureAwait(false);
        if (Sync is not null) await Sync.RunAsync(stop).ConfigureAwait(false);
    }

    public Task RunAsync(CancellationToken stop)
    {
        return Task.WhenAll(Go("looking at peers anew", RecheckAsync), Go("the peers", Peers.RunAsync), Go("passing transactions on", _transactions.RunAsync), Go("passing blocks on", _blocks.RunAsync),
            Go("the reports", Reports.RunAsync), Go("the sync", SyncAsync), _discovery?.RunAsync(stop) ?? Task.CompletedTask, _lists?.RunAsync(stop) ?? Task.CompletedTask);

        Task Go(string name, Func<CancellationToken, Task> run) => Loop.RunAsync(name, run, _log, stop);
    }

    public void Dispose()
    {
        _discovery?.Dispose();
        Peers.Dispose();
    }
}
