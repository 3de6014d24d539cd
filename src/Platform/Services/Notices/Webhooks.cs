using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Hufu.Services;

/// <summary>Where notices go.</summary>
/// <param name="Kinds">hufu.payments.PaymentMade, hufu.payments.* or *.</param>
/// <param name="Position">The last notice that was taken up.</param>
public sealed record Webhook(string Id, Uri Url, string Kinds, long Position, bool IsOn, DateTimeOffset MadeAt);

/// <summary>A notice that was not delivered yet, or never will be unless somebody asks.</summary>
/// <param name="State">waiting or dead.</param>
public sealed record Delivery(string Webhook, long Position, string Subject, string State, int Attempts, DateTimeOffset NextAt, string? Error);

/// <summary>
/// Tells subscribers of notices: CloudEvents 1.0 in structured JSON, signed as Standard Webhooks have it, at least once, in order for each subject. Each
/// subscriber has a loop of its own, so that a bad one holds up nobody else; a subject whose notice fails waits for it, the others go on.
/// </summary>
public sealed class Webhooks : IDisposable
{
    internal static readonly Table Hooks = new("webhook", "id text key", "url text", "kinds text", "position number", "is_on number", "made_at number"),
        Deliveries = new("webhook_delivery", "webhook text key", "position number key", "subject text", "state text index", "attempts number", "next_at number", "error text");

    const int MostTogether = 100;

    readonly Database _database;
    readonly CustodyKey _key;
    readonly WebhookOptions _options;
    readonly Courier _courier;
    readonly Func<IndexedBlock?> _reached;
    readonly ConcurrentDictionary<string, (Task Loop, CancellationTokenSource Stop)> _loops = new();
    readonly ConcurrentDictionary<string, SemaphoreSlim> _news = new();
    ulong _chainId;

    public Webhooks(Database database, CustodyKey key, Courier courier, Func<IndexedBlock?> reached, WebhookOptions? options = null) =>
        (_database, _key, _courier, _reached, _options) = (database, key, courier, reached, options ?? new WebhookOptions());

    internal static IReadOnlyList<Table> Tables => [Hooks, Deliveries];

    internal void Start(ulong chainId)
    {
        _chainId = chainId;
        foreach (var hook in All()) Follow(hook.Id);
    }

    public IReadOnlyList<Webhook> All() => _database.Read(session => session.Query($"SELECT id, url, kinds, position, is_on, made_at FROM {Hooks} ORDER BY made_at, id", Read));

    public Webhook? Find(string id) => _database.Read(session => session.Find($"SELECT id, url, kinds, position, is_on, made_at FROM {Hooks} WHERE id = {id}", Read));

    static Webhook Read(SqlRow row) => new(row.Text(0), new Uri(row.Text(1)), row.Text(2), row.Number(3), row.Yes(4), row.Time(5));

    public IReadOnlyList<Delivery> DeliveriesOf(string id) => _database.Read(session => session.Query(
        $"SELECT webhook, position, subject, state, attempts, next_at, error FROM {Deliveries} WHERE webhook = {id} ORDER BY position LIMIT 1000", row => new Delivery(row.Text(0), row.Number(1), row.Text(2), row.Text(3), (int)row.Number(4), row.Time(5), row.TextOrNull(6))));

    /// <summary>Subscribes, from now on; the secret by which the subscriber knows us is told here and can be asked for again by nobody.</summary>
    public async Task<(Webhook Webhook, string Secret)> AddAsync(Uri url, string kinds)
    {
        var id = Guid.CreateVersion7().ToString("N");
        await _database.WriteAsync(session =>
        {
            var now = session.Count($"SELECT MAX(position) FROM {NoticeIndex.Notices}");
            session.Execute(Hooks.Insert([id, url.ToString(), kinds, now, true, DateTimeOffset.UtcNow], replaces: false));
        }).ConfigureAwait(false);
        Follow(id);
        return (Find(id)!, "whsec_" + Convert.ToBase64String(SecretOf(id)));
    }

