namespace Hufu.Chain;

/// <summary>The rules a block can break, each under one stable name that programs match on.</summary>
public enum BlockRule
{
    /// <summary>The bytes are not the one canonical RLP of a block.</summary>
    Encoding,

    /// <summary>The block's RLP is larger than the fork allows (EIP-7934).</summary>
    Size,

    /// <summary>The parent is not known here.</summary>
    Parent,
    Number,
    Timestamp,
    GasLimit,

    /// <summary>The header's gas used exceeds its own gas limit.</summary>
    GasUsedAboveLimit,
    ExtraData,

    /// <summary>Extra data of the ten blocks from the DAO fork on.</summary>
    DaoExtraData,
    Difficulty,

    /// <summary>Proof of work where proof of stake is due, or the other way round (EIP-3675).</summary>
    TerminalTotalDifficulty,
    Nonce,
    Seal,

    /// <summary>A field that the fork does not have, or lacks a field that it has.</summary>
    Fields,
    BaseFee,
    BlobGasUsed,
    BlobGasUsedAboveLimit,
    ExcessBlobGas,
    TransactionsRoot,
    OmmersHash,
    Ommers,
    WithdrawalsRoot,

    /// <summary>A transaction that this block must not contain.</summary>
    Transaction,

    /// <summary>A transaction's gas limit does not fit into what is left of the block's.</summary>
    GasLimitExceeded,
    GasUsed,
    LogsBloom,
    ReceiptsRoot,
    StateRoot,

    /// <summary>A system contract that must exist is absent (EIP-7002, EIP-7251).</summary>
    SystemContractMissing,

    /// <summary>A system contract call failed (EIP-7002, EIP-7251).</summary>
    SystemContractFailed,

    /// <summary>A deposit log that is not laid out as EIP-6110 demands.</summary>
    DepositLayout,
    RequestsHash,

    /// <summary>The block access list is not what execution met (EIP-7928).</summary>
    BlockAccessList,

    /// <summary>The block access list that came beside the block is not the one its header commits to.</summary>
    BlockAccessListHash,

    /// <summary>A transaction that the network's permissions do not allow.</summary>
    Permission,

    /// <summary>The block access list names more accounts and slots than the gas limit allows.</summary>
    BlockAccessListSize,

    /// <summary>What is due by the network's jobs is not run as the first thing of the block, or the clock does something else.</summary>
    Jobs,
}
