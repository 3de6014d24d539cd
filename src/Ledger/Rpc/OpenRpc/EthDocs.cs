using static Hufu.Rpc.MethodDocs;

namespace Hufu.Rpc;

/// <summary>The pages of eth_.</summary>
static class EthDocs
{
    static readonly ParameterDoc Block = Optional("Block", "BlockNumberOrTagOrHash");
    static readonly ParameterDoc BlockNumber = Required("Block", "BlockNumberOrTag");
    static readonly ParameterDoc BlockHash = Required("Block hash", "hash32");
    static readonly ParameterDoc TransactionHash = Required("Transaction hash", "hash32");
    static readonly ParameterDoc TransactionIndex = Required("Transaction index", "uint");
    static readonly ParameterDoc Call = Required("Transaction", "GenericTransaction");
    static readonly ParameterDoc FilterId = Required("Filter identifier", "uint");
    static readonly ParameterDoc Hydrated = Required("Hydrated transactions", "boolean");

    const string TypedDataExample = """["{account}", {"types": {"EIP712Domain": [{"name": "name", "type": "string"}], "Note": [{"name": "text", "type": "string"}]}, "primaryType": "Note", "domain": {"name": "Hufu"}, "message": {"text": "hello"}}]""";

    static readonly ParameterDoc[] TypedData = [Required("Address", "address"), Required("Typed data", "object")];

