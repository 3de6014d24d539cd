using System.Globalization;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// The jobs of a chain that runs them itself: Jobs.sol stands in its genesis block, and a block in which one is due begins with running it. What has been told to the chain happens
/// whether this platform runs or not.
/// </summary>
public sealed class ChainJobs(Rooms rooms, JobsIndex index)
{
    /// <summary>Where a genesis file has the contract: nobody can put one there afterwards.</summary>
    public static readonly Address At = Address.Parse("0x0000000000000000000000000000000000006666");

    public const string Contract = "Jobs";

    const string Caller = "jobs";
    const int MostAtOnce = 50;

    // What Jobs.sol sets aside for a run beside the job's own gas, and for how many of them at once the operator puts coin in.
    const uint Reserve = 800_000;
    const uint RunsPaidFor = 32;

    static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1), LongestPause = TimeSpan.FromDays(1);

    public JobsIndex Index => index;

    /// <summary>Whether a chain runs jobs.</summary>
    public static async Task<bool> AreOnAsync(ChainClient chain, CancellationToken stop = default)
    {
        if ((await chain.GetCodeAsync(At, stop: stop).ConfigureAwait(false)).Length == 0) return false;
        try
        {
            return !(await new JobsContract(chain, At).ClockAsync(stop: stop).ConfigureAwait(false)).IsZero;
        }
        catch (ChainException)
        {
            // Some other contract.
            return false;
        }
    }

    /// <summary>Schedules what is to be done and not scheduled yet, and takes back what is not to be done any more. Gives in words what changed; empty for nothing.</summary>
    /// <param name="isOn">False takes all of it back.</param>
    public async Task<string> TellAsync(Deployment made, TimedCalls calls, bool isOn, CancellationToken stop)
    {
        var target = made[calls.Contract];
        var known = index.Of(rooms.Operator, target, FunctionText(calls.Request(made, 0)));
        var waiting = known.Where(job => job.State == ChainJobState.Waiting).ToLookup(job => job.Data);
        var (scheduled, cancelled) = (0, 0);
        foreach (var duty in isOn ? calls.Open(4 * MostAtOnce) : [])
        {
            var request = calls.Request(made, duty.Id);
            var data = Hex.Encode(request.Data.Span);
            if (waiting.Contains(data) || scheduled >= MostAtOnce) continue;
            // One that was tried and is still to be done has failed: it is tried again, less and less often.
            var tried = known.Where(job => job.Data == data && job.State is not ChainJobState.Cancelled).ToArray();
            var at = tried.Length == 0 ? duty.At : Later(duty.At, tried.Max(job => job.LastAt ?? job.DueAt) + Pause(tried.Length));
            await ScheduleAsync(target, calls, request, duty with { At = at }, known.Count(job => job.Data == data), stop).ConfigureAwait(false);
            scheduled++;
        }
        foreach (var job in waiting.SelectMany(group => group).Where(job => !isOn || (job.Subject is { } id && calls.IsMoot(id))).Take(MostAtOnce))
        {
            await rooms.DoAsync(Ask.For(Caller, $"cancel/{job.Id}", job.Id), "jobs.cancel", Text(job.Id), () => Task.FromResult((rooms.Operator, new JobsContract(rooms.Chain, At).Cancel(job.Id))), stop).ConfigureAwait(false);
            cancelled++;
        }
        return scheduled + cancelled == 0 ? "" : $"{calls.Function}: {scheduled} scheduled, {cancelled} taken back";
    }

    Task<Command> ScheduleAsync(Address target, TimedCalls calls, TransactionRequest request, Duty duty, int earlier, CancellationToken stop)
    {
        // What the chain did not take is tried again the next day.
        var key = string.Create(CultureInfo.InvariantCulture, $"schedule/{target}/{calls.Function}/{duty.Id}/{earlier}/{DateTimeOffset.UtcNow:yyyyMMdd}");
        return rooms.DoAsync(new Ask(Caller, key, Keccak256.Hash(request.Data.Span)), "jobs.schedule", Text(duty.Id), async () =>
        {
            var jobs = new JobsContract(rooms.Chain, At);
            var run = (UInt256)(calls.Gas + Reserve) * ((await rooms.Chain.GetBlockAsync(BlockId.Latest, stop: stop).ConfigureAwait(false))?.Header.BaseFeePerGas ?? UInt256.Zero);
            // The fee may rise until then.
            var wanted = run * RunsPaidFor;
            var wei = await jobs.BalanceOfAsync(rooms.Operator, stop: stop).ConfigureAwait(false) < wanted ? wanted * 2UL : UInt256.Zero;
            return (rooms.Operator, jobs.Schedule(target, request.Data.ToArray(), (ulong)Math.Max(0, duty.At.ToUnixTimeSeconds()), (ulong)duty.Every.TotalSeconds, 0, calls.Gas, wei));
        }, stop);
    }

    internal static string FunctionText(TransactionRequest request) => Hex.Encode(request.Data.Span[..4]);

    static TimeSpan Pause(int tried) => tried > 12 ? LongestPause : FirstPause * Math.Pow(2, tried - 1) is var pause && pause < LongestPause ? pause : LongestPause;

    static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    static string Text(ulong id) => id.ToString(CultureInfo.InvariantCulture);
}
