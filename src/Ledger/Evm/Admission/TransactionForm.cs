using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>What a fork asks of a transaction whatever the state: type, chain, gas, fee caps, blobs, init code.</summary>
public static class TransactionForm
{
    /// <summary>The most gas one transaction may ask for (EIP-7825).</summary>
    public const ulong GasLimitCap = 1 << 24;

    /// <summary>The most blobs one transaction may carry (EIP-7594).</summary>
    public const int MaxBlobsPerTransaction = 6;

    const byte KzgVersion = 0x01;

    /// <summary>Null where the transaction's form is good.</summary>
    /// <param name="blockGasLimit">That of the block it would stand in.</param>
    /// <param name="intrinsicGas">Known in either case.</param>
    public static AdmissionRefusal? RefusalOf(Transaction transaction, ForkRules rules, ulong chainId, ulong blockGasLimit, out IntrinsicGas intrinsicGas)
    {
        intrinsicGas = IntrinsicGas.Of(transaction, rules, blockGasLimit);
        return TypeRefusal(transaction, rules, chainId)
            ?? NonceRefusal(transaction)
            ?? GasRefusal(transaction, rules, intrinsicGas)
            ?? FeeCapRefusal(transaction)
            ?? FeeProductRefusal(transaction)
            ?? InitCodeRefusal(transaction, rules)
            ?? transaction.Type switch
            {
                TransactionType.Blob => BlobRefusal(transaction, rules),
                TransactionType.SetCode => SetCodeRefusal(transaction),
                _ => null,
            };
    }

    static AdmissionRefusal? TypeRefusal(Transaction transaction, ForkRules rules, ulong chainId)
    {
        var supported = transaction.Type switch
        {
            TransactionType.Legacy => true,
            TransactionType.AccessList => rules.Has(Eip.AccessLists),
            TransactionType.DynamicFee => rules.Has(Eip.BaseFee),
            TransactionType.Blob => rules.Has(Eip.BlobTransactions),
            TransactionType.SetCode => rules.Has(Eip.SetCodeTransactions),
            _ => false,
        };
        if (!supported) return new(AdmissionFailure.TypeNotSupported, new(
            What: $"transaction type not supported: 0x{(byte)transaction.Type:x2}",
            Why: $"the block's rules are those of {rules.Fork}",
            Mend: "send a legacy transaction, or wait for the fork"));
        if (transaction.ChainId is not { } signed) return null;
        if (!rules.Has(Eip.ReplayProtection)) return new(AdmissionFailure.ReplayProtectionNotSupported, new(
            What: "only replay-unprotected transactions allowed before EIP-155",
            Why: $"the block's rules are those of {rules.Fork}",
            Mend: "sign it without a chain id"));
        if (signed != chainId) return new(AdmissionFailure.ChainIdMismatch, new(
            What: $"invalid chain id for signer: have {signed} want {chainId}",
            Why: $"this chain is {chainId}",
            Mend: $"sign it again for chain {chainId}"));
        return null;
    }

    static AdmissionRefusal? NonceRefusal(Transaction transaction) =>
        transaction.Nonce <= Transaction.MaxNonce ? null : new(AdmissionFailure.NonceMaximum, new(
            What: $"nonce has max value: {transaction.Nonce}",
            Why: "no account may reach the nonce 2^64 - 1 (EIP-2681)",
            Mend: "use another sender"));

    static AdmissionRefusal? GasRefusal(Transaction transaction, ForkRules rules, in IntrinsicGas intrinsicGas)
    {
        var limit = transaction.GasLimit;
        if (limit < intrinsicGas.Gas) return new(AdmissionFailure.IntrinsicGasTooLow, new(
            What: $"intrinsic gas too low: gas {limit}, minimum needed {intrinsicGas.Gas}",
            Why: "the data, the access list and the creation cost more than the gas limit before the first instruction",
            Mend: $"set a gas limit of at least {intrinsicGas.Least}"));
        if (limit < intrinsicGas.Floor) return new(AdmissionFailure.FloorDataGasTooLow, new(
            What: $"insufficient gas for floor data gas cost: gas {limit}, minimum needed {intrinsicGas.Floor}",
            Why: "the data has a least price (EIP-7623)",
            Mend: $"set a gas limit of at least {intrinsicGas.Least}"));
        // Since EIP-8037 the cap bounds the work; what a transaction asks for beyond it pays for state.
        var work = rules.Has(Eip.StateGas) ? Math.Max(intrinsicGas.Regular, intrinsicGas.Floor) : limit;
        if (rules.Has(Eip.TransactionGasLimitCap) && work > GasLimitCap) return new(AdmissionFailure.GasLimitAboveCap, new(
            What: $"transaction gas limit too high (cap: {GasLimitCap}, tx: {work})",
            Why: $"one transaction may ask for {GasLimitCap} gas at most (EIP-7825)",
            Mend: "lower the gas limit, or split the work over several transactions"));
        return null;
    }

