using Hufu.Chain;
using Hufu.Evm;
using static Hufu.Chain.BlockRule;
using static Hufu.Evm.AdmissionFailure;

namespace Hufu.Cli;

/// <summary>
/// The exceptions that the official test files name, and the rules of ours that they stand for. A case that expects one passes only where the refusal
/// names such a rule. A name that is not here says no more than that there must be a refusal.
/// </summary>
static class FixtureExceptions
{
    static readonly Dictionary<string, Enum[]> ByName = new(StringComparer.Ordinal)
    {
        // Of today's files: transactions.
        ["TransactionException.ADDRESS_TOO_LONG"] = [Encoding],
        ["TransactionException.ADDRESS_TOO_SHORT"] = [Encoding],
        ["TransactionException.EC_RECOVERY_FAIL"] = [InvalidSignature],
        ["TransactionException.GAS_ALLOWANCE_EXCEEDED"] = [GasLimitExceeded],
        ["TransactionException.GAS_LIMIT_EXCEEDS_MAXIMUM"] = [GasLimitAboveCap],
        ["TransactionException.GASLIMIT_OVERFLOW"] = [Encoding],
        ["TransactionException.GASLIMIT_PRICE_PRODUCT_OVERFLOW"] = [InsufficientFunds],
        ["TransactionException.GASPRICE_OVERFLOW"] = [Encoding],
        ["TransactionException.INITCODE_SIZE_EXCEEDED"] = [InitCodeTooLarge],
        ["TransactionException.INSUFFICIENT_ACCOUNT_FUNDS"] = [InsufficientFunds],
        ["TransactionException.INSUFFICIENT_MAX_FEE_PER_BLOB_GAS"] = [BlobFeeCapBelowBlobBaseFee],
        ["TransactionException.INSUFFICIENT_MAX_FEE_PER_GAS"] = [FeeCapBelowBaseFee],
        // One and the same error in the specification: who is below both may be told of either.
        ["TransactionException.INTRINSIC_GAS_BELOW_FLOOR_GAS_COST"] = [FloorDataGasTooLow, IntrinsicGasTooLow],
        ["TransactionException.INTRINSIC_GAS_TOO_LOW"] = [IntrinsicGasTooLow, FloorDataGasTooLow],
        // The field v tells both chain and signer: one that is wrong in several ways, or too wide for either, is refused at the first.
        ["TransactionException.INVALID_CHAINID"] = [ChainIdMismatch, InvalidSignature, Encoding],
        ["TransactionException.INVALID_SIGNATURE_VRS"] = [InvalidSignature, ReplayProtectionNotSupported, Encoding],
        ["TransactionException.NONCE_IS_MAX"] = [NonceMaximum],
        ["TransactionException.NONCE_MISMATCH_TOO_HIGH"] = [NonceTooHigh],
        ["TransactionException.NONCE_MISMATCH_TOO_LOW"] = [NonceTooLow],
        ["TransactionException.NONCE_OVERFLOW"] = [Encoding],
        ["TransactionException.NONCE_TOO_BIG"] = [NonceMaximum],
        ["TransactionException.PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS"] = [TipAboveFeeCap],
        ["TransactionException.PRIORITY_OVERFLOW"] = [Encoding],
        ["TransactionException.RLP_ERROR_EOF"] = [Encoding],
        ["TransactionException.RLP_ERROR_SIZE"] = [Encoding],
        ["TransactionException.RLP_ERROR_SIZE_LEADING_ZEROS"] = [Encoding],
        ["TransactionException.RLP_INVALID_ACCESS_LIST_ADDRESS_TOO_LONG"] = [Encoding],
        ["TransactionException.RLP_INVALID_ACCESS_LIST_ADDRESS_TOO_SHORT"] = [Encoding],
        ["TransactionException.RLP_INVALID_ACCESS_LIST_STORAGE_TOO_LONG"] = [Encoding],
        ["TransactionException.RLP_INVALID_ACCESS_LIST_STORAGE_TOO_SHORT"] = [Encoding],
        ["TransactionException.RLP_INVALID_DATA"] = [Encoding],
        ["TransactionException.RLP_INVALID_GASLIMIT"] = [Encoding],
        ["TransactionException.RLP_INVALID_HEADER"] = [Encoding],
        ["TransactionException.RLP_INVALID_NONCE"] = [Encoding],
        ["TransactionException.RLP_INVALID_SIGNATURE_R"] = [Encoding],
        ["TransactionException.RLP_INVALID_SIGNATURE_S"] = [Encoding],
        ["TransactionException.RLP_INVALID_TO"] = [Encoding],
        ["TransactionException.RLP_INVALID_VALUE"] = [Encoding],
        ["TransactionException.RLP_LEADING_ZEROS_BASEFEE"] = [Encoding],
        ["TransactionException.RLP_LEADING_ZEROS_DATA_SIZE"] = [Encoding],
        ["TransactionException.RLP_LEADING_ZEROS_GASLIMIT"] = [Encoding],
        ["TransactionException.RLP_LEADING_ZEROS_GASPRICE"] = [Encoding],
        ["TransactionException.RLP_LEADING_ZEROS_NONCE"] = [Encoding],
        ["TransactionException.RLP_LEADING_ZEROS_NONCE_SIZE"] = [Encoding],
        ["TransactionException.RLP_LEADING_ZEROS_PRIORITY_FEE"] = [Encoding],
        ["TransactionException.RLP_LEADING_ZEROS_R"] = [Encoding],
        ["TransactionException.RLP_LEADING_ZEROS_S"] = [Encoding],
        ["TransactionException.RLP_LEADING_ZEROS_V"] = [Encoding],
        ["TransactionException.RLP_LEADING_ZEROS_VALUE"] = [Encoding],
        ["TransactionException.RLP_TOO_FEW_ELEMENTS"] = [Encoding],
        ["TransactionException.RLP_TOO_MANY_ELEMENTS"] = [Encoding],
        ["TransactionException.SENDER_NOT_EOA"] = [SenderNotEoa],
        ["TransactionException.TYPE_1_TX_PRE_FORK"] = [TypeNotSupported],
        ["TransactionException.TYPE_2_TX_PRE_FORK"] = [TypeNotSupported],
        ["TransactionException.TYPE_3_TX_PRE_FORK"] = [TypeNotSupported],
        ["TransactionException.TYPE_3_TX_ZERO_BLOBS_PRE_FORK"] = [TypeNotSupported],
        // Before EIP-7594 limited a transaction by itself it was limited by its block.
        ["TransactionException.TYPE_3_TX_BLOB_COUNT_EXCEEDED"] = [TooManyBlobs, BlobGasUsedAboveLimit],
        ["TransactionException.TYPE_3_TX_CONTRACT_CREATION"] = [BlobTransactionCreates, Encoding],
        ["TransactionException.TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH"] = [BlobHashVersionUnknown],
        ["TransactionException.TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED"] = [BlobGasUsedAboveLimit],
        ["TransactionException.TYPE_3_TX_WITH_FULL_BLOBS"] = [Encoding],
        ["TransactionException.TYPE_3_TX_ZERO_BLOBS"] = [NoBlobs],
        ["TransactionException.TYPE_4_EMPTY_AUTHORIZATION_LIST"] = [NoAuthorizations],
        ["TransactionException.TYPE_4_TX_CONTRACT_CREATION"] = [SetCodeTransactionCreates, Encoding],
        ["TransactionException.TYPE_4_INVALID_AUTHORITY_SIGNATURE"] = [Encoding],
        ["TransactionException.TYPE_4_INVALID_AUTHORITY_SIGNATURE_S_TOO_HIGH"] = [Encoding],
        ["TransactionException.TYPE_4_INVALID_AUTHORIZATION_FORMAT"] = [Encoding],
        ["TransactionException.TYPE_4_TX_PRE_FORK"] = [TypeNotSupported],
        ["TransactionException.TYPE_NOT_SUPPORTED"] = [TypeNotSupported, Encoding],
        ["TransactionException.VALUE_OVERFLOW"] = [Encoding],

        // Blocks.
        ["BlockException.BLOB_GAS_USED_ABOVE_LIMIT"] = [BlobGasUsedAboveLimit],
        ["BlockException.BLOCK_ACCESS_LIST_GAS_LIMIT_EXCEEDED"] = [BlockAccessListSize],
        ["BlockException.EXTRA_DATA_INVALID_DAO"] = [DaoExtraData],
        ["BlockException.EXTRA_DATA_TOO_BIG"] = [ExtraData],
        ["BlockException.GASLIMIT_TOO_BIG"] = [BlockRule.GasLimit],
        ["BlockException.GAS_USED_OVERFLOW"] = [GasLimitExceeded, GasUsedAboveLimit],
        ["BlockException.IMPORT_IMPOSSIBLE_LEGACY_WRONG_PARENT"] = [Parent, Fields],
        ["BlockException.IMPORT_IMPOSSIBLE_LONDON_WRONG_PARENT"] = [Parent, Fields],
        ["BlockException.IMPORT_IMPOSSIBLE_PARIS_OVER_SHANGHAI"] = [Fields],
        ["BlockException.IMPORT_IMPOSSIBLE_SHANGHAI"] = [Fields],
        ["BlockException.IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS"] = [OmmersHash, Ommers],
        ["BlockException.INCORRECT_BLOB_GAS_USED"] = [BlobGasUsed],
        ["BlockException.INCORRECT_BLOCK_FORMAT"] = [Fields, Encoding, BlockAccessList],
        ["BlockException.INCORRECT_EXCESS_BLOB_GAS"] = [ExcessBlobGas],
        ["BlockException.INVALID_BAL_HASH"] = [BlockAccessListHash, BlockAccessList],
        ["BlockException.INVALID_BASEFEE_PER_GAS"] = [BlockRule.BaseFee],
        ["BlockException.INVALID_BLOCK_ACCESS_LIST"] = [BlockAccessList],
        ["BlockException.INVALID_BLOCK_HASH"] = [], // of payloads, which state their own hash
        ["BlockException.INVALID_BLOCK_NUMBER"] = [Number],
        ["BlockException.INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT"] = [Timestamp],
        ["BlockException.INVALID_DEPOSIT_EVENT_LAYOUT"] = [DepositLayout],
        ["BlockException.INVALID_DIFFICULTY"] = [BlockRule.Difficulty],
        ["BlockException.INVALID_GASLIMIT"] = [BlockRule.GasLimit],
        ["BlockException.INVALID_GAS_USED"] = [GasUsed],
        ["BlockException.INVALID_GAS_USED_ABOVE_LIMIT"] = [GasUsedAboveLimit],
        ["BlockException.INVALID_LOG_BLOOM"] = [LogsBloom],
        ["BlockException.INVALID_RECEIPTS_ROOT"] = [ReceiptsRoot],
        ["BlockException.INVALID_REQUESTS"] = [RequestsHash],
        ["BlockException.INVALID_STATE_ROOT"] = [StateRoot],
        ["BlockException.INVALID_TRANSACTIONS_ROOT"] = [TransactionsRoot],
        ["BlockException.INVALID_WITHDRAWALS_ROOT"] = [WithdrawalsRoot],
        ["BlockException.RLP_BLOCK_LIMIT_EXCEEDED"] = [Size],
        ["BlockException.RLP_INVALID_FIELD_OVERFLOW_64"] = [Encoding],
        ["BlockException.RLP_STRUCTURES_ENCODING"] = [Encoding],
        ["BlockException.RLP_WITHDRAWALS_NOT_READ"] = [Encoding, Fields],
        ["BlockException.SYSTEM_CONTRACT_CALL_FAILED"] = [SystemContractFailed],
        ["BlockException.SYSTEM_CONTRACT_EMPTY"] = [SystemContractMissing],
        ["BlockException.UNCLE_PARENT_INCORRECT"] = [Ommers],
        ["BlockException.UNKNOWN_PARENT"] = [Parent],
        ["BlockException.UNKNOWN_PARENT_ZERO"] = [Parent],

        // Of the older files.
        ["1559BlockImportImpossible_BaseFeeWrong"] = [BlockRule.BaseFee],
        ["3675PreParis1559BlockRejected"] = [BlockRule.Difficulty, OmmersHash],
        ["ExtraDataTooBig"] = [ExtraData],
        ["INPUT_UNMARSHAL_ERROR"] = [Encoding],
        ["IntrinsicGas"] = [IntrinsicGasTooLow],
        ["InvalidBlockNonce"] = [Seal],
        ["InvalidDifficulty"] = [BlockRule.Difficulty],
        ["InvalidGasLimit"] = [BlockRule.GasLimit],
        ["InvalidGasLimit2"] = [BlockRule.GasLimit],
        ["InvalidGasUsed"] = [GasUsed],
        ["InvalidLogBloom"] = [LogsBloom],
        ["InvalidNumber"] = [Number],
        ["InvalidReceiptsStateRoot"] = [ReceiptsRoot],
        ["InvalidStateRoot"] = [StateRoot],
        ["InvalidTimestamp"] = [Timestamp],
        ["InvalidTimestampOlderParent"] = [Timestamp],
        ["InvalidTransactionsRoot"] = [TransactionsRoot],
        ["InvalidUncleParentHash"] = [Ommers],
        ["InvalidUnclesHash"] = [OmmersHash],
        ["InvalidWithdrawals"] = [WithdrawalsRoot],
        ["PostParisUncleHashIsNotEmpty"] = [OmmersHash],
        ["RLP_ExpectedAsList"] = [Encoding, Fields],
        ["SenderNotEOA"] = [SenderNotEoa],
        ["SenderNotEOAorNoCASH"] = [SenderNotEoa, InsufficientFunds],
        ["TR_BLOBCREATE"] = [BlobTransactionCreates, Encoding],
        ["TR_BLOBLIST_OVERSIZE"] = [TooManyBlobs, BlobGasUsedAboveLimit],
        ["TR_BLOBVERSION_INVALID"] = [BlobHashVersionUnknown],
        ["TR_EMPTYBLOB"] = [NoBlobs],
        ["TR_FeeCapLessThanBlocks"] = [FeeCapBelowBaseFee],
        ["TR_FeeCapLessThanBlocksORGasLimitReached"] = [FeeCapBelowBaseFee, GasLimitExceeded],
        ["TR_FeeCapLessThanBlocksORNoFunds"] = [FeeCapBelowBaseFee, InsufficientFunds],
        ["TR_GasLimitReached"] = [GasLimitExceeded],
        ["TR_IntrinsicGas"] = [IntrinsicGasTooLow],
        ["TR_NoFunds"] = [InsufficientFunds],
        ["TR_NoFundsOrGas"] = [InsufficientFunds, IntrinsicGasTooLow],
        ["TR_NoFundsX"] = [InsufficientFunds],
        ["TR_NonceHasMaxValue"] = [NonceMaximum],
        ["TR_NonceTooHigh"] = [NonceTooHigh],
        ["TR_NonceTooLow"] = [NonceTooLow],
        ["TR_RLP_WRONGVALUE"] = [Encoding],
        ["TR_TipGtFeeCap"] = [TipAboveFeeCap],
        ["TR_TypeNotSupported"] = [TypeNotSupported],
        ["TooManyUncles"] = [Ommers],
        ["TooMuchGasUsed"] = [GasUsedAboveLimit],
        ["UncleInChain"] = [Ommers],
        ["UncleIsAncestor"] = [Ommers],
        ["UncleIsBrother"] = [Ommers],
        ["UncleParentIsNotAncestor"] = [Ommers],
        ["UncleTooOld"] = [Ommers],
        ["UnknownParent"] = [Parent],
        ["UnknownParent2"] = [Parent],
    };

