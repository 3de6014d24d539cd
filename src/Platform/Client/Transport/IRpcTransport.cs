namespace Hufu.Client;

/// <summary>Carries JSON-RPC messages to a node and back. What the bytes say is not its business.</summary>
public interface IRpcTransport : IAsyncDisposable
{
    /// <summary>Sends a request, single or batch, and gives its response.</summary>
    /// <exception cref="ChainException">The node cannot be reached, or answers with no JSON-RPC at all.</exception>
    Task<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> request, CancellationToken stop);

    /// <summary>Where the node is, for people to read; without user name, password and query.</summary>
    string Name { get; }
}

/// <summary>A transport over which the node speaks by itself: subscriptions need one.</summary>
public interface IRpcFeed : IRpcTransport
{
    /// <summary>Hears every message that answers no request (eth_subscription), in their order. Called from the receiving loop: do not block it.</summary>
    event Action<ReadOnlyMemory<byte>>? Told;

    /// <summary>The connection has ended, and with it every subscription, with the reason.</summary>
    event Action<Exception>? Ended;
}