    public async Task RemoveAsync(string id)
    {
        await _database.WriteAsync(session =>
        {
            session.Execute($"DELETE FROM {Hooks} WHERE id = {id}");
            session.Execute($"DELETE FROM {Deliveries} WHERE webhook = {id}");
        }).ConfigureAwait(false);
        if (_loops.TryRemove(id, out var loop)) await loop.Stop.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Tells everything after a position again; dead letters come back to life.</summary>
    public async Task ReplayAsync(string id, long after)
    {
        await _database.WriteAsync(session =>
        {
            session.Execute($"DELETE FROM {Deliveries} WHERE webhook = {id} AND position > {after}");
            session.Execute($"UPDATE {Hooks} SET position = {after} WHERE id = {id}");
        }).ConfigureAwait(false);
        Wake();
    }

    /// <summary>Brings one notice back to life that was given up, and tells it again at once.</summary>
    public async Task RetryAsync(string id, long position)
    {
        await _database.WriteAsync(session => session.Execute($"UPDATE {Deliveries} SET state = 'waiting', attempts = 0, next_at = {DateTimeOffset.UtcNow} WHERE webhook = {id} AND position = {position}")).ConfigureAwait(false);
        Wake();
    }

    /// <summary>Tells a subscriber of nothing, so that it can try whether it is heard: the notice is of the kind hufu.test.</summary>
    /// <returns>Why it was not taken; null where it was.</returns>
    public Task<string?> TestAsync(Webhook hook, CancellationToken stop = default) => SendAsync(hook, new Notice(0, "hufu.test", hook.Id, "{}", DateTimeOffset.UtcNow), stop);

    /// <summary>There may be news.</summary>
    internal void Wake()
    {
        foreach (var news in _news.Values)
            if (news.CurrentCount == 0) news.Release();
    }

    void Follow(string id)
    {
        var stop = new CancellationTokenSource();
        var news = _news[id] = new SemaphoreSlim(1);
        _loops[id] = (Task.Run(() => LoopAsync(id, news, stop.Token)), stop);
    }

    async Task LoopAsync(string id, SemaphoreSlim news, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var wait = _options.LookEvery;
                if (Find(id) is not { } hook) return;
                if (hook.IsOn)
                {
                    var moved = await TakeUpAsync(hook, stop).ConfigureAwait(false);
                    wait = await RetryAsync(hook, stop).ConfigureAwait(false) is { } next && next < wait ? next : wait;
                    if (moved) continue;
                }
                await news.WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1), stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                _options.ReportFault(fault);
                await Task.Delay(_options.FirstPause, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>New notices: each is delivered at once, or noted as waiting where its subject waits already.</summary>
    async Task<bool> TakeUpAsync(Webhook hook, CancellationToken stop)
    {
        if (_reached() is not { } reached) return false;
        // A block that may still be left behind is told of by nobody.
        var last = (long)reached.Number - _options.Confirmations;
        var notices = _database.Read(session => session.Query($"SELECT position, kind, subject, data, at FROM {NoticeIndex.Notices} WHERE position > {hook.Position} AND block <= {last} ORDER BY position LIMIT {MostTogether}", ReadNotice));
        foreach (var notice in notices)
        {
            if (!Caller.Covers(hook.Kinds, notice.Kind))
            {
                await MoveAsync(hook.Id, notice.Position, null).ConfigureAwait(false);
                continue;
            }
            var isHeldUp = _database.Read(session => session.Count($"SELECT COUNT(*) FROM {Deliveries} WHERE webhook = {hook.Id} AND subject = {notice.Subject} AND state = 'waiting'")) > 0;
            var error = isHeldUp ? "waits for the one before it" : await SendAsync(hook, notice, stop).ConfigureAwait(false);
            await MoveAsync(hook.Id, notice.Position, error is null ? null : new Delivery(hook.Id, notice.Position, notice.Subject, "waiting", isHeldUp ? 0 : 1, DateTimeOffset.UtcNow + (isHeldUp ? TimeSpan.Zero : _options.FirstPause), error)).ConfigureAwait(false);
        }
        return notices.Count > 0;
    }

    Task MoveAsync(string id, long position, Delivery? waiting) => _database.WriteAsync(session =>
    {
        session.Execute($"UPDATE {Hooks} SET position = {position} WHERE id = {id}");
        if (waiting is not null) session.Execute(Deliveries.Insert([id, position, waiting.Subject, waiting.State, waiting.Attempts, waiting.NextAt, waiting.Error], replaces: true));
    });

    /// <summary>What failed before and is due: of each subject the oldest alone.</summary>
    /// <returns>How long until the next one is due; null where none waits.</returns>
    async Task<TimeSpan?> RetryAsync(Webhook hook, CancellationToken stop)
    {
        TimeSpan? next = null;
        foreach (var first in DeliveriesOf(hook.Id).Where(one => one.State == "waiting").GroupBy(one => one.Subject).Select(group => group.First()))
        {
            var wait = first.NextAt - DateTimeOffset.UtcNow;
            if (wait <= TimeSpan.Zero)
            {
                await RetryOneAsync(hook, first, stop).ConfigureAwait(false);
                wait = TimeSpan.Zero;
            }
            next = next is { } known && known < wait ? known : wait;
        }
        return next;
    }

    async Task RetryOneAsync(Webhook hook, Delivery waiting, CancellationToken stop)
    {
        var notice = _database.Read(session => session.Find($"SELECT position, kind, subject, data, at FROM {NoticeIndex.Notices} WHERE position = {waiting.Position}", ReadNotice));
        // A block that was left behind took it along.
        var error = notice is null ? null : await SendAsync(hook, notice, stop).ConfigureAwait(false);
        var attempts = waiting.Attempts + 1;
        await _database.WriteAsync(session =>
        {
            if (error is null) session.Execute($"DELETE FROM {Deliveries} WHERE webhook = {hook.Id} AND position = {waiting.Position}");
            else
            {
                var state = attempts >= _options.MostAttempts ? "dead" : "waiting";
                session.Execute($"UPDATE {Deliveries} SET state = {state}, attempts = {attempts}, next_at = {DateTimeOffset.UtcNow + _options.PauseAfter(attempts)}, error = {error} WHERE webhook = {hook.Id} AND position = {waiting.Position}");
            }
        }).ConfigureAwait(false);
    }

    /// <returns>Why it was not taken; null where it was.</returns>
    async Task<string?> SendAsync(Webhook hook, Notice notice, CancellationToken stop)
    {
        var id = notice.Position.ToString(CultureInfo.InvariantCulture);
        var body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = id,
            ["source"] = $"/hufu/{_chainId}",
            ["type"] = notice.Kind,
            ["subject"] = notice.Subject,
            ["time"] = notice.At.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            ["datacontenttype"] = "application/json",
            ["data"] = JsonNode.Parse(notice.Data),
        }.ToJsonString());
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, hook.Url) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/cloudevents+json", "utf-8") } } };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", "v1," + Convert.ToBase64String(HMACSHA256.HashData(SecretOf(hook.Id), (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body])));
        return (await _courier.SendAsync(request, stop).ConfigureAwait(false)).Error;
    }

    // Made from the operator's key, so that no secret is kept anywhere.
    byte[] SecretOf(string id) => _key.Derive("webhook/" + id);

    static Notice ReadNotice(SqlRow row) => new(row.Number(0), row.Text(1), row.Text(2), row.Text(3), row.Time(4));

    sealed record Notice(long Position, string Kind, string Subject, string Data, DateTimeOffset At);

    public async Task StopAsync()
    {
        foreach (var (_, stop) in _loops.Values) await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_loops.Values.Select(one => one.Loop)).ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (var (_, stop) in _loops.Values) stop.Dispose();
        foreach (var news in _news.Values) news.Dispose();
    }
}

public sealed record WebhookOptions
{
    /// <summary>After the first failure; each further pause is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(2);
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromHours(6);

    /// <summary>After so many failures a notice is a dead letter.</summary>
    public int MostAttempts { get; init; } = 12;
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether addresses inside this machine's own network are called too: for tests, and networks of one's own.</summary>
    public bool MayCallInside { get; init; }

    /// <summary>How many blocks below the head a notice has to be.</summary>
    public int Confirmations { get; init; }
    public Action<Exception> ReportFault { get; init; } = _ => { };

    internal TimeSpan PauseAfter(int attempts)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(attempts - 1, 30));
        return pause < LongestPause ? pause : LongestPause;
    }
}