    public static bool IsKnown(string exception) => exception.Split('|').All(ByName.ContainsKey);

    /// <summary>Whether a transaction refused for this reason is one that the file expects.</summary>
    /// <param name="expected">One name, or several with `|` between them, each of which would do.</param>
    /// <param name="reason">A <see cref="BlockRule"/> or an <see cref="AdmissionFailure"/>.</param>
    public static bool Allows(string expected, Enum reason) => Allows(expected, reasons => reasons.Contains(reason));

    /// <summary>Whether a block refused so is one that the file expects.</summary>
    /// <param name="isOldForm">In files of the older tools the header of such a block was made before the bad transaction was put in, so that its roots tell first.</param>
    public static bool Allows(string expected, BlockRefusal refusal, bool isOldForm)
    {
        var reason = refusal.Admission?.Reason ?? (Enum)refusal.Rule;
        return Allows(expected, reasons => reasons.Contains(reason)
            || (refusal.OmmerRule is { } ommer && reasons.Contains(ommer))
            || (isOldForm && refusal.Rule == TransactionsRoot && reasons.Any(IsOfTransaction)));
    }

    static bool Allows(string expected, Predicate<Enum[]> isMet) =>
        expected.Split('|').Any(name => !ByName.TryGetValue(name, out var reasons) || isMet(reasons));

    static bool IsOfTransaction(Enum reason) => reason is AdmissionFailure or GasLimitExceeded;
}
