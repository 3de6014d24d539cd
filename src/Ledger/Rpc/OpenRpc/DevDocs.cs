using static Hufu.Rpc.MethodDocs;

namespace Hufu.Rpc;

/// <summary>The pages of the methods of a development chain: evm_, anvil_, hardhat_, tenderly_ and what is left of mining.</summary>
static class DevDocs
{
    const string Null = """{"type":"null"}""";
    const string Integer = """{"type":"integer"}""";

    static readonly ParameterDoc Address = Required("Address", "address");
    static readonly ParameterDoc Amount = Required("Wei", "uint");

    public static IReadOnlyList<MethodDoc> All { get; } =
    [
        .. Each("evm_mine", "Seals a block, at a timestamp where one is given.", [Optional("Timestamp, or an object with blocks and timestamp", "any")], "0x0", "string", "[]"),
        .. Each("anvil_mine hardhat_mine", "Seals blocks one after the other.", [Optional("Blocks", "uint"), Optional("Seconds from each to the next", "uint")], "Done", null, """["0x2", "0x3c"]"""),
        .. Each("evm_mine_detailed evm_mineDetailed anvil_mine_detailed anvil_mineDetailed", "Seals blocks and answers with them.", [Optional("Timestamp, or an object with blocks and timestamp", "any")], "Blocks", "Block[]", "[]"),
        .. Each("hardhat_intervalMine", "Seals a block, as the interval would.", [], "Done", null, "[]"),
        .. Each("anvil_getAutomine hardhat_getAutomine", "Whether every transaction gets a block at once.", [], "Automine", "boolean", "[]"),
        .. Each("evm_setAutomine anvil_setAutomine", "Whether every transaction gets a block at once.", [Required("Automine", "boolean")], "Done", null, "[true]"),
        .. Each("evm_setIntervalMining anvil_setIntervalMining", "Seals a block in every interval; 0 ends that. Under evm_ below 100 seconds, else milliseconds; under anvil_ seconds.", [Required("Interval", "any")], "Done", null, "[0]"),
        .. Each("anvil_getIntervalMining", "The interval in which blocks are sealed, in seconds; null where there is none.", [], "Interval", "any", "[]"),
        .. Each("evm_setBlockGasLimit anvil_setBlockGasLimit", "The gas limit from the next block on.", [Required("Gas", "uint")], "Done", "boolean", """["0x1c9c380"]"""),
        .. Each("anvil_setCoinbase hardhat_setCoinbase", "Who receives the fees from the next block on.", [Address], "Done", null, """["{other}"]"""),
        .. Each("anvil_setNextBlockBaseFeePerGas hardhat_setNextBlockBaseFeePerGas", "The base fee of the next block.", [Required("Wei per gas", "uint")], "Done", null, """["0x3b9aca00"]"""),
        .. Each("anvil_setPrevRandao anvil_setPrevrandao hardhat_setPrevRandao hardhat_setPrevrandao", "The randomness of the next block.", [Required("Randomness", "hash32")], "Done", null, """["0x0000000000000000000000000000000000000000000000000000000000000007"]"""),
        .. Each("anvil_setMinGasPrice hardhat_setMinGasPrice", "Refused, as by anvil and Hardhat: since EIP-1559 the base fee is the least price.", [Required("Wei per gas", "uint")], "Never", "any", """["0x1"]""", isRefused: true),
        .. Each("miner_start", "Seals a block for every transaction at once.", [], "Done", "boolean", "[]"),
        .. Each("miner_stop", "Seals blocks only when told to.", [], "Done", "boolean", "[]"),
        .. Each("eth_mining", "Whether blocks are sealed without being asked for.", [], "Mining", "boolean", "[]"),
        .. Each("eth_hashrate", "Nothing is hashed here: 0x0.", [], "Hash rate", "uint", "[]"),

        .. Each("evm_increaseTime", "Sets the chain's clock ahead. The seconds in all, in decimal.", [Required("Seconds", "any")], "Seconds in all", "uintDecimal", "[3600]"),
        .. Each("anvil_increaseTime", "Sets the chain's clock ahead. The seconds in all.", [Required("Seconds", "any")], "Seconds in all", Integer, "[3600]"),
        .. Each("evm_setNextBlockTimestamp", "The timestamp of the next block; time goes on from there.", [Required("Timestamp", "any")], "Timestamp", "uintDecimal", "[4102444800]"),
        .. Each("anvil_setNextBlockTimestamp", "The timestamp of the next block; time goes on from there.", [Required("Timestamp", "any")], "Done", null, "[4102444800]"),
        .. Each("evm_setTime anvil_setTime", "Sets the chain's clock. How far it went, in seconds.", [Required("Timestamp", "any")], "Seconds", Integer, "[4102444800]"),
        .. Each("evm_setBlockTimestampInterval anvil_setBlockTimestampInterval hardhat_setBlockTimestampInterval", "Every block so many seconds after its parent, whatever the clock says.", [Required("Seconds", "any")], "Done", Null, "[12]"),
        .. Each("evm_removeBlockTimestampInterval anvil_removeBlockTimestampInterval hardhat_removeBlockTimestampInterval", "Blocks follow the clock again. Whether they did not.", [], "Had an interval", "boolean", "[]"),
        .. Each("anvil_getGenesisTime", "The timestamp of the first block.", [], "Timestamp", Integer, "[]"),

        .. Each("evm_snapshot anvil_snapshot hardhat_snapshot", "Remembers blocks, waiting transactions, changes by hand and time, for a revert.", [], "Snapshot", "uint", "[]"),
        .. Each("evm_revert anvil_revert hardhat_revert", "Goes back to a snapshot, which is used up with those after it. False where there is none.", [Required("Snapshot", "uint")], "Went back", "boolean", """["0xffff"]"""),
        .. Each("anvil_reset hardhat_reset", "Back to the first block, or to where the fork began.", [Optional("Options", "object")], "Done", null, "[]"),
        .. Each("anvil_rollback hardhat_rollback", "Takes the last blocks back, with their transactions.", [Optional("Blocks", "uint")], "Done", Null, """["0x1"]"""),
        .. Each("anvil_reorg hardhat_reorg", "Replaces the last blocks by as many others, with the transactions given.", [Required("Blocks", "uint"), Optional("Pairs of a transaction and the place of its block", """{"type":"array"}""")], "Done", Null, """["0x1", []]"""),
        .. Each("anvil_dumpState hardhat_dumpState", "All accounts in anvil's format: JSON under gzip.", [], "State", "bytes", "[]"),
        .. Each("anvil_loadState hardhat_loadState", "Takes over the accounts of a state that was dumped.", [Required("State", "bytes")], "Done", "boolean", """["{dump}"]"""),

        .. Each("anvil_setBalance hardhat_setBalance anvil_deal tenderly_setBalance evm_setAccountBalance", "Sets the balance of an account.", [Address, Amount], "Done", null, """["{other}", "0xde0b6b3a7640000"]"""),
        .. Each("anvil_addBalance hardhat_addBalance tenderly_addBalance", "Adds to the balance of an account.", [Address, Amount], "Done", Null, """["{other}", "0xde0b6b3a7640000"]"""),
        .. Each("anvil_setCode hardhat_setCode evm_setAccountCode", "Sets the code of an account.", [Address, Required("Code", "bytes")], "Done", null, """["0x00000000000000000000000000000000000000c0", "0x00"]"""),
        .. Each("anvil_setNonce hardhat_setNonce evm_setAccountNonce", "Sets the nonce of an account; under hardhat_ it may not fall.", [Address, Required("Nonce", "uint")], "Done", null, """["{other}", "0x10"]"""),
        .. Each("anvil_setStorageAt hardhat_setStorageAt evm_setAccountStorageAt", "Sets a storage slot of an account.", [Address, Required("Slot", "bytesMax32"), Required("Value", "hash32")], "Done", "boolean", """["{contract}", "0x0", "0x0000000000000000000000000000000000000000000000000000000000000001"]"""),
        .. Each("anvil_dealERC20 anvil_dealErc20 anvil_setERC20Balance hardhat_dealERC20", "Sets a holder's balance of a token, in the slot that the token's answer follows.", [Required("Holder", "address"), Required("Token", "address"), Required("Amount", "uint")], "Done", Null, """["{other}", "{token}", "0x64"]"""),
        .. Each("tenderly_setErc20Balance", "Sets a holder's balance of a token, in the slot that the token's answer follows.", [Required("Token", "address"), Required("Holder", "address"), Required("Amount", "uint")], "Done", Null, """["{token}", "{other}", "0x64"]"""),
        .. Each("anvil_setERC20Allowance", "Sets an allowance of a token, in the slot that the token's answer follows.", [Required("Holder", "address"), Required("Spender", "address"), Required("Token", "address"), Required("Amount", "uint")], "Done", Null, """["{account}", "{other}", "{token}", "0x64"]"""),

        .. Each("anvil_impersonateAccount hardhat_impersonateAccount", "Lets eth_sendTransaction send for an account whose secret nobody here has.", [Address], "Done", null, """["0x00000000000000000000000000000000000000c0"]"""),
        .. Each("anvil_stopImpersonatingAccount hardhat_stopImpersonatingAccount", "Ends that.", [Address], "Done", null, """["0x00000000000000000000000000000000000000c0"]"""),
        .. Each("anvil_autoImpersonateAccount hardhat_autoImpersonateAccount", "Lets eth_sendTransaction send for every account, or ends that.", [Required("On", "boolean")], "Done", null, "[false]"),
        .. Each("eth_sendUnsignedTransaction", "Sends a transaction for any sender, without a signature.", [Required("Transaction", "GenericTransaction")], "Transaction hash", "hash32", """[{"from": "{other}", "to": "{account}", "value": "0x1"}]"""),
        .. Each("anvil_dropTransaction", "Takes a waiting transaction out of the pool; null where it does not wait.", [Required("Transaction hash", "hash32")], "Transaction hash", "hash32?", """["0x0000000000000000000000000000000000000000000000000000000000000000"]"""),
        .. Each("hardhat_dropTransaction", "Takes a waiting transaction out of the pool. Whether it waited.", [Required("Transaction hash", "hash32")], "Dropped", "boolean", """["0x0000000000000000000000000000000000000000000000000000000000000000"]"""),
        .. Each("anvil_dropAllTransactions hardhat_dropAllTransactions", "Takes all waiting transactions out of the pool.", [], "Done", null, "[]"),
        .. Each("anvil_removePoolTransactions hardhat_removePoolTransactions", "Takes the waiting transactions of a sender out of the pool.", [Address], "Done", null, """["{account}"]"""),

        .. Each("anvil_metadata hardhat_metadata", "What chain this is: client, chain id, head, fork, snapshots, and an id that every start and reset changes.", [], "Metadata", "object", "[]"),
        .. Each("anvil_nodeInfo", "Head, fork, fees and what is forked, in anvil's form.", [], "Node info", "object", "[]"),
        .. Each("anvil_setLoggingEnabled hardhat_setLoggingEnabled", "Whether console.log of contracts is shown.", [Required("On", "boolean")], "Done", null, "[true]"),
        .. Each("anvil_setRpcUrl hardhat_setRpcUrl", "Where the forked chain is asked from now on.", [Required("URL", "string")], "Done", Null, """["http://127.0.0.1:8545"]"""),
    ];

    /// <summary>One page for each of some names; without a result, <c>true</c> under Hardhat's and Ganache's names and null under anvil's.</summary>
    static IEnumerable<MethodDoc> Each(string names, string summary, IReadOnlyList<ParameterDoc> parameters, string resultName, string? result, string example, bool isRefused = false) =>
        names.Split(' ').Select(name => new MethodDoc(name, summary, parameters, resultName, result ?? ResultOf(name), example) { IsRefused = isRefused });

    static string ResultOf(string name) => name.StartsWith("hardhat_", StringComparison.Ordinal) || (name.StartsWith("evm_", StringComparison.Ordinal) && name != "evm_setAccountNonce") ? "boolean" : Null;
}
