using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>The keys of one handshake (devp2p, discv5-theory.md, "Sessions"), and which packets came under them: no packet is taken twice.</summary>
sealed class Discv5Session
{
    const int RememberedNonces = 64;

    readonly byte[] _readKey, _writeKey;
    readonly UInt128[] _seen = new UInt128[RememberedNonces];
    uint _sent;
    int _next;

    Discv5Session(byte[] readKey, byte[] writeKey, NodeRecord? record) => (_readKey, _writeKey, Record) = (readKey, writeKey, record);

    /// <summary>The record that the other side showed at the handshake.</summary>
    public NodeRecord? Record { get; set; }
    public long UsedAt { get; set; } = Stopwatch.GetTimestamp();

    /// <summary>As the one who answers WHOAREYOU.</summary>
    /// <param name="ephemeral">Made for this handshake.</param>
    /// <param name="challenge">Iv and header of WHOAREYOU.</param>
    public static Discv5Session? AsInitiator(NodeKey ephemeral, in Hash256 self, NodeId other, ReadOnlySpan<byte> challenge, NodeRecord? record) =>
        Derive(ephemeral, other, self, other.Hash, challenge) is { } keys ? new Discv5Session(keys.Recipient, keys.Initiator, record) : null;

    /// <summary>As the one who sent WHOAREYOU.</summary>
    public static Discv5Session? AsRecipient(NodeKey own, NodeId ephemeral, in Hash256 other, ReadOnlySpan<byte> challenge, NodeRecord record) =>
        Derive(own, ephemeral, other, own.Id.Hash, challenge) is { } keys ? new Discv5Session(keys.Initiator, keys.Recipient, record) : null;

    internal static (byte[] Initiator, byte[] Recipient)? Derive(NodeKey secret, NodeId other, in Hash256 initiator, in Hash256 recipient, ReadOnlySpan<byte> challenge)
    {
        Span<byte> shared = stackalloc byte[Secp256k1.CompressedPublicKeySize], keys = stackalloc byte[32];
        if (!secret.TryAgreePoint(other, shared)) return null;
        HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, keys, challenge, [.. "discovery v5 key agreement"u8, .. initiator.Bytes, .. recipient.Bytes]);
        CryptographicOperations.ZeroMemory(shared);
        return (keys[..16].ToArray(), keys[16..].ToArray());
    }

    /// <summary>What the initiator signs to show that it has its node key: it binds the challenge, the fresh key and the receiver.</summary>
    public static byte[] ProofHash(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> ephemeralKey33, in Hash256 recipient) =>
        SHA256.HashData([.. "discovery v5 identity proof"u8, .. challenge, .. ephemeralKey33, .. recipient.Bytes]);

    /// <summary>A nonce that this key never had: a number, and chance beside it.</summary>
    public byte[] NextNonce()
    {
        var nonce = new byte[Discv5Packet.NonceSize];
        RandomNumberGenerator.Fill(nonce);
        BinaryPrimitives.WriteUInt32BigEndian(nonce, Interlocked.Increment(ref _sent));
        return nonce;
    }

    public byte[] Encode(in Hash256 from, in Hash256 to, byte[] nonce, Discv5Message message) => Discv5Packet.Encode(from, to, nonce, _writeKey, message.Encode());

    public byte[] EncodeHandshake(in Hash256 from, in Hash256 to, byte[] nonce, ReadOnlySpan<byte> signature64, ReadOnlySpan<byte> ephemeralKey33, ReadOnlySpan<byte> record, Discv5Message message) =>
        Discv5Packet.EncodeHandshake(from, to, nonce, signature64, ephemeralKey33, record, _writeKey, message.Encode());

    /// <summary>What a packet says.</summary>
    /// <param name="wasRead">Whether it was encrypted under the keys of this session, whatever it says.</param>
    public Discv5Message? Read(Discv5Packet packet, out bool wasRead)
    {
        var plain = packet.Decrypt(_readKey);
        wasRead = plain is not null;
        if (plain is null || !IsNew(packet.Nonce)) return null;
        UsedAt = Stopwatch.GetTimestamp();
        return Discv5Message.Decode(plain);
    }

    bool IsNew(ReadOnlySpan<byte> nonce)
    {
        Span<byte> whole = stackalloc byte[16];
        nonce.CopyTo(whole);
        whole[15] = 1;
        var number = BinaryPrimitives.ReadUInt128BigEndian(whole);
        if (Array.IndexOf(_seen, number) >= 0) return false;
        _seen[_next] = number;
        _next = (_next + 1) % RememberedNonces;
        return true;
    }
}

/// <summary>The sessions with all nodes, each bound to an address; the one not used for longest goes first. For one thread.</summary>
sealed class Discv5Sessions
{
    const int Most = 1024;
    static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    readonly Dictionary<(Hash256 Node, IPEndPoint At), Discv5Session> _sessions = [];

    public int Count => _sessions.Count;

    public Discv5Session? Find(in Hash256 node, IPEndPoint at) =>
        _sessions.TryGetValue((node, at), out var session) && Stopwatch.GetElapsedTime(session.UsedAt) < Lifetime ? session : null;

    public void Keep(in Hash256 node, IPEndPoint at, Discv5Session session)
    {
        if (_sessions.Count >= Most)
            foreach (var (key, _) in _sessions.OrderBy(entry => entry.Value.UsedAt).Take(Most / 4).ToArray()) _sessions.Remove(key);
        _sessions[(node, at)] = session;
    }

    public void Forget(in Hash256 node, IPEndPoint at) => _sessions.Remove((node, at));
}
