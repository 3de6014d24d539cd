using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Network;
using Hufu.Primitives;
using Hufu.State;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Hufu.Tests;

/// <summary>A chain in memory among peers.</summary>
sealed class TestPeer : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly TestChain _test;
    readonly CancellationTokenSource _stop = new();
    readonly PoolFollower _follower;
    readonly Task _running;
    readonly List<string> _log = [];

    public TestPeer(bool follows = false, Enode[]? peers = null, PeerSetOptions? options = null, ulong networkId = 1337, int[]? versions = null, IReadOnlyList<ISubProtocol>? further = null, TimeSpan? answerPatience = null, bool snaps = false, IKeyValueStore? store = null, Func<Blockchain, ISubProtocol>? states = null)
    {
        _test = new TestChain(Fork.Shanghai, followsImports: false, store);
        Chain = _test.Chain;
        Pool = new TransactionPool(new PoolOptions(), Chain.Forks.ChainId, PoolFollower.HeadOf(Chain, Chain.Head.Head));
        _follower = new PoolFollower(Chain, Pool);
        Writer = new ChainWriter(Chain);
        Eth = new EthProtocol(Chain, Pool, new EthOptions { NetworkId = networkId, Versions = versions ?? [68, 69], AnswerPatience = answerPatience ?? TimeSpan.FromSeconds(10) });
        var transactions = Gossip = new TransactionGossip(Pool, Eth);
        var blocks = new BlockGossip(Chain, Eth);
        var sync = follows ? new ChainSync(Chain, Writer, Eth, new LineLog(Log)) : null;
        var served = states?.Invoke(Chain) ?? new SnapProtocol(Chain) { AnswerPatience = answerPatience ?? TimeSpan.FromSeconds(10) };
        var snap = snaps && served is SnapProtocol own ? new SnapSync(Chain, Writer, Eth, own, new LineLog(Log)) : null;
        options = (options ?? new PeerSetOptions()) with { StaticPeers = peers ?? [], LongestBackoff = TimeSpan.FromSeconds(1), Limits = new RlpxLimits { Parting = TimeSpan.FromMilliseconds(200) } };
        Assert.True(PeerSet.TryOpen(NodeKey.Random(), options, [Eth, served, .. further ?? []], new LineLog(Log), out var set, out var refusal), refusal?.ToString());
        Peers = set;
        async Task SyncAsync()
        {
            if (snap is not null) await snap.RunAsync(_stop.Token);
            if (sync is not null) await sync.RunAsync(_stop.Token);
        }

        _running = Task.WhenAll(Writer.RunAsync(_stop.Token), _follower.RunAsync(_stop.Token), Peers.RunAsync(_stop.Token), transactions.RunAsync(_stop.Token), blocks.RunAsync(_stop.Token), SyncAsync());
    }

    public Blockchain Chain { get; }
    public ChainWriter Writer { get; }
    public TransactionPool Pool { get; }
    public EthProtocol Eth { get; }
    public TransactionGossip Gossip { get; }
    public PeerSet Peers { get; }
    public Enode Enode => Peers.Enode;

    /// <summary>Seals blocks one after another, with what waits.</summary>
    public void Seal(int count) => Writer.Ask(chain =>
    {
        for (var i = 0; i < count; i++)
        {
            var parent = chain.Head.Head;
            var built = chain.Build(parent.Hash, new BlockAttributes { Timestamp = parent.Timestamp + 1, Beneficiary = TestChain.Carol }, Pool.Best(BaseFee.After(parent), UInt256.Zero));
            Assert.Null(chain.Import(built, isChosen: true).Refusal);
        }
        return true;
    }).GetAwaiter().GetResult();

    /// <summary>Seals one block of given transactions.</summary>
    public Task Seal(params Transaction[] transactions) => Writer.Ask(chain =>
    {
        var built = _test.Build(chain.Head.Hash, secondsLater: 1, TestChain.Carol, transactions);
        Assert.Equal(transactions.Length, built.Block.Transactions.Count);
        Assert.Null(chain.Import(built, isChosen: true).Refusal);
        return true;
    });

    /// <summary>All that was logged.</summary>
    public IReadOnlyList<string> Lines
    {
        get { lock (_log) return [.. _log]; }
    }

    public static Transaction Transfer(ulong nonce, int dataBytes = 0)
    {
        var unsigned = new DynamicFeeTransaction
        {
            ChainId = 1337,
            Nonce = nonce,
            MaxFeePerGas = 50_000_000_000,
            MaxPriorityFeePerGas = 1_000_000_000,
            GasLimit = 21_000 + (ulong)dataBytes * 16 + 1000,
            To = TestChain.Bob,
            Value = 1,
            Data = new byte[dataBytes].Select((_, i) => (byte)(i | 1)).ToArray(),
        };
        return TransactionSigning.Sign(unsigned, TestChain.AliceSecret);
    }

    public Task Reaches(ulong number) => Until(() => Chain.Head.Number >= number, () => $"the head is {Chain.Head.Number}, not {number}");

    public Task Meets(int count) => Until(() => Eth.Sessions.Length >= count, () => $"{Eth.Sessions.Length} peers, not {count}");

    public Task Has(Hash256 transaction) => Until(() => Pool.Find(transaction) is not null, () => $"transaction {transaction} did not come");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        Peers.Dispose();
        _follower.Dispose();
        Pool.Dispose();
        _test.Dispose();
    }

    /// <summary>A log as lines.</summary>
    sealed class LineLog(Action<string> hear) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => hear($"{formatter(state, exception)} {exception}");
    }

    void Log(string line)
    {
        lock (_log) _log.Add(line);
    }

    public async Task Until(Func<bool> condition, Func<string> why)
    {
        for (var waited = TimeSpan.Zero; waited < Patience; waited += TimeSpan.FromMilliseconds(20))
        {
            if (condition()) return;
            await Task.Delay(20);
        }
        lock (_log) Assert.Fail($"{why()}\n{string.Join('\n', _log.TakeLast(20))}");
    }
}
