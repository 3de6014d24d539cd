using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Hufu.EndToEnd;

/// <summary>Plays the consensus client of one node: it says which blocks there are and which is the head, and has new ones built (Engine API, Shanghai).</summary>
sealed class ConsensusClient(string engineUrl, string secretFile)
{
    static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    public const string NoBlock = "0x0000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>Writes the genesis file of a network that is in Shanghai from its first block on.</summary>
    public static string WriteGenesis(string folder)
    {
        string[] blocks = ["homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople", "petersburg", "istanbul", "berlin", "london", "mergeNetsplit"];
        var config = blocks.ToDictionary(fork => $"{fork}Block", _ => (object)0);
        (config["chainId"], config["shanghaiTime"], config["terminalTotalDifficulty"], config["terminalTotalDifficultyPassed"]) = (1337, 0, 0, true);
        var path = Path.Combine(folder, "network.json");
        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            config,
            nonce = "0x0",
            timestamp = "0x0",
            extraData = "0x",
            gasLimit = "0x1c9c380",
            difficulty = "0x0",
            baseFeePerGas = "0x3b9aca00",
            alloc = new Dictionary<string, object> { ["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"] = new { balance = "0x3635c9adc5dea00000" } },
        }));
        return path;
    }

    public async Task<JsonElement> Call(string method, params object?[] parameters)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, engineUrl) { Content = JsonContent.Create(new { jsonrpc = "2.0", id = 1, method, @params = parameters }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token());
        using var response = await Http.SendAsync(request);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"{method}: {answer}");
    }

    /// <summary>Names a block as the head; the status that comes back.</summary>
    public async Task<string> Choose(string head, string finalised = NoBlock) =>
        (await Call("engine_forkchoiceUpdatedV2", State(head, finalised), null)).GetProperty("payloadStatus").GetProperty("status").GetString()!;

    public async Task<string> NewPayload(JsonElement payload) => (await Call("engine_newPayloadV2", payload)).GetProperty("status").GetString()!;

    /// <summary>Has a block built on one that is kept; it is neither handed in nor chosen.</summary>
    public async Task<JsonElement> Build(string parent, long timestamp)
    {
        var attributes = new { timestamp = $"0x{timestamp:x}", prevRandao = NoBlock, suggestedFeeRecipient = "0x00000000000000000000000000000000000000cc", withdrawals = Array.Empty<object>() };
        var id = (await Call("engine_forkchoiceUpdatedV2", State(parent, NoBlock), attributes)).GetProperty("payloadId").GetString();
        return (await Call("engine_getPayloadV2", id)).GetProperty("executionPayload");
    }

    /// <summary>Builds a chain on the head, block by block, each handed in and chosen; the payloads.</summary>
    public async Task<List<JsonElement>> Grow(int count, string parent, long timestamp)
    {
        var payloads = new List<JsonElement>();
        for (var i = 0; i < count; i++)
        {
            var payload = await Build(parent, ++timestamp);
            parent = HashOf(payload);
            if (await NewPayload(payload) != "VALID" || await Choose(parent) != "VALID") throw new InvalidOperationException($"the node refuses a block that it has built: {payload}");
            payloads.Add(payload);
        }
        return payloads;
    }

    public static string HashOf(JsonElement payload) => payload.GetProperty("blockHash").GetString()!;

    static object State(string head, string finalised) => new { headBlockHash = head, safeBlockHash = finalised, finalizedBlockHash = finalised };

    // HS256 over the time of issue: all that the Engine API wants of a token.
    string Token()
    {
        var body = $"{Encode("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Encode(Encoding.UTF8.GetBytes($$"""{"iat":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}}}"""))}";
        var secret = Convert.FromHexString(File.ReadAllText(secretFile).Trim());
        return $"{body}.{Encode(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(body)))}";
    }

    static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
