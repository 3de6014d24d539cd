using Hufu.Client;
using Hufu.Consensus;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Client;

/// <summary>A development chain in memory and a client of it.</summary>
sealed class ClientChain : IAsyncDisposable
{
    static readonly IReadOnlyList<byte[]> Secrets = DevAccounts.Secrets(3);

    readonly Hufu.Node.Node _node;

    ClientChain(Hufu.Node.Node node) => (_node, Client) = (node, new ChainClient(new HttpTransport(node.Url)));

    public ChainClient Client { get; }
    public Uri Url => _node.Url;

    public static Signer Alice => Signer.FromSecret(Secrets[0]);
    public static Signer Bob => Signer.FromSecret(Secrets[1]);

    public static async Task<ClientChain> StartAsync(SoloMode mode = SoloMode.Instant)
    {
        var funded = Secrets.Select(secret => Hufu.Crypto.TransactionSigning.AddressOf(secret));
        Assert.True(GenesisJson.TryParse(DevNetwork.GenesisFile(31337, null, funded, DevNetwork.DefaultBalance), out var genesis, out var refusal), refusal?.ToString());
        var (node, cannot) = await Hufu.Node.Node.StartAsync(new NodeOptions { Genesis = genesis, HasDevMethods = true, UnlockedSecrets = Secrets, Rpc = new RpcServerOptions { Port = 0 }, Sealing = new SoloOptions { Mode = mode } });
        Assert.True(node is not null, cannot?.ToString());
        return new ClientChain(node);
    }

    public Task Mine() => Client.AskAsync("evm_mine", []);

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _node.DisposeAsync();
    }
}

/// <summary>A connection that loses requests on their way, and answers on theirs, by a seed.</summary>
sealed class LossyTransport(IRpcTransport inner, int seed, double loss) : IRpcTransport
{
    readonly Random _random = new(seed);

    public string Name => inner.Name;

    public async Task<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> request, CancellationToken stop)
    {
        if (Loses()) throw Lost();
        var answer = await inner.ExchangeAsync(request, stop);
        return Loses() ? throw Lost() : answer;
    }

    bool Loses()
    {
        lock (_random) return _random.NextDouble() < loss;
    }

    static ChainException Lost() => new(new Refusal("the node cannot be reached", "the test lost the message"));

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
