using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>How a connection ended.</summary>
/// <param name="IsRemote">Whether the other side ended it.</param>
public sealed record ConnectionEnd(DisconnectReason Reason, bool IsRemote, string Why);

/// <summary>
/// A connection whose other side has proven its key and said Hello, and speaks at least one sub-protocol with us. <see cref="RunAsync"/> reads until the
/// end; sending is for any thread and never waits.
/// </summary>
public sealed class RlpxConnection : IDisposable
{
    const int HelloId = 0, DisconnectId = 1, PingId = 2, PongId = 3;
    static readonly byte[] EmptyList = [0xC0];

    readonly record struct Outgoing(int Id, ReadOnlyMemory<byte> Body);

    readonly FrameStream _frames;
    readonly RlpxLimits _limits;
    readonly Channel<Outgoing> _queue = Channel.CreateUnbounded<Outgoing>(new UnboundedChannelOptions { SingleReader = true });
    readonly CancellationTokenSource _end = new();
    PeerFault? _told;
    TaskCompletionSource? _room;
    long _queuedBytes, _received, _sent;
    readonly long[] _receivedOf = new long[FrameStream.Ids], _sentOf = new long[FrameStream.Ids];
    int _queuedMessages;
    long _lastHeard = Stopwatch.GetTimestamp();

    RlpxConnection(FrameStream frames, RlpxLimits limits, NodeId remote, Hello hello, IReadOnlyList<(Capability, int)> shared) =>
        (_frames, _limits, Remote, RemoteHello, Shared) = (frames, limits, remote, hello, shared);

    public NodeId Remote { get; }
    public Hello RemoteHello { get; }

    /// <summary>The sub-protocols both speak, with the first message id of each.</summary>
    public IReadOnlyList<(Capability Capability, int Offset)> Shared { get; }

    /// <summary>Bytes on the wire since the Hellos, compressed and with their frames.</summary>
    public (long Received, long Sent) Traffic => (Interlocked.Read(ref _received), Interlocked.Read(ref _sent));

    /// <summary>Of <see cref="Traffic"/>, what the messages of one id make up; ids count as on the wire.</summary>
    public (long Received, long Sent) TrafficOf(int id) => (Interlocked.Read(ref _receivedOf[id]), Interlocked.Read(ref _sentOf[id]));

    /// <summary>How long the peer has said nothing.</summary>
    public TimeSpan Silence => Stopwatch.GetElapsedTime(Volatile.Read(ref _lastHeard));

    /// <summary>The initiator's side over a stream just connected.</summary>
    /// <returns>The connection, or why there is none; then the stream is closed.</returns>
    public static Task<(RlpxConnection? Connection, PeerFault? Fault)> DialAsync(Stream stream, NodeKey key, NodeId remote, IReadOnlyList<Capability> capabilities, Hello own, RlpxLimits limits, CancellationToken stop) =>
        OpenAsync(stream, (token) => InitiateAsync(stream, key, remote, token), capabilities, own, limits, stop);

    /// <summary>The recipient's side over a stream just accepted.</summary>
    public static Task<(RlpxConnection? Connection, PeerFault? Fault)> AcceptAsync(Stream stream, NodeKey key, IReadOnlyList<Capability> capabilities, Hello own, RlpxLimits limits, CancellationToken stop) =>
        OpenAsync(stream, (token) => AnswerAsync(stream, key, token), capabilities, own, limits, stop);

    /// <summary>Sends a message; its id counts from the offset of its sub-protocol. A peer so slow that the queue is full is given up.</summary>
    /// <returns>False where the connection is ending.</returns>
    public bool Send(int id, ReadOnlyMemory<byte> body)
    {
        if (_end.IsCancellationRequested) return false;
        var bytes = Interlocked.Add(ref _queuedBytes, body.Length);
        if (bytes > _limits.QueuedBytes || Interlocked.Increment(ref _queuedMessages) > _limits.QueuedMessages)
        {
            Disconnect(new PeerFault(DisconnectReason.UselessPeer, "it does not take what it is sent"));
            return false;
        }
        return _queue.Writer.TryWrite(new Outgoing(id, body));
    }

    /// <summary>Ends the connection: the peer is told why.</summary>
    public void Disconnect(PeerFault fault)
    {
        Interlocked.CompareExchange(ref _told, fault, null);
        _end.Cancel();
    }

