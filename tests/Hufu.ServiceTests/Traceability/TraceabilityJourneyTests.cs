using System.Net;
using Hufu.Client;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests.Traceability;

/// <summary>The service over a chain of its own: what is captured is anchored by itself, proven to anyone, and a restart goes on where it was.</summary>
public class TraceabilityJourneyTests
{
    static string Document(params string[] lots) => $$$"""
        {"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-07-22T10:30:00Z","epcisBody":{"eventList":[{{{string.Join(',', lots.Select(lot =>
            $$"""{"type":"ObjectEvent","eventTime":"2026-07-20T06:00:00+08:00","eventTimeZoneOffset":"+08:00","action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"https://id.gs1.org/01/09521141012345/10/{{lot}}","quantity":5,"uom":"KGM"} ] }"""))}}}]}}
        """;

    [Fact]
    public async Task What_is_captured_is_anchored_once_and_its_proof_holds_for_that_event_alone()
    {
        await using var platform = await TestPlatform.StartAsync();
        await platform.Post("epcis/capture", Document("A", "B", "C"));
        await platform.Post("trace/anchors", "{}");
        await platform.Post("epcis/capture", Document("A", "D"));
        await platform.Post("trace/anchors", "{}");

        var anchors = await platform.Get("trace/anchors");
        Assert.Equal(0, anchors.GetProperty("waiting").GetInt64());
        Assert.Equal([1, 3], anchors.GetProperty("batches").EnumerateArray().Select(batch => batch.GetProperty("events").GetInt32()));

        var service = platform.Platform.Services.OfType<TraceabilityService>().Single();
        for (var sequence = 1; sequence <= 4; sequence++)
        {
            var file = (await service.Anchors.ProveAsync(service.Store.Find(sequence)!))!;
            Assert.True(TraceProof.TryVerify(file, null, out var fact, out var refusal), refusal?.ToString());
            Assert.Equal(service.Store.Find(sequence)!.Hash.ToArray(), fact.EventHash);
            Assert.Contains(fact.Tally.Trusts, trust => trust.StartsWith("none: trust", StringComparison.Ordinal));
            Assert.False(TraceProof.TryVerify(file, new TallyTrust { Block = default(Hufu.Primitives.Hash256) }, out _, out _));
        }
    }

    [Fact]
    public async Task Any_changed_byte_of_a_proof_is_refused_or_says_the_same()
    {
        await using var platform = await TestPlatform.StartAsync();
        await platform.Post("epcis/capture", Document("A", "B", "C", "D", "E"));
        await platform.Post("trace/anchors", "{}");
        var service = platform.Platform.Services.OfType<TraceabilityService>().Single();
        var file = (await service.Anchors.ProveAsync(service.Store.Find(3L)!))!;
        Assert.True(TraceProof.TryVerify(file, null, out var fact, out _));
        var random = new Random(5);
        for (var i = 0; i < LongRun.Operations / 3; i++)
        {
            var changed = file.ToArray();
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            if (!TraceProof.TryVerify(changed, null, out var other, out var refusal)) Assert.NotEmpty(refusal.What);
            // Space, and what the hash of the event leaves out, may differ: never what it says.
            else Assert.Equal(fact.EventHash, other.EventHash);
        }
    }

    [Fact]
    public async Task A_restart_anchors_what_waited_and_nothing_twice()
    {
        var folder = Directory.CreateTempSubdirectory("hufu-trace-").FullName;
        await using var chain = await TestChain.StartAsync();
        var key = CustodyKey.New();
        await using (var platform = await TestPlatform.StartAsync(options => options with { DataFolder = folder, Key = key }, chain))
        {
            await platform.Post("epcis/capture", Document("A"));
            await platform.Post("trace/anchors", "{}");
            await platform.Post("epcis/capture", Document("B"));
        }
        await using (var platform = await TestPlatform.StartAsync(options => options with { DataFolder = folder, Key = key }, chain))
        {
            await platform.Post("trace/anchors", "{}");
            var service = platform.Platform.Services.OfType<TraceabilityService>().Single();
            Assert.Equal([2L, 1L], service.Anchors.Latest(10).Select(batch => batch.Last));
            Assert.NotNull(await service.Anchors.ProveAsync(service.Store.Find(1L)!));
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_interface_of_the_standard_refuses_with_reasons()
    {
        await using var platform = await TestPlatform.StartAsync();
        await platform.Refused(HttpStatusCode.BadRequest, "epcis/capture", Document("A").Replace("commissioning", "transforming", StringComparison.Ordinal));
        await platform.Refused(HttpStatusCode.BadRequest, "epcis/capture", "{}");
        await platform.Refused(HttpStatusCode.BadRequest, "epcis/queries", """{"name":"q","query":{"GE_eventDate":"2026-01-01T00:00:00Z"}}""");
        await platform.Post("epcis/queries", """{"name":"harvests","query":{"EQ_bizStep":["commissioning"]}}""");
        await platform.Refused(HttpStatusCode.Conflict, "epcis/queries", """{"name":"harvests","query":{"EQ_bizStep":["commissioning"]}}""");
        await platform.Post("epcis/capture", Document("A"));
        var answer = await platform.Get("epcis/queries/harvests/events");
        Assert.Equal(1, answer.GetProperty("epcisBody").GetProperty("queryResults").GetProperty("resultsBody").GetProperty("eventList").GetArrayLength());
        // An answer is no capture, also where it holds a single event.
        foreach (var path in new[] { "epcis/capture", "epcis/events" })
        {
            var problem = await platform.Refused(HttpStatusCode.BadRequest, path, answer.GetRawText());
            Assert.Equal("epcisException:ValidationException", problem.GetProperty("type").GetString());
            Assert.Contains("EPCISQueryDocument", problem.GetProperty("what").GetString(), StringComparison.Ordinal);
        }
    }
}
