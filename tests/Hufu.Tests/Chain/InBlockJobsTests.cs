using System.Text;
using System.Text.Json.Nodes;
using Hufu.Chain;
using Hufu.Cli;
using Hufu.Crypto;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Rpc;
using Hufu.Services;
using Xunit;

namespace Hufu.Tests.Chain;

/// <summary>Jobs that a chain runs itself: in every block in which one is due, first, once.</summary>
public sealed class InBlockJobsTests : IDisposable
{
    static readonly byte[] Alice = DevAccounts.Secrets(1)[0];

    // Counts its calls in slot 0.
    static readonly Address Counter = Address.Parse("0x00000000000000000000000000000000000c0de0");
    const string CounterCode = "0x60015f54015f5500";

    readonly List<IDisposable> _open = [];
    readonly Blockchain _chain, _lawless;

    public InBlockJobsTests()
    {
        _chain = Open(MakeGenesis());
        _lawless = Open(MakeGenesis(isRule: false));
        Assert.Equal(_lawless.Genesis.Hash, _chain.Genesis.Hash);
    }

    [Fact]
    public void A_block_in_which_a_job_is_due_begins_with_running_it_and_the_next_does_not()
    {
        Add(100, Schedule(nonce: 0, at: 150));
        Assert.Empty(Add(149).Block.Transactions);
        Assert.Equal(0UL, Count(_chain));

        var block = Add(160, Transfer(nonce: 1));
        Assert.Equal(2, block.Block.Transactions.Count);
        Assert.True(SenderRecovery.TryRecover(block.Block.Transactions[0], _chain.Forks.RulesOf(block.Header), out var sender));
        Assert.Equal(ChainClock.Address, sender);
        Assert.True(_chain.Jobs!.Begins(block.Block));
        Assert.Equal(1UL, Count(_chain));

        // What ran is in an ordinary receipt, as any event is.
        var run = block.Receipts[0].Logs.Select(JobsContract.JobRunEvent.Read).Single(one => one is not null)!;
        Assert.True(run is { Succeeded: true, Id: 1, NextAt: 0 });
        Assert.Empty(Add(200).Block.Transactions);
        Assert.Equal(1UL, Count(_chain));

        // Another node takes the blocks in as they are, and so does one that does not know the rule.
        foreach (var other in new[] { Open(MakeGenesis()), _lawless })
        {
            for (var number = 1UL; number <= _chain.Head.Number; number++) Assert.Null(other.Import(BlockAt(_chain, number)).Refusal);
            Assert.Null(other.Choose(_chain.Head.Hash));
            Assert.Equal(_chain.Head.Hash, BlockAt(other, _chain.Head.Number).Hash);
        }
    }

    [Fact]
    public void A_block_that_leaves_due_jobs_out_runs_them_late_twice_or_otherwise_is_refused()
    {
        Follow(Add(100, Schedule(nonce: 0, at: 150, every: 10)));
        var run = Run(_lawless);

        Refused(160, []);
        Refused(160, [Transfer(1), Run(_lawless)]);
        Refused(160, [run, Again(run)]);
        Refused(160, [ChainClock.Sign(new DynamicFeeTransaction { ChainId = run.ChainId, Nonce = run.Nonce, GasLimit = run.GasLimit - 1, To = run.To, Data = run.Data, MaxFeePerGas = run.MaxFeePerGas })]);
        // Nothing is due yet.
        Refused(140, [run]);
        Assert.Null(Foreign(160, [run, Transfer(1)]));
        Assert.Equal(1UL, Count(_chain));

        void Refused(ulong at, Transaction[] transactions) => Assert.Equal(BlockRule.Jobs, Foreign(at, transactions)?.Rule);
    }

    [Fact]
    public void The_clock_says_nothing_else_and_lends_its_account_to_nobody()
    {
        var theft = ChainClock.Sign(new DynamicFeeTransaction { ChainId = 31337, GasLimit = 21_000, MaxFeePerGas = 2_000_000_000, To = Counter, Value = UInt256.One });
        var loan = TransactionSigning.Sign(new SetCodeTransaction
        {
            ChainId = 31337,
            GasLimit = 100_000,
            MaxFeePerGas = 2_000_000_000,
            To = Counter,
            AuthorizationList = [ChainClock.Sign(new Authorization(31337, Counter, 0, 0, default, default))],
        }, Alice);

        foreach (var transaction in new[] { theft, loan })
        {
            Assert.Contains("not permitted", InBlockJobs.OfTransaction(transaction, SenderOf(transaction))!.What, StringComparison.Ordinal);
            Assert.Empty(_chain.BuildAside(_chain.Genesis, At(50), new TransactionList([(transaction, SenderOf(transaction))]))!.Block.Transactions);
            Assert.Equal(BlockRule.Jobs, Foreign(50, [transaction])?.Rule);
        }
    }

