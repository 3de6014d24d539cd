using System.Globalization;
using System.Text;
using CsCheck;
using Hufu.Primitives;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests.Traceability;

/// <summary>The repository: events kept once, found by every identifier of a thing, traced through any number of steps, proven from leaf to root.</summary>
public sealed class EventStoreTests : IAsyncLifetime
{
    readonly string _folder = Directory.CreateTempSubdirectory("hufu-trace-").FullName;
    Database _database = null!;
    EventStore _store = null!;

    public async ValueTask InitializeAsync() => await UseAsync(Database.OpenSqlite(Path.Combine(_folder, "trace.db")));

    async Task UseAsync(Database database)
    {
        _database = database;
        await _database.CreateAsync([EventStore.Events, EventStore.Things, EventStore.Captures]);
        await ForgetAsync();
        _store = new EventStore(_database);
    }

    Task ForgetAsync() => _database.WriteAsync(session =>
    {
        foreach (var table in new[] { EventStore.Events, EventStore.Things, EventStore.Captures }) session.Execute($"DELETE FROM {table}");
    });

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    static string Lot(int number) => $"urn:epc:class:lgtin:9521141.012345.LOT{number}";
    static string Pallet(int number) => $"urn:epc:id:sscc:9521141.0{number:D9}";

    static string Made(string lot, int minute, int kilograms = 100) => $$"""{"type":"ObjectEvent","eventTime":"{{Time(minute)}}","eventTimeZoneOffset":"+08:00","action":"ADD","bizStep":"commissioning","disposition":"active","readPoint":{"id":"urn:epc:id:sgln:9521141.00001.0"},"quantityList":[{"epcClass":"{{lot}}","quantity":{{kilograms}},"uom":"KGM"}]}""";

    static string Mixed(string[] from, string to, int minute, int inKilograms = 50, int outKilograms = 80) =>
        $$"""{"type":"TransformationEvent","eventTime":"{{Time(minute)}}","eventTimeZoneOffset":"+08:00","bizStep":"commissioning","inputQuantityList":[{{string.Join(',', from.Select(lot => $$"""{"epcClass":"{{lot}}","quantity":{{inKilograms}},"uom":"KGM"}"""))}}],"outputQuantityList":[{"epcClass":"{{to}}","quantity":{{outKilograms}},"uom":"KGM"}]}""";

    static string Packed(string lot, string pallet, int minute) =>
        $$"""{"type":"AggregationEvent","eventTime":"{{Time(minute)}}","eventTimeZoneOffset":"+08:00","action":"ADD","bizStep":"packing","parentID":"{{pallet}}","childQuantityList":[{"epcClass":"{{lot}}","quantity":10,"uom":"KGM"}]}""";

    static string Time(int minute) => new DateTimeOffset(2026, 7, 1, 8, 0, 0, TimeSpan.FromHours(8)).AddMinutes(minute).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    static EpcisDocument Document(params string[] events)
    {
        var json = $$$"""{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-07-01T00:00:00Z","epcisBody":{"eventList":[{{{string.Join(',', events)}}}]}}""";
        Assert.True(EpcisDocument.TryAccept(Encoding.UTF8.GetBytes(json), out var document, out var refusal), refusal?.ToString());
        return document;
    }

    static List<KeyValuePair<string, IReadOnlyList<string>>> Asked(params (string Name, string Value)[] parameters) => [.. parameters.Select(one => new KeyValuePair<string, IReadOnlyList<string>>(one.Name, [one.Value]))];

    [Fact]
    public async Task An_event_is_kept_once_however_often_and_in_whatever_form_it_comes()
    {
        var document = Document(Made(Lot(1), 0));
        Assert.True(EpcisDocument.TryRead(EpcisXmlWriter.Write(document), out var asXml, out _));

        Assert.Equal(1, (await _store.CaptureAsync(document)).New);
        Assert.Equal(0, (await _store.CaptureAsync(document)).New);
        Assert.Equal(0, (await _store.CaptureAsync(asXml)).New);
        Assert.Equal(1, _store.Count);
        Assert.NotNull(_store.Find(EventHash.NameOf(document.Events[0])));
    }

    [Fact]
    public async Task A_thing_is_found_by_its_urn_and_by_its_link()
    {
        await _store.CaptureAsync(Document(Made(Lot(1), 0), Made(Lot(2), 1)));
        var query = new EventQuery(_database);

        foreach (var name in new[] { Lot(1), "https://id.gs1.org/01/09521141123454/10/LOT1", "https://example.com/some/path/gtin/9521141123454/lot/LOT1?x=1" })
            Assert.Single(query.Ask(Asked(("MATCH_epcClass", name))).Events);
        Assert.Equal(2, query.Ask(Asked(("MATCH_anyEPCClass", "urn:epc:idpat:sgtin:9521141.012345.*"))).Events.Count);
    }

