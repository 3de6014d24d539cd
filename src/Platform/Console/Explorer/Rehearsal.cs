using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>A transaction tried out on the present state, before anybody signs it.</summary>
/// <param name="Refusal">Why it would fail; null where it would succeed.</param>
/// <param name="Events">What it would record; null where the node cannot tell beforehand.</param>
/// <param name="Gas">What it would use; null where it would fail.</param>
public sealed record Rehearsal(string? Refusal, IReadOnlyList<EventReading>? Events, ulong? Gas)
{
    public static async Task<Rehearsal> OfAsync(ChainExplorer explorer, Address from, TransactionRequest request, CancellationToken stop = default)
    {
        if (await SimulateAsync(explorer, from, request, stop).ConfigureAwait(false) is { } simulated) return simulated;
        try
        {
            await explorer.Chain.CallAsync(request, from: from, stop: stop).ConfigureAwait(false);
            return new Rehearsal(null, null, await explorer.Chain.EstimateGasAsync(request, from, stop: stop).ConfigureAwait(false));
        }
        catch (ChainException error) when (error.Code is not null)
        {
            return new Rehearsal(error.Revert?.Words ?? error.Refusal.Why, null, null);
        }
    }

    // eth_simulateV1 tells the events too; not every node has it.
    static async Task<Rehearsal?> SimulateAsync(ChainExplorer explorer, Address from, TransactionRequest request, CancellationToken stop)
    {
        var call = new JsonObject { ["from"] = from.ToString(), ["to"] = request.To?.ToString(), ["input"] = Hex.Encode(request.Data.Span), ["value"] = request.Value.ToHexQuantity() };
        var asked = new JsonObject { ["blockStateCalls"] = new JsonArray(new JsonObject { ["calls"] = new JsonArray(call) }) };
        if (await explorer.TryAskAsync("eth_simulateV1", asked, "latest").ConfigureAwait(false) is not { ValueKind: JsonValueKind.Array } blocks || blocks.GetArrayLength() == 0) return null;
        if (new Form(blocks[0]).Items("calls").FirstOrDefault() is not { ValueKind: JsonValueKind.Object } json) return null;
        var outcome = new Form(json);
        if (outcome.Number("status") != 1)
        {
            var error = outcome.Member("error");
            var data = error.Bytes("data") is { Length: > 0 } found ? found : outcome.Bytes("returnData");
            return new Rehearsal(data.Length >= 4 ? Revert.Of(data, request.Errors).Words : error.Text("message") ?? "it would fail", null, null);
        }
        var events = new List<EventReading>();
        foreach (var log in outcome.Items("logs"))
        {
            var form = new Form(log);
            Hash256[] topics = [.. form.Items("topics").Select(topic => Hash256.TryParse(topic.GetString(), out var hash) ? hash : default)];
            var told = new ChainLog(new Log(form.Address("address") ?? default, topics, form.Bytes("data")), default, 0, default, 0, events.Count);
            events.Add(await TransactionReading.EventAsync(told, events.Count, explorer, stop).ConfigureAwait(false));
        }
        return new Rehearsal(null, events, outcome.Number("gasUsed"));
    }
}
