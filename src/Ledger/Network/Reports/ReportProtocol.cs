using System.Collections.Concurrent;

namespace Hufu.Network;

/// <summary>A peer's latest report, and how far its clock was from ours when it came (its delay on the way included): positive where it runs ahead.</summary>
public sealed record ReceivedReport(NodeReport Report, DateTimeOffset At, TimeSpan ClockAhead);

/// <summary>
/// The sub-protocol `hufu/1`: nodes tell each other how they are, every few seconds, so that each can say why there is no block. Others do not speak it and miss
/// nothing: consensus never asks for it. Nothing is done on the word of a report but to show it.
/// </summary>
/// <param name="own">Makes this node's report.</param>
public sealed class ReportProtocol(Func<NodeReport> own, TimeProvider clock) : ISubProtocol
{
    const int Report = 0, MostBytes = 4096, MostKept = 1024;
    static readonly TimeSpan Every = TimeSpan.FromSeconds(3);

    readonly ConcurrentDictionary<Session, byte> _sessions = new();
    readonly ConcurrentDictionary<NodeId, ReceivedReport> _latest = new();

    public IReadOnlyList<Capability> Capabilities { get; } = [new Capability("hufu", 1, 4)];

    /// <summary>The last report of each node, also of those that have gone.</summary>
    public IReadOnlyDictionary<NodeId, ReceivedReport> Latest => _latest;

    public NodeReport Own => own();

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false)) Tell();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
    }

    /// <summary>Tells all peers now.</summary>
    public void Tell()
    {
        if (_sessions.IsEmpty) return;
        var report = own().Encode();
        foreach (var session in _sessions.Keys) session.Send(report);
    }

    public ISubProtocolSession Join(Peer peer, Capability agreed, int offset) => new Session(this, peer, offset);

    sealed class Session(ReportProtocol protocol, Peer peer, int offset) : ISubProtocolSession
    {
        public void Begin()
        {
            protocol._sessions[this] = 0;
            Send(protocol.Own.Encode());
        }

        public void Send(ReadOnlyMemory<byte> report) => peer.Send(offset + Report, report);

        public ValueTask<PeerFault?> ReceiveAsync(int id, ReadOnlyMemory<byte> body) => ValueTask.FromResult(Take(id, body));

        PeerFault? Take(int id, ReadOnlyMemory<byte> body)
        {
            // The other ids are for later versions.
            if (id != Report) return null;
            if (body.Length > MostBytes || NodeReport.TryRead(body.Span) is not { } report) return PeerFault.Breach("a report that cannot be decoded");
            var now = protocol.NowUtc;
            if (protocol._latest.Count >= MostKept && !protocol._latest.ContainsKey(peer.Id)) protocol._latest.Clear();
            protocol._latest[peer.Id] = new ReceivedReport(report, now, TimeSpan.FromMilliseconds((double)report.TimeMilliseconds - now.ToUnixTimeMilliseconds()));
            return null;
        }

        public void End() => protocol._sessions.TryRemove(this, out _);
    }

    DateTimeOffset NowUtc => clock.GetUtcNow();
}
