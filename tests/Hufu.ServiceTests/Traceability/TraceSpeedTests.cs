using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Hufu.Client;
using Hufu.Primitives;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests.Traceability;

/// <summary>
/// Very many events, really anchored on a chain, and traces over REST with the proof of every step: within two seconds, on both databases.
/// HUFU_TRACE_EVENTS=1000000 for the long run; its figures are in the test's output.
/// </summary>
public sealed class TraceSpeedTests
{
    static readonly int Count = int.TryParse(Environment.GetEnvironmentVariable("HUFU_TRACE_EVENTS"), out var asked) ? asked : 3_000;

    const int PerDocument = 5_000;

    [Fact]
    public Task Many_events_are_traced_within_two_seconds_with_proofs_on_SQLite() => TraceAsync(null);

    [Fact]
    public async Task Many_events_are_traced_within_two_seconds_with_proofs_on_PostgreSQL()
    {
        await using var server = await TestPostgres.StartAsync();
        await TraceAsync(server.ConnectionString);
    }

    static async Task TraceAsync(string? postgres)
    {
        await using var platform = await TestPlatform.StartAsync(options => options with { Postgres = postgres });
        var service = platform.Platform.Services.OfType<TraceabilityService>().Single();
        var watch = Stopwatch.StartNew();
        for (var first = 0; first < Count; first += PerDocument)
        {
            // Lots of three hundred events each: three kinds of event in turn, each lot going into the next.
            var job = await service.Store.CaptureAsync(Document([.. Enumerable.Range(first, Math.Min(PerDocument, Count - first)).Select(Event)]));
            Assert.True(job.Succeeded, string.Join('\n', job.Errors.Take(3)));
        }
        var capture = watch.Elapsed;
        watch.Restart();
        await service.Anchors.AnchorAsync();
        var anchor = watch.Elapsed;
        Assert.Equal((Count, 0L), (service.Store.Count, service.Anchors.Waiting));

        var last = Count - Count % 300 - 1;
        // The connections, and what the runtime has to compile, are not the trace's.
        await platform.Get($"trace/back?proofs=true&thing={Uri.EscapeDataString(Pallet(2))}");
        var (back, backTime) = await AskAsync(platform, "back", Pallet(last));
        var (forward, forwardTime) = await AskAsync(platform, "forward", Lot(last - 299));
        var (middle, middleTime) = await AskAsync(platform, "back", Pallet(Count / 600 * 300 + 299));

        var roots = new Dictionary<string, (Hash256 Root, int Proven)>();
        foreach (var trace in new[] { back, forward, middle }) Check(trace, roots);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{platform.Rooms.Database.Name}: {Count} events captured in {capture.TotalSeconds:F1} s ({Count / capture.TotalSeconds:F0}/s), anchored in {anchor.TotalSeconds:F1} s; with proofs over REST: back over {back.GetProperty("reached").GetInt32()} things {backTime.TotalMilliseconds:F0} ms, forward over {forward.GetProperty("reached").GetInt32()} {forwardTime.TotalMilliseconds:F0} ms, back from the middle {middleTime.TotalMilliseconds:F0} ms; {roots.Values.Sum(one => one.Proven)} proofs checked"));
        // The promise is held to where it is made, in the long run; a machine that builds beside the tests is given time.
        var patience = TimeSpan.FromSeconds(Count > 100_000 ? 2 : 60);
        Assert.True(backTime < patience && forwardTime < patience && middleTime < patience, $"{backTime} {forwardTime} {middleTime}");
    }

    static async Task<(JsonElement Trace, TimeSpan Time)> AskAsync(TestPlatform platform, string direction, string thing)
    {
        var watch = Stopwatch.StartNew();
        var trace = await platform.Get($"trace/{direction}?proofs=true&thing={Uri.EscapeDataString(thing)}");
        return (trace, watch.Elapsed);
    }

    /// <summary>Every step's way ends at the root that the tally of its anchor proves.</summary>
    static void Check(JsonElement trace, Dictionary<string, (Hash256 Root, int Proven)> roots)
    {
        Assert.True(trace.GetProperty("isWhole").GetBoolean());
        Assert.True(trace.GetProperty("reached").GetInt32() > 50, $"{trace.GetProperty("reached")}");
        foreach (var tally in trace.GetProperty("tallies").EnumerateObject())
        {
            if (roots.ContainsKey(tally.Name)) continue;
            Assert.True(TallyFile.TryVerify(Encoding.UTF8.GetBytes(tally.Value.GetString()!), null, out var fact, out var refusal), refusal?.ToString());
            roots[tally.Name] = (Hash256.FromBytes((byte[])fact.Events.Single().Arguments[3]), 0);
        }
        foreach (var step in trace.GetProperty("steps").EnumerateArray())
        {
            var transaction = step.GetProperty("anchor").GetProperty("transaction").GetString()!;
            var hash = Convert.FromHexString(step.GetProperty("hash").GetString()!["ni:///sha-256;".Length..][..64]);
            var leaf = EventTree.LeafOf(Hash256.Parse(step.GetProperty("salt").GetString()!), hash);
            Assert.Equal(roots[transaction].Root, EventTree.Climb(leaf, [.. step.GetProperty("path").EnumerateArray().Select(node => Hash256.Parse(node.GetString()!))]));
            roots[transaction] = (roots[transaction].Root, roots[transaction].Proven + 1);
        }
    }

    static string Event(int i) => (i % 3) switch
    {
        0 => $$"""{"type":"ObjectEvent","eventTime":"{{Time(i)}}","eventTimeZoneOffset":"+08:00","action":"ADD","bizStep":"commissioning","disposition":"active","readPoint":{"id":"urn:epc:id:sgln:9521141.00001.0"},"quantityList":[{"epcClass":"{{Lot(i)}}","quantity":100,"uom":"KGM"}]}""",
        1 => $$"""{"type":"TransformationEvent","eventTime":"{{Time(i)}}","eventTimeZoneOffset":"+08:00","bizStep":"commissioning","inputQuantityList":[{{string.Join(',', new[] { i - 1, i % 300 == 1 ? i - 1 : i - 3 }.Distinct().Select(lot => $$"""{"epcClass":"{{Lot(lot)}}","quantity":50,"uom":"KGM"}"""))}}],"outputQuantityList":[{"epcClass":"{{Lot(i)}}","quantity":80,"uom":"KGM"}]}""",
        _ => $$"""{"type":"AggregationEvent","eventTime":"{{Time(i)}}","eventTimeZoneOffset":"+08:00","action":"ADD","bizStep":"packing","parentID":"{{Pallet(i)}}","childQuantityList":[{"epcClass":"{{Lot(i - 1)}}","quantity":10,"uom":"KGM"}]}""",
    };

    static string Lot(int number) => $"urn:epc:class:lgtin:9521141.012345.LOT{number}";
    static string Pallet(int number) => $"urn:epc:id:sscc:9521141.0{number:D9}";
    static string Time(int minute) => new DateTimeOffset(2026, 7, 1, 8, 0, 0, TimeSpan.FromHours(8)).AddMinutes(minute).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    static EpcisDocument Document(string[] events)
    {
        var json = $$$"""{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-07-01T00:00:00Z","epcisBody":{"eventList":[{{{string.Join(',', events)}}}]}}""";
        Assert.True(EpcisDocument.TryAccept(Encoding.UTF8.GetBytes(json), out var document, out var refusal), refusal?.ToString());
        return document;
    }
}
