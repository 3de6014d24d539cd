using System.Globalization;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Answers what is older than the fork from the chain that was forked: its blocks, transactions and receipts, its states and its logs.</summary>
public sealed class ForkedMethods
{
    // The place of the parameter that names a block by its number.
    static readonly (string Method, int At, bool IsState)[] ByBlock =
    [
        ("eth_getBlockByNumber", 0, false), ("eth_getBlockTransactionCountByNumber", 0, false), ("eth_getTransactionByBlockNumberAndIndex", 0, false),
        ("eth_getUncleCountByBlockNumber", 0, false), ("eth_getUncleByBlockNumberAndIndex", 0, false), ("eth_getBlockReceipts", 0, false),
        ("debug_traceBlockByNumber", 0, false), ("trace_block", 0, false), ("eth_feeHistory", 1, false),
        ("eth_getBalance", 1, true), ("eth_getCode", 1, true), ("eth_getTransactionCount", 1, true), ("eth_getStorageAt", 2, true),
        ("eth_call", 1, true), ("eth_estimateGas", 1, true), ("eth_createAccessList", 1, true),
    ];

    static readonly string[] ByBlockHash = ["eth_getBlockByHash", "eth_getBlockTransactionCountByHash", "eth_getTransactionByBlockHashAndIndex", "eth_getUncleCountByBlockHash", "eth_getUncleByBlockHashAndIndex", "debug_traceBlockByHash"];

    static readonly string[] ByTransaction = ["eth_getTransactionByHash", "eth_getTransactionReceipt", "eth_getRawTransactionByHash", "debug_traceTransaction", "debug_getRawTransaction", "trace_transaction", "trace_replayTransaction"];

    readonly RemoteChain _remote;
    readonly Ledger _ledger;
    readonly ulong _fork;

    ForkedMethods(ForkPoint point, Ledger ledger) => (_remote, _ledger, _fork) = (point.Remote, ledger, point.Block.Number);

    public static void Lay(MethodTable methods, ForkPoint point, Ledger ledger)
    {
        var forked = new ForkedMethods(point, ledger);
        foreach (var (method, at, isState) in ByBlock) forked.Wrap(methods, method, parameters => forked.IsOlder(Item(parameters, at), isState));
        foreach (var method in ByBlockHash) forked.Wrap(methods, method, parameters => HashOf(Item(parameters, 0)) is { } hash && forked.IsForeign(hash));
        foreach (var method in ByTransaction) forked.Wrap(methods, method, parameters => HashOf(Item(parameters, 0)) is { } hash && ledger.Queries.OutcomeOf(hash) is null && ledger.Pool.Find(hash) is null);
        methods.Wrap("eth_getLogs", inner => (ref Parameters parameters, Answer answer) => forked.Logs(inner, ref parameters, answer));
        methods.Wrap("eth_getProof", _ => (ref Parameters _, Answer _) => new(RpcError.Server("a chain that forks another has no proofs: its trie holds only what differs from the other chain")));
    }

    void Wrap(MethodTable methods, string name, Func<JsonElement, bool> isOlder) => methods.Wrap(name, inner => (ref Parameters parameters, Answer answer) =>
    {
        if (!TryParse(parameters.Text, out var all) || !isOlder(all)) return inner(ref parameters, answer);
        return new(Relay(name, all, answer));
    });

    RpcError? Relay(string name, JsonElement parameters, Answer answer)
    {
        var told = _remote.Relay(name, parameters.GetRawText());
        if (told.TryGetProperty("error", out var error))
        {
            var code = error.TryGetProperty("code", out var number) && number.TryGetInt32(out var known) ? known : RpcError.ServerErrorCode;
            var message = error.TryGetProperty("message", out var words) ? words.ToString() : "the forked chain refused";
            var data = error.TryGetProperty("data", out var bytes) && bytes.ValueKind == JsonValueKind.String && HexText.TryDecode(Encoding.UTF8.GetBytes(bytes.GetString()!), out var decoded) ? (ReadOnlyMemory<byte>?)decoded : null;
            return new RpcError(code, message, data);
        }
        if (told.TryGetProperty("result", out var result)) result.WriteTo(answer.Result);
        return null;
    }

