using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// One side of the RLPx handshake in the form of EIP-8 (devp2p, rlpx.md, "Initial Handshake"): bytes in, bytes out, no socket. The form before EIP-8 is
/// refused. Ephemeral key and nonce are fresh for every handshake.
/// </summary>
sealed class RlpxHandshake
{
    const int SignatureSize = 65, NonceSize = 32, Version = 4;

    /// <summary>The size prefix counts what follows it; a packet beyond this is not read. EIP-8 packets have some 500 bytes.</summary>
    public const int SizePrefix = 2, MostBytes = 2048;

    readonly NodeKey _key, _ephemeral;
    readonly byte[] _nonce;

    public RlpxHandshake(NodeKey key) : this(key, NodeKey.Random(), RandomNumberGenerator.GetBytes(NonceSize)) { }

    internal RlpxHandshake(NodeKey key, NodeKey ephemeral, byte[] nonce) => (_key, _ephemeral, _nonce) = (key, ephemeral, nonce);

    /// <summary>The initiator's first packet; null where the remote's id is no key.</summary>
    public byte[]? WriteAuth(NodeId remote)
    {
        Span<byte> signed = stackalloc byte[32], signature = stackalloc byte[SignatureSize];
        if (!_key.TryAgree(remote, signed)) return null;
        for (var i = 0; i < signed.Length; i++) signed[i] ^= _nonce[i];
        _ephemeral.Sign(signed, signature);

        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(signature);
        writer.Write(_key.Id.Bytes);
        writer.Write(_nonce);
        writer.Write(Version);
        writer.EndList(list);
        return Seal(remote, writer);
    }

    /// <summary>The recipient's part: reads the initiator's packet, learns who it is, and answers.</summary>
    /// <param name="auth">The whole packet, size prefix and all.</param>
    public bool TryAnswer(ReadOnlySpan<byte> auth, [NotNullWhen(true)] out NodeId? remote, [NotNullWhen(true)] out byte[]? ack, [NotNullWhen(true)] out RlpxSecrets? secrets)
    {
        (ack, secrets) = (null, null);
        if (!TryReadAuth(auth, out remote, out var remoteEphemeral, out var remoteNonce)) return false;
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(_ephemeral.Id.Bytes);
        writer.Write(_nonce);
        writer.Write(Version);
        writer.EndList(list);
        ack = Seal(remote, writer);
        secrets = Agree(remoteEphemeral, initiatorNonce: remoteNonce, recipientNonce: _nonce, sent: ack, received: auth, isInitiator: false);
        return secrets is not null;
    }

    /// <summary>The initiator's last part: reads the answer to <see cref="WriteAuth"/>.</summary>
    public bool TryFinish(ReadOnlySpan<byte> auth, ReadOnlySpan<byte> ack, [NotNullWhen(true)] out RlpxSecrets? secrets)
    {
        secrets = null;
        if (!TryOpen(ack, out var plain)) return false;
        var reader = new RlpReader(plain);
        var end = reader.EnterList();
        var ephemeral = reader.ReadBytes(NodeId.Size);
        var nonce = reader.ReadBytes(NonceSize);
        reader.ReadUInt64();   // the version: whatever it is (EIP-8), and whatever follows it
        if (reader.Failed || reader.Position > end) return false;
        secrets = Agree(NodeId.FromBytes(ephemeral), initiatorNonce: _nonce, recipientNonce: nonce.ToArray(), sent: auth, received: ack, isInitiator: true);
        return secrets is not null;
    }

    internal bool TryReadAuth(ReadOnlySpan<byte> auth, [NotNullWhen(true)] out NodeId? remote, [NotNullWhen(true)] out NodeId? remoteEphemeral, [NotNullWhen(true)] out byte[]? remoteNonce)
    {
        (remote, remoteEphemeral, remoteNonce) = (null, null, null);
        if (!TryOpen(auth, out var plain)) return false;
        var reader = new RlpReader(plain);
        var end = reader.EnterList();
        var signature = reader.ReadBytes(SignatureSize);
        var initiator = reader.ReadBytes(NodeId.Size);
        var nonce = reader.ReadBytes(NonceSize);
        reader.ReadUInt64();
        if (reader.Failed || reader.Position > end) return false;

        Span<byte> signed = stackalloc byte[32], recovered = stackalloc byte[NodeId.Size];
        var claimed = NodeId.FromBytes(initiator);
        if (!_key.TryAgree(claimed, signed)) return false;
        for (var i = 0; i < signed.Length; i++) signed[i] ^= nonce[i];
        if (!Secp256k1.TryRecover(signed, signature[..Secp256k1.SignatureSize], signature[Secp256k1.SignatureSize], recovered)) return false;
        (remote, remoteEphemeral, remoteNonce) = (claimed, NodeId.FromBytes(recovered), nonce.ToArray());
        return true;
    }

    internal RlpxSecrets? Agree(NodeId remoteEphemeral, byte[] initiatorNonce, byte[] recipientNonce, ReadOnlySpan<byte> sent, ReadOnlySpan<byte> received, bool isInitiator)
    {
        Span<byte> joined = stackalloc byte[64];
        var ephemeralKey = joined[..32];
        var shared = joined[32..];
        if (!_ephemeral.TryAgree(remoteEphemeral, ephemeralKey)) return null;
        Keccak256.Hash([.. recipientNonce, .. initiatorNonce], shared);
        Keccak256.Hash(joined, shared);
        var aes = Keccak256.Hash(joined);
        aes.Bytes.CopyTo(shared);
        var mac = Keccak256.Hash(joined);
        CryptographicOperations.ZeroMemory(joined);
        var (own, other) = isInitiator ? (initiatorNonce, recipientNonce) : (recipientNonce, initiatorNonce);
        return new RlpxSecrets(aes.ToArray(), mac.ToArray(), MacState(mac, other, sent), MacState(mac, own, received));
    }

    static RunningKeccak256 MacState(in Hash256 macSecret, byte[] nonce, ReadOnlySpan<byte> packet)
    {
        Span<byte> mixed = stackalloc byte[32];
        for (var i = 0; i < mixed.Length; i++) mixed[i] = (byte)(macSecret.Bytes[i] ^ nonce[i]);
        var state = new RunningKeccak256();
        state.Update(mixed);
        state.Update(packet);
        return state;
    }

    static byte[] Seal(NodeId remote, RlpWriter writer)
    {
        // Padding of a length nobody can foresee: EIP-8 asks for it, to tell the packets apart from those of old.
        writer.WriteRaw(RandomNumberGenerator.GetBytes(RandomNumberGenerator.GetInt32(100, 301)));
        var packet = new byte[SizePrefix + Ecies.Overhead + writer.Length];
        BinaryPrimitives.WriteUInt16BigEndian(packet, (ushort)(packet.Length - SizePrefix));
        Ecies.Encrypt(remote, writer.Written, packet.AsSpan(0, SizePrefix)).CopyTo(packet, SizePrefix);
        return packet;
    }

    bool TryOpen(ReadOnlySpan<byte> packet, [NotNullWhen(true)] out byte[]? plain)
    {
        plain = null;
        return packet.Length > SizePrefix && Ecies.TryDecrypt(_key, packet[SizePrefix..], packet[..SizePrefix], out plain);
    }
}

/// <summary>What both sides share after the handshake, and the two running hashes that authenticate the frames.</summary>
sealed record RlpxSecrets(byte[] AesSecret, byte[] MacSecret, RunningKeccak256 EgressMac, RunningKeccak256 IngressMac);
