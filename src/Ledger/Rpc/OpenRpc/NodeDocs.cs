using static Hufu.Rpc.MethodDocs;

namespace Hufu.Rpc;

/// <summary>The pages of net_, web3_, rpc_, personal_, txpool_, debug_, trace_ and testing_.</summary>
static class NodeDocs
{
    static readonly ParameterDoc Config = Optional("TraceConfig", "TraceConfig");
    static readonly ParameterDoc Block = Required("Block", "BlockNumberOrTag");
    static readonly ParameterDoc Hash = Required("Transaction hash", "hash32");
    static readonly ParameterDoc Types = Required("Trace types", "TraceTypes");

    public static IReadOnlyList<MethodDoc> All { get; } =
    [
        new("net_version", "The network id, in decimal: here the chain id.", [], "Network ID", "uintDecimal", "[]"),
        new("net_listening", "Whether the node listens.", [], "Listening", "boolean", "[]"),
        new("net_peerCount", "How many peers the node has.", [], "Peer count", "uint", "[]"),
        new("web3_clientVersion", "The name and version of this program.", [], "Client version", "string", "[]"),
        new("web3_sha3", "Keccak-256 of some bytes.", [Required("Data", "bytes")], "Hash", "hash32", """["0x68656c6c6f"]"""),
        new("rpc_modules", "The modules offered to you here.", [], "Modules", "object", "[]"),
        new("rpc.discover", "This document: the methods offered to you here (OpenRPC).", [], "OpenRPC document", "object", "[]"),
        new("personal_sign", "Signs a message with an account of the node (EIP-191): message first.", [Required("Message", "bytes"), Required("Address", "address")], "Signature", "bytes65", """["0x68656c6c6f", "{account}"]"""),

        new("txpool_status", "How many transactions could run, and how many wait for a nonce before theirs.", [], "Transaction pool status", "object", "[]"),
        new("txpool_content", "All transactions in the pool, by sender and nonce.", [], "Transaction pool content", "object", "[]"),
        new("txpool_contentFrom", "The transactions of one sender in the pool, by nonce.", [Required("address", "address")], "Transaction pool content from address", "object", """["{account}"]"""),
        new("txpool_inspect", "The transactions in the pool in one line each.", [], "Transaction pool in words", "object", "[]"),

        new("debug_getRawHeader", "The RLP of a header.", [Block], "Header RLP", "bytes", """["latest"]"""),
        new("debug_getRawBlock", "The RLP of a block.", [Block], "Block RLP", "bytes", """["latest"]"""),
        new("debug_getRawReceipts", "The encodings of a block's receipts (EIP-2718).", [Block], "Receipts", "bytes[]", """["latest"]"""),
        new("debug_getRawTransaction", "The encoding of a transaction (EIP-2718).", [Hash], "EIP-2718 binary-encoded transaction", "bytes", """["{transaction}"]"""),
        new("debug_getBadBlocks", "The last blocks that were refused here, newest first.", [], "Blocks", "BadBlock[]", "[]"),
        new("debug_traceTransaction", "Runs a transaction again under a tracer: struct logs, callTracer, prestateTracer and others, or a script.", [Hash, Config], "Transaction trace", "TransactionTrace", """["{transaction}", {"tracer": "callTracer"}]"""),
        new("debug_traceBlockByNumber", "Runs a block again and traces each of its transactions.", [Block, Config], "Block trace", "BlockTrace", """["latest", {"tracer": "callTracer"}]"""),
        new("debug_traceBlockByHash", "Runs a block again and traces each of its transactions.", [Required("Block hash", "hash32"), Config], "Block trace", "BlockTrace", """["{block}", {"tracer": "prestateTracer"}]"""),
        new("debug_traceBlock", "Runs a block given as RLP, whose parent is known here, and traces each of its transactions.", [Required("Block RLP", "bytes"), Config], "Block trace", "BlockTrace", """["{rlp}", {"tracer": "callTracer"}]"""),
        new("debug_traceCall", "Runs a call on the state of a block under a tracer; state and block can be overridden in the options.", [Required("Transaction", "GenericTransaction"), Required("Block", "BlockNumberOrTagOrHash"), Config], "Trace", "TransactionTrace", """[{"from": "{account}", "to": "{contract}"}, "latest", {"tracer": "callTracer"}]"""),

        new("trace_block", "The traces of a block as OpenEthereum gave them, with its rewards.", [Block], "Traces", "CallTraces?", """["latest"]"""),
        new("trace_transaction", "The traces of a transaction; null where there is none.", [Hash], "Traces", "CallTraces?", """["{transaction}"]"""),
        new("trace_get", "One trace of a transaction by its position.", [Hash, Required("Positions", "uint[]")], "Trace", "object?", """["{transaction}", ["0x0"]]"""),
        new("trace_filter", "The traces of a range of blocks that begin at, or lead to, some addresses.", [Required("Filter", "TraceFilter")], "Traces", "CallTraces", """[{"fromBlock": "0x1", "toBlock": "latest", "fromAddress": ["{account}"]}]"""),
        new("trace_replayTransaction", "Runs a transaction again and gives the traces asked for.", [Hash, Types], "Replay", "Replay", """["{transaction}", ["trace", "stateDiff"]]"""),
        new("trace_replayBlockTransactions", "Runs a block again and gives the traces asked for.", [Block, Types], "Replays", "Replay[]", """["latest", ["trace"]]"""),
        new("trace_call", "Runs a call and gives the traces asked for.", [Required("Transaction", "GenericTransaction"), Types, Optional("Block", "BlockNumberOrTagOrHash")], "Replay", "Replay", """[{"from": "{account}", "to": "{contract}"}, ["trace"], "latest"]"""),
        new("trace_callMany", "Runs calls on each other's state and gives the traces asked for.", [Required("Calls", """{"type":"array","items":{"type":"array"}}"""), Optional("Block", "BlockNumberOrTagOrHash")], "Replays", "Replay[]", """[[[{"from": "{account}", "to": "{other}", "value": "0x1"}, ["trace"]]], "latest"]"""),
        new("trace_rawTransaction", "Runs a signed transaction without handing it over, and gives the traces asked for.", [Required("Transaction", "bytes"), Types], "Replay", "Replay", """["{nextRaw}", ["trace"]]"""),

        new("testing_buildBlockV1", "Builds a block on a parent with these attributes and transactions; nothing of it is kept.",
            [
                Required("Parent block hash", "hash32"),
                Required("Payload attributes", "object"),
                Required("Transactions", "bytes[]?"),
                Optional("Extra data", "bytes?"),
            ], "Response object", "object",
            """["{block}", {"timestamp": "{later}", "prevRandao": "0x0000000000000000000000000000000000000000000000000000000000000000", "suggestedFeeRecipient": "{other}", "withdrawals": [], "parentBeaconBlockRoot": "0x0000000000000000000000000000000000000000000000000000000000000000"}, []]"""),
    ];
}
