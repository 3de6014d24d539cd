using System.Collections.Immutable;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>How `eth` is spoken on a network.</summary>
public sealed record EthOptions
{
    public required ulong NetworkId { get; init; }

    /// <summary>Whether new blocks are sent from node to node, as under proof of work and QBFT; under proof of stake it is forbidden.</summary>
    public bool PropagatesBlocks { get; init; }

    /// <summary>Newest first or not, as long as they are among those known here.</summary>
    public IReadOnlyList<int> Versions { get; init; } = [68, 69];

    public TimeSpan StatusPatience { get; init; } = TimeSpan.FromSeconds(5);
    public TimeSpan AnswerPatience { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Transactions that a peer told of: their hashes, and what it says they are.</summary>
public sealed record TransactionAnnouncement(IReadOnlyList<Hash256> Hashes, ReadOnlyMemory<byte> Types, IReadOnlyList<uint> Sizes);

/// <summary>The sub-protocol `eth` (devp2p, caps/eth.md) in the versions 68 and 69: answers from the chain and the pool, and hands what peers tell to whoever listens.</summary>
public sealed class EthProtocol : ISubProtocol
{
    readonly SemaphoreSlim _work = new(Math.Max(2, Environment.ProcessorCount));
    ImmutableArray<EthSession> _sessions = [];

    public EthProtocol(Blockchain chain, TransactionPool pool, EthOptions options)
    {
        (Chain, Options, Answers) = (chain, options, new EthAnswers(chain, pool));
        Capabilities = [.. options.Versions.Order().Select(version => new Capability("eth", version, version switch { 66 or 67 or 68 => 17, 69 => 18, _ => throw new ArgumentException($"eth/{version} is not spoken here", nameof(options)) }))];
    }

    public IReadOnlyList<Capability> Capabilities { get; }
    public EthOptions Options { get; }

    /// <summary>Peers that have agreed on the chain.</summary>
    public ImmutableArray<EthSession> Sessions => _sessions;

    /// <summary>Told of a peer that has just agreed on the chain.</summary>
    public event Action<EthSession>? Joined;

    /// <summary>Told of transactions that a peer sent unasked, in their network form.</summary>
    public Func<EthSession, IReadOnlyList<ReadOnlyMemory<byte>>, PeerFault?>? TransactionsSent { get; set; }

    public Action<EthSession, TransactionAnnouncement>? TransactionsAnnounced { get; set; }

    /// <summary>Told of a whole block that a peer sent, and of the total difficulty it claims.</summary>
    public Action<EthSession, Block, UInt256>? BlockSent { get; set; }

    /// <summary>Told that a peer's head is further than was known.</summary>
    public Action<EthSession>? HeadAnnounced { get; set; }

    /// <summary>The number of our head.</summary>
    public ulong Head => Chain.Head.Number;

    internal Blockchain Chain { get; }
    internal EthAnswers Answers { get; }

    /// <summary>What is costly is done for a few peers at a time.</summary>
    internal SemaphoreSlim Work => _work;

    public ISubProtocolSession Join(Peer peer, Capability agreed, int offset) => new EthSession(this, peer, agreed.Version, offset);

    internal EthStatus StatusFor(int version)
    {
        var head = Chain.Head;
        return new EthStatus(version, Options.NetworkId, Chain.Genesis.Hash, ForkIdNow, head.Hash, head.TotalDifficulty, 0, head.Number);
    }

    /// <summary>The fork id of the chain as it stands.</summary>
    public ForkId ForkIdNow => ForkId.Of(Chain.Forks, Chain.Genesis.Hash, Chain.Genesis.Timestamp, Chain.Head.Number, Chain.Head.Head.Timestamp);

    /// <summary>Why a peer with this status is on another chain; null where it may be on ours.</summary>
    internal PeerFault? Check(EthStatus status)
    {
        if (status.NetworkId != Options.NetworkId) return Foreign($"it is on network {status.NetworkId}, this is {Options.NetworkId}");
        if (status.Genesis != Chain.Genesis.Hash) return Foreign($"its chain begins with {status.Genesis}, this one with {Chain.Genesis.Hash}");
        return IsCompatible(status.ForkId) ? null : Foreign($"its fork id {status.ForkId.Hash:x8}/{status.ForkId.Next} does not fit this chain: one of the two is of another version, or its genesis file has other forks");

        static PeerFault Foreign(string why) => new(DisconnectReason.SubProtocol, why);
    }

    /// <summary>Whether a node with this fork id can be on this chain (EIP-2124).</summary>
    public bool IsCompatible(ForkId remote) => ForkId.IsCompatible(remote, Chain.Forks, Chain.Genesis.Hash, Chain.Genesis.Timestamp, Chain.Head.Number, Chain.Head.Head.Timestamp);

    internal void Add(EthSession session)
    {
        ImmutableInterlocked.Update(ref _sessions, sessions => sessions.Add(session));
        Joined?.Invoke(session);
    }

    internal void Remove(EthSession session) => ImmutableInterlocked.Update(ref _sessions, sessions => sessions.Remove(session));
}
