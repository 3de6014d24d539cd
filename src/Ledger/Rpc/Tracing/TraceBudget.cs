using System.Diagnostics;

namespace Hufu.Rpc;

/// <summary>The time and memory that one request for traces may take. Whoever spends too much leaves by an exception, which the method turns into its error.</summary>
/// <param name="timeLimit">From now on.</param>
/// <param name="answer">Its own time limit holds too.</param>
sealed class TraceBudget(TimeSpan timeLimit, Answer answer)
{
    const long MostBytes = 256L << 20;

    readonly long _deadline = Stopwatch.GetTimestamp() + (long)(timeLimit.TotalSeconds * Stopwatch.Frequency);
    long _bytes;

    /// <summary>Whether the caller may have scripts run in this process.</summary>
    public bool AllowsScripts => answer.Caller.IsTrusted;

    public TimeSpan TimeLeft => TimeSpan.FromSeconds(Math.Max(0, (double)(_deadline - Stopwatch.GetTimestamp()) / Stopwatch.Frequency));

    public void CheckTime()
    {
        if (answer.IsOverdue || Stopwatch.GetTimestamp() > _deadline)
            throw new TraceStoppedException(Timeout);
    }

    /// <summary>Accounts for memory that a tracer keeps.</summary>
    public void Spend(long bytes)
    {
        if ((_bytes += bytes) > MostBytes) throw new TraceStoppedException(TooLarge);
    }

    /// <summary>The same time, with the memory to spend once more: for work that keeps nothing of what was before.</summary>
    public TraceBudget Afresh()
    {
        _bytes = 0;
        return this;
    }

    /// <summary>Runs what may spend too much, and answers then with the reason.</summary>
    public static RpcError? Guard(TimeSpan timeLimit, Answer answer, Func<TraceBudget, RpcError?> trace)
    {
        try
        {
            return trace(new TraceBudget(timeLimit, answer));
        }
        catch (TraceStoppedException stopped)
        {
            return stopped.Error;
        }
        catch (AnswerTooLargeException)
        {
            return TooLarge;
        }
    }

    public static readonly RpcError Timeout = RpcError.Server("execution timeout: trace less at once, or give a longer timeout in the options");

    public static readonly RpcError TooLarge = new(RpcError.LimitExceededCode,
        "trace too large: trace one transaction instead of a block; for struct logs set disableStack and disableStorage, leave out enableMemory, or give a limit; for callTracer set onlyTopCall");
}

/// <summary>Leaves a traced run from deep inside.</summary>
sealed class TraceStoppedException(RpcError error) : Exception
{
    public RpcError Error => error;
}
