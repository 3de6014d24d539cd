using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// Questions and answers of discv5 over the shared port, under sessions (devp2p, discv5-theory.md). Whoever has not shown by a handshake that it is where it says and
/// holds its key gets back no more bytes than it sent, and costs no signature. What waits is bounded.
/// </summary>
sealed class Discv5Wire(NodeKey key, OwnRecord own, DiscoverySocket socket)
{
    const int MostCalls = 512, MostChallenges = 1024, MostRepeats = 3, MostHandshakesASecond = 300;
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700), HandshakeTime = TimeSpan.FromSeconds(1);

    sealed class Call(FoundNode node, IPEndPoint to, Discv5Message question)
    {
        public FoundNode Node { get; } = node;
        public IPEndPoint To { get; } = to;
        public Discv5Message Question { get; } = question;
        public List<Discv5Message> Answers { get; } = [];
        public UInt128 Nonce { get; set; }
        public bool ShookHands { get; set; }
        public TaskCompletionSource Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    sealed class Challenge(byte[] packet, byte[] data, NodeRecord? known)
    {
        public byte[] Packet { get; } = packet;
        public byte[] Data { get; } = data;
        public NodeRecord? Known { get; } = known;
        public long MadeAt { get; } = Stopwatch.GetTimestamp();
        public int Repeats { get; set; }
        public bool IsFresh => Stopwatch.GetElapsedTime(MadeAt) < HandshakeTime;
    }

    readonly Hash256 _self = key.Id.Hash;
    readonly Lock _lock = new();
    readonly Discv5Sessions _sessions = new();
    readonly Dictionary<Hash256, Call> _calls = [];
    readonly Dictionary<UInt128, Call> _sent = [];
    readonly Dictionary<(Hash256 Node, IPEndPoint At), Challenge> _challenges = [];
    long _secondFrom = Stopwatch.GetTimestamp();
    int _handshakes;

    /// <summary>Answers a question; with nothing, where it deserves none.</summary>
    public required Func<Discv5Message, Hash256, IPEndPoint, IReadOnlyList<Discv5Message>> Answer { get; init; }

    /// <summary>A node has shown that it holds the key of its record, and is at this address.</summary>
    public required Action<NodeRecord, IPEndPoint> Met { get; init; }

    /// <summary>The record kept of a node; null where there is none.</summary>
    public required Func<Hash256, NodeRecord?> RecordOf { get; init; }

    /// <summary>How many sessions there are.</summary>
    public int SessionCount
    {
        get
        {
            lock (_lock) return _sessions.Count;
        }
    }

    /// <summary>Asks a node, after a handshake where one is needed; one question at a time goes to each.</summary>
    /// <returns>The packets of the answer that came in time; null where none did.</returns>
    public async Task<IReadOnlyList<Discv5Message>?> AskAsync(FoundNode node, Func<RequestId, Discv5Message> question)
    {
        var call = new Call(node, new IPEndPoint(node.Endpoint.Address, node.Endpoint.UdpPort), question(RequestId.Random()));
        while (true)
        {
            Task other;
            lock (_lock)
            {
                if (!_calls.TryGetValue(node.Id.Hash, out var busy))
                {
                    if (_calls.Count >= MostCalls) return null;
                    _calls[node.Id.Hash] = call;
                    break;
                }
                other = busy.Ended.Task;
            }
            await other.ConfigureAwait(false);
        }
        Begin(call);
        if (await Task.WhenAny(call.Answered.Task, Task.Delay(Patience)).ConfigureAwait(false) != call.Answered.Task && call.ShookHands)
            await Task.WhenAny(call.Answered.Task, Task.Delay(Patience)).ConfigureAwait(false);
        lock (_lock)
        {
            _calls.Remove(node.Id.Hash);
            _sent.Remove(call.Nonce);
        }
        call.Ended.SetResult();
        return call.Answers.Count > 0 ? call.Answers : null;
    }

    /// <summary>Takes a packet; false where it is none of discv5. One at a time.</summary>
    public bool Take(ReadOnlySpan<byte> bytes, IPEndPoint from)
    {
        if (!Discv5Packet.TryUnmask(bytes, _self, out var packet)) return false;
        switch (packet.Flag)
        {
            case Discv5Flag.Message: TakeMessage(packet, from); break;
            case Discv5Flag.WhoAreYou: TakeWhoAreYou(packet, from); break;
            case Discv5Flag.Handshake: TakeHandshake(packet, from); break;
        }
        return true;
    }

    void Begin(Call call)
    {
        Discv5Session? session;
        lock (_lock) session = _sessions.Find(call.Node.Id.Hash, call.To);
        var nonce = session?.NextNonce() ?? RandomNumberGenerator.GetBytes(Discv5Packet.NonceSize);
        Sent(call, nonce);
        // Without a session, a packet that cannot be read: the other then asks for a handshake.
        socket.Send(session?.Encode(_self, call.Node.Id.Hash, nonce, call.Question) ?? Discv5Packet.Encode(_self, call.Node.Id.Hash, nonce, RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(20)), call.To);
    }

    void Sent(Call call, ReadOnlySpan<byte> nonce)
    {
        lock (_lock)
        {
            _sent.Remove(call.Nonce);
            _sent[call.Nonce = NumberOf(nonce)] = call;
        }
    }

    void TakeMessage(Discv5Packet packet, IPEndPoint from)
    {
        var source = packet.Source;
        if (source == _self) return;
        Discv5Session? session;
        lock (_lock) session = _sessions.Find(source, from);
        if (session is not null)
        {
            var message = session.Read(packet, out var wasRead);
            if (message is not null) Handle(message, source, from, session);
            // What was read and says nothing is a repetition, or a kind of a later version.
            if (wasRead) return;
        }
        AskWho(source, packet.Nonce, from, session?.Record);
    }

    /// <summary>Asks who sent a packet. The question is as long as the shortest packet: nobody is sent more than he sent, in whosever name.</summary>
    void AskWho(in Hash256 source, ReadOnlySpan<byte> nonce, IPEndPoint from, NodeRecord? known)
    {
        var kept = RecordOf(source);
        if (known is null || kept?.Sequence > known.Sequence) known = kept;
        byte[] packet;
        lock (_lock)
        {
            if (_challenges.TryGetValue((source, from), out var pending) && pending.IsFresh)
            {
                // Several questions came at once: the one handshake that is under way serves them all.
                if (++pending.Repeats > MostRepeats) return;
                packet = pending.Packet;
            }
            else
            {
                if (_challenges.Count >= MostChallenges)
                {
                    foreach (var (stale, _) in _challenges.Where(entry => !entry.Value.IsFresh).ToArray()) _challenges.Remove(stale);
                    if (_challenges.Count >= MostChallenges) return;
                }
                packet = Discv5Packet.EncodeWhoAreYou(source, nonce, RandomNumberGenerator.GetBytes(16), known?.Sequence ?? 0, out var data);
                _challenges[(source, from)] = new Challenge(packet, data, known);
            }
        }
        socket.Send(packet, from);
    }

    /// <summary>Only whom we asked may ask who we are, and once.</summary>
    void TakeWhoAreYou(Discv5Packet packet, IPEndPoint from)
    {
        Call? call;
        lock (_lock)
        {
            if (!_sent.Remove(NumberOf(packet.Nonce), out call) || call.ShookHands || !call.To.Equals(from)) return;
            call.ShookHands = true;
        }
        var (to, ephemeral) = (call.Node.Id, NodeKey.Random());
        if (Discv5Session.AsInitiator(ephemeral, _self, to, packet.Head, call.Node.Record) is not { } session) return;
        Span<byte> signature = stackalloc byte[Secp256k1.SignatureSize + 1];
        var ephemeralKey = ephemeral.Id.Compress();
        key.Sign(Discv5Session.ProofHash(packet.Head, ephemeralKey, to.Hash), signature);
        var record = own.Current;
        var nonce = session.NextNonce();
        var handshake = session.EncodeHandshake(_self, to.Hash, nonce, signature[..Secp256k1.SignatureSize], ephemeralKey, packet.RecordSequence < record.Sequence ? record.Encoded : default, call.Question);
        lock (_lock)
        {
            _sessions.Keep(to.Hash, from, session);
            _sent[call.Nonce = NumberOf(nonce)] = call;
        }
        socket.Send(handshake, from);
    }

    void TakeHandshake(Discv5Packet packet, IPEndPoint from)
    {
        var source = packet.Source;
        Challenge? challenge;
        lock (_lock)
        {
            // A challenge is good for one answer: the same handshake sent again finds none.
            if (!_challenges.Remove((source, from), out challenge) || !challenge.IsFresh || !MayVerify()) return;
        }
        var record = challenge.Known;
        if (packet.Record.Length > 0 && (!NodeRecord.TryDecode(packet.Record, out var shown) || (record?.Sequence ?? 0) < shown.Sequence && (record = shown) is null)) return;
        if (record is null || record.Id.Hash != source) return;
        if (!Secp256k1.Verify(Discv5Session.ProofHash(challenge.Data, packet.EphemeralKey, _self), packet.Signature, record.Id.Bytes)) return;
        if (!NodeId.TryDecompress(packet.EphemeralKey, out var ephemeral) || Discv5Session.AsRecipient(key, ephemeral, source, challenge.Data, record) is not { } session) return;
        var message = session.Read(packet, out var wasRead);
        if (!wasRead) return;
        lock (_lock) _sessions.Keep(source, from, session);
        Met(record, from);
        if (message is not null) Handle(message, source, from, session);
    }

    void Handle(Discv5Message message, in Hash256 source, IPEndPoint from, Discv5Session session)
    {
        if (message is Discv5Message.Ping or Discv5Message.FindNode or Discv5Message.TalkRequest)
        {
            foreach (var answer in Answer(message, source, from)) socket.Send(session.Encode(_self, source, session.NextNonce(), answer), from);
            return;
        }
        lock (_lock)
        {
            if (!_calls.TryGetValue(source, out var call) || call.Question.Id != message.Id || !call.To.Equals(from) || call.Answered.Task.IsCompleted) return;
            var isAnswer = (call.Question, message) is (Discv5Message.Ping, Discv5Message.Pong) or (Discv5Message.FindNode, Discv5Message.Nodes) or (Discv5Message.TalkRequest, Discv5Message.TalkResponse);
            if (!isAnswer) return;
            call.Answers.Add(message);
            if (message is not Discv5Message.Nodes nodes || call.Answers.Count >= nodes.Total) call.Answered.TrySetResult();
        }
    }

    // A handshake costs two checks of signatures and an agreement of keys.
    bool MayVerify()
    {
        if (Stopwatch.GetElapsedTime(_secondFrom) > TimeSpan.FromSeconds(1)) (_secondFrom, _handshakes) = (Stopwatch.GetTimestamp(), 0);
        return ++_handshakes <= MostHandshakesASecond;
    }

    static UInt128 NumberOf(ReadOnlySpan<byte> nonce)
    {
        Span<byte> whole = stackalloc byte[16];
        nonce.CopyTo(whole);
        // Never zero, which stands for none.
        whole[15] = 1;
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(whole);
    }
}
