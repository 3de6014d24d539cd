using System.Net.WebSockets;
using System.Text.Json;
using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>Subscriptions as the REST binding of EPCIS 2.0 has them: an address that results are posted to, or a socket that they are told over.</summary>
sealed class SubscriptionsApi(Rooms rooms, Subscriptions subscriptions, EventStore store, EventQuery query)
{
    public void Map(RouteGroupBuilder epcis)
    {
        const string Example = """{"dest":"https://client.example.com/queryCallback","signatureToken":"13df38d8275b13f05704629e5f1cf3d45d6132d5","stream":true}""";
        epcis.MapPost("/queries/{name}/subscriptions", (Delegate)SubscribeAsync).Asks("epcisSubscribe", "Posts the results of a query to an address: whenever events come (stream), or at the times of a schedule.").WithMetadata(new OpenApi.Example(Example));
        epcis.MapGet("/queries/{name}/subscriptions", (HttpContext http, string name) =>
        {
            Require(name);
            var (size, after) = Paging.Of(http);
            return Paging.Answer(http, subscriptions.Of(name, after, size + 1), size, one => one.Id, View);
        }).Asks("epcisSubscriptions", "The subscriptions of a query.");
        epcis.MapGet("/queries/{name}/subscriptions/{id}", (string name, string id) => TypedResults.Json(View(Find(name, id)))).Asks("epcisSubscription", "A subscription.");
        epcis.MapDelete("/queries/{name}/subscriptions/{id}", async (HttpContext http, string name, string id) =>
        {
            rooms.Policy.Require(Gate.Of(http), "traceability.subscribe");
            await subscriptions.RemoveAsync(Find(name, id).Id).ConfigureAwait(false);
            return TypedResults.NoContent();
        }).Asks("epcisUnsubscribe", "Ends a subscription.");
    }

    void Require(string name) => _ = NamedQueries.JsonOf(rooms.Database, name) ?? throw ProblemException.NotFound($"there is no query {name}");

    Subscription Find(string name, string id) => subscriptions.Find(id) is { } one && one.Query == name ? one : throw ProblemException.NotFound($"there is no subscription {id} of {name}");

    static object View(Subscription one) => new
    {
        SubscriptionID = one.Id,
        QueryName = one.Query,
        Dest = one.Destination,
        Stream = one.Schedule is null ? true : (bool?)null,
        Schedule = one.Schedule?.Given,
        ReportIfEmpty = one.Schedule is null ? (bool?)null : one.ReportsIfEmpty,
        one.InitialRecordTime,
        MinRecordTime = one.LastRunAt,
        EpcFormat = one.AsLinks ? EpcisApi.Links : null,
        one.CreatedAt,
        one.LastNotifiedAt,
        // Beyond the standard: so that who looks sees why nothing comes.
        one.Error,
    };

