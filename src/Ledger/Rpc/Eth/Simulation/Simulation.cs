using Hufu.Chain;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Rpc;

/// <summary>A simulated block with what its calls did.</summary>
sealed record SimulatedBlock(Block Block, IReadOnlyList<Address> Senders, IReadOnlyList<SimulatedResult> Calls);

readonly record struct SimulatedResult(ExecutionResult Execution, IReadOnlyList<SimulatedLog> Logs);

/// <summary>Runs blocks of calls one after the other on a state of the chain; nothing of it is kept (execution-apis, eth_simulateV1).</summary>
/// <param name="gas">All that the calls may use together.</param>
sealed class Simulation(Ledger ledger, SimulationRequest request, StateTransition state, Header from, ulong gas, Func<bool> isOverdue)
{
    readonly Func<ulong, Hash256> _ancestors = ledger.Chain.AncestorsFrom(from);
    readonly Dictionary<ulong, Hash256> _hashes = [];
    Header _parent = null!;

    public RpcError? TryRun(out List<SimulatedBlock> blocks)
    {
        blocks = [];
        _parent = from;
        if (SimulatedChain.TryPlan(from, request.Blocks, out var planned) is { } disorder) return disorder;
        foreach (var plan in planned)
        {
            if (TryRun(plan, out var block) is { } error) return error;
            blocks.Add(block);
            _parent = block.Block.Header;
            _hashes[_parent.Number] = _parent.Hash;
        }
        return null;
    }

    RpcError? TryRun(in PlannedBlock plan, out SimulatedBlock block)
    {
        block = null!;
        var draft = Draft(plan);
        var (wishes, rules) = (plan.Wishes, ledger.RulesOf(draft));
        if (wishes.State.TryMovePrecompiles(PrecompileSet.For(rules), out var precompiles) is { } misplaced) return misplaced;
        state.Apply(wishes.State.ToDiff(state));

        var execution = new BlockExecution(ledger.Chain.Forks, ledger.Chain.Consensus, draft, state, HashOf, new SimulationWishes(precompiles, wishes.Block.BlobBaseFee));
        execution.Begin();
        var (calls, results) = (new List<SimulatedCall>(), new List<SimulatedResult>());
        var logs = new TransferLogs(request.TracesTransfers);
        foreach (var wanted in wishes.Calls)
        {
            if (isOverdue()) return new RpcError(RpcError.TimeoutCode, "the simulation took too long: simulate fewer calls, or with less gas");
            if (TryComplete(wanted, execution, out var call) is { } error) return error;
            var tracer = new TransferTracer(logs);
            var result = execution.IncludeCall(call.Transaction, call.ToRequest(), ref tracer);
            gas -= Math.Min(gas, result.GasUsed);
            calls.Add(call);
            results.Add(new SimulatedResult(result, logs.OfLastCall));
        }
        var withdrawals = rules.Has(Eip.Withdrawals) ? wishes.Block.Withdrawals ?? [] : null;
        if (execution.Finish(withdrawals, []) is { } refusal) return new RpcError(RpcError.InternalErrorCode, refusal.ToString());

        var transactions = calls.ConvertAll(call => call.Transaction);
        block = new SimulatedBlock(new Block(Finished(draft, execution, transactions, withdrawals), transactions, [], withdrawals), calls.ConvertAll(call => call.From), results);
        return null;
    }

    RpcError? TryComplete(CallObject wanted, BlockExecution execution, out SimulatedCall call)
    {
        call = null!;
        var (block, chainId) = (execution.Context, ledger.ChainId);
        if (wanted.ChainId is { } other && other != chainId) return RpcError.Server($"chainId does not match node's (have={other}, want={chainId})");
        var left = block.GasLimit - execution.GasUsed;
        var asked = wanted.Gas ?? left;
        if (asked > left) return new RpcError(RpcError.BlockGasLimitReachedCode, $"block gas limit reached: {execution.GasUsed} + {asked} > {block.GasLimit}");

        var nonce = wanted.Nonce ?? (state.TryGetAccount(wanted.From ?? Address.Zero, out var account) ? account.Nonce : 0);
        call = new SimulatedCall(wanted, nonce, Math.Min(asked, gas), execution.Rules.Has(Eip.BaseFee) ? block.BaseFeePerGas : null, chainId);
        return call.Check(state, block, execution.Rules, request.Validates);
    }

    /// <summary>The header as far as it is known before its calls run.</summary>
    Header Draft(in PlannedBlock plan)
    {
        var wishes = plan.Wishes.Block;
        var header = new Header
        {
            ParentHash = _parent.Hash,
            Number = plan.Number,
            Timestamp = plan.Time,
            Beneficiary = wishes.Beneficiary ?? _parent.Beneficiary,
            Difficulty = wishes.Difficulty ?? (IsMerged(plan.Number, plan.Time) ? UInt256.Zero : _parent.Difficulty),
            GasLimit = wishes.GasLimit ?? _parent.GasLimit,
            PrevRandao = wishes.Random ?? Hash256.Zero,
        };
        var rules = ledger.RulesOf(header);
        return header with
        {
            // Without validation a base fee of zero lets calls that bid nothing compare gas price and base fee as equal.
            BaseFeePerGas = !rules.Has(Eip.BaseFee) ? null : wishes.BaseFee ?? (request.Validates ? BaseFee.After(_parent) : UInt256.Zero),
            BlobGasUsed = rules.Has(Eip.BlobTransactions) ? 0 : null,
            ExcessBlobGas = !rules.Has(Eip.BlobTransactions) ? null : _parent.ExcessBlobGas is null ? 0 : BlobGas.ExcessAfter(_parent, rules),
            ParentBeaconBlockRoot = rules.Has(Eip.BeaconRoot) ? wishes.BeaconRoot ?? Hash256.Zero : null,
            SlotNumber = rules.Has(Eip.SlotNumber) ? (_parent.SlotNumber ?? 0) + 1 : null,
        };
    }

    Header Finished(Header draft, BlockExecution execution, IReadOnlyList<Transaction> transactions, IReadOnlyList<Withdrawal>? withdrawals) => draft with
    {
        TransactionsRoot = TrieRoot.OfTransactions(transactions),
        WithdrawalsRoot = withdrawals is null ? null : TrieRoot.OfWithdrawals(withdrawals),
        GasUsed = execution.GasUsed,
        BlobGasUsed = draft.BlobGasUsed is null ? null : execution.BlobGasUsed,
        LogsBloom = execution.LogsBloom,
        ReceiptsRoot = TrieRoot.OfReceipts(execution.Receipts),
        RequestsHash = execution.Rules.Has(Eip.GeneralRequests) ? Requests.Hash(execution.Requests) : null,
        BlockAccessListHash = execution.AccessList?.Hash,
        StateRoot = state.Root(),
    };

    // A block that only looks ahead from before The Merge must not stay before it for ever.
    bool IsMerged(ulong number, ulong time)
    {
        var forks = ledger.Chain.Forks;
        if (forks.TerminalTotalDifficulty is not { } terminal) return false;
        return terminal.IsZero || _parent.Difficulty.IsZero || forks.MergeNetsplitBlock <= number || forks.ByTime.Any(fork => fork.Time <= time);
    }

    Hash256 HashOf(ulong number) => _hashes.TryGetValue(number, out var hash) ? hash : _ancestors(number);
}
