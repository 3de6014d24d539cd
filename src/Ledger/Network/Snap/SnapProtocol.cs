using System.Collections.Immutable;
using Hufu.Chain;

namespace Hufu.Network;

/// <summary>The sub-protocol `snap/1` (devp2p, caps/snap.md): serves the states of the last blocks, and asks for those of others.</summary>
public sealed class SnapProtocol(Blockchain chain) : ISubProtocol
{
    // A state takes processor and disk: a few peers at a time have them, whatever they all ask.
    readonly SemaphoreSlim _work = new(Math.Max(1, Environment.ProcessorCount / 2));
    ImmutableArray<SnapSession> _sessions = [];

    public IReadOnlyList<Capability> Capabilities { get; } = [new Capability("snap", 1, SnapMessage.Length)];

    public TimeSpan AnswerPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Peers that speak it and have agreed on the chain.</summary>
    public IEnumerable<SnapSession> Sessions => _sessions.Where(static session => session.Eth?.Status is not null);

    internal SnapAnswers Answers { get; } = new(chain);

    internal SemaphoreSlim Work => _work;

    public ISubProtocolSession Join(Peer peer, Capability agreed, int offset) => new SnapSession(this, peer, offset);

    internal void Add(SnapSession session) => ImmutableInterlocked.Update(ref _sessions, sessions => sessions.Add(session));

    internal void Remove(SnapSession session) => ImmutableInterlocked.Update(ref _sessions, sessions => sessions.Remove(session));
}
