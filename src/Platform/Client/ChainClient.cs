using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>
/// Any Ethereum chain, asked over JSON-RPC in the ledger's own values. May be used by many at once. Every method throws <see cref="ChainException"/>
/// where the node cannot be reached or says no, with what, why and how to mend it.
/// </summary>
public sealed class ChainClient(IRpcTransport transport) : IAsyncDisposable
{
    // One count for all clients, so that clients that share a WebSocket never share an id.
    static long _lastId;

    ulong _chainId;

    /// <summary>http, https, ws or wss.</summary>
    public static async Task<ChainClient> ConnectAsync(Uri url, CancellationToken stop = default) =>
        new(url.Scheme is "ws" or "wss" ? await WebSocketTransport.ConnectAsync(url, stop).ConfigureAwait(false) : new HttpTransport(url));

    public IRpcTransport Transport => transport;

    // ---- the chain ----

    /// <summary>Asked once: a chain keeps its id.</summary>
    public async Task<ulong> GetChainIdAsync(CancellationToken stop = default) =>
        _chainId != 0 ? _chainId : _chainId = (ulong)Quantity(await AskAsync("eth_chainId", [], stop).ConfigureAwait(false));

    public async Task<ulong> GetBlockNumberAsync(CancellationToken stop = default) => (ulong)Quantity(await AskAsync("eth_blockNumber", [], stop).ConfigureAwait(false));

    /// <summary>Null where there is no such block.</summary>
    /// <param name="withTransactions">Whether the transactions come whole, and not only by hash.</param>
    public async Task<ChainBlock?> GetBlockAsync(BlockId block, bool withTransactions = false, CancellationToken stop = default) =>
        Read(await AskAsync(block.Hash is null ? "eth_getBlockByNumber" : "eth_getBlockByHash", [block.ToString(), withTransactions], stop).ConfigureAwait(false), ChainJson.Block);

    // ---- accounts ----

    public async Task<UInt256> GetBalanceAsync(Address address, BlockId block = default, CancellationToken stop = default) =>
        Quantity(await AskAsync("eth_getBalance", [address.ToString(), block.ToNode()], stop).ConfigureAwait(false));

    /// <summary>The nonce of the account's next transaction; with <see cref="BlockId.Pending"/>, behind those that wait.</summary>
    public async Task<ulong> GetNonceAsync(Address address, BlockId block = default, CancellationToken stop = default) =>
        (ulong)Quantity(await AskAsync("eth_getTransactionCount", [address.ToString(), block.ToNode()], stop).ConfigureAwait(false));

    public async Task<byte[]> GetCodeAsync(Address address, BlockId block = default, CancellationToken stop = default) =>
        Bytes(await AskAsync("eth_getCode", [address.ToString(), block.ToNode()], stop).ConfigureAwait(false));

    public async Task<UInt256> GetStorageAsync(Address address, UInt256 slot, BlockId block = default, CancellationToken stop = default) =>
        UInt256.FromBigEndian(Bytes(await AskAsync("eth_getStorageAt", [address.ToString(), slot.ToHexQuantity(), block.ToNode()], stop).ConfigureAwait(false)));

    /// <summary>An account and storage values with their proofs (EIP-1186), as the node gives them.</summary>
    public async Task<AccountProof> GetProofAsync(Address address, IReadOnlyList<UInt256> slots, BlockId block = default, CancellationToken stop = default) =>
        Required(await AskAsync("eth_getProof", [address.ToString(), new JsonArray([.. slots.Select(slot => (JsonNode)Hash256.FromUInt256(slot).ToString())]), block.ToNode()], stop).ConfigureAwait(false), ChainJson.Proof);

    // ---- calls and transactions ----

    /// <summary>Runs code without changing anything, and gives what it returns.</summary>
    /// <exception cref="ChainException">Also where the code reverts: <see cref="ChainException.Revert"/> tells why.</exception>
    public async Task<byte[]> CallAsync(TransactionRequest request, BlockId block = default, Address? from = null, CancellationToken stop = default) =>
        Bytes(await AskAsync("eth_call", [CallNode(request, from), block.ToNode()], request.Errors, stop).ConfigureAwait(false));

