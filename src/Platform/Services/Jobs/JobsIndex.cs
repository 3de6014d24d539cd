using System.Buffers.Binary;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What is remembered of the jobs that a chain runs itself.</summary>
public sealed class JobsIndex(Database database) : Projection
{
    static readonly Table Jobs = new Table("chain_job", "id number key", "owner text", "target text", "act text", "data text", "due_at number", "every number", "runs number", "gas number", "state text", "runs_done number", "succeeded number", "last_hash text", "last_block number", "last_at number", "hash text", "at number")
        .Indexed("owner", "target", "act").Indexed("state", "due_at");

    public override IReadOnlyList<Table> Tables => [Jobs];
    public override IReadOnlyList<string> Contracts => [ChainJobs.Contract];

    public override void Apply(IndexChange change, IndexedEvent told)
    {
        if (JobsContract.JobScheduledEvent.Read(told.Log) is { } scheduled)
            change.Insert(Jobs, scheduled.Id, scheduled.Owner, scheduled.Target, Hex.Encode(scheduled.Data.AsSpan(0, Math.Min(4, scheduled.Data.Length))), Hex.Encode(scheduled.Data), scheduled.DueAt, scheduled.Every, scheduled.Runs, scheduled.Gas, ChainJobState.Waiting, 0, null, null, null, null, told.Transaction, told.Block.Time);
        else if (JobsContract.JobRunEvent.Read(told.Log) is { } run)
        {
            var done = change.Find($"SELECT runs_done FROM {Jobs} WHERE id = {run.Id}", row => row.Number(0)) + 1;
            change.Update(Jobs, [run.Id], ("state", run.NextAt != 0 ? ChainJobState.Waiting : run.Succeeded ? ChainJobState.Done : ChainJobState.Failed), ("runs_done", done), ("succeeded", run.Succeeded),
                ("last_hash", told.Transaction), ("last_block", told.Block.Number), ("last_at", told.Block.Time));
            if (run.NextAt != 0) change.Update(Jobs, [run.Id], ("due_at", run.NextAt));
        }
        else if (JobsContract.JobCancelledEvent.Read(told.Log) is { } cancelled) End(change, told, cancelled.Id, ChainJobState.Cancelled);
        else if (JobsContract.JobUnpaidEvent.Read(told.Log) is { } unpaid) End(change, told, unpaid.Id, ChainJobState.Unpaid);
    }

    static void End(IndexChange change, IndexedEvent told, ulong id, string state)
    {
        change.Update(Jobs, [id], ("state", state), ("last_at", told.Block.Time));
        // The transaction told of one that has run is the one that ran it.
        if (change.Find($"SELECT runs_done FROM {Jobs} WHERE id = {id}", row => row.Number(0)) == 0) change.Update(Jobs, [id], ("last_hash", told.Transaction), ("last_block", told.Block.Number));
    }

    // ---- questions ----

    /// <summary>An owner's jobs of one function of one contract, the oldest first.</summary>
    /// <param name="act">The function's selector.</param>
    public IReadOnlyList<ChainJob> Of(Address owner, Address target, string act) => database.Read(session => session.Query(Select($" WHERE owner = {owner} AND target = {target} AND act = {act} ORDER BY id"), Read));

    /// <summary>What waits, soonest first.</summary>
    public IReadOnlyList<ChainJob> WaitingNow(int most) => database.Read(session => session.Query(Select($" WHERE state = {ChainJobState.Waiting} ORDER BY due_at, id LIMIT {most}"), Read));

    /// <summary>What has run or ended, the latest first.</summary>
    public IReadOnlyList<ChainJob> Latest(int most) => database.Read(session => session.Query(Select($" WHERE last_at IS NOT NULL ORDER BY last_at DESC, id DESC LIMIT {most}"), Read));

    public ChainJob? Find(ulong id) => database.Read(session => session.Find(Select($" WHERE id = {id}"), Read));

    static SqlText Select(SqlText rest) => $"SELECT id, owner, target, data, due_at, every, runs, gas, state, runs_done, succeeded, last_hash, last_block, last_at, hash, at FROM {Jobs}{rest}";

    static ChainJob Read(SqlRow row) => new(row.Block(0), row.Address(1), row.Address(2), row.Text(3), row.Moment(4), row.Block(5), row.Block(6), row.Block(7), row.Text(8), row.Block(9), row.NumberOrNull(10) is { } yes ? yes != 0 : null,
        row.HashOrNull(11), row.NumberOrNull(12) is { } block ? (ulong)block : null, row.TimeOrNull(13), row.Hash(14), row.Time(15));
}

/// <summary>A job that a chain runs itself.</summary>
/// <param name="Data">What is called with, hexadecimal.</param>
/// <param name="EverySeconds">From one run to the next; 0 for one run alone.</param>
/// <param name="Runs">How many; 0 without end.</param>
/// <param name="State">waiting, done, failed, cancelled or unpaid.</param>
/// <param name="Succeeded">Whether the last run did what it was to do; null before the first.</param>
/// <param name="LastTransaction">The clock's, which ran it last.</param>
public sealed record ChainJob(ulong Id, Address Owner, Address Target, string Data, DateTimeOffset DueAt, ulong EverySeconds, ulong Runs, ulong Gas, string State, ulong RunsDone, bool? Succeeded, Hash256? LastTransaction, ulong? LastBlock, DateTimeOffset? LastAt, Hash256 Transaction, DateTimeOffset At)
{
    /// <summary>What the call is about, where it is a function of one small number; null where it is another call.</summary>
    public ulong? Subject => Hex.TryDecode(Data, out var bytes) && bytes.Length == 36 && bytes.AsSpan(4, 24).IndexOfAnyExcept((byte)0) < 0 ? BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(28)) : null;
}

/// <summary>How far a job of a chain has come.</summary>
static class ChainJobState
{
    public const string Waiting = "waiting", Done = "done", Failed = "failed", Cancelled = "cancelled", Unpaid = "unpaid";
}
