using Hufu.Client;

namespace Hufu.Services;

/// <summary>Work that falls due by itself.</summary>
/// <param name="Name">payments.refund-expired</param>
/// <param name="Every">How often it looks, unless told otherwise.</param>
/// <param name="RunAsync">Looks for what is due and does it; its commands' keys come from the facts, so that doing it twice does it once. Gives in words what it did; empty for nothing.</param>
public sealed record Job(string Name, Words Title, TimeSpan Every, bool IsOnAtFirst, Func<CancellationToken, Task<string>> RunAsync);

/// <summary>How a job stands.</summary>
public sealed record JobState(string Name, Words Title, double EverySeconds, bool IsOn, DateTimeOffset? LastRunAt, string? LastResult);

/// <summary>Performs the jobs of all services when they are due. Whether one is on, how often it looks and what it last did outlives the process.</summary>
public sealed class Keeper(Database database, ContractRegistry registry, IReadOnlyList<Job> jobs)
{
    internal static readonly Table Jobs = new("job", "name text key", "every_ms number", "is_on number", "last_run number", "last_result text");

    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public IReadOnlyList<JobState> All()
    {
        var kept = database.Read(session => session.Query($"SELECT name, every_ms, is_on, last_run, last_result FROM {Jobs}", row => (Name: row.Text(0), Every: row.Number(1), IsOn: row.Yes(2), At: row.TimeOrNull(3), Result: row.TextOrNull(4)))).ToDictionary(one => one.Name);
        return [.. jobs.Select(job => kept.TryGetValue(job.Name, out var one)
            ? new JobState(job.Name, job.Title, one.Every / 1000.0, one.IsOn, one.At, one.Result)
            : new JobState(job.Name, job.Title, job.Every.TotalSeconds, job.IsOnAtFirst, null, null))];
    }

    /// <exception cref="ProblemException">There is no such job.</exception>
    public async Task<JobState> SetAsync(string name, TimeSpan? every, bool? isOn)
    {
        var now = Find(name);
        if (every is { } pause && (pause < Look || pause > TimeSpan.FromDays(366))) throw ProblemException.Invalid("everySeconds is out of range", "it is from a second to a year", "give for example 3600");
        await KeepAsync(now with { EverySeconds = every?.TotalSeconds ?? now.EverySeconds, IsOn = isOn ?? now.IsOn }).ConfigureAwait(false);
        return Find(name);
    }

    JobState Find(string name) => All().FirstOrDefault(job => job.Name == name) ?? throw ProblemException.NotFound($"there is no job {name}", "the jobs are at GET /api/v1/jobs", "choose one of them");

    /// <summary>Runs a job now, whether it is due or not.</summary>
    public async Task<JobState> RunAsync(string name, CancellationToken stop)
    {
        var state = Find(name);
        var job = jobs.First(one => one.Name == name);
        string result;
        try
        {
            result = registry.Current is null ? "" : await job.RunAsync(stop).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ChainException or ProblemException)
        {
            result = "failed: " + error.Message;
        }
        state = state with { LastRunAt = DateTimeOffset.UtcNow, LastResult = result.Length > 0 ? result : state.LastResult };
        await KeepAsync(state).ConfigureAwait(false);
        return state;
    }

    Task KeepAsync(JobState state) => database.WriteAsync(session => session.Execute(Jobs.Insert([state.Name, (long)(state.EverySeconds * 1000), state.IsOn, state.LastRunAt, state.LastResult], replaces: true)));

    internal async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(Look, stop).ConfigureAwait(false);
            // Before the services are used nothing can be due, and a chain alone is left alone.
            if (registry.Current is null) continue;
            foreach (var job in All().Where(job => job.IsOn && !(job.LastRunAt?.AddSeconds(job.EverySeconds) > DateTimeOffset.UtcNow))) await RunAsync(job.Name, stop).ConfigureAwait(false);
        }
    }
}