    public async Task<ulong> EstimateGasAsync(TransactionRequest request, Address? from = null, BlockId? block = null, CancellationToken stop = default) =>
        (ulong)Quantity(await AskAsync("eth_estimateGas", block is { } at ? [CallNode(request, from), at.ToNode()] : [CallNode(request, from)], request.Errors, stop).ConfigureAwait(false));

    /// <summary>A cap of twice the next base fee and a tip that half of the recent blocks' transactions paid: enough for the next block, and for some full blocks more.</summary>
    public async Task<Fees> SuggestFeesAsync(CancellationToken stop = default)
    {
        var history = await AskAsync("eth_feeHistory", ["0xa", "latest", new JsonArray(50)], stop).ConfigureAwait(false);
        var baseFees = history.TryGetProperty("baseFeePerGas", out var list) && list.ValueKind == JsonValueKind.Array ? list : default;
        var nextBaseFee = baseFees.ValueKind == JsonValueKind.Array && baseFees.GetArrayLength() > 0 ? Quantity(baseFees[baseFees.GetArrayLength() - 1]) : UInt256.Zero;
        if (nextBaseFee.IsZero)
        {
            var price = Quantity(await AskAsync("eth_gasPrice", [], stop).ConfigureAwait(false));
            var head = await GetBlockAsync(BlockId.Latest, stop: stop).ConfigureAwait(false);
            return new Fees(price, price, IsLegacy: head?.Header.BaseFeePerGas is null);
        }
        // Empty blocks tell a tip of zero, so they do not count.
        UInt256[] tips = history.TryGetProperty("reward", out var rewards) && rewards.ValueKind == JsonValueKind.Array
            ? [.. rewards.EnumerateArray().Where(block => block.GetArrayLength() > 0).Select(block => Quantity(block[0])).Where(tip => !tip.IsZero).Order()] : [];
        var tip = tips.Length > 0 ? tips[tips.Length / 2] : UInt256.One * 1_000_000_000;
        return new Fees(nextBaseFee * 2 + tip, tip);
    }

    /// <summary>Hands a signed transaction to the node. One that the node has already is no mistake: the same bytes are the same transaction.</summary>
    public async Task<Hash256> SendRawAsync(ReadOnlyMemory<byte> envelope, CancellationToken stop = default)
    {
        var hash = Keccak256.Hash(envelope.Span);
        try
        {
            await AskAsync("eth_sendRawTransaction", [Hex.Encode(envelope.Span)], stop).ConfigureAwait(false);
        }
        catch (ChainException error) when (error.Code is not null && IsKnown(error.Refusal.Why))
        {
            // geth: already known; Nethermind: AlreadyKnown; Besu: Known transaction; anvil: transaction already imported.
        }
        return hash;
    }

    static bool IsKnown(string message) =>
        message.Contains("already known", StringComparison.OrdinalIgnoreCase) || message.Contains("AlreadyKnown", StringComparison.OrdinalIgnoreCase)
        || message.Contains("known transaction", StringComparison.OrdinalIgnoreCase) || message.Contains("already imported", StringComparison.OrdinalIgnoreCase);

    /// <summary>Null where the node knows no such transaction.</summary>
    public async Task<Transaction?> GetTransactionAsync(Hash256 hash, CancellationToken stop = default) =>
        Read(await AskAsync("eth_getTransactionByHash", [hash.ToString()], stop).ConfigureAwait(false), ChainJson.Transaction);

    /// <summary>Null until the transaction is in a block.</summary>
    public async Task<TransactionReceipt?> GetReceiptAsync(Hash256 hash, CancellationToken stop = default) =>
        Read(await AskAsync("eth_getTransactionReceipt", [hash.ToString()], stop).ConfigureAwait(false), ChainJson.Receipt);