    // The block forked from is here, but only its header: its state is known here as well as there, its transactions only there.
    bool IsOlder(JsonElement block, bool isState)
    {
        if (block.ValueKind == JsonValueKind.Object)
            return block.TryGetProperty("blockHash", out var hash) ? HashOf(hash) is { } named && IsForeign(named) : block.TryGetProperty("blockNumber", out var number) && IsOlder(number, isState);
        if (HashOf(block) is { } direct) return IsForeign(direct);
        var text = block.ValueKind == JsonValueKind.String ? block.GetString()! : "";
        if (text is "latest" or "pending" or "safe" or "finalized" or "") return !isState && text.Length > 0 && text is not "pending" && _ledger.Chain.Head.Number == _fork;
        if (text == "earliest") return true;
        return UInt256.TryParse(text, out var at) && (isState ? at < _fork : at <= _fork);
    }

    bool IsForeign(in Hash256 block) => _ledger.Chain.Blocks.NumberOf(block) is not { } number || number <= _fork;

    ValueTask<RpcError?> Logs(WaitingMethod inner, ref Parameters parameters, Answer answer)
    {
        if (!TryParse(parameters.Text, out var all) || Item(all, 0) is not { ValueKind: JsonValueKind.Object } filter) return inner(ref parameters, answer);
        if (filter.TryGetProperty("blockHash", out var named)) return HashOf(named) is { } hash && IsForeign(hash) ? new(Relay("eth_getLogs", all, answer)) : inner(ref parameters, answer);
        var (from, to) = (Bound(filter, "fromBlock"), Bound(filter, "toBlock"));
        if (from > _fork) return inner(ref parameters, answer);
        if (to <= _fork) return new(Relay("eth_getLogs", all, answer));
        return BothAsync(inner, filter, answer);
    }

    async ValueTask<RpcError?> BothAsync(WaitingMethod inner, JsonElement filter, Answer answer)
    {
        var older = _remote.Relay("eth_getLogs", With(filter, "toBlock", _fork));
        if (!older.TryGetProperty("result", out var found)) return Relay("eth_getLogs", JsonDocument.Parse(With(filter, "toBlock", _fork)).RootElement, answer);
        using var newer = new Answer(answer.Caller, int.MaxValue, TimeSpan.FromSeconds(30));
        newer.Begin("1"u8);
        if (await Run(inner, With(filter, "fromBlock", _fork + 1), newer).ConfigureAwait(false) is { } error) return error;
        newer.End(null);
        using var here = JsonDocument.Parse(newer.Written);
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var log in found.EnumerateArray()) log.WriteTo(writer);
        foreach (var log in here.RootElement.GetProperty("result").EnumerateArray()) log.WriteTo(writer);
        writer.WriteEndArray();
        return null;
    }

    static ValueTask<RpcError?> Run(WaitingMethod inner, string parameters, Answer answer)
    {
        var read = new Parameters(Encoding.UTF8.GetBytes(parameters));
        return inner(ref read, answer);
    }

    static string With(JsonElement filter, string name, ulong number)
    {
        var copy = System.Text.Json.Nodes.JsonObject.Create(filter.Clone())!;
        copy[name] = string.Create(CultureInfo.InvariantCulture, $"0x{number:x}");
        return $"[{copy.ToJsonString()}]";
    }

    ulong Bound(JsonElement filter, string name)
    {
        var text = filter.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "latest";
        return text == "earliest" ? 0 : UInt256.TryParse(text, out var number) && text.StartsWith("0x", StringComparison.Ordinal) ? number.Low64 : _ledger.Chain.Head.Number;
    }

    static JsonElement Item(JsonElement parameters, int at) => parameters.ValueKind == JsonValueKind.Array && parameters.GetArrayLength() > at ? parameters[at] : default;

    static Hash256? HashOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && HexText.TryDecode(Encoding.UTF8.GetBytes(value.GetString()!), out var bytes) && bytes.Length == Hash256.Size ? Hash256.FromBytes(bytes) : null;

    static bool TryParse(ReadOnlySpan<byte> text, out JsonElement parsed)
    {
        parsed = default;
        if (text.IsEmpty) return false;
        var reader = new Utf8JsonReader(text);
        return JsonElement.TryParseValue(ref reader, out var found) && found is { } element && (parsed = element).ValueKind == JsonValueKind.Array;
    }
}
