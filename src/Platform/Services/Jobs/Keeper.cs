using System.Globalization;
using Hufu.Client;

namespace Hufu.Services;

/// <summary>
/// Sees to the jobs of all services. Where the chain runs jobs by itself, it only tells the chain what is to be done, and takes back what is not to be done any more; elsewhere it
/// makes the calls when they are due. Whether a job is on, how often it looks and what it last did outlives the process.
/// </summary>
/// <param name="chainJobs">Null where the chain runs none.</param>
public sealed class Keeper(Rooms rooms, IReadOnlyList<Job> jobs, ChainJobs? chainJobs)
{
    internal static readonly Table Jobs = new("job", "name text key", "every_ms number", "is_on number", "last_run number", "last_result text");

    const string Caller = "jobs";
    const int MostAtOnce = 50;

    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    // How far the index was when the chain was last told of a job's calls.
    readonly Dictionary<string, (ulong? Block, bool IsOn)> _toldAt = [];

    /// <summary>The jobs that the chain runs itself, or has run; null where it runs none.</summary>
    public ChainJobs? OfChain => chainJobs;

    public IReadOnlyList<JobState> All()
    {
        var kept = rooms.Database.Read(session => session.Query($"SELECT name, every_ms, is_on, last_run, last_result FROM {Jobs}", row => (Name: row.Text(0), Every: row.Number(1), IsOn: row.Yes(2), At: row.TimeOrNull(3), Result: row.TextOrNull(4)))).ToDictionary(one => one.Name);
        return [.. jobs.Select(job => kept.TryGetValue(job.Name, out var one)
            ? new JobState(job.Name, job.Title, IsOfChain(job), one.Every / 1000.0, one.IsOn, one.At, one.Result)
            : new JobState(job.Name, job.Title, IsOfChain(job), job.Every.TotalSeconds, job.IsOnAtFirst, null, null))];
    }

    bool IsOfChain(Job job) => job.Calls is not null && chainJobs is not null;

    /// <exception cref="ProblemException">There is no such job.</exception>
    public async Task<JobState> SetAsync(string name, TimeSpan? every, bool? isOn)
    {
        var now = Find(name);
        if (every is { } pause && (pause < Look || pause > TimeSpan.FromDays(366))) throw ProblemException.Invalid("everySeconds is out of range", "it is from a second to a year", "give for example 3600");
        await KeepAsync(now with { EverySeconds = every?.TotalSeconds ?? now.EverySeconds, IsOn = isOn ?? now.IsOn }).ConfigureAwait(false);
        return Find(name);
    }

    JobState Find(string name) => All().FirstOrDefault(job => job.Name == name) ?? throw ProblemException.NotFound($"there is no job {name}", "the jobs are at GET /api/v1/jobs", "choose one of them");

    /// <summary>Looks after a job now, whether it is time or not. One that the chain runs, and that is off, stays off.</summary>
    public async Task<JobState> RunAsync(string name, CancellationToken stop)
    {
        var state = Find(name);
        var job = jobs.First(one => one.Name == name);
        var result = rooms.Registry.Current is not { } made ? "" : await InWordsAsync(
            job.Calls is not { } calls ? job.LookAsync!(stop)
            : chainJobs is not null ? chainJobs.TellAsync(made, calls, state.IsOn, stop)
            : CallAsync(made, calls, stop)).ConfigureAwait(false);
        state = state with { LastRunAt = DateTimeOffset.UtcNow, LastResult = result.Length > 0 ? result : state.LastResult };
        await KeepAsync(state).ConfigureAwait(false);
        return state;
    }

    /// <summary>Makes the calls that are due, each once: a key says which occurrence of which it is, and on which day it is tried where it failed before.</summary>
    async Task<string> CallAsync(Deployment made, TimedCalls calls, CancellationToken stop)
    {
        // The block's clock decides, and may be behind ours or before it.
        var now = rooms.Index.Reached?.Time ?? DateTimeOffset.UnixEpoch;
        var (done, failed) = (0, "");
        foreach (var duty in calls.Open(MostAtOnce).Where(duty => duty.At <= now))
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"{made[calls.Contract]}/{calls.Function}/{duty.Id}/{duty.At.ToUnixTimeSeconds()}/{(now - duty.At).Days}");
            try
            {
                await rooms.DoAsync(Ask.For(Caller, key, duty.Id), $"jobs.{calls.Function}", duty.Id.ToString(CultureInfo.InvariantCulture), () => Task.FromResult((rooms.Operator, calls.Request(made, duty.Id))), stop).ConfigureAwait(false);
                done++;
            }
            catch (ProblemException error)
            {
                // One that fails keeps no other from its turn.
                failed = $"; {duty.Id} failed: {error.Message}";
            }
        }
        return done == 0 && failed.Length == 0 ? "" : $"{calls.Function}: {done} done{failed}";
    }

    Task KeepAsync(JobState state) => rooms.Database.WriteAsync(session => session.Execute(Jobs.Insert([state.Name, (long)(state.EverySeconds * 1000), state.IsOn, state.LastRunAt, state.LastResult], replaces: true)));

    internal async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(Look, stop).ConfigureAwait(false);
            // Before the services are used nothing can be due, and a chain alone is left alone.
            if (rooms.Registry.Current is not { } made) continue;
            foreach (var state in All())
            {
                var job = jobs.First(one => one.Name == state.Name);
                if (IsOfChain(job)) await TellAsync(made, job, state.IsOn, stop).ConfigureAwait(false);
                else if (state.IsOn && !(state.LastRunAt?.AddSeconds(state.EverySeconds) > DateTimeOffset.UtcNow)) await RunAsync(job.Name, stop).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The chain hears of a new call within a second or two of what it follows from, not at the next look.</summary>
    async Task TellAsync(Deployment made, Job job, bool isOn, CancellationToken stop)
    {
        var now = (rooms.Index.Reached?.Number, isOn);
        if (_toldAt.TryGetValue(job.Name, out var told) && told == now) return;
        _toldAt[job.Name] = now;
        var result = await InWordsAsync(chainJobs!.TellAsync(made, job.Calls!, isOn, stop)).ConfigureAwait(false);
        if (result.Length > 0) await KeepAsync(Find(job.Name) with { LastRunAt = DateTimeOffset.UtcNow, LastResult = result }).ConfigureAwait(false);
    }

    static async Task<string> InWordsAsync(Task<string> work)
    {
        try
        {
            return await work.ConfigureAwait(false);
        }
        catch (Exception error) when (error is ChainException or ProblemException)
        {
            return "failed: " + error.Message;
        }
    }
}
