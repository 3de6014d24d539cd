using System.Globalization;
using System.Text.Json;
using Hufu.Client;

namespace Hufu.Cli;

/// <summary>Looks at a running node from outside, and above all at why there is no block.</summary>
sealed class RemoteExamination(ChainClient chain, Uri url, CancellationToken stop)
{
    static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    public async IAsyncEnumerable<Finding> RunAsync()
    {
        yield return new("node", Health.Good, $"{url}: {(await chain.AskAsync("web3_clientVersion", [], stop).ConfigureAwait(false)).GetString()}, chain id {await chain.GetChainIdAsync(stop).ConfigureAwait(false)}");
        yield return await HeadAsync().ConfigureAwait(false);
        yield return await SyncAsync().ConfigureAwait(false);
        if (await TryAskAsync("net_peerCount").ConfigureAwait(false) is { } peers) yield return new("peers", Health.Good, $"{Convert.ToInt32(peers.GetString(), 16)} connected");
        if (await TryAskAsync("hufu_consensus").ConfigureAwait(false) is not { } consensus) yield break;
        foreach (var finding in Consensus(consensus)) yield return finding;
    }

    async Task<Finding> HeadAsync()
    {
        var head = await chain.GetBlockAsync(BlockId.Latest, withTransactions: false, stop).ConfigureAwait(false);
        if (head is null) return new("head", Health.Bad, "the node has no block");
        var age = DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds((long)head.Header.Timestamp);
        var text = $"block {head.Header.Number} {head.Hash}";
        return age < -ClockTolerance ? new("head", Health.Bad, $"{text} is {Seconds(-age)} in the future of this machine: compare the clocks") : new("head", Health.Good, $"{text}, {Seconds(age)} old");
    }

    async Task<Finding> SyncAsync()
    {
        var syncing = await chain.AskAsync("eth_syncing", [], stop).ConfigureAwait(false);
        return syncing.ValueKind == JsonValueKind.Object
            ? new("sync", Health.Notable, $"fetching blocks: at {Number(syncing, "currentBlock")} of {Number(syncing, "highestBlock")}")
            : new("sync", Health.Good, "with its peers");
    }

    static IEnumerable<Finding> Consensus(JsonElement consensus)
    {
        var (height, round, since) = (consensus.GetProperty("height").GetUInt64(), consensus.GetProperty("round").GetUInt32(), consensus.GetProperty("secondsSinceBlock").GetInt64());
        var isStalled = consensus.GetProperty("isStalled").GetBoolean();
        var where = $"height {height}, round {round}, proposer {consensus.GetProperty("proposer").GetString()}, last block {since} s ago";
        yield return new("consensus", isStalled ? Health.Bad : Health.Good, where);
        foreach (var member in consensus.GetProperty("members").EnumerateArray())
        {
            var (condition, why) = (member.GetProperty("condition").GetString()!, member.GetProperty("why").GetString()!);
            var health = condition == "active" ? why.Length == 0 ? Health.Good : Health.Notable : isStalled ? Health.Bad : Health.Notable;
            yield return new("validator", health, $"{member.GetProperty("address").GetString()} {condition}{(why.Length > 0 ? ": " + why : "")}");
        }
        foreach (var found in consensus.GetProperty("evidence").EnumerateArray())
            yield return new("evidence", Health.Bad, $"{found.GetProperty("validator").GetString()} signed two {found.GetProperty("kind").GetString()}s for height {found.GetProperty("height").GetUInt64()}, round {found.GetProperty("round").GetUInt32()}: its key is on two machines, or it lies");
        yield return new("cause", isStalled ? Health.Bad : Health.Good, consensus.GetProperty("cause").GetString()!);
    }

    async Task<JsonElement?> TryAskAsync(string method)
    {
        try
        {
            return await chain.AskAsync(method, [], stop).ConfigureAwait(false);
        }
        catch (ChainException refused) when (refused.Code is not null)
        {
            // Other nodes, and ports for everybody, do not have it.
            return null;
        }
    }

    static ulong Number(JsonElement element, string name) => Convert.ToUInt64(element.GetProperty(name).GetString(), 16);

    static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, time.TotalSeconds):0} s");
}