    /// <summary>Reads messages of the sub-protocols until the connection ends.</summary>
    /// <param name="receive">Takes an id and a body that is its own; returns the peer's fault, or null. The next message is read when it is done.</param>
    public async Task<ConnectionEnd> RunAsync(Func<int, ReadOnlyMemory<byte>, ValueTask<PeerFault?>> receive, CancellationToken stop)
    {
        using var stopped = stop.Register(() => Disconnect(new PeerFault(DisconnectReason.ClientQuitting, "this node stops")));
        using var writing = new CancellationTokenSource();
        var writer = WriteAllAsync(writing.Token);
        var pinger = KeepAliveAsync();
        ConnectionEnd end;
        try
        {
            end = await ReadAllAsync(receive).ConfigureAwait(false);
        }
        catch
        {
            // A fault of our own in taking a message: what writes and what keeps alive must not outlive the connection.
            await _end.CancelAsync().ConfigureAwait(false);
            Dispose();
            throw;
        }
        await _end.CancelAsync().ConfigureAwait(false);
        _queue.Writer.TryComplete();
        writing.CancelAfter(end.IsRemote ? TimeSpan.Zero : _limits.Parting);
        await writer.ConfigureAwait(false);
        await pinger.ConfigureAwait(false);
        if (!end.IsRemote) await PartAsync(_frames, _limits, SnappyBody.Compress(ReasonBody(end.Reason))).ConfigureAwait(false);
        Dispose();
        return end;
    }