    public static IReadOnlyList<MethodDoc> All { get; } =
    [
        new("eth_chainId", "The chain id that transactions are signed for (EIP-155).", [], "Chain ID", "uint", "[]"),
        new("eth_syncing", "False, or how far the node is while it fetches the chain from others.", [], "Syncing status", "SyncingStatus", "[]"),
        new("eth_capabilities", "What a caller can ask of this node, and from which block on.", [], "Capabilities", "object", "[]"),
        new("eth_config", "The fork that is active, the next one and the last one known, with their parameters (EIP-7910).", [], "Configuration", "object", "[]"),
        new("eth_coinbase", "Who receives the fees of the blocks made here.", [], "Coinbase address", "address", "[]"),
        new("eth_accounts", "The accounts that this node signs with for its callers: those of development.", [], "Accounts", "address[]", "[]"),
        new("eth_blockNumber", "The number of the head.", [], "Block number", "uint", "[]"),

        new("eth_getBlockByNumber", "A block by its number or tag, with the hashes of its transactions or with all of them; null where there is none.", [BlockNumber, Hydrated], "Block information", "Block?", """["latest", false]"""),
        new("eth_getBlockByHash", "A block by its hash, with the hashes of its transactions or with all of them; null where there is none.", [BlockHash, Hydrated], "Block information", "Block?", """["{block}", true]"""),
        new("eth_getBlockTransactionCountByNumber", "How many transactions a block has; null where there is no such block.", [Optional("Block", "BlockNumberOrTag")], "Transaction count", "uint?", """["latest"]"""),
        new("eth_getBlockTransactionCountByHash", "How many transactions a block has; null where there is no such block.", [Optional("Block hash", "hash32")], "Transaction count", "uint?", """["{block}"]"""),
        new("eth_getUncleCountByBlockNumber", "How many ommers a block has: none under proof of stake.", [BlockNumber], "Uncle count", "uint?", """["latest"]"""),
        new("eth_getUncleCountByBlockHash", "How many ommers a block has: none under proof of stake.", [BlockHash], "Uncle count", "uint?", """["{block}"]"""),
        new("eth_getUncleByBlockNumberAndIndex", "An ommer, as a block without transactions; null where there is none.", [BlockNumber, Required("Uncle index", "uint")], "Uncle", "Block?", """["latest", "0x0"]"""),
        new("eth_getUncleByBlockHashAndIndex", "An ommer, as a block without transactions; null where there is none.", [BlockHash, Required("Uncle index", "uint")], "Uncle", "Block?", """["{block}", "0x0"]"""),
        new("eth_getBlockReceipts", "The receipts of a block, in the order of its transactions; null where there is no such block.", [Required("Block", "BlockNumberOrTagOrHash")], "Receipts information", "Receipt[]?", """["latest"]"""),

        new("eth_getBalance", "What an account holds, in Wei.", [Required("Address", "address"), Block], "Balance", "uint", """["{account}", "latest"]"""),
        new("eth_getCode", "The code of an account; 0x where it has none.", [Required("Address", "address"), Block], "Bytecode", "bytes", """["{contract}", "latest"]"""),
        new("eth_getTransactionCount", "The nonce of an account; with \"pending\" after all its transactions that wait and could run.", [Required("Address", "address"), Block], "Account nonce", "uint", """["{account}", "pending"]"""),
        new("eth_getStorageAt", "One slot of an account's storage, 32 bytes.", [Required("Address", "address"), Required("Storage slot", "bytesMax32"), Block], "Value", "bytes", """["{contract}", "0x0", "latest"]"""),
        new("eth_getStorageValues", "Many slots of many accounts at one block: at most 1024.", [Required("Requests", """{"title":"Storage requests","type":"object","additionalProperties":{"type":"array","items":{"$ref":"#/components/schemas/bytesMax32"}}}"""), Block], "Values", """{"title":"Storage values","type":"object","additionalProperties":{"type":"array","items":{"$ref":"#/components/schemas/hash32"}}}""", """[{"{contract}": ["0x0", "0x1"]}, "latest"]"""),
        new("eth_getProof", "An account and some of its slots with their Merkle proofs against the block's state root (EIP-1186).", [Required("Address", "address"), Required("StorageKeys", "bytesMax32[]"), Block], "Account", "AccountProof", """["{contract}", ["0x0"], "latest"]"""),

        new("eth_call", "Runs a call on the state of a block; nothing of it is kept. State and block can be overridden for it.", [Call, Block, Optional("State overrides", "StateOverrides"), Optional("Block overrides", "BlockOverrides")], "Return data", "bytes", """[{"to": "{contract}", "data": "0x"}, "latest"]"""),
        new("eth_estimateGas", "The least gas limit with which a transaction succeeds.", [Call, Optional("Block", "BlockNumberOrTag"), Optional("State overrides", "StateOverrides"), Optional("Block overrides", "BlockOverrides")], "Gas used", "uint", """[{"from": "{account}", "to": "{other}", "value": "0x1"}]"""),
        new("eth_createAccessList", "The access list that makes a transaction cheapest (EIP-2930), and the gas it then uses.", [Call, Optional("Block", "BlockNumberOrTag"), Optional("State overrides", "StateOverrides")], "Gas used", "AccessListResult", """[{"from": "{account}", "to": "{contract}"}, "latest"]"""),
        new("eth_simulateV1", "Runs blocks of calls on each other's state, with overrides, and tells what each would leave behind.", [Required("Payload", """{"title":"Simulation","type":"object","properties":{"blockStateCalls":{"type":"array","items":{"type":"object"}},"traceTransfers":{"type":"boolean"},"validation":{"type":"boolean"},"returnFullTransactions":{"type":"boolean"}}}"""), Optional("Block tag", "BlockNumberOrTagOrHash")], "Result of calls", "object[]", """[{"blockStateCalls": [{"calls": [{"from": "{account}", "to": "{other}", "value": "0x1"}]}]}, "latest"]"""),

        new("eth_gasPrice", "A price per gas at which a legacy transaction enters the next block, in Wei.", [], "Gas price", "uint", "[]"),
        new("eth_maxPriorityFeePerGas", "A tip per gas that is usual now, in Wei.", [], "Max priority fee per gas", "uint", "[]"),
        new("eth_baseFee", "The base fee per gas of the next block, in Wei.", [], "Base fee", "uint", "[]"),
        new("eth_blobBaseFee", "The base fee per blob gas of the next block, in Wei.", [], "Blob gas base fee", "uint", "[]"),
        new("eth_feeHistory", "Base fees, how full blocks were, and the tips paid at some percentiles, for up to 1024 blocks.", [Required("blockCount", "uint"), Required("newestBlock", "BlockNumberOrTag"), Required("rewardPercentiles", """{"title":"rewardPercentiles","type":"array","items":{"type":"number"}}""")], "Fee history result", "FeeHistory", """["0x2", "latest", [25, 75]]"""),

        new("eth_sendRawTransaction", "Hands over a signed transaction; one with blobs in its network form, with blobs, commitments and proofs. On a chain that seals instantly the answer comes after the block.", [Required("Transaction", "bytes")], "Transaction hash", "hash32", """["{raw}"]"""),
        new("eth_getTransactionByHash", "A transaction in a block or in the pool; null where it is nowhere.", [TransactionHash], "Transaction information", "Transaction?", """["{transaction}"]"""),
        new("eth_getTransactionByBlockHashAndIndex", "A transaction by its place; null where there is none.", [BlockHash, TransactionIndex], "Transaction information", "Transaction?", """["{block}", "0x0"]"""),
        new("eth_getTransactionByBlockNumberAndIndex", "A transaction by its place; null where there is none.", [BlockNumber, TransactionIndex], "Transaction information", "Transaction?", """["latest", "0x0"]"""),
        new("eth_getRawTransactionByHash", "The encoding of a transaction (EIP-2718); null where it is nowhere.", [TransactionHash], "Encoded transaction", "bytes?", """["{transaction}"]"""),
        new("eth_getTransactionReceipt", "What a transaction left behind; null while it is in no block.", [TransactionHash], "Receipt information", "Receipt?", """["{transaction}"]"""),
        new("eth_pendingTransactions", "The transactions that wait in the pool from the accounts this node signs with.", [], "Transactions", "Transaction[]", "[]"),

        new("eth_sendTransaction", "Signs a transaction with an account of the node, fills in what is missing, and hands it over.", [Call], "Transaction hash", "hash32", """[{"from": "{account}", "to": "{other}", "value": "0x1"}]"""),
        new("eth_signTransaction", "Signs a transaction with an account of the node and gives it back.", [Call], "Transaction result", "SignedTransaction", """[{"from": "{account}", "to": "{other}", "value": "0x1"}]"""),
        new("eth_fillTransaction", "Fills in the nonce, gas and fees that a transaction lacks, for whoever signs it elsewhere.", [Call], "Transaction result", "SignedTransaction", """[{"from": "{account}", "to": "{other}", "value": "0x1"}]"""),
        new("eth_sign", "Signs a message with an account of the node (EIP-191).", [Required("Address", "address"), Required("Message", "bytes")], "Signature", "bytes65", """["{account}", "0x68656c6c6f"]"""),
        new("eth_requestAccounts", "As eth_accounts, for pages that ask a wallet (EIP-1102).", [], "Accounts", "address[]", "[]"),
        new("eth_signTypedData", "As eth_signTypedData_v4.", TypedData, "Signature", "bytes65", TypedDataExample),
        new("eth_signTypedData_v3", "As eth_signTypedData_v4.", TypedData, "Signature", "bytes65", TypedDataExample),
        new("eth_signTypedData_v4", "Signs typed data with an account of the node (EIP-712).", TypedData, "Signature", "bytes65", TypedDataExample),

        new("eth_getLogs", "All logs of a range of blocks, or of one block by its hash, that match. An index finds them; an answer too large tells the range to ask for.", [Required("Filter", "Filter")], "Log objects", "FilterResults", """[{"fromBlock": "earliest", "toBlock": "latest", "address": "{contract}"}]"""),
        new("eth_newFilter", "Makes a filter of logs, to be asked for changes. One that is not asked for five minutes is gone.", [Required("Filter", "Filter")], "Filter identifier", "uint", """[{"address": "{contract}"}]"""),
        new("eth_newBlockFilter", "Makes a filter that tells the hashes of new blocks.", [], "Filter identifier", "uint", "[]"),
        new("eth_newPendingTransactionFilter", "Makes a filter that tells the hashes of transactions the pool takes.", [], "Filter identifier", "uint", "[]"),
        new("eth_uninstallFilter", "Ends a filter; false where there is no such one.", [FilterId], "Success", "boolean", """["{filter}"]"""),
        new("eth_getFilterChanges", "What came since the last question; logs of blocks that left the chain come again as removed.", [FilterId], "Log objects", "FilterResults", """["{filter}"]"""),
        new("eth_getFilterLogs", "All logs that a filter of logs matches.", [FilterId], "Log objects", "FilterResults", """["{filter}"]"""),
        new("eth_subscribe", "Has news sent over this connection: newHeads, logs (with a filter), newPendingTransactions (true for whole ones) or syncing. WebSocket and IPC only.", [Required("Name", "SubscriptionName"), Optional("Options", """{"oneOf":[{"$ref":"#/components/schemas/Filter"},{"type":"boolean"}]}""")], "Subscription identifier", "string", """["newHeads"]""") { NeedsConnection = true },
        new("eth_unsubscribe", "Ends a subscription of this connection.", [Required("Subscription identifier", "string")], "Success", "boolean", """["{subscription}"]""") { NeedsConnection = true },
    ];
}