    static AdmissionRefusal? FeeCapRefusal(Transaction transaction) =>
        transaction.MaxPriorityFeePerGas <= transaction.MaxFeePerGas ? null : new(AdmissionFailure.TipAboveFeeCap, new(
            What: $"max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: {transaction.MaxPriorityFeePerGas}, maxFeePerGas: {transaction.MaxFeePerGas}",
            Why: "the tip is part of the fee",
            Mend: "raise maxFeePerGas or lower maxPriorityFeePerGas"));

    static AdmissionRefusal? FeeProductRefusal(Transaction transaction) =>
        UInt256.TryMultiply(transaction.GasLimit, transaction.MaxFeePerGas, out _) ? null : new(AdmissionFailure.InsufficientFunds, new(
            What: "insufficient funds for gas * price + value: gas * price exceeds 256 bits",
            Why: "no account can hold so much",
            Mend: "lower the gas limit or the fee cap"));

    static AdmissionRefusal? InitCodeRefusal(Transaction transaction, ForkRules rules) =>
        !transaction.IsCreate || !rules.Has(Eip.InitCodeLimit) || transaction.Data.Length <= CodeLimits.Of(rules).MaxInitCodeSize ? null
        : new(AdmissionFailure.InitCodeTooLarge, new(
            What: $"max initcode size exceeded: code size {transaction.Data.Length} limit {CodeLimits.Of(rules).MaxInitCodeSize}",
            Why: "init code is limited (EIP-3860)",
            Mend: "split the contract"));

    /// <summary>What is wrong with a blob transaction as such (EIP-4844, EIP-7594), or null.</summary>
    public static AdmissionRefusal? BlobRefusal(Transaction transaction, ForkRules rules)
    {
        var hashes = transaction.BlobVersionedHashes;
        if (transaction.IsCreate) return new(AdmissionFailure.BlobTransactionCreates, new(
            What: "blob transaction of type create", Why: "a blob transaction has a recipient (EIP-4844)", Mend: "create in a transaction without blobs"));
        if (hashes.Count == 0) return new(AdmissionFailure.NoBlobs, new(
            What: "blob transaction missing blob hashes", Why: "a blob transaction carries at least one blob (EIP-4844)", Mend: "send a transaction of type 2"));
        foreach (var hash in hashes)
            if (hash.Bytes[0] != KzgVersion) return new(AdmissionFailure.BlobHashVersionUnknown, new(
                What: $"blob has invalid hash version: {hash}", Why: "versioned hashes of KZG commitments begin with 0x01 (EIP-4844)", Mend: "derive the hash from the commitment"));
        var most = (int)rules.Blob.Max;
        if (rules.Has(Eip.PeerDas)) most = Math.Min(most, MaxBlobsPerTransaction);
        if (hashes.Count > most) return new(AdmissionFailure.TooManyBlobs, new(
            What: $"too many blobs in transaction (have {hashes.Count}, permitted {most})", Why: $"{most} blobs are the most", Mend: "send several transactions"));
        return null;
    }

    /// <summary>What is wrong with a set-code transaction as such (EIP-7702), or null.</summary>
    public static AdmissionRefusal? SetCodeRefusal(Transaction transaction)
    {
        if (transaction.IsCreate) return new(AdmissionFailure.SetCodeTransactionCreates, new(
            What: "EIP-7702 transaction cannot be used to create contract", Why: "it has a recipient (EIP-7702)", Mend: "create in a transaction of type 2"));
        if (transaction.AuthorizationList.Count == 0) return new(AdmissionFailure.NoAuthorizations, new(
            What: "EIP-7702 transaction with empty auth list", Why: "it carries at least one authorization (EIP-7702)", Mend: "send a transaction of type 2"));
        return null;
    }
}