    /// <summary>Turns the peer away before anything is exchanged.</summary>
    public async Task RefuseAsync(DisconnectReason reason)
    {
        await PartAsync(_frames, _limits, SnappyBody.Compress(ReasonBody(reason))).ConfigureAwait(false);
        Dispose();
    }

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _frames.Dispose();
    }

    static async Task<(RlpxConnection?, PeerFault?)> OpenAsync(Stream stream, Func<CancellationToken, Task<(NodeId?, RlpxSecrets?)>> shake, IReadOnlyList<Capability> capabilities, Hello own, RlpxLimits limits, CancellationToken stop)
    {
        FrameStream? frames = null;
        PeerFault fault;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(limits.Handshake);
            var (remote, secrets) = await shake(patience.Token).ConfigureAwait(false);
            if (remote is null || secrets is null) fault = PeerFault.Breach("no handshake that this key can read");
            else
            {
                frames = new FrameStream(stream, new FrameCodec(secrets));
                patience.CancelAfter(limits.Hello);
                (var connection, fault) = await ExchangeHellosAsync(frames, remote, capabilities, own, limits, patience.Token).ConfigureAwait(false);
                if (connection is not null) return (connection, null);
            }
        }
        catch (PeerFaultException broken)
        {
            fault = broken.Fault;
        }
        catch (OperationCanceledException)
        {
            fault = new PeerFault(DisconnectReason.TcpError, stop.IsCancellationRequested ? "this node stops" : "no handshake within the time there is for it");
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException)
        {
            fault = new PeerFault(DisconnectReason.TcpError, broken.Message);
        }
        if (frames is not null) frames.Dispose();
        else await stream.DisposeAsync().ConfigureAwait(false);
        return (null, fault);
    }

    static async Task<(NodeId?, RlpxSecrets?)> InitiateAsync(Stream stream, NodeKey key, NodeId remote, CancellationToken stop)
    {
        var handshake = new RlpxHandshake(key);
        if (handshake.WriteAuth(remote) is not { } auth) return (null, null);
        await stream.WriteAsync(auth, stop).ConfigureAwait(false);
        return await ReadPacketAsync(stream, stop).ConfigureAwait(false) is { } ack && handshake.TryFinish(auth, ack, out var secrets) ? (remote, secrets) : (null, null);
    }

    static async Task<(NodeId?, RlpxSecrets?)> AnswerAsync(Stream stream, NodeKey key, CancellationToken stop)
    {
        var handshake = new RlpxHandshake(key);
        if (await ReadPacketAsync(stream, stop).ConfigureAwait(false) is not { } auth || !handshake.TryAnswer(auth, out var remote, out var ack, out var secrets)) return (null, null);
        await stream.WriteAsync(ack, stop).ConfigureAwait(false);
        return (remote, secrets);
    }

    static async Task<byte[]?> ReadPacketAsync(Stream stream, CancellationToken stop)
    {
        var prefix = new byte[RlpxHandshake.SizePrefix];
        await stream.ReadExactlyAsync(prefix, stop).ConfigureAwait(false);
        var size = BinaryPrimitives.ReadUInt16BigEndian(prefix);
        if (size is < Ecies.Overhead or > RlpxHandshake.MostBytes) return null;
        var packet = new byte[RlpxHandshake.SizePrefix + size];
        prefix.CopyTo(packet, 0);
        await stream.ReadExactlyAsync(packet.AsMemory(RlpxHandshake.SizePrefix), stop).ConfigureAwait(false);
        return packet;
    }

    static async Task<(RlpxConnection?, PeerFault)> ExchangeHellosAsync(FrameStream frames, NodeId remote, IReadOnlyList<Capability> capabilities, Hello own, RlpxLimits limits, CancellationToken stop)
    {
        using (var writer = new RlpWriter())
        {
            own.Write(writer);
            await frames.WriteAsync(HelloId, writer.ToArray(), stop).ConfigureAwait(false);
        }
        var content = await frames.ReadAsync(limits.FirstMessageBytes, limits.Hello, stop).ConfigureAwait(false);
        if (ReadFirst(content.Span, out var hello) is { } away) return (null, new PeerFault(away, "the peer turned us away"));
        PeerFault fault;
        if (hello is null) fault = PeerFault.Breach("its first message is no Hello");
        else if (!hello.Id.Equals(remote)) fault = new PeerFault(DisconnectReason.UnexpectedIdentity, "its Hello names another key than the handshake proved");
        else if (hello.Id.Equals(own.Id)) fault = new PeerFault(DisconnectReason.SameIdentity, "it is this node itself");
        else if (hello.ProtocolVersion < Hello.CurrentVersion) fault = new PeerFault(DisconnectReason.IncompatibleVersion, $"it speaks p2p/{hello.ProtocolVersion}, which has no compression");
        else
        {
            var shared = Capability.Share(capabilities, hello.Capabilities);
            if (shared.Count > 0) return (new RlpxConnection(frames, limits, remote, hello, shared), PeerFault.Breach(""));
            fault = new PeerFault(DisconnectReason.UselessPeer, $"it speaks {string.Join(", ", hello.Capabilities.Select(capability => $"{capability.Name}/{capability.Version}"))}, nothing of which is spoken here");
        }
        // The peer takes compressed bodies from here on where it said a Hello that we could read.
        await PartAsync(frames, limits, hello is null ? ReasonBody(fault.Reason) : SnappyBody.Compress(ReasonBody(fault.Reason))).ConfigureAwait(false);
        return (null, fault);
    }

    async Task<ConnectionEnd> ReadAllAsync(Func<int, ReadOnlyMemory<byte>, ValueTask<PeerFault?>> receive)
    {
        try
        {
            while (true)
            {
                var content = await _frames.ReadAsync(_limits.MessageBytes + (_limits.MessageBytes >> 3), _limits.ReadingMessage, _end.Token).ConfigureAwait(false);
                // Whoever heard the socket may have others to hear; what a message asks for may take long.
                if (!Thread.CurrentThread.IsThreadPoolThread) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                Volatile.Write(ref _lastHeard, Stopwatch.GetTimestamp());
                if (Take(content.Span, out var id, out var body) is { } end) return end;
                Interlocked.Add(ref _received, FrameCodec.SealedSize(content.Length));
                if (id < FrameStream.Ids) Interlocked.Add(ref _receivedOf[id], FrameCodec.SealedSize(content.Length));
                if (body is null) continue;
                if (await receive(id, body).ConfigureAwait(false) is { } fault) return Own(fault);
                await RoomAsync().ConfigureAwait(false);
            }
        }
        catch (PeerFaultException broken)
        {
            return Own(broken.Fault);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            return Own(_told ?? new PeerFault(DisconnectReason.TcpError, "the connection broke while writing"));
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException)
        {
            return new ConnectionEnd(DisconnectReason.TcpError, IsRemote: true, broken is EndOfStreamException ? "the peer closed the connection" : broken.Message);
        }

        static ConnectionEnd Own(PeerFault fault) => new(fault.Reason, IsRemote: false, fault.Why);
    }

    /// <summary>Handles what the base protocol knows; leaves the message of a sub-protocol in <paramref name="body"/>.</summary>
    ConnectionEnd? Take(ReadOnlySpan<byte> content, out int id, out byte[]? body)
    {
        body = null;
        (id, var compressed) = Split(content);
        if (id < 0) return new ConnectionEnd(DisconnectReason.ProtocolBreach, IsRemote: false, "a message without an id");
        if (id == DisconnectId) return new ConnectionEnd(ReasonOf(SnappyBody.Decompress(compressed, 64) ?? compressed), IsRemote: true, "the peer ended the connection");
        if (SnappyBody.Decompress(compressed, _limits.MessageBytes) is not { } plain)
            return new ConnectionEnd(DisconnectReason.ProtocolBreach, IsRemote: false, $"message 0x{id:x2} is not compressed as it should be, or too long");
        if (id >= Capability.FirstId) body = plain;
        else if (id == PingId) Send(PongId, EmptyList);
        else if (id == HelloId) return new ConnectionEnd(DisconnectReason.ProtocolBreach, IsRemote: false, "a second Hello");
        return null;
    }

    async Task WriteAllAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var message in _queue.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
                patience.CancelAfter(_limits.WritingMessage);
                var compressed = SnappyBody.Compress(message.Body.Span);
                await _frames.WriteAsync(message.Id, compressed, patience.Token).ConfigureAwait(false);
                Interlocked.Add(ref _sent, FrameCodec.SealedSize(1 + compressed.Length));
                Interlocked.Add(ref _sentOf[message.Id], FrameCodec.SealedSize(1 + compressed.Length));
                Interlocked.Decrement(ref _queuedMessages);
                if (Interlocked.Add(ref _queuedBytes, -message.Body.Length) <= _limits.AnswersQueuedBytes) Interlocked.Exchange(ref _room, null)?.TrySetResult();
            }
        }
        catch (Exception broken) when (broken is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            Interlocked.CompareExchange(ref _told, new PeerFault(DisconnectReason.TcpError, broken is OperationCanceledException ? "it does not take what it is sent" : broken.Message), null);
            await _end.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Completes when the peer has taken enough of what it asked for that more may be made.</summary>
    async ValueTask RoomAsync()
    {
        while (Interlocked.Read(ref _queuedBytes) > _limits.AnswersQueuedBytes)
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _room, room);
            // The writer may have made the room just before it could see who waits for it.
            if (Interlocked.Read(ref _queuedBytes) <= _limits.AnswersQueuedBytes) return;
            await room.Task.WaitAsync(_end.Token).ConfigureAwait(false);
        }
    }

    async Task KeepAliveAsync()
    {
        var pinged = false;
        while (!_end.IsCancellationRequested)
        {
            var silence = Silence;
            if (silence >= 2 * _limits.Silence && pinged)
            {
                Disconnect(new PeerFault(DisconnectReason.PingTimeout, $"it said nothing for {silence.TotalSeconds:0} s"));
                return;
            }
            if (silence >= _limits.Silence && !pinged) pinged = Send(PingId, EmptyList);
            else if (silence < _limits.Silence) pinged = false;
            await Task.Delay(_limits.Silence / 3, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Says why, and gives the peer the time to close first, so that the words are not lost with the connection.</summary>
    static async Task PartAsync(FrameStream frames, RlpxLimits limits, byte[] reason)
    {
        using var patience = new CancellationTokenSource(limits.Parting);
        try
        {
            await frames.WriteAsync(DisconnectId, reason, patience.Token).ConfigureAwait(false);
            while (true) await frames.ReadAsync(limits.MessageBytes, limits.Parting, patience.Token).ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is OperationCanceledException or IOException or SocketException or ObjectDisposedException or PeerFaultException)
        {
            // It is over either way.
        }
    }

    /// <summary>The peer's Hello, null where it is none; or the reason for which it turned us away.</summary>
    static DisconnectReason? ReadFirst(ReadOnlySpan<byte> content, out Hello? hello)
    {
        var (id, body) = Split(content);
        hello = id == HelloId ? Hello.Read(body) : null;
        return id == DisconnectId ? ReasonOf(SnappyBody.Decompress(body, 64) ?? body) : null;
    }

    /// <summary>The id in front of a body; -1 where there is none.</summary>
    static Parts Split(ReadOnlySpan<byte> content)
    {
        var reader = new RlpReader(content);
        var id = reader.ReadUInt64();
        return reader.Failed || id > int.MaxValue ? new Parts(-1, default) : new Parts((int)id, content[reader.Position..]);
    }

    readonly ref struct Parts(int id, ReadOnlySpan<byte> body)
    {
        readonly ReadOnlySpan<byte> _body = body;

        public void Deconstruct(out int first, out ReadOnlySpan<byte> second)
        {
            first = id;
            second = _body;
        }
    }

    static byte[] ReasonBody(DisconnectReason reason) => [0xC1, reason == 0 ? (byte)0x80 : (byte)reason];

    // Some send a list, some the bare number.
    static DisconnectReason ReasonOf(ReadOnlySpan<byte> body)
    {
        var reader = new RlpReader(body);
        if (reader.NextIsList) reader.EnterList();
        var reason = reader.ReadUInt64();
        return reader.Failed || reason > byte.MaxValue ? DisconnectReason.Requested : (DisconnectReason)reason;
    }
}
