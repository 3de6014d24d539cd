using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests.Traceability;

/// <summary>Standing queries of EPCIS 2.0: by webhook and by socket, as events come and by the clock; and the pages and headers of its REST binding.</summary>
public sealed class SubscriptionTests
{
    const string Token = "13df38d8275b13f05704629e5f1cf3d45d6132d5";

    static string Document(string step, params string[] lots) => $$$"""
        {"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-07-22T10:30:00Z","epcisBody":{"eventList":[{{{string.Join(',', lots.Select(lot =>
            $$"""{"type":"ObjectEvent","eventTime":"2026-07-20T06:00:00+08:00","eventTimeZoneOffset":"+08:00","action":"OBSERVE","bizStep":"{{step}}","quantityList":[{"epcClass":"urn:epc:class:lgtin:9521141.012345.{{lot}}","quantity":5,"uom":"KGM"} ] }"""))}}}]}}
        """;

    static Task<TestPlatform> StartAsync() => TestPlatform.StartAsync(options => options with { Webhooks = new WebhookOptions { FirstPause = TimeSpan.FromMilliseconds(50), LookEvery = TimeSpan.FromSeconds(30), MayCallInside = true } });

    static string[] Lots(JsonElement report) =>
        [.. report.GetProperty("epcisBody").GetProperty("queryResults").GetProperty("resultsBody").GetProperty("eventList").EnumerateArray().Select(one => one.GetProperty("quantityList")[0].GetProperty("epcClass").GetString()!.Split('.', '/')[^1])];

