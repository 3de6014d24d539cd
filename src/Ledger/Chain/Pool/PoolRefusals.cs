using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Why a transaction may not wait in the pool. Each opens with the words that wallets match on.</summary>
static class PoolRefusals
{
    public static readonly Refusal AlreadyKnown = new("already known", "the transaction waits in the pool", "there is nothing to do but wait for its receipt");

    public static readonly Refusal InvalidSender = new("invalid sender", "no account could have made this signature", "sign it again");

    public static Refusal NonceTooLow(ulong sent, ulong next) => new(
        What: $"nonce too low: next nonce {next}, tx nonce {sent}",
        Why: $"the sender's next nonce is {next}",
        Mend: $"sign it again with nonce {next}");

    public static Refusal NonceTooFar(ulong sent, ulong next, ulong furthest) => new(
        What: $"nonce too high: tx nonce {sent}, next nonce {next}",
        Why: $"the pool keeps nonces up to {furthest} of this sender",
        Mend: $"send the transactions from nonce {next} on first");

    public static Refusal TooManyGapped(ulong sent, ulong next, int most) => new(
        What: $"nonce too high: tx nonce {sent}, next nonce {next}",
        Why: $"{most} transactions of this sender wait for nonce {next} already",
        Mend: $"send the transaction with nonce {next} first");

    public static Refusal DelegatedLimit(int most) => new(
        What: "in-flight transaction limit reached for delegated accounts",
        Why: $"the sender runs another's code (EIP-7702): {most} of its transactions may wait at a time",
        Mend: "wait for the receipt of the one before, or replace it");

    public static Refusal DelegatedGap(ulong sent, ulong next) => new(
        What: "gapped-nonce tx from delegated accounts",
        Why: $"the sender runs another's code (EIP-7702), its next nonce is {next}, not {sent}",
        Mend: $"sign it again with nonce {next}");

    public static Refusal AuthorityReserved(in Address authority, int most) => new(
        What: "authority already reserved",
        Why: $"more than {most} of the transactions of {authority.ToChecksumString()}, which signed an authorization, wait already",
        Mend: "wait for their receipts");

    public static Refusal Oversized(int size, int limit) => new(
        What: $"oversized data: transaction size {size}, limit {limit}",
        Why: "a transaction this large crowds out others",
        Mend: "send less data in one transaction");

    public static Refusal ExceedsBlockGasLimit(ulong gas, ulong limit) => new(
        What: $"exceeds block gas limit: gas {gas}, limit {limit}",
        Why: $"no block has more than {limit} gas",
        Mend: "lower the gas limit, or split the work over several transactions");

    public static Refusal TipTooLow(in UInt256 tip, in UInt256 least) => new(
        What: $"transaction underpriced: gas tip cap {tip}, minimum needed {least}",
        Why: $"this node asks a tip of {least} wei per gas",
        Mend: "raise maxPriorityFeePerGas");

    public static Refusal FeeBelowBaseFee(in UInt256 cap, in UInt256 baseFee) => new(
        What: $"max fee per gas less than block base fee: maxFeePerGas: {cap}, baseFee: {baseFee}",
        Why: $"the next block asks {baseFee} wei per gas",
        Mend: "raise maxFeePerGas");

    public static Refusal BlobFeeBelowBaseFee(in UInt256 cap, in UInt256 baseFee) => new(
        What: $"max fee per blob gas less than block blob gas fee: maxFeePerBlobGas: {cap}, blobBaseFee: {baseFee}",
        Why: $"the next block asks {baseFee} wei per blob gas",
        Mend: "raise maxFeePerBlobGas");

    public static Refusal SenderNotEoa(in Address sender) => new(
        What: $"sender not an eoa: address {sender.ToChecksumString()}",
        Why: "a contract cannot sign transactions (EIP-3607)",
        Mend: "send it from an account without code");

    public static Refusal InsufficientFunds(in UInt256 balance, in UInt256 waiting, in UInt256? cost) => new(
        What: $"insufficient funds for gas * price + value: balance {balance}, queued cost {waiting}, tx cost {cost?.ToString() ?? "more than 256 bits"}",
        Why: "the sender may have to pay more than it holds",
        Mend: "fund the sender, or lower the value, the gas limit or the fee cap");

    public static Refusal ReplacementUnderpriced(int percent) => new(
        What: "replacement transaction underpriced",
        Why: $"a transaction with this nonce waits already; both fees of another must exceed its fees by {percent} %",
        Mend: "raise maxFeePerGas and maxPriorityFeePerGas, or wait");

    public static Refusal Full(in UInt256 tip) => new(
        What: "txpool is full",
        Why: $"every transaction that waits is worth more than a tip of {tip} wei per gas, or its sender has waited with fewer",
        Mend: "raise maxPriorityFeePerGas, or try again later");

    public static Refusal NotWritten(string why) => new(
        What: "the transaction cannot be kept",
        Why: $"the pool's journal cannot be written: {why}",
        Mend: "free some space on the node's disk and send it again");

    public static Refusal Blobs(string why) => new($"blob sidecar invalid: {why}", why, "send the blobs with commitments and proofs that fit them");
}
