using Hufu.Crypto;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>
/// What may enter the pool. First the checks that need no state and may run on many threads at once, then, under the pool's lock, those
/// against the sender's account at the head.
/// </summary>
sealed class Admission(PoolOptions options, ulong chainId)
{
    /// <summary>Form, size and fees: what costs nothing to look at.</summary>
    public Refusal? CheckUnsigned(Transaction transaction, PoolHead head)
    {
        if (transaction.Encoded.Length > options.MaxTransactionBytes) return PoolRefusals.Oversized(transaction.Encoded.Length, options.MaxTransactionBytes);
        if (TransactionForm.RefusalOf(transaction, head.NextRules, chainId, head.Header.GasLimit, out _) is { } refusal) return refusal.Refusal;
        return CheckGasLimit(transaction, head) ?? CheckFees(transaction, head);
    }

    /// <summary>Signature, permission and blobs of what passed <see cref="CheckUnsigned"/>. The sender is known afterwards.</summary>
    public Refusal? CheckSigned(Transaction transaction, BlobSidecar? sidecar, PoolHead head, out Address sender) =>
        (SenderRecovery.TryRecover(transaction, head.NextRules, out sender) ? null : PoolRefusals.InvalidSender)
        ?? options.Permission?.Invoke(transaction, sender)
        ?? BlobCheck.Check(transaction, sidecar, head.NextRules);

    static Refusal? CheckGasLimit(Transaction transaction, PoolHead head) =>
        transaction.GasLimit > head.Header.GasLimit ? PoolRefusals.ExceedsBlockGasLimit(transaction.GasLimit, head.Header.GasLimit) : null;

    Refusal? CheckFees(Transaction transaction, PoolHead head)
    {
        if (transaction.MaxPriorityFeePerGas < options.MinTip) return PoolRefusals.TipTooLow(transaction.MaxPriorityFeePerGas, options.MinTip);
        if (!options.RefusesBelowBaseFee) return null;
        if (transaction.MaxFeePerGas < head.NextBaseFee) return PoolRefusals.FeeBelowBaseFee(transaction.MaxFeePerGas, head.NextBaseFee);
        return transaction.Type == TransactionType.Blob && transaction.MaxFeePerBlobGas < head.NextBlobBaseFee
            ? PoolRefusals.BlobFeeBelowBaseFee(transaction.MaxFeePerBlobGas, head.NextBlobBaseFee) : null;
    }

    /// <summary>Who signed the authorizations, each once; what nobody signed has no effect either.</summary>
    public static IReadOnlyList<Address> AuthoritiesOf(Transaction transaction)
    {
        if (transaction.AuthorizationList.Count == 0) return [];
        var authorities = new HashSet<Address>();
        foreach (var authorization in transaction.AuthorizationList)
            if (SenderRecovery.TryRecoverAuthority(authorization, out var authority)) authorities.Add(authority);
        return [.. authorities];
    }

    /// <summary>Few transactions wait of an account that others may empty (EIP-7702).</summary>
    /// <param name="isDelegated">Whether the sender's code is a delegation, or will be.</param>
    /// <param name="countOf">How many transactions of an account wait.</param>
    public Refusal? CheckDelegation(Transaction transaction, in Account account, bool isDelegated, SenderQueue? waiting, IReadOnlyList<Address> authorities, Func<Address, int> countOf)
    {
        if (isDelegated && waiting?.Find(transaction.Nonce) is null)
        {
            var count = waiting?.Count ?? 0;
            if (count >= options.MaxPerDelegatedSender) return PoolRefusals.DelegatedLimit(options.MaxPerDelegatedSender);
            if (transaction.Nonce != account.Nonce + (ulong)count) return PoolRefusals.DelegatedGap(transaction.Nonce, account.Nonce + (ulong)count);
        }
        foreach (var authority in authorities)
            if (countOf(authority) > options.MaxPerDelegatedSender) return PoolRefusals.AuthorityReserved(authority, options.MaxPerDelegatedSender);
        return null;
    }

    /// <summary>Nonce, code and funds. What the sender's other transactions may cost counts too, but not the one that this would replace.</summary>
    public Refusal? CheckAgainstAccount(Transaction transaction, in Address sender, in Account account, SenderQueue? waiting, PoolHead head)
    {
        if (transaction.Nonce < account.Nonce) return PoolRefusals.NonceTooLow(transaction.Nonce, account.Nonce);
        if (transaction.Nonce - account.Nonce > options.MaxNonceGap) return PoolRefusals.NonceTooFar(transaction.Nonce, account.Nonce, account.Nonce + options.MaxNonceGap);
        if (account.HasCode && !transaction.IsImpersonated && !(head.NextRules.Has(Eip.SetCodeTransactions) && Delegation.TryRead(head.State.GetCode(account.CodeHash), out _)))
            return PoolRefusals.SenderNotEoa(sender);

        var cost = PooledTransaction.CostOf(transaction);
        var replaced = waiting?.Find(transaction.Nonce);
        var others = (waiting?.Cost ?? UInt256.Zero) - (replaced?.Cost ?? UInt256.Zero);
        if (cost is not { } known || !UInt256.TryAdd(known, others, out var all) || all > account.Balance)
            return PoolRefusals.InsufficientFunds(account.Balance, others, cost);

        if (replaced is null) return waiting is not null && waiting.IsFullOfGapped(transaction.Nonce, options.MaxGappedPerSender)
            ? PoolRefusals.TooManyGapped(transaction.Nonce, waiting.NextNonce, options.MaxGappedPerSender) : null;
        return CheckReplacement(transaction, replaced.Transaction);
    }

    Refusal? CheckReplacement(Transaction transaction, Transaction replaced)
    {
        var hasBlobs = transaction.Type == TransactionType.Blob || replaced.Type == TransactionType.Blob;
        var percent = hasBlobs ? options.BlobPriceBumpPercent : options.PriceBumpPercent;
        var enough = IsBumped(transaction.MaxFeePerGas, replaced.MaxFeePerGas, percent)
            && IsBumped(transaction.MaxPriorityFeePerGas, replaced.MaxPriorityFeePerGas, percent)
            && (replaced.Type != TransactionType.Blob || IsBumped(transaction.MaxFeePerBlobGas, replaced.MaxFeePerBlobGas, percent));
        return enough ? null : PoolRefusals.ReplacementUnderpriced(percent);
    }

    // Rounded up, and always more than before. A fee near 2^256 has no bump that fits, nor has anyone the funds.
    static bool IsBumped(in UInt256 fee, in UInt256 before, int percent) =>
        fee > before && UInt256.TryMultiply(before, (ulong)(100 + percent), out var least) && (fee >= (least + 99) / 100);
}