    [Fact]
    public async Task A_wrong_event_takes_the_document_with_it_or_is_left_out()
    {
        var good = Made(Lot(1), 0);
        var json = $$$"""{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-07-01T00:00:00Z","epcisBody":{"eventList":[{{{good}}},{{{good.Replace("commissioning", "transforming")}}}]}}""";
        Assert.True(EpcisDocument.TryRead(Encoding.UTF8.GetBytes(json), out var document, out _));

        Assert.Equal((false, 0), (await _store.CaptureAsync(document)) is var refused ? (refused.Succeeded, refused.New) : default);
        Assert.Equal(0, _store.Count);
        var job = await _store.CaptureAsync(document, proceeds: true);
        Assert.Equal(1, job.New);
        Assert.Contains("bizStep is no word of the standard", Assert.Single(job.Errors));
        Assert.Equal(job.Errors, _store.Capture(job.Id)!.Errors);
    }

    [Fact]
    public async Task Pages_hold_every_event_once()
    {
        await _store.CaptureAsync(Document([.. Enumerable.Range(0, 25).Select(i => Made(Lot(i), i % 5))]));
        var query = new EventQuery(_database);
        foreach (var order in new[] { "eventTime", "recordTime" })
            foreach (var direction in new[] { "ASC", "DESC" })
            {
                var seen = new List<long>();
                for (var token = (string?)""; token is not null;)
                {
                    var page = query.Ask(Asked([("perPage", "4"), ("orderBy", order), ("orderDirection", direction), .. token.Length > 0 ? new[] { ("nextPageToken", token) } : []]));
                    seen.AddRange(page.Events.Select(one => one.Sequence));
                    token = page.Next;
                }
                Assert.Equal(25, seen.Count);
                Assert.Equal(25, seen.Distinct().Count());
            }
    }

    [Theory]
    [InlineData("EQ_bizStep", "commissioning", 1)]
    [InlineData("EQ_bizStep", "urn:epcglobal:cbv:bizstep:commissioning", 1)]
    [InlineData("EQ_bizStep", "shipping", 0)]
    [InlineData("EQ_action", "ADD", 1)]
    [InlineData("eventType", "ObjectEvent", 1)]
    [InlineData("GE_eventTime", "2026-07-01T00:00:00Z", 1)]
    [InlineData("LT_eventTime", "2026-07-01T00:00:00Z", 0)]
    [InlineData("EQ_readPoint", "https://id.gs1.org/414/9521141000014", 1)]
    [InlineData("GE_quantity", "100", 1)]
    [InlineData("GT_quantity", "100", 0)]
    [InlineData("EXISTS_errorDeclaration", "", 0)]
    public async Task The_parameters_of_the_standard_choose_events(string name, string value, int count)
    {
        await _store.CaptureAsync(Document(Made(Lot(1), 0)));

        Assert.Equal(count, new EventQuery(_database).Ask(Asked((name, value))).Events.Count);
    }

    [Theory]
    [InlineData("GE_eventDate", "2026-01-01T00:00:00Z")]
    [InlineData("GE_eventTime", "yesterday")]
    [InlineData("nextPageToken", "x")]
    [InlineData("perPage", "0")]
    public void What_the_standard_does_not_know_is_refused(string name, string value) => Assert.Throws<ProblemException>(() => new EventQuery(_database).Ask(Asked((name, value))));

    [Fact]
    public async Task A_lot_is_traced_back_to_the_field_and_forward_to_every_pallet()
    {
        await _store.CaptureAsync(Document(Made(Lot(1), 0), Made(Lot(2), 0), Made(Lot(3), 0), Mixed([Lot(1), Lot(2)], Lot(10), 1), Mixed([Lot(10), Lot(3)], Lot(20), 2), Packed(Lot(20), Pallet(1), 3), Packed(Lot(10), Pallet(2), 3)));
        var graph = new TraceGraph(_database);

        Assert.Equal(Links(Pallet(1), Lot(20), Lot(10), Lot(3), Lot(1), Lot(2)), graph.Follow([Pallet(1)], TraceDirection.Back).Things.Select(one => one.Thing).Order());
        Assert.Equal(Links(Lot(1), Lot(10), Lot(20), Pallet(1), Pallet(2)), graph.Follow([Lot(1)], TraceDirection.Forward).Things.Select(one => one.Thing).Order());
        Assert.Equal(Links(Lot(3), Lot(20), Pallet(1)), graph.Follow([Lot(3)], TraceDirection.Forward).Things.Select(one => one.Thing).Order());

        static IEnumerable<string> Links(params string[] things) => things.Select(Gs1Uri.Canonical).Order();
    }

