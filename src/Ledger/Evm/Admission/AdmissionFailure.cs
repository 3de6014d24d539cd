using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>The rule a transaction broke, for programs; the words for people are in <see cref="AdmissionRefusal.Refusal"/>.</summary>
public enum AdmissionFailure
{
    /// <summary>The signature is nobody's.</summary>
    InvalidSignature,
    TypeNotSupported,
    ChainIdMismatch,
    ReplayProtectionNotSupported,
    NonceTooLow,
    NonceTooHigh,
    NonceMaximum,
    SenderNotEoa,
    InsufficientFunds,
    IntrinsicGasTooLow,
    FloorDataGasTooLow,
    GasLimitAboveCap,
    TipAboveFeeCap,
    FeeCapBelowBaseFee,
    InitCodeTooLarge,
    BlobFeeCapBelowBlobBaseFee,
    NoBlobs,
    TooManyBlobs,
    BlobHashVersionUnknown,
    BlobTransactionCreates,
    SetCodeTransactionCreates,
    NoAuthorizations,
}

/// <summary>Why a transaction may not run.</summary>
public sealed record AdmissionRefusal(AdmissionFailure Reason, Refusal Refusal)
{
    public override string ToString() => Refusal.ToString();
}
