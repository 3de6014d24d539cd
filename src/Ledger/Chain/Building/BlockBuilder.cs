using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Chain;

/// <summary>Builds a block on any kept parent. Each transaction runs once, here; the block that comes out is imported without running again.</summary>
public sealed class BlockBuilder(HeaderRules headers)
{
    // No transaction fits into less.
    const ulong LeastTransactionGas = 21_000;

    // A block of only this many refusals in a row is full for all that matters.
    const int MaxMisses = 1000;

    /// <param name="rules">Those of the block to be built.</param>
    public ExecutedBlock Build(Header parent, ForkRules rules, BlockAttributes attributes, ITransactionSource source, StateTransition state, Func<ulong, Hash256> ancestor)
    {
        var draft = Draft(parent, rules, attributes);
        var execution = new BlockExecution(headers.Forks, headers.Consensus, draft, state, ancestor);
        var withdrawals = execution.Rules.Has(Eip.Withdrawals) ? attributes.Withdrawals ?? [] : null;

        execution.Begin();
        var transactions = Include(execution, source, BlockSize(draft, withdrawals), attributes.GasBudget ?? ulong.MaxValue);
        if (execution.Finish(withdrawals, []) is { } refusal)
            throw new InvalidOperationException($"no block can be built here: {refusal}");

        var header = draft with
        {
            TransactionsRoot = TrieRoot.OfTransactions(transactions),
            WithdrawalsRoot = withdrawals is null ? null : TrieRoot.OfWithdrawals(withdrawals),
            GasUsed = execution.GasUsed,
            BlobGasUsed = execution.Rules.Has(Eip.BlobTransactions) ? execution.BlobGasUsed : null,
            LogsBloom = execution.LogsBloom,
            ReceiptsRoot = TrieRoot.OfReceipts(execution.Receipts),
            RequestsHash = execution.Rules.Has(Eip.GeneralRequests) ? Requests.Hash(execution.Requests) : null,
            BlockAccessListHash = execution.AccessList?.Hash,
            StateRoot = state.Root(),
        };
        return new ExecutedBlock(new Block(header, transactions, [], withdrawals), parent, state, execution) { BendsRules = attributes.BaseFeePerGas is not null || attributes.GasLimit is not null };
    }

    /// <summary>The header of a child as far as it is known before its transactions run.</summary>
    public Header Draft(Header parent, ForkRules rules, BlockAttributes attributes)
    {
        var number = parent.Number + 1;
        return new Header
        {
            ParentHash = parent.Hash,
            Beneficiary = attributes.Beneficiary,
            Difficulty = headers.Consensus.DifficultyAfter(parent, attributes.Timestamp, rules),
            Number = number,
            GasLimit = attributes.GasLimit ?? GasLimit(HeaderRules.ParentGasLimit(parent, rules), attributes.GasLimitTarget),
            Timestamp = attributes.Timestamp,
            ExtraData = headers.IsDaoExtraDataDue(number) ? "dao-hard-fork"u8.ToArray() : attributes.ExtraData,
            PrevRandao = attributes.PrevRandao,
            BaseFeePerGas = rules.Has(Eip.BaseFee) ? attributes.BaseFeePerGas ?? BaseFee.After(parent) : null,
            BlobGasUsed = rules.Has(Eip.BlobTransactions) ? 0 : null,
            ExcessBlobGas = rules.Has(Eip.BlobTransactions) ? BlobGas.ExcessAfter(parent, rules) : null,
            ParentBeaconBlockRoot = rules.Has(Eip.BeaconRoot) ? attributes.ParentBeaconBlockRoot : null,
            SlotNumber = rules.Has(Eip.SlotNumber) ? attributes.SlotNumber ?? (parent.SlotNumber ?? 0) + 1 : null,
        };
    }

    /// <summary>As near to the target as one block may go (yellow paper, section 4.3.4).</summary>
    public static ulong GasLimit(ulong parent, ulong? target)
    {
        var wanted = Math.Clamp(target ?? parent, HeaderRules.MinGasLimit, HeaderRules.MaxGasLimit);
        var step = parent / HeaderRules.GasLimitBoundDivisor;
        if (step > 0) step--;
        return wanted > parent ? Math.Min(wanted, parent + step) : Math.Max(wanted, parent - step);
    }

    static List<Transaction> Include(BlockExecution execution, ITransactionSource source, int sizeBytes, ulong gasBudget)
    {
        var transactions = new List<Transaction>();
        var sizeLimit = execution.Rules.Has(Eip.BlockSizeLimit) ? BlockVerification.MaxSizeBytes : int.MaxValue;
        var misses = 0;
        while (misses < MaxMisses && execution.Context.GasLimit - execution.GasUsed >= LeastTransactionGas && execution.GasUsed < gasBudget && source.TryTake(out var transaction, out var sender))
        {
            // A typed envelope stands in the block as a byte string, with a few bytes before it.
            var size = transaction.Encoded.Length + 5;
            if (size > sizeLimit - sizeBytes || execution.TryInclude(transaction, sender) is not null)
            {
                source.SkipSender();
                misses++;
                continue;
            }
            transactions.Add(transaction);
            sizeBytes += size;
            misses = 0;
        }
        return transactions;
    }

    // What the block weighs before its transactions, generously.
    static int BlockSize(Header draft, IReadOnlyList<Withdrawal>? withdrawals) => 1024 + draft.ExtraData.Length + 64 * (withdrawals?.Count ?? 0);
}