    [Fact]
    public async Task A_recall_reaches_exactly_what_the_graph_reaches()
    {
        // Against a walk over the events in memory, in random supply chains with loops in them.
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var edges = Enumerable.Range(0, 30).Select(_ => (From: random.Next(12), To: random.Next(12))).Where(edge => edge.From != edge.To).Distinct().ToArray();
            await ForgetAsync();
            await _store.CaptureAsync(Document([.. edges.Select((edge, i) => i % 3 == 0 ? Packed(Lot(edge.From), Lot(edge.To), i) : Mixed([Lot(edge.From)], Lot(edge.To), i))]));

            var expected = new HashSet<int> { 0 };
            for (var before = 0; before < expected.Count;)
            {
                before = expected.Count;
                foreach (var edge in edges) if (expected.Contains(edge.From)) expected.Add(edge.To);
            }

            Assert.Equal(expected.Select(lot => Gs1Uri.Canonical(Lot(lot))).Order(), new TraceGraph(_database).Follow([Lot(0)], TraceDirection.Forward).Things.Select(one => one.Thing).Order());
        }
    }

    [Fact]
    public async Task More_than_there_was_is_noticed()
    {
        await _store.CaptureAsync(Document(Made(Lot(1), 0, kilograms: 60), Mixed([Lot(1)], Lot(10), 1, inKilograms: 50, outKilograms: 55), Mixed([Lot(1)], Lot(11), 2, inKilograms: 50, outKilograms: 40)));

        var faults = MassBalance.Check(_store.Find([1, 2, 3]));

        Assert.Equal(["50 KGM went in and 55 KGM came out", "60 KGM were made and 100 KGM used"], faults.Select(fault => fault.Said).Order());
        Assert.Single(MassBalance.Check(_store.Find([1, 2, 3]), yield: 1.2m));
    }

    [Fact]
    public async Task All_of_it_is_the_same_on_PostgreSQL()
    {
        await using var server = await TestPostgres.StartAsync();
        await _database.DisposeAsync();
        Assert.True(Database.TryOpenPostgres(server.ConnectionString, out var database, out var refusal), refusal?.ToString());
        await UseAsync(database);
        foreach (var test in new Func<Task>[]
        {
            An_event_is_kept_once_however_often_and_in_whatever_form_it_comes, A_thing_is_found_by_its_urn_and_by_its_link, A_wrong_event_takes_the_document_with_it_or_is_left_out, Pages_hold_every_event_once,
            () => The_parameters_of_the_standard_choose_events("GE_eventTime", "2026-07-01T00:00:00Z", 1), A_lot_is_traced_back_to_the_field_and_forward_to_every_pallet, A_recall_reaches_exactly_what_the_graph_reaches,
            More_than_there_was_is_noticed,
        })
        {
            await ForgetAsync();
            await test();
        }
        // Closed before the server goes; what is closed again at the end is the other one.
        await _database.DisposeAsync();
        _database = Database.OpenSqlite(Path.Combine(_folder, "other.db"));
    }

    [Fact]
    public void Every_leaf_leads_to_the_root_and_nothing_else_does() => Gen.Int[1, 70].Sample(count =>
    {
        Hash256[] leaves = [.. Enumerable.Range(0, count).Select(i => EventTree.LeafOf(Keccak256.Hash([(byte)i]), Keccak256.Hash([1, (byte)i]).Bytes))];
        var levels = EventTree.LevelsOf(leaves);
        for (var i = 0; i < count; i++)
        {
            var path = EventTree.PathOf(levels, i);
            Assert.Equal(levels[^1][0], EventTree.Climb(leaves[i], path));
            // Made anew from a branch, a way is the same.
            foreach (var branch in new[] { 4, 16, 64 })
            {
                var lower = EventTree.LevelsOf(leaves[(i / branch * branch)..Math.Min(count, i / branch * branch + branch)]);
                Assert.Equal(path, [.. EventTree.PathOf(lower, i % branch), .. EventTree.PathOf(EventTree.LevelsOf(EventTree.BranchesOf(levels, branch)), i / branch)]);
            }
            if (path.Count > 0) Assert.NotEqual(levels[^1][0], EventTree.Climb(Keccak256.Hash(leaves[i].Bytes), path));
        }
    }, iter: 40);
}
