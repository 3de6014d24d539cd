namespace Hufu.Services;

/// <summary>What the ledger tells of anchors, hand-overs and recalls, whoever made them.</summary>
public sealed class TraceIndex : Projection
{
    internal static readonly Table Anchors = new("trace_anchor", "organisation text key", "position number key", "day number", "root text index", "events number", "tx text", "block number", "at number");
    internal static readonly Table HandOvers = new("trace_handover", "id text key", "giver text index", "receiver text index", "event_hash text index", "tx text", "block number", "at number");
    internal static readonly Table Recalls = new("trace_recall", "id text key", "organisation text index", "lots text", "is_drill number", "called_at number", "call_tx text", "closed_at number", "report text", "close_tx text");

    public override IReadOnlyList<Table> Tables => [Anchors, HandOvers, Recalls];
    public override IReadOnlyList<string> Contracts => ["TraceAnchor"];

    public override void Apply(IndexChange change, IndexedEvent told)
    {
        var (log, block) = (told.Log, told.Block);
        if (TraceAnchorContract.EventsAnchoredEvent.Read(log) is { } anchored)
            change.Insert(Anchors, anchored.Organisation, (long)(ulong)anchored.Index, anchored.Day, anchored.Root, anchored.Events, told.Transaction, block.Number, block.Time);
        else if (TraceAnchorContract.HandedOverEvent.Read(log) is { } handed)
            change.Insert(HandOvers, handed.Id, handed.Giver, handed.Receiver, handed.EventHash, told.Transaction, block.Number, block.Time);
        else if (TraceAnchorContract.RecallCalledEvent.Read(log) is { } called)
            change.Insert(Recalls, called.Recall, called.Organisation, called.Lots, called.IsDrill, block.Time, told.Transaction, null, null, null);
        else if (TraceAnchorContract.RecallClosedEvent.Read(log) is { } closed)
            change.Update(Recalls, [closed.Recall], ("closed_at", block.Time), ("report", closed.Report), ("close_tx", told.Transaction));
    }
}
