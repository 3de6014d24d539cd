using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// A transaction fit to run in its block: of a form the fork knows, affordable, its nonce next in line. Only <see cref="TryAdmit"/> makes one.
/// Room in the block (gas, blob gas) is for the block's builder or checker to see to.
/// </summary>
public sealed class AdmittedTransaction
{
    AdmittedTransaction(Transaction transaction, in Address sender, IntrinsicGas intrinsicGas) =>
        (Transaction, Sender, IntrinsicGas) = (transaction, sender, intrinsicGas);

    public Transaction Transaction { get; }
    public Address Sender { get; }
    public IntrinsicGas IntrinsicGas { get; }

    /// <param name="sender">Who signed; recovering it is the caller's part.</param>
    /// <param name="view">The state the transaction would run on.</param>
    public static bool TryAdmit(Transaction transaction, in Address sender, IStateView view, BlockContext block, ForkRules rules,
        [NotNullWhen(true)] out AdmittedTransaction? admitted, [NotNullWhen(false)] out AdmissionRefusal? refusal)
    {
        admitted = null;
        if (!view.TryGetAccount(sender, out var account)) account = Account.Empty;

        refusal = TransactionForm.RefusalOf(transaction, rules, block.ChainId, block.GasLimit, out var intrinsicGas)
            ?? NonceRefusal(transaction, account)
            ?? (transaction.IsImpersonated ? null : SenderRefusal(sender, account, view, rules))
            ?? FeeRefusal(transaction, block, rules)
            ?? FundsRefusal(transaction, sender, account);
        if (refusal is not null) return false;

        admitted = new AdmittedTransaction(transaction, sender, intrinsicGas);
        return true;
    }

    static AdmissionRefusal? NonceRefusal(Transaction transaction, in Account account)
    {
        var (sent, next) = (transaction.Nonce, account.Nonce);
        if (sent < next) return new(AdmissionFailure.NonceTooLow, new(
            What: $"nonce too low: next nonce {next}, tx nonce {sent}",
            Why: $"the sender's next nonce is {next}",
            Mend: $"sign it again with nonce {next}"));
        if (sent > next) return new(AdmissionFailure.NonceTooHigh, new(
            What: $"nonce too high: tx nonce {sent}, next nonce {next}",
            Why: $"the sender's next nonce is {next}",
            Mend: $"send the transactions with nonces {next} to {sent - 1} first"));
        return null;
    }

    // EIP-3607, and the one kind of code that may send (EIP-7702).
    static AdmissionRefusal? SenderRefusal(in Address sender, in Account account, IStateView view, ForkRules rules)
    {
        if (!account.HasCode) return null;
        if (rules.Has(Eip.SetCodeTransactions) && Delegation.TryRead(view.GetCode(account.CodeHash), out _)) return null;
        return new(AdmissionFailure.SenderNotEoa, new(
            What: $"sender not an eoa: address {sender.ToChecksumString()}, codehash: {account.CodeHash}",
            Why: "a contract cannot sign transactions (EIP-3607)",
            Mend: "send it from an account without code"));
    }

    static AdmissionRefusal? FeeRefusal(Transaction transaction, BlockContext block, ForkRules rules)
    {
        if (rules.Has(Eip.BaseFee) && transaction.MaxFeePerGas < block.BaseFeePerGas) return new(AdmissionFailure.FeeCapBelowBaseFee, new(
            What: $"max fee per gas less than block base fee: maxFeePerGas: {transaction.MaxFeePerGas}, baseFee: {block.BaseFeePerGas}",
            Why: $"the block asks {block.BaseFeePerGas} wei per gas",
            Mend: "raise maxFeePerGas, or wait for a cheaper block"));
        if (transaction.Type == TransactionType.Blob && transaction.MaxFeePerBlobGas < block.BlobBaseFee) return new(AdmissionFailure.BlobFeeCapBelowBlobBaseFee, new(
            What: $"max fee per blob gas less than block blob gas fee: blobGasFeeCap: {transaction.MaxFeePerBlobGas}, blobBaseFee: {block.BlobBaseFee}",
            Why: $"the block asks {block.BlobBaseFee} wei per blob gas",
            Mend: "raise maxFeePerBlobGas, or wait for a cheaper block"));
        return null;
    }

    // The caps are what must be affordable, not the prices (EIP-1559, EIP-4844).
    static AdmissionRefusal? FundsRefusal(Transaction transaction, in Address sender, in Account account)
    {
        var fits = UInt256.TryMultiply(transaction.GasLimit, transaction.MaxFeePerGas, out var cost)
            & UInt256.TryMultiply(transaction.BlobGas, transaction.MaxFeePerBlobGas, out var blobCost);
        fits = fits && UInt256.TryAdd(cost, blobCost, out cost) && UInt256.TryAdd(cost, transaction.Value, out cost);
        if (fits && cost <= account.Balance) return null;
        var want = fits ? cost.ToString() : "more than 256 bits";
        return new(AdmissionFailure.InsufficientFunds, new(
            What: $"insufficient funds for gas * price + value: address {sender.ToChecksumString()} have {account.Balance} want {want}",
            Why: $"the sender holds {account.Balance} wei and may have to pay {want}",
            Mend: "fund the sender, or lower the value, the gas limit or the fee cap"));
    }
}
