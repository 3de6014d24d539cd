using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>Work that falls due by itself.</summary>
/// <param name="Name">payments.refund-expired</param>
/// <param name="Every">How often it is looked for, unless told otherwise.</param>
public sealed record Job(string Name, Words Title, TimeSpan Every, bool IsOnAtFirst)
{
    /// <summary>For what needs more than the chain knows: looks for what is due and does it. Its commands' keys come from the facts, so that doing it twice does it once. Gives in words what it did; empty for nothing.</summary>
    public Func<CancellationToken, Task<string>>? LookAsync { get; init; }

    /// <summary>For what is one call of a contract at a time known beforehand: a chain that runs jobs is told of it, and elsewhere the keeper makes the call.</summary>
    public TimedCalls? Calls { get; init; }
}

/// <summary>Calls of one function that anybody may make from some time on, each with the id of what has fallen due. A call that comes too late does no harm.</summary>
/// <param name="Contract">In the registry.</param>
/// <param name="Function">Takes one number.</param>
/// <param name="Gas">What a call may use.</param>
/// <param name="Open">The next so many that are to be made, soonest first.</param>
/// <param name="IsMoot">Whether the call is not to be made any more.</param>
public sealed record TimedCalls(string Contract, string Function, uint Gas, Func<int, IReadOnlyList<Duty>> Open, Func<ulong, bool> IsMoot)
{
    internal TransactionRequest Request(Deployment made, ulong id) => new() { To = made[Contract], Data = FunctionOf.EncodeCall((UInt256)id) };

    AbiFunction FunctionOf => Artifacts.Of(Contract).Functions.Single(one => one.Name == Function);
}

/// <summary>A call that is to be made.</summary>
/// <param name="At">Not before; the block's clock decides.</param>
/// <param name="Every">From one call to the next; zero for one call alone.</param>
public sealed record Duty(ulong Id, DateTimeOffset At, TimeSpan Every = default);

/// <summary>How a job stands.</summary>
/// <param name="RunsInBlock">Whether the chain itself runs it, at the beginning of a block; otherwise the keeper does.</param>
public sealed record JobState(string Name, Words Title, bool RunsInBlock, double EverySeconds, bool IsOn, DateTimeOffset? LastRunAt, string? LastResult);
