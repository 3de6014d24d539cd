using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>A transaction in its block, with its receipt and what the block tells of both.</summary>
/// <param name="GasUsed">By this transaction alone.</param>
/// <param name="FirstLogIndex">How many logs the transactions before it left in the block.</param>
public sealed record TransactionOutcome(Block Block, int Index, Receipt Receipt, ulong GasUsed, int FirstLogIndex)
{
    public Transaction Transaction => Block.Transactions[Index];

    /// <summary>What the sender paid for one gas, in Wei.</summary>
    public UInt256 EffectiveGasPrice => Transaction.EffectiveGasPrice(Block.Header.BaseFeePerGas ?? UInt256.Zero);

    /// <summary>The address that a creation made, or would have made.</summary>
    public static Address? ContractAddress(Transaction transaction, in Address sender) =>
        transaction.IsCreate ? Address.ForCreate(sender, transaction.Nonce) : null;

    /// <summary>The outcome of one transaction of a block.</summary>
    public static TransactionOutcome Of(Block block, IReadOnlyList<Receipt> receipts, int index)
    {
        var logs = 0;
        for (var i = 0; i < index; i++) logs += receipts[i].Logs.Count;
        return new TransactionOutcome(block, index, receipts[index], receipts[index].CumulativeGasUsed - (index == 0 ? 0 : receipts[index - 1].CumulativeGasUsed), logs);
    }

    /// <summary>The outcomes of a block's transactions in their order.</summary>
    public static IReadOnlyList<TransactionOutcome> Of(Block block, IReadOnlyList<Receipt> receipts)
    {
        var outcomes = new TransactionOutcome[receipts.Count];
        var (gas, logs) = (0UL, 0);
        for (var i = 0; i < outcomes.Length; i++)
        {
            var receipt = receipts[i];
            outcomes[i] = new TransactionOutcome(block, i, receipt, receipt.CumulativeGasUsed - gas, logs);
            gas = receipt.CumulativeGasUsed;
            logs += receipt.Logs.Count;
        }
        return outcomes;
    }
}
