using Hufu.Network;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What the methods of a node may do beyond reading the ledger.</summary>
public sealed record LedgerMethodOptions
{
    /// <summary>The most gas an eth_call or an estimate may use.</summary>
    public ulong GasCap { get; init; } = 50_000_000;

    /// <summary>The tip suggested where no recent block tells what is usual, in Wei per gas.</summary>
    public UInt256 UsualTip { get; init; } = 1_000_000_000;

    public TraceLimits Traces { get; init; } = new();

    /// <summary>Whether testing_buildBlockV1 is offered: it lets anyone who reaches the port have blocks built.</summary>
    public bool OffersTesting { get; init; }

    public LogLimits Logs { get; init; } = new();

    /// <summary>Accounts that anyone who reaches the port can sign with.</summary>
    public UnlockedAccounts Accounts { get; init; } = UnlockedAccounts.None;

    /// <summary>Whether this is a development chain: it says so in its name, and eth_sendTransaction answers a transaction that reverted in a block with the reason, as Hardhat's network does.</summary>
    public bool IsDevelopment { get; init; }

    /// <summary>Who receives the fees of the blocks made here; null where none are, or somebody else says so.</summary>
    public Func<Address>? Beneficiary { get; init; }

    /// <summary>Whom the node is connected with; null where it stands alone.</summary>
    public PeerSet? Peers { get; init; }

    /// <summary>Completes when the chain has had the chance to include what the pool has just taken. Null: transactions wait for the next block, and nobody waits for them.</summary>
    public Func<Task>? AfterPooled { get; init; }
}

