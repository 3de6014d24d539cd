using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>Connects with the static nodes whenever they are no peers, and with others as long as there are places for them.</summary>
/// <param name="open">Shakes hands over a stream with the node that is meant.</param>
/// <param name="live">Leads the life of a connection, and tells whether it was a peer for a while.</param>
sealed class PeerDialler(DialSchedule schedule, PeerTroubles troubles, PeerSetOptions options, ILogger log,
    Func<Stream, NodeId, CancellationToken, Task<(RlpxConnection? Connection, PeerFault? Fault)>> open, Func<RlpxConnection, IPEndPoint, CancellationToken, Task<bool>> live) : IDisposable
{
    const int MostChosenAtOnce = 4;
    static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>Where further nodes come from, once the static ones are dialled; null where nobody finds any.</summary>
    public Func<Enode?>? Candidates { get; set; }

    /// <param name="isPeer">Whether a node is connected already.</param>
    /// <param name="mayDial">Whether a node that was found is welcome.</param>
    /// <param name="places">How many places are free.</param>
    /// <param name="go">Takes a dialling that has begun; not awaited.</param>
    public async Task RunAsync(Func<NodeId, bool> isPeer, Func<NodeId, bool> mayDial, Func<int> places, Action<Task> go, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var node in schedule.Due(isPeer)) go(DialAsync(node, stop));
            if (Candidates is { } candidates)
                for (var free = Math.Min(MostChosenAtOnce, places() - schedule.UnderWay); free > 0 && candidates() is { } node; free--)
                    if (mayDial(node.Id) && schedule.TryBegin(node)) go(DialAsync(node, stop));
            await _wake.WaitAsync(Round, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    /// <summary>Looks at once whom to dial.</summary>
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    public void Dispose() => _wake.Dispose();

    async Task DialAsync(Enode node, CancellationToken stop)
    {
        var wasPeer = false;
        try
        {
            var (connection, end, whyNot) = await ReachAsync(node, stop).ConfigureAwait(false);
            if (connection is null)
            {
                if (!stop.IsCancellationRequested) NoteUnreached(node, whyNot);
                return;
            }
            schedule.Reached(node.Id);
            wasPeer = await live(connection, end!, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The node stops.
        }
        finally
        {
            schedule.Ended(node.Id, wasPeer);
        }
    }

    /// <summary>A connection with the node, by the first of its addresses where something answers; else why there is none.</summary>
    async Task<(RlpxConnection? Connection, IPEndPoint? End, string WhyNot)> ReachAsync(Enode node, CancellationToken stop)
    {
        var addresses = await node.ResolveAsync(stop).ConfigureAwait(false);
        var whyNot = $"no address is known of {node.Host}";
        foreach (var address in addresses)
        {
            var end = new IPEndPoint(address, node.TcpPort);
            if (options.WhyForbidden?.Invoke(node.Id, end) is { } forbidden)
            {
                whyNot = $"{end} is not dialled: {forbidden}";
                continue;
            }
            var (stream, unreachable) = await ConnectAsync(end, stop).ConfigureAwait(false);
            if (stream is null)
            {
                whyNot = $"{end} cannot be reached: {unreachable}";
                continue;
            }
            var (connection, fault) = await open(stream, node.Id, stop).ConfigureAwait(false);
            return (connection, end, connection is null ? $"{end} does not let us in: {fault}" : "");
        }
        return (null, null, whyNot);
    }

    async Task<(Stream? Stream, string? WhyNot)> ConnectAsync(IPEndPoint end, CancellationToken stop)
    {
        var socket = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(options.Limits.Dialling);
        try
        {
            await socket.ConnectAsync(end, patience.Token).ConfigureAwait(false);
            return (new NetworkStream(socket, ownsSocket: true), null);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return (null, error is SocketException ? error.Message : $"no answer within {options.Limits.Dialling.TotalSeconds} s");
        }
    }

    void NoteUnreached(Enode node, string why)
    {
        if (schedule.IsStatic(node.Id)) troubles.NoteUnreached(node, why);
        else
        {
            // One of many that were found somewhere.
            troubles.Note(node.Id, why);
            log.NotReached(node, why);
        }
    }
}
