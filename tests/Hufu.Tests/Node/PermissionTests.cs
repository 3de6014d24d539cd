using System.Text;
using System.Text.Json.Nodes;
using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Crypto;
using Hufu.Network;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Node;

/// <summary>Accounts and nodes that a contract, or a file, lets take part.</summary>
public sealed class PermissionTests
{
    static readonly byte[] Alice = DevAccounts.Secrets(2)[0], Bob = DevAccounts.Secrets(2)[1];
    static readonly Address Accounts = Address.Parse("0x000000000000000000000000000000000000acc0"), Nodes = Address.Parse("0x000000000000000000000000000000000000bee0");

    // Two words of input set a slot; any other input is a question about the account in its first word, answered from the slot of that name.
    const string AccountsCode = "0x366040146013576004355460005260206000f35b6020356000355500";

    // The same, about the node whose id begins with the word at 0x84.
    const string NodesCode = "0x366040146013576084355460005260206000f35b6020356000355500";

    [Fact]
    public async Task An_account_that_the_contract_does_not_allow_is_refused_by_pool_builder_and_block_rule()
    {
        await using var open = await Start(MakeGenesis(isPermissioned: false));
        await using var guarded = await Start(MakeGenesis(isPermissioned: true));
        Assert.Equal(open.Chain.Genesis.Hash, guarded.Chain.Genesis.Hash);

        var refusal = guarded.Pool.Add(Transfer(Bob, 0)).Refusal;
        Assert.Contains("not permitted", refusal!.What, StringComparison.Ordinal);
        Assert.Null(guarded.Pool.Add(Transfer(Alice, 0)).Refusal);

        var head = guarded.Chain.Head.Head;
        var built = guarded.Chain.BuildAside(head, Attributes(head), new Listed((Transfer(Bob, 0), AddressOf(Bob)), (Transfer(Alice, 0), AddressOf(Alice))))!;
        Assert.Equal(Transfer(Alice, 0).Hash, Assert.Single(built.Block.Transactions).Hash);

        var foreign = open.Chain.BuildAside(head, Attributes(head), new Listed((Transfer(Bob, 0), AddressOf(Bob))))!;
        var result = guarded.Chain.Import(foreign.Block);
        Assert.Equal(BlockRule.Permission, result.Refusal?.Rule);
        Assert.Contains(AddressOf(Bob).ToString(), result.Refusal!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_the_contract_counts_from_the_next_block_on()
    {
        await using var node = await Start(MakeGenesis(isPermissioned: true));
        var word = new byte[64];
        AddressOf(Bob).Bytes.CopyTo(word.AsSpan(12));
        word[63] = 1;
        Assert.Null(node.Pool.Add(Sign(Alice, 0, Accounts, word)).Refusal);
        await Until(() => node.Chain.Head.Number >= 1, "no block");

        Assert.Null(node.Pool.Add(Transfer(Bob, 0)).Refusal);
        await Until(() => node.Chain.Head.Number >= 2, "no block");
    }

    [Fact]
    public async Task A_contract_comes_into_force_at_its_block_and_goes_out_of_it()
    {
        var genesis = MakeGenesis(isPermissioned: false, change: config => config["transitions"] = new JsonObject
        {
            ["permissioning"] = new JsonArray(new JsonObject { ["block"] = 2, ["accountsContract"] = Accounts.ToString() }, new JsonObject { ["block"] = 3, ["accountsContract"] = null }),
        });
        await using var node = await Start(genesis);
        Assert.Null(node.Pool.Add(Transfer(Bob, 0)).Refusal);
        await Until(() => node.Chain.Head.Number == 1, "no block");

        Assert.Contains($"contract {Accounts}", node.Pool.Add(Transfer(Bob, 1)).Refusal?.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Null(node.Pool.Add(Transfer(Alice, 0)).Refusal);
        await Until(() => node.Chain.Head.Number == 2, "no block");

        Assert.Null(node.Pool.Add(Transfer(Bob, 1)).Refusal);
        await Until(() => node.Chain.Head.Number == 3, "no block");
    }

    [Fact]
    public async Task Contracts_that_do_not_come_in_their_order_are_refused()
    {
        var genesis = MakeGenesis(isPermissioned: true, change: config => config["transitions"] = new JsonObject
        {
            ["permissioning"] = new JsonArray(new JsonObject { ["block"] = 5, ["accountsContract"] = Accounts.ToString() }, new JsonObject { ["block"] = 4, ["accountsContract"] = null }),
        });
        var (none, refusal) = await Hufu.Node.Node.StartAsync(Options(genesis));
        Assert.Null(none);
        Assert.Contains("config.transitions.permissioning", refusal!.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_the_contract_does_not_allow_is_turned_away_and_one_that_it_no_longer_allows_is_dropped()
    {
        // Each looks at the others: the host must be allowed as well.
        var (own, welcome, stranger) = (new TemporaryKey(), new TemporaryKey(), new TemporaryKey());
        var genesis = MakeGenesis(isPermissioned: true, own.Id, welcome.Id);
        await using var host = await Start(genesis, network: new NetworkOptions { HasDiscovery = false, NodeKeyFile = own.File });
        await using var first = await Start(genesis, isFollower: true, network: PeerOf(host, welcome));
        await using var second = await Start(genesis, isFollower: true, network: PeerOf(host, stranger));

        await Until(() => Peers(host) == 1 && Peers(first) == 1, "the node that is allowed is not connected");
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.Equal(0, Peers(second));

        // Two words that take its leave away.
        Assert.Null(host.Pool.Add(Sign(Alice, 0, Nodes, [.. FirstWord(welcome.Id), .. new byte[32]])).Refusal);
        await Until(() => Peers(host) == 0, "the node is still connected");
    }

    [Fact]
    public async Task A_file_allows_less_and_says_what_is_wrong_with_it()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $$"""{ "accounts": ["{{AddressOf(Bob)}}"] }""", TestContext.Current.CancellationToken);
        await using (var node = await Start(MakeGenesis(isPermissioned: false), permissions: file))
        {
            Assert.Contains("not permitted", node.Pool.Add(Transfer(Alice, 0)).Refusal!.What, StringComparison.Ordinal);
            Assert.Null(node.Pool.Add(Transfer(Bob, 0)).Refusal);
        }

        await File.WriteAllTextAsync(file, """{ "acounts": ["0x01"] }""", TestContext.Current.CancellationToken);
        var (none, refusal) = await Hufu.Node.Node.StartAsync(Options(MakeGenesis(isPermissioned: false)) with { PermissionsFile = file });
        Assert.Null(none);
        Assert.Contains("acounts", refusal!.ToString(), StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task The_lists_of_the_file_are_changed_over_RPC_as_Besu_names_it_and_kept()
    {
        var (file, host, guest) = (Path.GetTempFileName(), new TemporaryKey(), new TemporaryKey());
        await File.WriteAllTextAsync(file, $$"""{ "accounts": ["{{AddressOf(Bob)}}"], "nodes": [] }""", TestContext.Current.CancellationToken);
        await using var node = await Start(MakeGenesis(isPermissioned: false), permissions: file, network: new NetworkOptions { HasDiscovery = false, NodeKeyFile = host.File });
        await using var peer = await Start(MakeGenesis(isPermissioned: false), isFollower: true, network: PeerOf(node, guest));

        Assert.Equal("\"Success\"", await Call(node, "perm_addAccountsToAllowlist", $"""[["{AddressOf(Alice)}"]]"""));
        Assert.Null(node.Pool.Add(Transfer(Alice, 0)).Refusal);
        Assert.Equal("\"Success\"", await Call(node, "perm_removeAccountsFromAllowlist", $"""[["{AddressOf(Bob)}"]]"""));
        Assert.Contains("not permitted", node.Pool.Add(Transfer(Bob, 0)).Refusal!.What, StringComparison.Ordinal);
        Assert.Equal($"[\"{AddressOf(Alice)}\"]", await Call(node, "perm_getAccountsAllowlist", "[]"));

        Assert.Equal(0, Peers(node));
        var enode = $"enode://{guest.Id}@127.0.0.1:30303";
        Assert.Equal("\"Success\"", await Call(node, "perm_addNodesToAllowlist", $"""[["{enode}"]]"""));
        await Until(() => Peers(node) == 1, "the node that is allowed now is not connected");
        Assert.Equal($"[\"{enode}\"]", await Call(node, "perm_getNodesAllowlist", "[]"));
        Assert.Equal("\"Success\"", await Call(node, "perm_removeNodesFromAllowlist", $"""[["{enode}"]]"""));
        await Until(() => Peers(node) == 0, "the node is still connected");

        Assert.Contains("Cannot add an existing account to allowlist", await Call(node, "perm_addAccountsToAllowlist", $"""[["{AddressOf(Alice)}"]]"""), StringComparison.Ordinal);
        Assert.Contains("Cannot remove an absent node from allowlist", await Call(node, "perm_removeNodesFromAllowlist", $"""[["{enode}"]]"""), StringComparison.Ordinal);
        Assert.Contains("Request contains an empty list of accounts", await Call(node, "perm_addAccountsToAllowlist", "[[]]"), StringComparison.Ordinal);
        Assert.Contains("Request contains an invalid account", await Call(node, "perm_addAccountsToAllowlist", """[["0x12"]]"""), StringComparison.Ordinal);
        Assert.Contains("Request contains duplicate accounts", await Call(node, "perm_addAccountsToAllowlist", $"""[["{AddressOf(Bob)}", "{AddressOf(Bob)}"]]"""), StringComparison.Ordinal);
        Assert.True(PermissionLists.TryRead(file, out var kept, out _));
        Assert.Equal([AddressOf(Alice)], kept.Accounts!);
        Assert.Empty(kept.Nodes!);

        await File.WriteAllTextAsync(file, $$"""{ "nodes": ["{{enode}}"] }""", TestContext.Current.CancellationToken);
        Assert.Equal("\"Success\"", await Call(node, "perm_reloadPermissionsFromFile", "[]"));
        await Until(() => Peers(node) == 1, "the node that the file allows now is not connected");
        Assert.Contains("Account allowlist has not been enabled", await Call(node, "perm_getAccountsAllowlist", "[]"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "{", TestContext.Current.CancellationToken);
        Assert.Contains("Error reloading permissions file", await Call(node, "perm_reloadPermissionsFromFile", "[]"), StringComparison.Ordinal);
        Assert.Equal(1, Peers(node));
        File.Delete(file);
    }

    static async Task<string> Call(Hufu.Node.Node node, string method, string parameters)
    {
        using var http = new HttpClient();
        using var content = new StringContent($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(node.Url, content, TestContext.Current.CancellationToken);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        return (answer["result"] ?? answer["error"]!["message"])!.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    static int Peers(Hufu.Node.Node node) => node.PeerCount;

    static NetworkOptions PeerOf(Hufu.Node.Node host, TemporaryKey key) => new()
    {
        NodeKeyFile = key.File,
        HasDiscovery = false,
        Peers = new PeerSetOptions { StaticPeers = [Enode.TryParse(host.Enode!, out var enode, out _) ? enode : throw new InvalidOperationException(host.Enode)], LongestBackoff = TimeSpan.FromSeconds(1) },
    };

    static NodeOptions Options(Genesis genesis) => new()
    {
        Genesis = genesis,
        Rpc = new RpcServerOptions { Port = 0 },
        Sealing = new SoloOptions { Mode = SoloMode.Instant },
    };

    static async Task<Hufu.Node.Node> Start(Genesis genesis, bool isFollower = false, NetworkOptions? network = null, string? permissions = null)
    {
        var (node, refusal) = await Hufu.Node.Node.StartAsync(Options(genesis) with { IsFollower = isFollower, Network = network, PermissionsFile = permissions });
        return node ?? throw new InvalidOperationException(refusal!.ToString());
    }

    static Genesis MakeGenesis(bool isPermissioned, params NodeId[] allowed) => MakeGenesis(isPermissioned, _ => { }, allowed);

    static Genesis MakeGenesis(bool isPermissioned, Action<JsonObject> change, params NodeId[] allowed)
    {
        var json = JsonNode.Parse(DevNetwork.GenesisFile(1981, null, [AddressOf(Alice), AddressOf(Bob)], DevNetwork.DefaultBalance))!;
        json["alloc"]![Accounts.ToString()] = new JsonObject { ["balance"] = "0x0", ["code"] = AccountsCode, ["storage"] = new JsonObject { ["0x" + new string('0', 24) + AddressOf(Alice).ToString()[2..]] = "0x0000000000000000000000000000000000000000000000000000000000000001" } };
        var nodes = new JsonObject();
        foreach (var id in allowed) nodes[Hex.Encode(FirstWord(id))] = "0x0000000000000000000000000000000000000000000000000000000000000001";
        json["alloc"]![Nodes.ToString()] = new JsonObject { ["balance"] = "0x0", ["code"] = NodesCode, ["storage"] = nodes };
        if (isPermissioned) json["config"]!["permissioning"] = new JsonObject { ["accountsContract"] = Accounts.ToString(), ["nodesContract"] = Nodes.ToString() };
        if (isPermissioned && allowed.Length == 0) json["config"]!["permissioning"]!.AsObject().Remove("nodesContract");
        change(json["config"]!.AsObject());
        return GenesisJson.TryParse(Encoding.UTF8.GetBytes(json.ToJsonString()), out var genesis, out var refusal) ? genesis : throw new InvalidOperationException(refusal.ToString());
    }

    static byte[] FirstWord(NodeId id) => Encoding.ASCII.GetBytes(id.ToString())[..32];

    static BlockAttributes Attributes(Header head) => new() { Timestamp = head.Timestamp + 1, Beneficiary = Accounts, Withdrawals = [], ParentBeaconBlockRoot = Hash256.Zero };

    static Transaction Transfer(byte[] secret, ulong nonce) => Sign(secret, nonce, Address.Parse("0x00000000000000000000000000000000000000aa"), []);

    static Transaction Sign(byte[] secret, ulong nonce, Address to, byte[] data) => TransactionSigning.Sign(new DynamicFeeTransaction
    {
        ChainId = 1981,
        Nonce = nonce,
        GasLimit = 100_000,
        MaxFeePerGas = 10_000_000_000,
        MaxPriorityFeePerGas = 1_000_000_000,
        To = to,
        Value = UInt256.Zero,
        Data = data,
    }, secret);

    static Address AddressOf(byte[] secret) => Address.FromPublicKey(Secp256k1.PublicKey(secret));

    static async Task Until(Func<bool> condition, string why)
    {
        for (var i = 0; i < 1500; i++)
        {
            if (condition()) return;
            await Task.Delay(20);
        }
        Assert.Fail(why);
    }

    /// <summary>These transactions, in this order.</summary>
    sealed class Listed(params (Transaction Transaction, Address Sender)[] all) : ITransactionSource
    {
        readonly Queue<(Transaction Transaction, Address Sender)> _left = new(all);

        public bool IsEmpty => _left.Count == 0;

        public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Transaction? transaction, out Address sender)
        {
            var found = _left.TryDequeue(out var next);
            (transaction, sender) = next;
            return found;
        }

        public void SkipSender() { }
    }

    /// <summary>A node's key in a file of its own.</summary>
    sealed class TemporaryKey
    {
        public TemporaryKey()
        {
            File = Path.Combine(Directory.CreateTempSubdirectory("hufu-key").FullName, "nodekey");
            Assert.True(NodeKey.TryReadOrMake(File, out var key, out _));
            Id = key.Id;
        }

        public string File { get; }
        public NodeId Id { get; }
    }
}
