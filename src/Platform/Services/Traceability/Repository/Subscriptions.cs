using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Hufu.Services;

/// <summary>A standing query.</summary>
/// <param name="Destination">Where its results are posted.</param>
/// <param name="Schedule">When it is asked; null: whenever events come (stream).</param>
/// <param name="Position">The last event whose matching has been reported.</param>
/// <param name="Error">Why the last report was not taken; null where it was.</param>
public sealed record Subscription(string Id, string Query, Uri Destination, QuerySchedule? Schedule, bool ReportsIfEmpty, bool AsLinks, DateTimeOffset? InitialRecordTime, DateTimeOffset CreatedAt,
    long Position, DateTimeOffset? LastNotifiedAt, DateTimeOffset LastRunAt, int Attempts, DateTimeOffset NextAt, string? Error);

/// <summary>
/// The standing queries of EPCIS 2.0: results go as <c>EPCISQueryDocument</c>s to an address, each event once it was taken, in the order events were recorded. A receiver that
/// fails is called again, ever more seldom, with the same events; nothing is left out, and no receiver holds up another.
/// </summary>
public sealed class Subscriptions : IAsyncDisposable
{
    /// <summary>Events in one report. A receiver that answers 413 is sent fewer.</summary>
    const int MostTogether = 500;

    internal static readonly Table Standing = new("trace_subscription", "id text key", "query text index", "destination text", "token text", "schedule text", "reports_if_empty number", "as_links number", "initial_record_time number",
        "created_at number", "position number", "last_notified number", "last_run number", "attempts number", "next_at number", "error text");

    const string Columns = "id, query, destination, schedule, reports_if_empty, as_links, initial_record_time, created_at, position, last_notified, last_run, attempts, next_at, error";

    readonly EventQuery _query;
    readonly Rooms _rooms;
    readonly ConcurrentDictionary<string, Running> _running = new();

    public Subscriptions(Rooms rooms, EventStore store, EventQuery query)
    {
        (_rooms, _query) = (rooms, query);
        store.Grew += Wake;
    }

    sealed record Running(CancellationTokenSource Stop, SemaphoreSlim News)
    {
        public Task Loop { get; set; } = Task.CompletedTask;
    }

    public IReadOnlyList<Subscription> Of(string query, string after, int most) =>
        _rooms.Database.Read(session => session.Query($"SELECT {SqlText.Literal(Columns)} FROM {Standing} WHERE query = {query} AND id > {after} ORDER BY id LIMIT {most}", Read));

    public Subscription? Find(string id) => _rooms.Database.Read(session => session.Find($"SELECT {SqlText.Literal(Columns)} FROM {Standing} WHERE id = {id}", Read));

    static Subscription Read(SqlRow row)
    {
        // It was read before it was kept.
        var schedule = row.TextOrNull(3) is { } text && QuerySchedule.TryParse(JsonSerializer.Deserialize<Dictionary<string, string>>(text)!, out var kept, out _) ? kept : null;
        return new Subscription(row.Text(0), row.Text(1), new Uri(row.Text(2)), schedule, row.Yes(4), row.Yes(5), row.TimeOrNull(6), row.Time(7), row.Number(8), row.TimeOrNull(9), row.Time(10), (int)row.Number(11), row.Time(12), row.TextOrNull(13));
    }

    /// <param name="token">What reports are signed with; kept sealed, and told to nobody.</param>
    /// <param name="since">The first report holds events that were recorded from then on; null: from now on.</param>
    public async Task<Subscription> AddAsync(string query, Uri destination, string token, QuerySchedule? schedule, bool reportsIfEmpty, bool asLinks, DateTimeOffset? since)
    {
        var id = Guid.CreateVersion7().ToString();
        var now = DateTimeOffset.UtcNow;
        await _rooms.Database.WriteAsync(session =>
        {
            var position = PositionAt(session, since);
            session.Execute(Standing.Insert([id, query, destination.ToString(), _rooms.Custody.Seal("subscription/" + id, token), schedule is null ? null : JsonSerializer.Serialize(schedule.Given),
                reportsIfEmpty, asLinks, since, now, position, null, now, 0, DateTimeOffset.UnixEpoch, null], replaces: false));
        }).ConfigureAwait(false);
        Follow(id);
        return Find(id)!;
    }

    /// <summary>The last event before a time; of all there are, where no time is given.</summary>
    internal static long PositionAt(SqlSession session, DateTimeOffset? since) => since is { } time
        ? session.Count($"SELECT COALESCE(MAX(seq), 0) FROM {EventStore.Events} WHERE record_time < {time}")
        : session.Count($"SELECT COALESCE(MAX(seq), 0) FROM {EventStore.Events}");