    /// <summary>The receipts of a block in its order; one by one where the node lacks eth_getBlockReceipts.</summary>
    public async Task<IReadOnlyList<TransactionReceipt>> GetBlockReceiptsAsync(ChainBlock block, CancellationToken stop = default)
    {
        try
        {
            if (Read(await AskAsync("eth_getBlockReceipts", [block.Hash.ToString()], stop).ConfigureAwait(false), json => json.EnumerateArray().Select(ChainJson.Receipt).ToArray()) is { } all) return all;
        }
        catch (ChainException error) when (error.Code is -32601 or -32602)
        {
            // The method, or its form with a hash, is unknown there.
        }
        var receipts = new List<TransactionReceipt>();
        foreach (var hash in block.TransactionHashes)
            receipts.Add(await GetReceiptAsync(hash, stop).ConfigureAwait(false) ?? throw Malformed("a receipt of the block is missing"));
        return receipts;
    }

    public async Task<IReadOnlyList<ChainLog>> GetLogsAsync(LogQuery query, CancellationToken stop = default) =>
        Required(await AskAsync("eth_getLogs", [LogNode(query)], stop).ConfigureAwait(false), json => json.EnumerateArray().Select(ChainJson.Log).ToArray());

    // ---- subscriptions ----

    /// <summary>The headers of new head blocks as they come, while the enumeration runs. Needs a WebSocket. After a reorganisation, the blocks of the new branch come one by one.</summary>
    public IAsyncEnumerable<Header> HeadsAsync(CancellationToken stop = default) => SubscribeAsync(["newHeads"], ChainJson.Header, stop);

    /// <summary>Logs as they come; those of blocks left behind come again, marked as removed. Needs a WebSocket.</summary>
    public IAsyncEnumerable<ChainLog> LogsAsync(LogQuery query, CancellationToken stop = default) => SubscribeAsync(["logs", LogNode(query, hasRange: false)], ChainJson.Log, stop);

    async IAsyncEnumerable<T> SubscribeAsync<T>(JsonNode?[] parameters, Func<JsonElement, T> read, [EnumeratorCancellation] CancellationToken stop)
    {
        if (transport is not IRpcFeed feed)
            throw new ChainException(new Refusal("this transport has no subscriptions", $"the node at {transport.Name} answers, but does not speak by itself", "connect by ws:// or wss://, or follow the chain with BlockFollower"));
        var told = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
        // Listening begins before asking: what the node tells right behind its answer is not missed.
        void Keep(ReadOnlyMemory<byte> message) => told.Writer.TryWrite(message);
        void End(Exception why) => told.Writer.TryComplete(new ChainException(new Refusal($"the subscription at {transport.Name} has ended", why.Message, "connect again, and catch up from the last block you saw"), inner: why));
        feed.Told += Keep;
        feed.Ended += End;
        string? id = null;
        try
        {
            id = (await AskAsync("eth_subscribe", parameters, stop).ConfigureAwait(false)).GetString();
            await foreach (var message in told.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            {
                using var document = JsonDocument.Parse(message);
                if (document.RootElement.TryGetProperty("params", out var news) && news.TryGetProperty("subscription", out var whose) && whose.GetString() == id)
                    yield return Required(news.GetProperty("result"), read);
            }
        }
        finally
        {
            feed.Told -= Keep;
            feed.Ended -= End;
            if (id is not null) await UnsubscribeAsync(id).ConfigureAwait(false);
        }
    }

    async Task UnsubscribeAsync(string id)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await AskAsync("eth_unsubscribe", [id], patience.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ChainException or OperationCanceledException)
        {
            // The connection is gone, and the subscription with it.
        }
    }

    // ---- JSON-RPC ----

    /// <summary>Any method of the node: the result as JSON.</summary>
    public Task<JsonElement> AskAsync(string method, JsonNode?[] parameters, CancellationToken stop = default) => AskAsync(method, parameters, [], stop);

