using System.Security.Cryptography;
using System.Text;
using Hufu.Chain;

namespace Hufu.Rpc;

enum SubscriptionKind
{
    NewHeads,
    Logs,
    NewPendingTransactions,
    Syncing,
}

/// <summary>What one peer asked to be told of (eth_subscribe).</summary>
sealed class Subscription
{
    const int IdSize = 16;

    readonly SubscriptionFeed _feed;
    readonly RpcConnection _peer;

    public Subscription(SubscriptionFeed feed, RpcConnection peer, SubscriptionKind kind)
    {
        (_feed, _peer, Kind) = (feed, peer, kind);
        Id = "0x" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdSize));
        Opening = Encoding.ASCII.GetBytes($$"""{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"{{Id}}","result":""");
    }

    /// <summary>16 random bytes: nobody guesses another's.</summary>
    public string Id { get; }
    public SubscriptionKind Kind { get; }

    /// <summary>Which logs; for the others without meaning.</summary>
    public LogFilter Filter { get; init; } = LogFilter.Everything;

    /// <summary>Whole transactions instead of their hashes.</summary>
    public bool WantsBodies { get; init; }

    /// <summary>What stands before the result in every notification of this subscription.</summary>
    public byte[] Opening { get; }

    public void Begin() => _feed.Add(this);
    public void End() => _feed.Remove(this);

    public void Tell(ReadOnlyMemory<byte> payload) => _peer.Offer(this, payload);
    public void Drop(CloseReason reason) => _peer.Drop(reason);
}