    public async Task RemoveAsync(string id)
    {
        await _rooms.Database.WriteAsync(session => session.Execute($"DELETE FROM {Standing} WHERE id = {id}")).ConfigureAwait(false);
        if (_running.TryRemove(id, out var running)) await running.Stop.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Ends all subscriptions of a query.</summary>
    public async Task RemoveAllAsync(string query)
    {
        foreach (var one in Of(query, "", int.MaxValue)) await RemoveAsync(one.Id).ConfigureAwait(false);
        if (_forgotten.TryRemove(query, out var stop)) await stop.CancelAsync().ConfigureAwait(false);
    }

    // ---- telling ----

    internal void Start()
    {
        foreach (var id in _rooms.Database.Read(session => session.Query($"SELECT id FROM {Standing}", row => row.Text(0)))) Follow(id);
    }

    /// <summary>There may be news.</summary>
    void Wake()
    {
        foreach (var one in _running.Values)
            if (one.News.CurrentCount == 0) one.News.Release();
    }

    void Follow(string id)
    {
        var running = _running[id] = new Running(new CancellationTokenSource(), new SemaphoreSlim(1));
        running.Loop = Task.Run(() => LoopAsync(id, running));
    }

    async Task LoopAsync(string id, Running running)
    {
        var (stop, most) = (running.Stop.Token, MostTogether);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (Find(id) is not { } one) return;
                if (DueIn(one, DateTimeOffset.UtcNow) is { } wait)
                {
                    // A timer takes no more than some weeks; a schedule may be for next year.
                    await running.News.WaitAsync(wait < TimeSpan.FromDays(1) ? wait : TimeSpan.FromDays(1), stop).ConfigureAwait(false);
                    continue;
                }
                var (hasMore, status) = await ReportAsync(one, most, stop).ConfigureAwait(false);
                if (status == 413) most = Math.Max(1, most / 2);
                else if (status is >= 200 and < 300) most = Math.Min(MostTogether, 2 * most);
                if (!hasMore && one.Schedule is null && status is >= 200 and < 300) await running.News.WaitAsync(_rooms.Delivery.LookEvery, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                _rooms.Delivery.ReportFault(fault);
                await Task.Delay(_rooms.Delivery.FirstPause, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>How long it has to wait; null where it is to be asked now.</summary>
    static TimeSpan? DueIn(Subscription one, DateTimeOffset now)
    {
        var due = one.Attempts > 0 ? one.NextAt : one.Schedule is { } schedule ? schedule.Next(one.LastRunAt) ?? DateTimeOffset.MaxValue : now;
        return due > now ? due - now : null;
    }

    /// <summary>Asks the query and reports what is new.</summary>
    /// <returns>Whether there is more than one report holds; and how the receiver answered, 200 where there was nothing to send.</returns>
    async Task<(bool HasMore, int Status)> ReportAsync(Subscription one, int most, CancellationToken stop)
    {
        var ranAt = DateTimeOffset.UtcNow;
        var news = News(one.Query, one.Position, most, _query, _rooms.Database);
        if (news is null) return (false, 200);
        var isSent = news.Events.Count > 0 || (one.Schedule is not null && one.ReportsIfEmpty && !news.HasMore);
        var (error, status) = isSent ? await SendAsync(one, news, stop).ConfigureAwait(false) : (null, 200);
        var attempts = error is null ? 0 : one.Attempts + 1;
        // What is not sent whole yet goes on at once; else a schedule waits for its next time.
        var lastRun = error is null && !news.HasMore ? ranAt : one.LastRunAt;
        await _rooms.Database.WriteAsync(session => session.Execute($"""
            UPDATE {Standing} SET position = {(error is null ? news.Position : one.Position)}, last_notified = {(error is null && isSent ? ranAt : one.LastNotifiedAt)}, last_run = {lastRun},
            attempts = {attempts}, next_at = {(attempts == 0 || status == 413 ? ranAt : ranAt + _rooms.Delivery.PauseAfter(attempts))}, error = {error} WHERE id = {one.Id}
            """)).ConfigureAwait(false);
        return (news.HasMore, status);
    }

    async Task<(string? Error, int Status)> SendAsync(Subscription one, EventNews news, CancellationToken stop)
    {
        var body = EpcisJsonWriter.Write(EpcisApi.Results(news.Events, one.Query, one.AsLinks, one.Id));
        var id = string.Create(CultureInfo.InvariantCulture, $"{one.Id}/{news.Position}");
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, one.Destination) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } } };
        request.Headers.Add("GS1-EPCIS-Version", EpcisApi.Version);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        var sealedToken = _rooms.Database.Read(session => session.Find($"SELECT token FROM {Standing} WHERE id = {one.Id}", row => row.Text(0)));
        if (sealedToken is not null && _rooms.Custody.Open("subscription/" + one.Id, sealedToken) is { Length: > 0 } token)
            request.Headers.Add("GS1-Signature", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), body)));
        return await _rooms.Courier.SendAsync(request, stop).ConfigureAwait(false);
    }

    // ---- what is new ----

    /// <summary>What a query finds among the events after a position; null where the query is not there any more.</summary>
    internal static EventNews? News(string query, long position, int most, EventQuery events, Database database) =>
        NamedQueries.JsonOf(database, query) is { } json ? events.After(position, NamedQueries.ParametersOf(json), most) : null;

    readonly ConcurrentDictionary<string, CancellationTokenSource> _forgotten = new();

    /// <summary>Ends when the query is deleted: for those who are told over a socket.</summary>
    internal CancellationToken UntilForgotten(string query) => _forgotten.GetOrAdd(query, _ => new CancellationTokenSource()).Token;

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _running.Values) await one.Stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running.Values.Select(one => one.Loop)).ConfigureAwait(false);
        foreach (var one in _running.Values)
        {
            one.Stop.Dispose();
            one.News.Dispose();
        }
        foreach (var stop in _forgotten.Values) stop.Dispose();
    }
}
