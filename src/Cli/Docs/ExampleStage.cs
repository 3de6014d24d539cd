using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Hufu.Crypto;
using Hufu.Network;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Rpc;

namespace Hufu.Cli;

/// <summary>A development chain in memory on which the examples of the methods are run, with all in place that they speak of.</summary>
sealed class ExampleStage : IAsyncDisposable
{
    // LOG1 with topic 0x2a, then a contract whose code is one zero byte.
    const string LoggingContract = "0x602a60006000a160016000f3";

    // Answers whatever it is asked with what stands in its first slot.
    const string Token = "0x00000000000000000000000000000000000070c0", TokenCode = "0x60005460005260206000f3";

    static readonly byte[] Secret = DevAccounts.Secrets(1)[0];
    static readonly string[] DevModules = ["evm", "anvil", "hardhat", "tenderly", "miner"];
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly Node.Node _node;
    readonly HttpClient _http = new() { Timeout = Patience };
    readonly ClientWebSocket _socket = new();
    readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);
    int _id;

    ExampleStage(Node.Node node) => _node = node;

    /// <summary>The methods that the node offers.</summary>
    public MethodTable Methods => _node.Methods;

    public static async Task<ExampleStage> OpenAsync()
    {
        var request = new UpRequest { ChainId = DevNetwork.ChainId, Accounts = 2, BalanceEther = 10_000, IsMining = true, PoolLimit = 1000, HasDevMethods = true, Network = new NetworkOptions { Peers = new PeerSetOptions { Port = 0 }, HasDiscovery = false }, Rpc = new RpcServerOptions { Port = 0 } };
        if (!UpPlan.TryMake(request, out var plan, out var refusal)) throw new InvalidOperationException(refusal.ToString());
        var (node, cannot) = await Node.Node.StartAsync(plan.ToOptions(fault => throw new InvalidOperationException("a fault of the node", fault))).ConfigureAwait(false);
        var stage = new ExampleStage(node ?? throw new InvalidOperationException(cannot!.ToString()));
        await stage.PrepareAsync().ConfigureAwait(false);
        return stage;
    }

    async Task PrepareAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _socket.ConnectAsync(new UriBuilder(_node.Url) { Scheme = "ws" }.Uri, patience.Token).ConfigureAwait(false);
        await SetAsync().ConfigureAwait(false);
    }

    /// <summary>Puts in place what the examples speak of.</summary>
    async Task SetAsync()
    {
        var accounts = await ResultAsync("eth_accounts", "[]").ConfigureAwait(false);
        _words["account"] = accounts[0].GetString()!;
        _words["other"] = accounts[1].GetString()!;
        var creation = await ResultAsync("eth_sendTransaction", Filled($$"""[{"from":"{account}","data":"{{LoggingContract}}"}]""")).ConfigureAwait(false);
        var receipt = await ResultAsync("eth_getTransactionReceipt", $"[\"{creation}\"]").ConfigureAwait(false);
        _words["contract"] = receipt.GetProperty("contractAddress").GetString()!;
        _words["transaction"] = (await ResultAsync("eth_sendTransaction", Filled("""[{"from":"{account}","to":"{other}","value":"0xde0b6b3a7640000"}]""")).ConfigureAwait(false)).GetString()!;
        var placed = await ResultAsync("eth_getTransactionByHash", Filled("""["{transaction}"]""")).ConfigureAwait(false);
        _words["block"] = placed.GetProperty("blockHash").GetString()!;
        await ResultAsync("anvil_setCode", $"[\"{Token}\", \"{TokenCode}\"]").ConfigureAwait(false);
        _words["token"] = Token;
        _words["dump"] = (await ResultAsync("anvil_dumpState", "[]").ConfigureAwait(false)).GetString()!;
        _words["rlp"] = (await ResultAsync("debug_getRawBlock", $"[\"{placed.GetProperty("blockNumber")}\"]").ConfigureAwait(false)).GetString()!;
    }

    /// <summary>Runs the example of a method, and gives what was sent and what came back.</summary>
    public async Task<(string Request, JsonElement Answer)> RunAsync(MethodDoc doc)
    {
        var example = doc.Example;
        // What a method uses up is made anew for each.
        if (example.Contains("{raw}", StringComparison.Ordinal) || example.Contains("{nextRaw}", StringComparison.Ordinal)) _words["raw"] = _words["nextRaw"] = await SignedAsync().ConfigureAwait(false);
        if (example.Contains("{filter}", StringComparison.Ordinal)) _words["filter"] = (await ResultAsync("eth_newFilter", "[{}]").ConfigureAwait(false)).GetString()!;
        if (example.Contains("{subscription}", StringComparison.Ordinal)) _words["subscription"] = (await SendAsync(Request("eth_subscribe", """["newHeads"]""")).ConfigureAwait(false)).GetProperty("result").GetString()!;
        if (example.Contains("{later}", StringComparison.Ordinal))
        {
            var block = await ResultAsync("eth_getBlockByHash", Filled("""["{block}", false]""")).ConfigureAwait(false);
            _words["later"] = $"0x{Convert.ToUInt64(block.GetProperty("timestamp").GetString()![2..], 16) + 12:x}";
        }
        var request = RequestOf(doc);
        // What a method of development does to the chain is taken back, so that the others find what they speak of.
        var isBending = DevModules.Contains(RpcModules.Of(doc.Name));
        var snapshot = isBending ? await ResultAsync("evm_snapshot", "[]").ConfigureAwait(false) : default;
        var answer = await (doc.NeedsConnection ? SendAsync(request) : AskAsync(request)).ConfigureAwait(false);
        if (isBending && !(await ResultAsync("evm_revert", $"[{snapshot.GetRawText()}]").ConfigureAwait(false)).GetBoolean()) await SetAsync().ConfigureAwait(false);
        if (isBending) await ResultAsync("evm_setAutomine", "[true]").ConfigureAwait(false);
        return (request, answer);
    }

    public string RequestOf(MethodDoc doc) => Request(doc.Name, Filled(doc.Example));

    async Task<string> SignedAsync()
    {
        var nonce = await ResultAsync("eth_getTransactionCount", Filled("""["{account}", "pending"]""")).ConfigureAwait(false);
        var transaction = new DynamicFeeTransaction
        {
            ChainId = _node.Chain.Forks.ChainId,
            Nonce = Convert.ToUInt64(nonce.GetString()![2..], 16),
            GasLimit = 21_000,
            To = Address.Parse(_words["other"]),
            Value = 1,
            MaxFeePerGas = 10_000_000_000,
            MaxPriorityFeePerGas = 1_000_000_000,
        };
        return "0x" + Convert.ToHexStringLower(TransactionSigning.Sign(transaction, Secret).Encoded.Span);
    }

    string Filled(string text)
    {
        foreach (var (word, value) in _words) text = text.Replace("{" + word + "}", value, StringComparison.Ordinal);
        return text;
    }

    string Request(string method, string parameters) => $$"""{"jsonrpc":"2.0","id":{{++_id}},"method":"{{method}}","params":{{parameters}}}""";

    /// <summary>The result of a call that has one.</summary>
    public async Task<JsonElement> ResultAsync(string method, string parameters)
    {
        var answer = await AskAsync(Request(method, parameters)).ConfigureAwait(false);
        return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"{method}: {answer}");
    }

    async Task<JsonElement> AskAsync(string request)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(request));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await _http.PostAsync(_node.Url, content).ConfigureAwait(false);
        return Parse(await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false));
    }

    async Task<JsonElement> SendAsync(string request)
    {
        using var patience = new CancellationTokenSource(Patience);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(request), WebSocketMessageType.Text, true, patience.Token).ConfigureAwait(false);
        var buffer = new byte[1 << 16];
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), patience.Token).ConfigureAwait(false);
            var message = Parse(buffer.AsMemory(0, part.Count));
            // Notifications of earlier subscriptions come between.
            if (!message.TryGetProperty("method", out _)) return message;
        }
    }

    static JsonElement Parse(ReadOnlyMemory<byte> bytes)
    {
        using var json = JsonDocument.Parse(bytes);
        return json.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _http.Dispose();
        await _node.DisposeAsync().ConfigureAwait(false);
    }
}