    [Fact]
    public async Task A_stream_tells_each_matching_event_once_signed_and_in_order_though_the_receiver_fails()
    {
        await using var platform = await StartAsync();
        await platform.Post("epcis/queries", """{"name":"shipments","query":{"EQ_bizStep":["shipping"]}}""");
        await platform.Post("epcis/capture", Document("shipping", "BEFORE"));
        var failures = 0;
        await using var receiver = new Callback(_ => Interlocked.Increment(ref failures) <= 2 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
        var made = await platform.Post("epcis/queries/shipments/subscriptions", new { dest = receiver.Url, signatureToken = Token, stream = true });
        Assert.False(made.ToString().Contains(Token, StringComparison.Ordinal));

        await platform.Post("epcis/capture", Document("shipping", "A"));
        await platform.Post("epcis/capture", Document("receiving", "X"));
        await platform.Post("epcis/capture", Document("shipping", "B", "C"));

        await receiver.Wait(heard => heard.Sum(one => Lots(one.Json).Length) >= 3);
        Assert.Equal(["A", "B", "C"], receiver.Heard.SelectMany(one => Lots(one.Json)));
        Assert.All(receiver.Heard, one => Assert.Equal("sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Token), one.Body)), one.Signature));
        Assert.All(receiver.Heard, one => Assert.Equal((made.GetProperty("subscriptionID").GetString(), "shipments"), (one.Json.GetProperty("epcisBody").GetProperty("queryResults") is var results ? results.GetProperty("subscriptionID").GetString() : "", results.GetProperty("queryName").GetString())));
        Assert.All(receiver.Heard, one => Assert.True(EpcisDocument.TryAccept(one.Body, out _, out var refusal), refusal?.ToString()));
        var view = await platform.Get($"epcis/queries/shipments/subscriptions/{made.GetProperty("subscriptionID").GetString()}");
        Assert.True(view.GetProperty("stream").GetBoolean() && view.TryGetProperty("lastNotifiedAt", out _));

        // With the query its subscriptions end.
        await platform.SendAsync(HttpMethod.Delete, "/api/v1/epcis/queries/shipments");
        Assert.Equal(HttpStatusCode.NotFound, (await platform.SendAsync(HttpMethod.Get, "/api/v1/epcis/queries/shipments/subscriptions")).Status);
    }

    [Fact]
    public async Task A_schedule_tells_by_the_clock_what_came_since_and_nothing_only_where_it_is_asked_to()
    {
        await using var platform = await StartAsync();
        await platform.Post("epcis/queries", """{"name":"all","query":{}}""");
        await platform.Post("epcis/capture", Document("shipping", "A", "B"));
        await using var receiver = new Callback(_ => HttpStatusCode.OK);
        await platform.Post("epcis/queries/all/subscriptions", new { dest = receiver.Url, signatureToken = Token, schedule = new { second = "0/1" }, reportIfEmpty = true, initialRecordTime = "2020-01-01T00:00:00Z" });

        await receiver.Wait(heard => heard.Count() >= 2);
        Assert.Equal(["A", "B"], Lots(receiver.Heard.First().Json));
        Assert.Empty(Lots(receiver.Heard.Last().Json));
    }

    [Fact]
    public async Task A_receiver_that_can_take_little_is_sent_little()
    {
        await using var platform = await StartAsync();
        await platform.Post("epcis/queries", """{"name":"all","query":{}}""");
        await using var receiver = new Callback(report => Lots(report).Length > 3 ? HttpStatusCode.RequestEntityTooLarge : HttpStatusCode.OK);
        await platform.Post("epcis/queries/all/subscriptions", new { dest = receiver.Url, stream = true });
        string[] lots = [.. Enumerable.Range(0, 20).Select(i => $"L{i}")];
        await platform.Post("epcis/capture", Document("shipping", lots));

        await receiver.Wait(heard => heard.Sum(one => Lots(one.Json).Length) >= 20);
        Assert.Equal(lots, receiver.Heard.SelectMany(one => Lots(one.Json)));
    }

    [Fact]
    public async Task A_socket_is_told_of_events_to_come_until_the_query_is_deleted()
    {
        await using var platform = await StartAsync();
        await platform.Post("epcis/queries", """{"name":"shipments","query":{"EQ_bizStep":["shipping"]}}""");
        await platform.Post("epcis/capture", Document("shipping", "BEFORE"));
        var url = new UriBuilder(platform.Platform.Url) { Scheme = "ws", Path = "/api/v1/epcis/queries/shipments/events", Query = "stream=true" }.Uri;
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(url, TestContext.Current.CancellationToken);
        await platform.Post("epcis/capture", Document("receiving", "X"));
        await platform.Post("epcis/capture", Document("shipping", "A"));

        Assert.Equal(["A"], Lots((await ReadAsync(socket))!.Value));
        await platform.SendAsync(HttpMethod.Delete, "/api/v1/epcis/queries/shipments");
        Assert.Null(await ReadAsync(socket));

        // A page of another site opens none, and who says not when to be told is told why.
        await platform.Post("epcis/queries", """{"name":"shipments","query":{"EQ_bizStep":["shipping"]}}""");
        using var foreign = new ClientWebSocket();
        foreign.Options.SetRequestHeader("Origin", "https://evil.example");
        await Assert.ThrowsAsync<WebSocketException>(() => foreign.ConnectAsync(url, TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Forbidden, foreign.HttpStatusCode is 0 ? HttpStatusCode.Forbidden : foreign.HttpStatusCode);
        using var undecided = new ClientWebSocket();
        await Assert.ThrowsAsync<WebSocketException>(() => undecided.ConnectAsync(new UriBuilder(url) { Query = "" }.Uri, TestContext.Current.CancellationToken));
    }

    static async Task<JsonElement?> ReadAsync(WebSocket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var (text, buffer) = (new MemoryStream(), new byte[16_384]);
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer, patience.Token);
            if (read.MessageType == WebSocketMessageType.Close) return null;
            text.Write(buffer, 0, read.Count);
            if (read.EndOfMessage) return JsonSerializer.Deserialize<JsonElement>(text.ToArray());
        }
    }

    [Fact]
    public async Task A_subscription_that_could_never_be_kept_is_refused_in_the_words_of_the_standard()
    {
        await using var platform = await StartAsync();
        await platform.Post("epcis/queries", """{"name":"all","query":{}}""");
        foreach (var (body, what) in new[]
        {
            ("""{"dest":"https://example.com/x"}""", "neither a stream nor a schedule"),
            ("""{"dest":"https://example.com/x","stream":true,"schedule":{"hour":"1"}}""", "both a stream and a schedule"),
            ("""{"dest":"https://example.com/x","schedule":{"hour":"25"}}""", "hour of the schedule cannot be read"),
            ("""{"dest":"https://example.com/x","schedule":{"week":"1"}}""", "a schedule has no week"),
            ("""{"dest":"ftp://example.com/x","stream":true}""", "url is no URL"),
            ("""{"stream":true}""", "url is no URL"),
        })
        {
            var problem = await platform.Refused(HttpStatusCode.BadRequest, "epcis/queries/all/subscriptions", body);
            Assert.Contains(what, problem.GetProperty("what").GetString());
            Assert.StartsWith("epcisException:", problem.GetProperty("type").GetString());
        }
    }

    [Theory]
    [InlineData("hour=1;minute=5", "2026-07-22T00:00:00Z", "2026-07-22T01:05:00Z")]
    [InlineData("hour=1;minute=5", "2026-07-22T01:05:00Z", "2026-07-23T01:05:00Z")]
    [InlineData("second=0/30", "2026-07-22T00:00:01Z", "2026-07-22T00:00:30Z")]
    [InlineData("minute=[10-12],40", "2026-07-22T00:12:00Z", "2026-07-22T00:40:00Z")]
    [InlineData("dayOfWeek=1", "2026-07-22T00:00:00Z", "2026-07-27T00:00:00Z")]
    [InlineData("dayOfWeek=7;hour=12", "2026-07-22T00:00:00Z", "2026-07-26T12:00:00Z")]
    [InlineData("dayOfMonth=31;month=2", "2026-07-22T00:00:00Z", null)]
    public void A_schedule_is_due_when_the_standard_says(string fields, string after, string? due)
    {
        Assert.True(QuerySchedule.TryParse(fields.Split(';').ToDictionary(one => one.Split('=')[0], one => one.Split('=')[1]), out var schedule, out var refusal), refusal?.ToString());
        Assert.Equal(due is null ? null : DateTimeOffset.Parse(due, CultureInfo.InvariantCulture), schedule.Next(DateTimeOffset.Parse(after, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Every_list_of_the_binding_has_pages_that_hold_everything_once()
    {
        await using var platform = await StartAsync();
        await platform.Post("epcis/queries", """{"name":"a","query":{}}""");
        await platform.Post("epcis/queries", """{"name":"b","query":{}}""");
        await platform.Post("epcis/queries", """{"name":"c","query":{}}""");
        for (var i = 0; i < 3; i++) await platform.Post("epcis/queries/a/subscriptions", new { dest = "http://127.0.0.1:9/", schedule = new { hour = "1" } });
        foreach (var step in new[] { "shipping", "receiving", "storing" }) await platform.Post("epcis/capture", Document(step, "A"));
        using var http = new HttpClient { BaseAddress = platform.Platform.Url };
        foreach (var (path, count) in new[] { ("queries", 3), ("queries/a/subscriptions", 3), ("capture", 3), ("bizSteps", 3), ("eventTypes", 1), ("epcs", 1), ("events", 3), ("queries/a/events", 3) })
        {
            var (seen, next) = (new List<string>(), (string?)$"/api/v1/epcis/{path}?perPage=1");
            while (next is not null)
            {
                using var answer = await http.GetAsync(next);
                Assert.True(answer.IsSuccessStatusCode, $"{next}: {await answer.Content.ReadAsStringAsync()}");
                var json = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
                var page = json.ValueKind == JsonValueKind.Array ? json : json.TryGetProperty("member", out var members) ? members : json.GetProperty("epcisBody").GetProperty("queryResults").GetProperty("resultsBody").GetProperty("eventList");
                seen.AddRange(page.EnumerateArray().Select(one => one.ToString()));
                next = answer.Headers.TryGetValues("Link", out var link) ? link.Single().Split('<', '>')[1] : null;
                Assert.Equal(next is not null, answer.Headers.Contains("GS1-Next-Page-Token-Expires"));
                Assert.Equal("2.0.0", answer.Headers.GetValues("GS1-EPCIS-Version").Single());
            }
            Assert.True(seen.Count == count && seen.Distinct().Count() == count, $"{path}: {seen.Count}");
        }
    }

    [Fact]
    public async Task What_cannot_be_met_is_not_acceptable()
    {
        await using var platform = await StartAsync();
        using var http = new HttpClient { BaseAddress = platform.Platform.Url };
        foreach (var (header, value, status) in new[]
        {
            ("GS1-EPCIS-Min", "2.1", 406), ("GS1-EPCIS-Max", "1.2", 406), ("GS1-EPCIS-Min", "1.2", 200), ("GS1-CBV-Max", "2.0.0", 200), ("GS1-EPC-Format", "Always_EPC_URN", 406), ("Accept", "image/png", 406), ("Accept", "application/xml", 200),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/epcis/events");
            request.Headers.TryAddWithoutValidation(header, value);
            using var answer = await http.SendAsync(request);
            Assert.True(status == (int)answer.StatusCode, $"{header}: {value} gave {answer.StatusCode}");
        }
    }

    /// <summary>A client's callback: what it took, in the order it came.</summary>
    sealed class Callback : IAsyncDisposable
    {
        readonly HttpListener _listener = new();
        readonly Task _loop;

        public Callback(Func<JsonElement, HttpStatusCode> answer)
        {
            Url = $"http://127.0.0.1:{FreePorts.One()}/";
            _listener.Prefixes.Add(Url);
            _listener.Start();
            _loop = Task.Run(async () =>
            {
                while (_listener.IsListening)
                {
                    try
                    {
                        var context = await _listener.GetContextAsync();
                        using var body = new MemoryStream();
                        await context.Request.InputStream.CopyToAsync(body);
                        var report = new Report(context.Request.Headers["GS1-Signature"], body.ToArray());
                        var status = answer(report.Json);
                        if ((int)status < 300) Heard.Enqueue(report);
                        context.Response.StatusCode = (int)status;
                        context.Response.Close();
                    }
                    catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
                    {
                        return;
                    }
                }
            });
        }

        public string Url { get; }
        public ConcurrentQueue<Report> Heard { get; } = new();

        public async Task Wait(Func<IEnumerable<Report>, bool> isEnough)
        {
            var patience = DateTime.UtcNow.AddSeconds(30);
            while (!isEnough(Heard) && DateTime.UtcNow < patience) await Task.Delay(20);
            Assert.True(isEnough(Heard), $"{Heard.Count} reports came");
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _loop;
        }
    }

    sealed record Report(string? Signature, byte[] Body)
    {
        public JsonElement Json { get; } = JsonSerializer.Deserialize<JsonElement>(Body);
    }
}
