using Hufu.Chain;
using Hufu.Consensus;
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

    Node() { }

    public Blockchain Chain { get; private set; } = null!;
    public TransactionPool Pool { get; private set; } = null!;
    public SoloDriver Sealing { get; private set; } = null!;
    public Uri Url => _server!.Url;

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

        if (!Ledgers.TryOpen(folder, options.Genesis, followsImports: false, out var store, out var chain, out refusal)) return refusal;
        _parts.Add(store);
        _parts.Add(Chain = chain);

        var pool = Keep(Pool = new TransactionPool(options.Pool with { JournalFile = folder?.PoolJournal }, chain.Forks.ChainId, PoolFollower.HeadOf(chain, chain.Head.Head)));
        var follower = Keep(new PoolFollower(chain, pool));
        var writer = new ChainWriter(chain);
        var sealing = Sealing = new SoloDriver(writer, (parent, _) => Best(pool, follower, chain, parent), options.Sealing, TimeProvider.System);
        pool.BecameReady += sealing.TransactionsArrived;
        _loops = RunAsync(options, writer.RunAsync(_stop.Token), follower.RunAsync(_stop.Token), sealing.RunAsync(_stop.Token));

        var ledger = new Ledger(chain, pool);
        var methods = LedgerMethods.Of(ledger, new LedgerMethodOptions
        {
            GasCap = options.RpcGasCap,
            Accounts = new UnlockedAccounts(options.UnlockedSecrets),
            AfterPooled = options.Sealing.Mode == SoloMode.Instant || options.HasDevMethods ? () => AfterSealAsync(sealing, follower) : null,
        });
        var dev = new DevChain(chain, writer, sealing, pool, follower, TimeProvider.System);
        DevMethods.AddMine(methods, dev);
        if (options.HasDevMethods) DevMethods.AddAll(methods, dev);
        var dispatcher = new Dispatcher(methods, options.Rpc.Limits, options.ReportFault);
        (_server, refusal) = await RpcServer.StartAsync(options.Rpc, dispatcher).ConfigureAwait(false);
        return refusal;
    }

    static BestTransactions Best(TransactionPool pool, PoolFollower follower, Blockchain chain, Header parent)
    {
        follower.CatchUp();
        var rules = new ChainQueries(chain).RulesAfter(parent);
        return pool.Best(
            rules.Has(Eip.BaseFee) ? BaseFee.After(parent) : UInt256.Zero,
            rules.Has(Eip.BlobTransactions) ? BlobGas.BaseFee(BlobGas.ExcessAfter(parent, rules), rules.Blob) : UInt256.Zero);
    }

    /// <summary>Whoever has been answered shall find receipt and nonce as they are after the block.</summary>
    static async Task AfterSealAsync(SoloDriver sealing, PoolFollower follower)
    {
        await sealing.SettledAsync().ConfigureAwait(false);
        follower.CatchUp();
    }

    static async Task RunAsync(NodeOptions options, params Task[] loops)
    {
        try
        {
            await (await Task.WhenAny(loops).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
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