    async Task<JsonElement> AskAsync(string method, JsonNode?[] parameters, IReadOnlyList<AbiError> errors, CancellationToken stop)
    {
        var response = await transport.ExchangeAsync(Request(method, parameters), stop).ConfigureAwait(false);
        try
        {
            using var document = JsonDocument.Parse(response);
            if (document.RootElement.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null) throw Refused(method, error, errors);
            return document.RootElement.GetProperty("result").Clone();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ChainException(new Refusal($"what answers at {transport.Name} is no Ethereum node", $"{method} got no JSON-RPC response", "check the URL"), inner: error);
        }
    }

    static byte[] Request(string method, JsonNode?[] parameters)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc"u8, "2.0"u8);
            writer.WriteNumber("id"u8, Interlocked.Increment(ref _lastId));
            writer.WriteString("method"u8, method);
            writer.WriteStartArray("params"u8);
            foreach (var parameter in parameters)
            {
                if (parameter is null) writer.WriteNullValue();
                else parameter.WriteTo(writer);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    static ChainException Refused(string method, JsonElement error, IReadOnlyList<AbiError> errors)
    {
        var code = error.TryGetProperty("code", out var number) && number.TryGetInt32(out var value) ? value : 0;
        var message = error.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "no message";
        // geth, Hufu, anvil: data is the revert; Hardhat keeps it one level deeper.
        var data = error.TryGetProperty("data", out var found) ? found : default;
        if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty("data", out var deeper)) data = deeper;
        var isRevert = code == 3 || message.Contains("revert", StringComparison.OrdinalIgnoreCase);
        var revert = isRevert && data.ValueKind == JsonValueKind.String && Hex.TryDecode(data.GetString(), out var bytes) ? Revert.Of(bytes, errors) : null;
        return revert is null
            ? new ChainException(new Refusal($"the node refused {method}", message), code)
            : new ChainException(new Refusal("the contract refused", revert.Words, "change what the reason names, then try again"), code, revert);
    }

    JsonObject CallNode(TransactionRequest request, Address? from)
    {
        var node = new JsonObject();
        if (from is { } sender) node["from"] = sender.ToString();
        if (request.To is { } to) node["to"] = to.ToString();
        if (!request.Data.IsEmpty) node["input"] = Hex.Encode(request.Data.Span);
        if (!request.Value.IsZero) node["value"] = request.Value.ToHexQuantity();
        if (request.GasLimit is { } gas) node["gas"] = Hex.EncodeQuantity(gas);
        if (request.AccessList.Count > 0) node["accessList"] = ChainJson.AccessListNode(request.AccessList);
        return node;
    }

    static JsonObject LogNode(LogQuery query, bool hasRange = true)
    {
        var node = new JsonObject();
        if (query.Addresses.Count > 0) node["address"] = new JsonArray([.. query.Addresses.Select(address => (JsonNode)address.ToString())]);
        if (query.Topics.Count > 0) node["topics"] = new JsonArray([.. query.Topics.Select(topic => topic is { } hash ? (JsonNode)hash.ToString() : null)]);
        if (query.BlockHash is { } block) node["blockHash"] = block.ToString();
        else if (hasRange) (node["fromBlock"], node["toBlock"]) = (query.From.ToString(), query.To.ToString());
        return node;
    }

    static UInt256 Quantity(JsonElement json) => json.ValueKind == JsonValueKind.String && UInt256.TryParse(json.GetString(), out var number) ? number : throw Malformed($"{json.GetRawText()} is no quantity");

    static byte[] Bytes(JsonElement json) => Required(json, one => ChainJson.BytesOf(one, "result"));

    static T? Read<T>(JsonElement json, Func<JsonElement, T> read) where T : class => json.ValueKind == JsonValueKind.Null ? null : Required(json, read);

    static T Required<T>(JsonElement json, Func<JsonElement, T> read)
    {
        try
        {
            return read(json);
        }
        catch (Exception error) when (error is FormatException or KeyNotFoundException or InvalidOperationException or OverflowException or ArgumentException)
        {
            throw Malformed(error.Message);
        }
    }

    static ChainException Malformed(string why) => new(new Refusal("the node's answer cannot be read", why, "check that it is an Ethereum node, of a version that is kept up"));

    public ValueTask DisposeAsync() => transport.DisposeAsync();
}