/// <summary>The list of methods of a ledger node, each by its name.</summary>
public static class LedgerMethods
{
    public static MethodTable Of(Ledger ledger, LedgerMethodOptions options)
    {
        var network = new EthNetwork(ledger);
        var net = new NetMethods(options.Peers);
        var blocks = new EthBlocks(ledger);
        var state = new EthState(ledger);
        var proofs = new EthProofs(ledger);
        var calls = new EthCalls(ledger, options.GasCap);
        var simulate = new EthSimulate(ledger, options.GasCap);
        var fees = new EthFees(ledger, options.UsualTip);
        var logs = new EthLogs(ledger, options.Logs);
        var filters = new EthFilters(ledger, logs, TimeProvider.System);
        var subscriptions = new EthSubscriptions(ledger.News);
        var transactions = new EthTransactions(ledger, options.AfterPooled);
        var accounts = new EthAccounts(ledger, options.Accounts, transactions, options.GasCap, options.UsualTip, tellsReverts: options.IsDevelopment);
        var pool = new TxPoolMethods(ledger);
        var raw = new DebugRaw(ledger);
        var debug = new DebugTrace(ledger, options.GasCap);
        var traces = new TraceMethods(ledger, options.Traces);
        var replays = new TraceReplays(ledger, options.GasCap, options.Traces);

        var methods = new MethodTable();
        if (options.IsDevelopment) methods.AddWaiting("eth_sendUnsignedTransaction", accounts.SendUnsigned);
        if (options.OffersTesting) methods.Add("testing_buildBlockV1", new TestingBlocks(ledger).BuildBlock);
        return methods
            .Add("eth_chainId", network.ChainId)
            .Add("eth_syncing", network.Syncing)
            .Add("eth_capabilities", network.Capabilities)
            .Add("eth_coinbase", new EthCoinbase(options.Beneficiary).Get)
            .Add("eth_config", new EthConfig(ledger).Get)
            .Add("net_version", network.NetVersion)
            .Add("net_listening", net.Listening)
            .Add("net_peerCount", net.PeerCount)
            .Add("web3_clientVersion", options.IsDevelopment ? Web3Methods.DevelopmentVersion : Web3Methods.ClientVersion)
            .Add("web3_sha3", Web3Methods.Sha3)
            .Add("rpc_modules", RpcMethods.Modules)
            .Add("rpc.discover", RpcMethods.Discover)

            .Add("eth_blockNumber", blocks.BlockNumber)
            .Add("eth_getBlockByNumber", blocks.GetByNumber)
            .Add("eth_getBlockByHash", blocks.GetByHash)
            .Add("eth_getBlockTransactionCountByNumber", blocks.CountByNumber)
            .Add("eth_getBlockTransactionCountByHash", blocks.CountByHash)
            .Add("eth_getUncleCountByBlockNumber", blocks.OmmerCountByNumber)
            .Add("eth_getUncleCountByBlockHash", blocks.OmmerCountByHash)
            .Add("eth_getUncleByBlockNumberAndIndex", blocks.OmmerByNumber)
            .Add("eth_getUncleByBlockHashAndIndex", blocks.OmmerByHash)
            .Add("eth_getBlockReceipts", blocks.GetReceipts)

            .Add("eth_getBalance", state.GetBalance)
            .Add("eth_getCode", state.GetCode)
            .Add("eth_getTransactionCount", state.GetTransactionCount)
            .Add("eth_getStorageAt", state.GetStorageAt)
            .Add("eth_getStorageValues", state.GetStorageValues)
            .Add("eth_getProof", proofs.Get)

            .Add("eth_call", calls.Call)
            .Add("eth_estimateGas", calls.EstimateGas)
            .Add("eth_createAccessList", calls.CreateAccessList)
            .Add("eth_simulateV1", simulate.Simulate)

            .Add("eth_gasPrice", fees.GasPrice)
            .Add("eth_maxPriorityFeePerGas", fees.MaxPriorityFee)
            .Add("eth_baseFee", fees.BaseFee)
            .Add("eth_blobBaseFee", fees.BlobBaseFee)
            .Add("eth_feeHistory", fees.FeeHistory)

            .AddGrouped("eth_sendRawTransaction", transactions.SendRaw)
            .Add("eth_getTransactionByHash", transactions.GetByHash)
            .Add("eth_getTransactionByBlockHashAndIndex", transactions.GetByBlockHash)
            .Add("eth_getTransactionByBlockNumberAndIndex", transactions.GetByBlockNumber)
            .Add("eth_getRawTransactionByHash", transactions.GetRawByHash)
            .Add("eth_getTransactionReceipt", transactions.GetReceipt)

            .Add("eth_accounts", accounts.List)
            .Add("eth_requestAccounts", accounts.List)
            .AddWaiting("eth_sendTransaction", accounts.SendTransaction)
            .Add("eth_signTransaction", accounts.SignTransaction)
            .Add("eth_fillTransaction", accounts.FillTransaction)
            .Add("eth_pendingTransactions", accounts.Pending)
            .Add("eth_sign", accounts.Sign)
            .Add("personal_sign", accounts.PersonalSign)
            .Add("eth_signTypedData", accounts.SignTypedData)
            .Add("eth_signTypedData_v3", accounts.SignTypedData)
            .Add("eth_signTypedData_v4", accounts.SignTypedData)

            .Add("eth_getLogs", logs.GetLogs)
            .Add("eth_newFilter", filters.NewFilter)
            .Add("eth_newBlockFilter", filters.NewBlockFilter)
            .Add("eth_newPendingTransactionFilter", filters.NewPendingTransactionFilter)
            .Add("eth_uninstallFilter", filters.Uninstall)
            .Add("eth_getFilterChanges", filters.GetChanges)
            .Add("eth_getFilterLogs", filters.GetLogs)
            .Add("eth_subscribe", subscriptions.Subscribe)
            .Add("eth_unsubscribe", EthSubscriptions.Unsubscribe)

            .Add("txpool_status", pool.Status)
            .Add("txpool_content", pool.Content)
            .Add("txpool_contentFrom", pool.ContentFrom)
            .Add("txpool_inspect", pool.Inspect)

            .Add("debug_getRawHeader", raw.Header)
            .Add("debug_getRawBlock", raw.Block)
            .Add("debug_getRawReceipts", raw.Receipts)
            .Add("debug_getRawTransaction", transactions.GetRawByHash)
            .Add("debug_getBadBlocks", raw.BadBlocks)
            .Add("debug_traceTransaction", debug.Transaction)
            .Add("debug_traceBlockByNumber", debug.BlockByNumber)
            .Add("debug_traceBlockByHash", debug.BlockByHash)
            .Add("debug_traceBlock", debug.BlockOfRlp)
            .Add("debug_traceCall", debug.Call)

            .Add("trace_block", traces.Block)
            .Add("trace_transaction", traces.Transaction)
            .Add("trace_get", traces.Get)
            .Add("trace_filter", traces.Filter)
            .Add("trace_replayTransaction", replays.ReplayTransaction)
            .Add("trace_replayBlockTransactions", replays.ReplayBlock)
            .Add("trace_call", replays.Call)
            .Add("trace_callMany", replays.CallMany)
            .Add("trace_rawTransaction", replays.RawTransaction);
    }
}