    async Task<IResult> SubscribeAsync(HttpContext http, string name)
    {
        rooms.Policy.Require(Gate.Of(http), "traceability.subscribe");
        Require(name);
        using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted).ConfigureAwait(false);
        var asked = body.RootElement;
        if (asked.ValueKind != JsonValueKind.Object) throw Wrong("this is no subscription", "it is no object", "send {\"dest\": …, \"stream\": true}");
        foreach (var member in asked.EnumerateObject())
            if (member.Name is not ("dest" or "signatureToken" or "stream" or "schedule" or "reportIfEmpty" or "initialRecordTime")) throw Wrong($"a subscription has no {member.Name}", "the standard does not know it", "leave it out");
        var streams = asked.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True;
        var schedule = asked.TryGetProperty("schedule", out var times) ? Schedule(times) : null;
        Choose(streams, schedule);
        var reports = asked.TryGetProperty("reportIfEmpty", out var report) && report.ValueKind == JsonValueKind.True;
        var destination = await rooms.Courier.AcceptAsync(Text(asked, "dest"), http.RequestAborted).ConfigureAwait(false);
        var made = await subscriptions.AddAsync(name, destination, Text(asked, "signatureToken") ?? "", schedule, reports, http.Request.Headers["GS1-EPC-Format"] == EpcisApi.Links, Time(Text(asked, "initialRecordTime"))).ConfigureAwait(false);
        http.Response.Headers.Location = $"/api/v1/epcis/queries/{Uri.EscapeDataString(name)}/subscriptions/{made.Id}";
        return TypedResults.Json(View(made), statusCode: StatusCodes.Status201Created);
    }

    static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong($"{name} is no text", value.GetRawText(), "write it in quotes") : null;

    static DateTimeOffset? Time(string? text) => text is null ? null : EpcisTime.TryParse(text, out var time) ? time : throw Wrong("initialRecordTime is no time", text, "write it with its distance from UTC, like 2026-07-22T06:45:00+02:00");

    static QuerySchedule Schedule(JsonElement times)
    {
        if (times.ValueKind != JsonValueKind.Object) throw Wrong("the schedule is no object", times.GetRawText(), "write for example {\"hour\":\"1\",\"minute\":\"5\"}");
        // Numbers are meant as well as written: the examples of the standard have both.
        return Schedule(times.EnumerateObject().ToDictionary(one => one.Name, one => one.Value.ValueKind == JsonValueKind.String ? one.Value.GetString()! : one.Value.GetRawText()));
    }

    static QuerySchedule Schedule(Dictionary<string, string> given) => QuerySchedule.TryParse(given, out var schedule, out var refusal) ? schedule : throw new ProblemException(StatusCodes.Status400BadRequest, "epcis-subscription", refusal);

    static void Choose(bool streams, QuerySchedule? schedule)
    {
        if (streams == schedule is not null) throw Wrong(streams ? "both a stream and a schedule are asked for" : "neither a stream nor a schedule is asked for", "the platform has to know when to tell", "give \"stream\": true, or a schedule such as {\"hour\":\"1\",\"minute\":\"5\"}");
    }

    static ProblemException Wrong(string what, string why, string mend) => new(StatusCodes.Status400BadRequest, "epcis-subscription", new Refusal(what, why, mend));

    // ---- over a socket ----

    /// <summary>Tells what a query finds over a WebSocket, until the other side closes it or the query is deleted.</summary>
    public async Task TellAsync(HttpContext http, string name)
    {
        Require(name);
        var given = QuerySchedule.Names.Where(field => http.Request.Query.ContainsKey(field)).ToDictionary(field => field, field => http.Request.Query[field].ToString());
        var schedule = given.Count > 0 ? Schedule(given) : null;
        Choose(http.Request.Query["stream"] == "true", schedule);
        var (reportsIfEmpty, asLinks) = (http.Request.Query["reportIfEmpty"] == "true", http.Request.Headers["GS1-EPC-Format"] == EpcisApi.Links);
        var since = Time(http.Request.Query.TryGetValue("initialRecordTime", out var initial) ? initial.ToString() : null);
        var position = rooms.Database.Read(session => Subscriptions.PositionAt(session, since));

        using var socket = await http.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, subscriptions.UntilForgotten(name));
        using var news = new SemaphoreSlim(1);
        void Wake()
        {
            if (news.CurrentCount == 0) news.Release();
        }
        store.Grew += Wake;
        // What the client sends is nothing to us but its leaving.
        var leaving = LeaveAsync(socket, stop);
        try
        {
            for (var ranAt = DateTimeOffset.UtcNow; !stop.IsCancellationRequested;)
            {
                if (schedule is null) await news.WaitAsync(rooms.Delivery.LookEvery, stop.Token).ConfigureAwait(false);
                else await UntilAsync(schedule.Next(ranAt) ?? DateTimeOffset.MaxValue, stop.Token).ConfigureAwait(false);
                ranAt = DateTimeOffset.UtcNow;
                for (var hasMore = true; hasMore;)
                {
                    if (Subscriptions.News(name, position, 500, query, rooms.Database) is not { } found) return;
                    (position, hasMore) = (found.Position, found.HasMore);
                    if (found.Events.Count == 0 && !(reportsIfEmpty && schedule is not null && !hasMore)) continue;
                    await socket.SendAsync(EpcisJsonWriter.Write(EpcisApi.Results(found.Events, name, asLinks)), WebSocketMessageType.Text, endOfMessage: true, http.RequestAborted).ConfigureAwait(false);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException)
        {
            // The other side left, or the query is gone.
        }
        finally
        {
            store.Grew -= Wake;
            await CloseAsync(socket, leaving).ConfigureAwait(false);
        }
    }

    /// <summary>Says that it is over, and gives the other side a moment to say so too.</summary>
    static async Task CloseAsync(WebSocket socket, Task leaving)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "the subscription has ended", patience.Token).ConfigureAwait(false);
            await leaving.WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException)
        {
            // It is closed one way or the other.
        }
        socket.Abort();
        await leaving.ConfigureAwait(false);
    }

    static async Task UntilAsync(DateTimeOffset time, CancellationToken stop)
    {
        // A timer takes no more than some weeks.
        for (TimeSpan left; (left = time - DateTimeOffset.UtcNow) > TimeSpan.Zero;) await Task.Delay(left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1), stop).ConfigureAwait(false);
    }

    /// <summary>Ends when the other side closes the socket, or is gone. A reading that is cut off would tear the socket down, so none is.</summary>
    static async Task LeaveAsync(WebSocket socket, CancellationTokenSource stop)
    {
        var buffer = new byte[1024];
        try
        {
            while ((await socket.ReceiveAsync(buffer, CancellationToken.None).ConfigureAwait(false)).MessageType != WebSocketMessageType.Close) { }
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException)
        {
            // Gone without a word.
        }
        await stop.CancelAsync().ConfigureAwait(false);
    }
}
