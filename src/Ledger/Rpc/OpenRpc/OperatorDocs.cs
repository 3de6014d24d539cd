using static Hufu.Rpc.MethodDocs;

namespace Hufu.Rpc;

/// <summary>The pages of admin_, of a node among peers, and of qbft_ and hufu_consensus, of a validator.</summary>
static class OperatorDocs
{
    const string Peer = """["enode://d860a01f9722d78051619d1e2351aba3f43f943f6f00718d1b9baa4101932a1f5011f16bb2b1bb35db20d6fe28fa0bf09636d26a87d31de9ec6203eeedb1f666@127.0.0.1:30999"]""";

    const string Accounts = """[["0x00000000000000000000000000000000000000c0"]]""";
    const string Nodes = $"[{Peer}]";

    static readonly ParameterDoc Node = Required("enode", "string");
    static readonly ParameterDoc Validator = Required("Validator", "address");

    public static IReadOnlyList<MethodDoc> All { get; } =
    [
        new("admin_nodeInfo", "Who this node is for its peers: enode, record, ports and chain.", [], "Node", "object", "[]"),
        new("admin_peers", "Whom the node is connected with.", [], "Peers", "object[]", "[]"),
        new("admin_addPeer", "Connects with a node, and again whenever it is lost.", [Node], "Added", "boolean", Peer),
        new("admin_removePeer", "Ends the connection with a node. Whether it was known.", [Node], "Removed", "boolean", Peer),
        new("admin_addTrustedPeer", "Lets a node in even where there is no room left.", [Node], "Added", "boolean", Peer),
        new("admin_removeTrustedPeer", "Ends that.", [Node], "Removed", "boolean", Peer),

        OfValidator("qbft_getValidatorsByBlockNumber", "The validators who decided a block.", [Required("Block", "BlockNumberOrTag")], "Validators", "address[]?", """["latest"]"""),
        OfValidator("qbft_getValidatorsByBlockHash", "The validators who decided a block.", [Required("Block hash", "hash32")], "Validators", "address[]?", """["0x0000000000000000000000000000000000000000000000000000000000000000"]"""),
        OfValidator("qbft_proposeValidatorVote", "Votes in the next blocks proposed here to add a validator (true) or to remove it (false).", [Validator, Required("Add", "boolean")], "Done", "boolean", """["0x00000000000000000000000000000000000000c0", true]"""),
        OfValidator("qbft_discardValidatorVote", "Takes that vote back.", [Validator], "Done", "boolean", """["0x00000000000000000000000000000000000000c0"]"""),
        OfValidator("qbft_getPendingVotes", "The votes of this validator: for each address whether it is to be added.", [], "Votes", "object", "[]"),
        OfValidator("qbft_getSignerMetrics", "How many of the last hundred blocks each validator proposed, and the last of them.", [], "Metrics", "object[]", "[]"),
        OfValidator("qbft_getRequestTimeoutSeconds", "How long the first round of a height lasts, in seconds.", [], "Seconds", """{"type":"integer"}""", "[]"),
        OfValidator("hufu_consensus", "Why there is no block: height, round, proposer, who is silent or unreachable and why, and evidence of validators that broke the protocol.", [], "Consensus", "object", "[]"),

        OfListed("perm_getAccountsAllowlist", "The accounts whose transactions this node takes.", [], "Accounts", "address[]", "[]"),
        OfListed("perm_addAccountsToAllowlist", "Takes these accounts' transactions from now on; the file is written.", [Required("Accounts", "address[]")], "Success", "string", Accounts),
        OfListed("perm_removeAccountsFromAllowlist", "Takes these accounts' transactions no more; the file is written.", [Required("Accounts", "address[]")], "Success", "string", Accounts),
        OfListed("perm_getNodesAllowlist", "The nodes that this one connects with.", [], "Nodes", "string[]", "[]"),
        OfListed("perm_addNodesToAllowlist", "Connects with these nodes from now on; the file is written.", [Required("Nodes", "string[]")], "Success", "string", Nodes),
        OfListed("perm_removeNodesFromAllowlist", "Connects with these nodes no more, and parts from those it is connected with; the file is written.", [Required("Nodes", "string[]")], "Success", "string", Nodes),
        OfListed("perm_reloadPermissionsFromFile", "Reads the permissions file again.", [], "Success", "string", "[]"),
    ];

    static MethodDoc OfListed(string name, string summary, IReadOnlyList<ParameterDoc> parameters, string resultName, string result, string example) =>
        new(name, summary, parameters, resultName, result, example) { Where = "On a node with a permissions file (--permissions)." };

    static MethodDoc OfValidator(string name, string summary, IReadOnlyList<ParameterDoc> parameters, string resultName, string result, string example) =>
        new(name, summary, parameters, resultName, result, example) { Where = "On a validator of a QBFT network." };
}
