using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Crypto;
using Hufu.Network;
using Hufu.Primitives;
using Hufu.Rpc;

namespace Hufu.Node;

/// <summary>A running ledger. This file is its parts list.</summary>
public sealed class Node : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly List<IDisposable> _parts = [];
    Task _loops = Task.CompletedTask;
    RpcServer? _server;
    RpcServer? _engine;
    PeerNetwork? _network;
    NodeWatch _watch = null!;
    Permissions? _permissions;

    Node() { }

    public Blockchain Chain { get; private set; } = null!;
    public TransactionPool Pool { get; private set; } = null!;

    /// <summary>Only where the node seals its own blocks.</summary>
    public SoloDriver Sealing { get; private set; } = null!;
    public Uri Url => _server!.Url;

    /// <summary>What the node offers, at most, to those who call.</summary>
    public MethodTable Methods { get; private set; } = null!;

    /// <summary>How peers reach this node; null where it stands alone.</summary>
    public string? Enode => _network?.Peers.Enode.ToString();

    /// <summary>How many nodes it is connected with.</summary>
    public int PeerCount => _network?.Peers.Peers.Count ?? 0;

    /// <summary>The port for a consensus client; null where none leads this node.</summary>
    public Uri? EngineUrl => _engine?.Url;

    /// <summary>The file of the secret that a consensus client needs for that port.</summary>
    public string? JwtSecretFile { get; private set; }

    /// <summary>Ends when a part of the node has failed, with what it failed of; never while all is well.</summary>
    public Task Running => _loops;

    /// <summary>Starts a node, or says why it cannot start; then nothing of it is left running.</summary>
    public static async Task<(Node? Node, Refusal? Refusal)> StartAsync(NodeOptions options)
    {
        var node = new Node();
        if (await node.AssembleAsync(options).ConfigureAwait(false) is not { } refusal) return (node, null);
        await node.DisposeAsync().ConfigureAwait(false);
        return (null, refusal);
    }

    async Task<Refusal?> AssembleAsync(NodeOptions options)
    {
        DataFolder? folder = null;
        if (options.DataFolder is { } path && !DataFolder.TryHold(path, out folder, out var refusal)) return refusal;
        if (folder is not null) _parts.Add(folder);

        ForkOrigin? origin = null;
        if (options.Fork is { } fork)
        {
            _parts.Add(fork.Remote);
            _parts.Add(origin = ForkGenesis.OpenOrigin(fork, options.ForkCache));
        }
        if (!Ledgers.TryOpen(folder, options.Genesis, followsImports: false, out var store, out var chain, out refusal, options.Fork, origin, options.Keeping)) return refusal;
        _parts.Add(store);
        _parts.Add(Chain = chain);

        if (!Permissions.TryRead(options.Genesis, chain, options.PermissionsFile, out var permissions, out refusal)) return refusal;
        _permissions = permissions;
        var pool = Keep(Pool = new TransactionPool(options.Pool with { Permission = PermissionOf(chain, permissions), JournalFile = folder?.PoolJournal, HasImpersonation = options.HasDevMethods }, chain.Forks.ChainId, PoolFollower.HeadOf(chain, chain.Head.Head)));
        var follower = Keep(new PoolFollower(chain, pool));
        var writer = new ChainWriter(chain);
        var ledger = new Ledger(chain, pool);
        if (options is { HasDevMethods: true, ShowConsole: { } show }) ledger.Console = Keep(new ConsoleWatch(ledger, show));
        _watch = new NodeWatch(ledger, folder, options.Qbft is not null);
        var (istanbul, exchange) = options.Qbft is null ? (null, null) : (ValidatorProtocol.Istanbul(), ValidatorProtocol.Exchange());
        var network = options.Network;
        if (permissions is not null) network = network?.With(peers => peers with { WhyForbidden = permissions.OfNode });
        // Validators that lost each other must be together again in seconds: a dead connection is given up sooner, and dialled for more often.
        if (istanbul is not null) network = network?.With(peers => peers with { LongestBackoff = TimeSpan.FromSeconds(4), Limits = peers.Limits with { Silence = TimeSpan.FromSeconds(4), Dialling = TimeSpan.FromSeconds(3) } });
        if (network is not null
            && (_network = PeerNetwork.TryOpen(network, folder, chain, pool, writer, options.IsFollower || istanbul is not null || options.Mining is not null, _watch.Report, istanbul is null ? [] : [istanbul, exchange!], options.Logs, out refusal)) is null) return refusal;
        if (_network is not null)
        {
            _parts.Add(_network);
            _network.RechecksPeers = permissions?.HasNodesContract == true;
            if (permissions?.Lists is { } lists) lists.Changed += _network.Peers.RecheckAll;
            _watch.Join(_network);
        }
        if (options.IsFollower || options.Mining is not null) return await FollowPeersAsync(options, ledger, writer, follower).ConfigureAwait(false);
        if (options.Qbft is { } qbft) return await AgreeAsync(options, qbft, istanbul!, exchange!, folder, ledger, writer, follower).ConfigureAwait(false);
        return options.Beacon is { } beacon
            ? await FollowAsync(options, beacon, folder, ledger, writer, follower).ConfigureAwait(false)
            : await SealAsync(options, ledger, writer, follower).ConfigureAwait(false);
    }

    /// <summary>The node writes its own blocks.</summary>
    async Task<Refusal?> SealAsync(NodeOptions options, Ledger ledger, ChainWriter writer, PoolFollower follower)
    {
        var (chain, pool) = (ledger.Chain, ledger.Pool);
        var sealing = Sealing = new SoloDriver(writer, (parent, attributes) => Best(ledger, follower, parent, attributes), options.Sealing, TimeProvider.System);
        pool.BecameReady += sealing.TransactionsArrived;
        var loops = new List<Task> { writer.RunAsync(_stop.Token), follower.RunAsync(_stop.Token), sealing.RunAsync(_stop.Token), ledger.News.RunAsync(_stop.Token), chain.LogIndex.RunAsync(chain, _stop.Token) };
        if (ledger.Console is { } console) loops.Add(console.RunAsync(_stop.Token));
        loops.AddRange(NetworkLoop());
        if (chain.Jobs is { } jobs) loops.Add(new JobAlarm(chain, jobs, () => sealing.Now, sealing.TransactionsArrived).RunAsync(_stop.Token));
        _loops = RunAsync(options, [.. loops]);

        var accounts = new UnlockedAccounts(options.UnlockedSecrets);
        var methods = LedgerMethods.Of(ledger, new LedgerMethodOptions
        {
            GasCap = options.RpcGasCap,
            Accounts = accounts,
            OffersTesting = true,
            Beneficiary = () => sealing.Options.Beneficiary,
            IsDevelopment = options.HasDevMethods,
            Peers = _network?.Peers,
            AfterPooled = options.Sealing.Mode == SoloMode.Instant || options.HasDevMethods ? () => AfterSealAsync(sealing, follower) : null,
        });
        AddAdmin(methods, ledger);
        var dev = new DevChain(ledger, writer, sealing, follower, accounts, TimeProvider.System) { Fork = options.Fork, GenesisAccounts = options.Genesis.Alloc, Console = ledger.Console };
        DevMethods.AddMine(methods, dev);
        ledger.NextAttributes = sealing.NextAttributes;
        if (options.HasDevMethods) AddDevelopment(methods, dev, ledger, sealing, follower, options.Artifacts);
        if (options.Fork is { } fork) ForkedMethods.Lay(methods, fork, ledger);
        Methods = methods;
        (_server, var refusal) = await RpcServer.StartAsync(Watched(options) with { SignsForCallers = options.UnlockedSecrets.Count > 0 }, new Dispatcher(methods, options.Rpc.Limits, options.ReportFault)).ConfigureAwait(false);
        return refusal;
    }

    /// <summary>A consensus client leads the node through a port of its own.</summary>
    async Task<Refusal?> FollowAsync(NodeOptions options, BeaconOptions beacon, DataFolder? folder, Ledger ledger, ChainWriter writer, PoolFollower follower)
    {
        if ((beacon.JwtSecretFile ?? folder?.JwtSecret) is not { } file)
            return new Refusal("no JWT secret", "a chain in memory has no folder to keep a new one in", "give a file with --jwt-secret; it is made where it is absent");
        if (!JwtCheck.TryReadOrMake(JwtSecretFile = file, out var secret, out var refusal)) return refusal;

        var driver = new BeaconDriver(writer, ledger.Chain, (parent, attributes) => Best(ledger, follower, parent, attributes), hash => ledger.Pool.SidecarOf(hash), TimeProvider.System, options.ReportFault);
        ledger.Pool.BecameReady += driver.TransactionsArrived;
        driver.Progressed += way => ledger.Sync.Report(way is null ? null : new SyncProgress(way.From, ledger.Chain.Head.Number, way.Highest));
        // What the client's head stands on and the client never sent, the peers have.
        Task[] gap = _network is null ? [] : [new GapSync(ledger.Chain, writer, _network.Eth, new GapTarget { Missing = () => driver.Missing, Found = driver.FoundMissing, Take = driver.TakeMissing }, options.Logs.CreateLogger("sync")).RunAsync(_stop.Token)];
        // Payloads carry cell proofs from Osaka on, and wallets send blobs without: the first payload shall not wait for the table they are made with.
        _ = Task.Run(Kzg.PrepareCellProofs);
        _loops = RunAsync(options, [writer.RunAsync(_stop.Token), follower.RunAsync(_stop.Token), driver.RunAsync(_stop.Token), ledger.News.RunAsync(_stop.Token), ledger.Chain.LogIndex.RunAsync(ledger.Chain, _stop.Token), .. NetworkLoop(), .. gap]);

        var methods = LedgerMethods.Of(ledger, new LedgerMethodOptions { GasCap = options.RpcGasCap, OffersTesting = true, Accounts = new UnlockedAccounts(options.UnlockedSecrets), Peers = _network?.Peers });
        Methods = methods;
        AddAdmin(methods, ledger);
        var engine = EngineMethods.Of(ledger, driver, methods, beacon.Blocks);
        var port = beacon.ToServerOptions(secret);
        (_engine, refusal) = await RpcServer.StartAsync(port, new Dispatcher(engine, port.Limits, options.ReportFault)).ConfigureAwait(false);
        if (refusal is not null) return refusal;
        (_server, refusal) = await RpcServer.StartAsync(Watched(options) with { SignsForCallers = options.UnlockedSecrets.Count > 0 }, new Dispatcher(methods, options.Rpc.Limits, options.ReportFault)).ConfigureAwait(false);
        return refusal;
    }

    static void AddDevelopment(MethodTable methods, DevChain dev, Ledger ledger, SoloDriver sealing, PoolFollower follower, string? artifacts)
    {
        DevMethods.AddAll(methods, dev);
        if (artifacts is not null) ledger.Failures = new FailureExplanation(artifacts, TimeProvider.System);
        ledger.Next = () =>
        {
            var parent = ledger.Chain.Head.Head;
            var attributes = sealing.NextAttributes(parent);
            return ledger.Chain.BuildAside(parent, attributes, Best(ledger, follower, parent, attributes));
        };
    }

    /// <summary>The peers lead: their chain is verified and followed; under proof of work this node may mine blocks for it as well.</summary>
    async Task<Refusal?> FollowPeersAsync(NodeOptions options, Ledger ledger, ChainWriter writer, PoolFollower follower)
    {
        Task[] mining = [];
        if (options.Mining is { } miner)
        {
            if (ledger.Chain.Consensus is not ProofOfWork { Seal: { } ethash }) return new Refusal("this is no network of proof of work", "its blocks carry no seals of Ethash", "give a genesis file with config.ethash.fixeddifficulty, or leave --mine out");
            mining = [new MiningDriver(writer, ledger.Chain, ethash, (parent, attributes) => Best(ledger, follower, parent, attributes), miner, TimeProvider.System).RunAsync(_stop.Token)];
        }
        _loops = RunAsync(options, [writer.RunAsync(_stop.Token), follower.RunAsync(_stop.Token), ledger.News.RunAsync(_stop.Token), ledger.Chain.LogIndex.RunAsync(ledger.Chain, _stop.Token), .. NetworkLoop(), .. mining]);
        var methods = LedgerMethods.Of(ledger, new LedgerMethodOptions { GasCap = options.RpcGasCap, Peers = _network?.Peers });
        AddAdmin(methods, ledger);
        Methods = methods;
        ReportSync(ledger);
        (_server, var refusal) = await RpcServer.StartAsync(Watched(options), new Dispatcher(methods, options.Rpc.Limits, options.ReportFault)).ConfigureAwait(false);
        return refusal;
    }

    /// <summary>The validators decide together (QBFT).</summary>
    async Task<Refusal?> AgreeAsync(NodeOptions options, QbftDriverOptions qbft, ValidatorProtocol istanbul, ValidatorProtocol exchange, DataFolder? folder, Ledger ledger, ChainWriter writer, PoolFollower follower)
    {
        if (ledger.Chain.Consensus is not QbftRules rules) return new Refusal("this is no QBFT network", "its genesis file has no config.qbft", "give the genesis file of a QBFT network with --genesis");
        if (_network is not { } network) return new Refusal("a validator needs the others", "this node has no port for peers", "give --p2p-port and --static-peers");
        var key = new QbftKey(network.Key.Id.Address, hash =>
        {
            var signature = new byte[QbftExtraData.SealSize];
            network.Key.Sign(hash.Bytes, signature);
            return signature;
        });
        var record = folder is null ? null : Keep(new SigningRecordFile(folder.SigningRecord));
        JobAlarm? alarm = null;
        var driver = new QbftDriver(ledger.Chain, writer, record, rules, key, new QbftTransport
        {
            Send = (to, code, message) => istanbul.Send(to, code, message),
            IsConnected = istanbul.IsConnected,
            Exchanges = exchange.IsConnected,
            SendBeside = (to, code, message) => exchange.Send(to, code, message),
            CatchUp = (_, _) => network.Sync!.Wake(),
            // The peer hears of our head over `eth`, and asks.
            Help = (_, _) => { },
        }, (parent, attributes) => Best(ledger, follower, parent, attributes), () => ledger.Pool.HasReady || alarm?.IsDue == true, qbft with { Log = options.Logs.CreateLogger("qbft"), Recognise = ledger.Pool.RecallSenders, Knowledge = new QbftKnowledge { Waits = hash => ledger.Pool.Find(hash) is not null, Find = ledger.Pool.FindByPrefixes } }, TimeProvider.System);
        istanbul.Received = (from, code, message) => driver.MessageArrived(from, (byte)code, message) is { } fault ? PeerFault.Breach(fault.ToString()) : null;
        exchange.Received = (from, code, message) => driver.BesideArrived(from, (byte)code, message) is { } fault ? PeerFault.Breach(fault.ToString()) : null;
        istanbul.Left += driver.PeerLost;
        driver.WhyNotReady = network.WhyNotReady;
        ledger.NextAttributes = driver.NextAttributes;
        // Validators have the block from its proposal, and what one of them was first to have it has sent to all the others.
        network.SetInnerCircle(id => driver.State.At is { } at && at.Validators.Contains(id.Address));
        ledger.Pool.BecameReady += driver.TransactionsArrived;
        if (ledger.Chain.Jobs is { } jobs) alarm = new JobAlarm(ledger.Chain, jobs, () => (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds(), driver.TransactionsArrived);
        Task[] ringing = alarm is null ? [] : [alarm.RunAsync(_stop.Token)];
        _loops = RunAsync(options, [writer.RunAsync(_stop.Token), follower.RunAsync(_stop.Token), driver.RunAsync(_stop.Token), ledger.News.RunAsync(_stop.Token), ledger.Chain.LogIndex.RunAsync(ledger.Chain, _stop.Token), .. NetworkLoop(), .. ringing]);

        var methods = LedgerMethods.Of(ledger, new LedgerMethodOptions { GasCap = options.RpcGasCap, Peers = network.Peers });
        AddAdmin(methods, ledger);
        Methods = methods;
        ReportSync(ledger);
        _watch.Join(driver);
        QbftMethods.AddAll(methods, ledger, driver, () => ConsensusDiagnosis.Of(ledger, driver, network.Peers, network.Reports, DateTimeOffset.UtcNow));
        (_server, var refusal) = await RpcServer.StartAsync(Watched(options), new Dispatcher(methods, options.Rpc.Limits, options.ReportFault)).ConfigureAwait(false);
        return refusal;
    }

    RpcServerOptions Watched(NodeOptions options) => options.Rpc with { Health = _watch.Health, Metrics = _watch.Metrics.WriteAsync };

    Task[] NetworkLoop() => _network is null ? [] : [_network.RunAsync(_stop.Token)];

    void ReportSync(Ledger ledger)
    {
        void Report(SyncDistance? way) => ledger.Sync.Report(way is null ? null : new SyncProgress(way.From, way.Current, way.Highest));
        _network?.Snap?.Progressed += Report;
        _network?.Sync?.Progressed += Report;
    }

    void AddAdmin(MethodTable methods, Ledger ledger)
    {
        if (_network is not null) AdminMethods.AddAll(methods, ledger, _network.Peers, _network.Eth);
        if (_permissions?.Lists is { } lists) PermMethods.AddAll(methods, lists);
    }

    static Func<Transaction, Address, Refusal?>? PermissionOf(Blockchain chain, Permissions? permissions) =>
        chain.Jobs is null ? permissions is null ? null : permissions.OfTransaction
        : (transaction, sender) => InBlockJobs.OfTransaction(transaction, sender) ?? permissions?.OfTransaction(transaction, sender);

    static BestTransactions Best(Ledger ledger, PoolFollower follower, Header parent, BlockAttributes attributes)
    {
        follower.CatchUp();
        var rules = ledger.Chain.RulesAfter(parent, attributes.Timestamp);
        return ledger.Pool.Best(
            ledger.Chain.BaseFeeAfter(parent, rules),
            rules.Has(Eip.BlobTransactions) ? BlobGas.BaseFee(BlobGas.ExcessAfter(parent, rules), rules.Blob) : UInt256.Zero);
    }

    /// <summary>Whoever has been answered shall find receipt and nonce as they are after the block.</summary>
    static async Task AfterSealAsync(SoloDriver sealing, PoolFollower follower)
    {
        await sealing.SettledAsync().ConfigureAwait(false);
        follower.CatchUp();
    }

    async Task RunAsync(NodeOptions options, params Task[] parts)
    {
        Task[] loops = [.. parts, _watch.RunAsync(_stop.Token)];
        try
        {
            await (await Task.WhenAny(loops).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            _watch.Failed(fault);
            options.ReportFault(fault);
            throw;
        }
        await Task.WhenAll(loops).ConfigureAwait(false);
    }

    T Keep<T>(T part) where T : IDisposable
    {
        _parts.Add(part);
        return part;
    }

    /// <summary>Stops in the opposite order: no new requests, then no new blocks, then the files are closed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_engine is not null) await _engine.DisposeAsync().ConfigureAwait(false);
        if (_server is not null) await _server.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await _loops.ConfigureAwait(false);
        }
        catch (Exception) when (_loops.IsFaulted)
        {
            // Reported when it happened.
        }
        for (var i = _parts.Count - 1; i >= 0; i--) _parts[i].Dispose();
        _stop.Dispose();
    }
}