    [Fact]
    public void A_clock_without_coin_and_a_block_without_room_stop_no_block()
    {
        var poor = Open(MakeGenesis(clockWei: UInt256.One));
        Add(poor, 100, Schedule(nonce: 0, at: 150));
        Assert.Empty(Add(poor, 160).Block.Transactions);

        var small = Open(MakeGenesis(gas: 16_000_000, gasLimit: 15_000_000));
        Add(small, 100, Schedule(nonce: 0, at: 150));
        Assert.Empty(Add(small, 160).Block.Transactions);
    }

    [Fact]
    public void Each_branch_runs_what_is_due_on_it()
    {
        Follow(Add(100, Schedule(nonce: 0, at: 150)));
        var (left, right) = (Build(_chain, 160), Build(_chain, 170, Transfer(1)));
        foreach (var block in new[] { left, right }) Assert.Null(_chain.Import(block.Block).Refusal);
        Assert.Null(_chain.Choose(left.Hash));
        Assert.Equal(1UL, Count(_chain));
        Assert.Null(_chain.Choose(right.Hash));
        Assert.Equal(1UL, Count(_chain));
        Assert.Equal(2, BlockAt(_chain, 2).Transactions.Count);
    }

    [Fact]
    public async Task A_chain_that_waits_for_transactions_does_not_let_a_job_wait()
    {
        var (node, refusal) = await Hufu.Node.Node.StartAsync(new NodeOptions { Genesis = MakeGenesis(), Rpc = new RpcServerOptions { Port = 0 } });
        Assert.True(node is not null, refusal?.ToString());
        await using (node)
        {
            var soon = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 2;
            Assert.Null(node.Pool.Add(Schedule(nonce: 0, at: soon, every: 2)).Refusal);
            Assert.Contains("not permitted", node.Pool.Add(Run(node.Chain)).Refusal!.What, StringComparison.Ordinal);
            var until = DateTime.UtcNow.AddSeconds(20);
            while (Count(node.Chain) < 2 && DateTime.UtcNow < until) await Task.Delay(50, TestContext.Current.CancellationToken);
            Assert.True(Count(node.Chain) >= 2, "no block came by itself");
            // No more blocks than there were jobs.
            Assert.InRange(node.Chain.Head.Number, Count(node.Chain) + 1, Count(node.Chain) + 2);
            using var http = new HttpClient();
            Assert.Contains("hufu_jobs_blocks_total", await http.GetStringAsync(new Uri(node.Url, "metrics"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Proof_of_work_and_old_forks_run_jobs_as_well()
    {
        // The contract is compiled for later forks: here only the rule is looked at, with one that always answers that something is due since the first second.
        var chain = Open(MakeGenesis(
            config: """{ "chainId": 31337, "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0, "byzantiumBlock": 0, "constantinopleBlock": 0, "petersburgBlock": 0, "istanbulBlock": 0, "berlinBlock": 0, "ethash": {} }""",
            jobsCode: "0x600160005260206000f3"));
        var block = Build(chain, 160);
        var run = Assert.Single(block.Block.Transactions);
        Assert.Equal((TransactionType.Legacy, UInt256.Zero), (run.Type, run.MaxFeePerGas));
        Assert.Null(chain.Import(block.Block).Refusal);
    }

    [Theory]
    [InlineData("""{ "contract": "0x12" }""", "config.jobs.contract")]
    [InlineData("""{ "contract": "0x0000000000000000000000000000000000006666" }""", "config.jobs.gas")]
    [InlineData("""{ "contract": "0x0000000000000000000000000000000000006666", "gas": 100000000 }""", "config.jobs.gas")]
    public void A_genesis_file_that_says_it_wrongly_is_refused(string jobs, string where)
    {
        var json = Json();
        json["config"]!["jobs"] = JsonNode.Parse(jobs);
        Assert.True(GenesisJson.TryParse(Encoding.UTF8.GetBytes(json.ToJsonString()), out var genesis, out _));
        Assert.False(InBlockJobs.TryRead(genesis, out _, out var refusal));
        Assert.Contains(where, refusal.What, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (var one in _open) one.Dispose();
    }

    // ---- blocks ----

    ExecutedBlock Add(ulong at, params Transaction[] transactions) => Add(_chain, at, transactions);

    static ExecutedBlock Add(Blockchain chain, ulong at, params Transaction[] transactions)
    {
        var block = Build(chain, at, transactions);
        // As a stranger's block, so that every rule is looked at.
        Assert.Null(chain.Import(block.Block).Refusal);
        Assert.Null(chain.Choose(block.Hash));
        return block;
    }

    void Follow(ExecutedBlock block)
    {
        Assert.Null(_lawless.Import(block.Block).Refusal);
        Assert.Null(_lawless.Choose(block.Hash));
    }

    /// <summary>What the chain says to a block that one without the rule made.</summary>
    BlockRefusal? Foreign(ulong at, Transaction[] transactions)
    {
        var block = Build(_lawless, at, transactions);
        Assert.Equal(transactions.Length, block.Block.Transactions.Count);
        var result = _chain.Import(block.Block);
        if (result.Refusal is null) Assert.Null(_chain.Choose(block.Hash));
        return result.Refusal;
    }

    static ExecutedBlock Build(Blockchain chain, ulong at, params Transaction[] transactions) =>
        chain.Build(chain.Head.Hash, At(at), new TransactionList([.. transactions.Select(one => (one, SenderOf(one)))]));

    static Block BlockAt(Blockchain chain, ulong number) => chain.Blocks.BlockOf(chain.Blocks.CanonicalHash(number)!.Value)!;

    static BlockAttributes At(ulong timestamp) => new() { Timestamp = timestamp };

    /// <summary>The clock's call as the rule wants it on the head.</summary>
    Transaction Run(Blockchain chain)
    {
        var parent = chain.Head.Head;
        var state = chain.StateAt(parent.Hash)!;
        state.TryGetAccount(ChainClock.Address, out var clock);
        return ChainClock.Sign(new DynamicFeeTransaction
        {
            ChainId = 31337,
            Nonce = clock.Nonce,
            GasLimit = InBlockJobs.UsualGas,
            To = ChainJobs.At,
            Data = Artifacts.Of("Jobs").Functions.Single(one => one.Name == "run").EncodeCall(),
            MaxFeePerGas = chain.BaseFeeAfter(parent, chain.RulesAfter(parent, parent.Timestamp + 1)),
        });
    }

    static Transaction Again(Transaction run) => ChainClock.Sign(new DynamicFeeTransaction { ChainId = run.ChainId, Nonce = run.Nonce + 1, GasLimit = run.GasLimit, To = run.To, Data = run.Data, MaxFeePerGas = run.MaxFeePerGas });

    static Transaction Schedule(ulong nonce, ulong at, ulong every = 0) => Sign(nonce, ChainJobs.At, Artifacts.Of("Jobs").Functions.Single(one => one.Name == "schedule")
        .EncodeCall(Counter, Array.Empty<byte>(), (UInt256)at, (UInt256)every, UInt256.Zero, (UInt256)100_000), UInt256.Parse("1000000000000000000"));

    static Transaction Transfer(ulong nonce) => Sign(nonce, Address.Zero, [], UInt256.One);

    static Transaction Sign(ulong nonce, Address to, byte[] data, UInt256 value) => TransactionSigning.Sign(new DynamicFeeTransaction
    {
        ChainId = 31337,
        Nonce = nonce,
        GasLimit = data.Length > 0 ? 500_000UL : 21_000,
        MaxFeePerGas = 10_000_000_000,
        To = to,
        Data = data,
        Value = value,
    }, Alice);

    static Address SenderOf(Transaction transaction) => SenderRecovery.TryRecover(transaction, ForkRules.Of(Fork.Osaka), out var sender) ? sender : throw new InvalidOperationException("nobody signed it");

    static ulong Count(Blockchain chain) => chain.StateAt(chain.Head.Hash)!.GetStorage(Counter, UInt256.Zero).Low64;

    // ---- genesis ----

    static JsonObject Json(ulong? gasLimit = null)
    {
        var json = JsonNode.Parse(DevNetwork.GenesisFile(31337, null, [TransactionSigning.AddressOf(Alice)], DevNetwork.DefaultBalance))!.AsObject();
        GenesisContracts.AddJobs(json);
        if (gasLimit is { } limit) json["gasLimit"] = "0x" + limit.ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        json["alloc"]![Counter.ToString()] = new JsonObject { ["balance"] = "0x0", ["nonce"] = "0x1", ["code"] = CounterCode };
        return json;
    }

    static Genesis MakeGenesis(bool isRule = true, UInt256? clockWei = null, ulong? gas = null, ulong? gasLimit = null, string? config = null, string? jobsCode = null)
    {
        var json = Json(gasLimit);
        var jobs = json["config"]!["jobs"]!.DeepClone().AsObject();
        if (config is not null)
        {
            json["config"] = JsonNode.Parse(config);
            json["difficulty"] = "0x20000";
            json.Remove("baseFeePerGas");
        }
        if (gas is { } wanted) jobs["gas"] = wanted;
        json["config"]!["jobs"] = isRule ? jobs : null;
        if (jobsCode is not null) json["alloc"]![ChainJobs.At.ToString()]!["code"] = jobsCode;
        if (clockWei is { } wei) json["alloc"]![ChainClock.Address.ToString()]!["balance"] = wei.ToHexQuantity();
        if (!isRule) json["config"]!.AsObject().Remove("jobs");
        return GenesisJson.TryParse(Encoding.UTF8.GetBytes(json.ToJsonString()), out var genesis, out var refusal) ? genesis : throw new InvalidOperationException(refusal.ToString());
    }

    Blockchain Open(Genesis genesis)
    {
        Assert.True(Ledgers.TryOpen(null, genesis, followsImports: false, out var store, out var chain, out var refusal), refusal?.ToString());
        _open.Add(chain);
        _open.Add(store);
        return chain;
    }
}
