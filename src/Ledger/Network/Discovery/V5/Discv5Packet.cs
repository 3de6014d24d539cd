using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Network;

enum Discv5Flag : byte
{
    Message,

    /// <summary>The receiver could not read a packet, and asks who sent it.</summary>
    WhoAreYou,

    /// <summary>The answer to that: a signature, a fresh key, and a message.</summary>
    Handshake,
}

/// <summary>
/// A packet of discv5 whose header is unmasked and whose message is not decrypted (devp2p, discv5-wire.md, "Packet Encoding"). The mask hides nothing: it makes packets
/// look alike to whoever does not know the receiver.
/// </summary>
sealed class Discv5Packet
{
    public const int IvSize = 16, StaticSize = 23, NonceSize = 12, TagSize = 16, LeastBytes = 63;
    const int IdNonceSize = 16, WhoAreYouSize = IdNonceSize + 8, HandshakeHeadSize = Hash256.Size + 2, MostHeader = 512;
    const ushort Version = 1;

    Discv5Packet(Discv5Flag flag, byte[] head, int authFrom, byte[] message)
    {
        (Flag, Head, AuthFrom, Message) = (flag, head, authFrom, message);
    }

    public Discv5Flag Flag { get; }

    /// <summary>The masking iv and the header: what the message is bound to, and of WHOAREYOU the `challenge-data`.</summary>
    public byte[] Head { get; }
    public byte[] Message { get; }
    int AuthFrom { get; }

    public ReadOnlySpan<byte> Nonce => Head.AsSpan(IvSize + 9, NonceSize);
    ReadOnlySpan<byte> AuthData => Head.AsSpan(AuthFrom);

    /// <summary>Who sends it, as it says; of a message or a handshake.</summary>
    public Hash256 Source => Hash256.FromBytes(AuthData[..Hash256.Size]);

    /// <summary>Of WHOAREYOU: the newest number of our record that the other knows.</summary>
    public ulong RecordSequence => BinaryPrimitives.ReadUInt64BigEndian(AuthData[IdNonceSize..]);

    // Of a handshake.
    public ReadOnlySpan<byte> Signature => AuthData.Slice(HandshakeHeadSize, Secp256k1.SignatureSize);
    public ReadOnlySpan<byte> EphemeralKey => AuthData.Slice(HandshakeHeadSize + Secp256k1.SignatureSize, Secp256k1.CompressedPublicKeySize);
    public ReadOnlySpan<byte> Record => AuthData[(HandshakeHeadSize + Secp256k1.SignatureSize + Secp256k1.CompressedPublicKeySize)..];

    /// <summary>False where the bytes are no packet of discv5 to this node.</summary>
    public static bool TryUnmask(ReadOnlySpan<byte> bytes, in Hash256 receiver, [NotNullWhen(true)] out Discv5Packet? packet)
    {
        packet = null;
        if (bytes.Length is < LeastBytes or > DiscoverySocket.MostBytes) return false;
        Span<byte> header = stackalloc byte[MostHeader];
        header = header[..Math.Min(MostHeader, bytes.Length - IvSize)];
        bytes.Slice(IvSize, header.Length).CopyTo(header);
        Mask(receiver.Bytes[..16], bytes[..IvSize], header);
        if (!header[..6].SequenceEqual("discv5"u8) || BinaryPrimitives.ReadUInt16BigEndian(header[6..]) != Version) return false;
        var flag = (Discv5Flag)header[8];
        int size = BinaryPrimitives.ReadUInt16BigEndian(header[21..]);
        if (StaticSize + size > header.Length || !IsSizeOf(flag, size) || flag == Discv5Flag.Handshake && (header[StaticSize + Hash256.Size] != Secp256k1.SignatureSize || header[StaticSize + Hash256.Size + 1] != Secp256k1.CompressedPublicKeySize)) return false;
        var headSize = IvSize + StaticSize + size;
        if (flag == Discv5Flag.WhoAreYou ? bytes.Length != headSize : bytes.Length < headSize + TagSize) return false;
        packet = new Discv5Packet(flag, [.. bytes[..IvSize], .. header[..(StaticSize + size)]], IvSize + StaticSize, bytes[headSize..].ToArray());
        return true;
    }

    /// <summary>A message under the keys of a session; or, where there are none yet, bytes that nobody can read, to be asked for a handshake.</summary>
    public static byte[] Encode(in Hash256 from, in Hash256 to, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key16, ReadOnlySpan<byte> plain) => Seal(Discv5Flag.Message, from.Bytes, to, nonce, key16, plain);

    /// <param name="record">This node's, where the other does not know it; else empty.</param>
    public static byte[] EncodeHandshake(in Hash256 from, in Hash256 to, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> signature64, ReadOnlySpan<byte> ephemeralKey33, ReadOnlySpan<byte> record, ReadOnlySpan<byte> key16, ReadOnlySpan<byte> plain) =>
        Seal(Discv5Flag.Handshake, [.. from.Bytes, Secp256k1.SignatureSize, Secp256k1.CompressedPublicKeySize, .. signature64, .. ephemeralKey33, .. record], to, nonce, key16, plain);

    /// <param name="nonce">That of the packet that could not be read.</param>
    /// <param name="challenge">What the other must sign: iv and header.</param>
    public static byte[] EncodeWhoAreYou(in Hash256 to, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> idNonce16, ulong recordSequence, out byte[] challenge)
    {
        Span<byte> auth = stackalloc byte[WhoAreYouSize];
        idNonce16.CopyTo(auth);
        BinaryPrimitives.WriteUInt64BigEndian(auth[IdNonceSize..], recordSequence);
        challenge = MakeHead(Discv5Flag.WhoAreYou, nonce, auth);
        var packet = (byte[])challenge.Clone();
        Mask(to.Bytes[..16], packet.AsSpan(0, IvSize), packet.AsSpan(IvSize));
        return packet;
    }

    /// <summary>Null where the message was not encrypted under this key, or was changed on the way.</summary>
    public byte[]? Decrypt(ReadOnlySpan<byte> key16)
    {
        using var aes = new AesGcm(key16, TagSize);
        var plain = new byte[Message.Length - TagSize];
        try
        {
            aes.Decrypt(Nonce, Message.AsSpan(0, plain.Length), Message.AsSpan(plain.Length), plain, Head);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    static byte[] Seal(Discv5Flag flag, ReadOnlySpan<byte> auth, in Hash256 to, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key16, ReadOnlySpan<byte> plain)
    {
        var head = MakeHead(flag, nonce, auth);
        var packet = new byte[head.Length + plain.Length + TagSize];
        head.CopyTo(packet, 0);
        using (var aes = new AesGcm(key16, TagSize)) aes.Encrypt(nonce, plain, packet.AsSpan(head.Length, plain.Length), packet.AsSpan(head.Length + plain.Length), head);
        Mask(to.Bytes[..16], packet.AsSpan(0, IvSize), packet.AsSpan(IvSize, head.Length - IvSize));
        return packet;
    }

    static byte[] MakeHead(Discv5Flag flag, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> auth)
    {
        var head = new byte[IvSize + StaticSize + auth.Length];
        RandomNumberGenerator.Fill(head.AsSpan(0, IvSize));
        var header = head.AsSpan(IvSize);
        "discv5"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], Version);
        header[8] = (byte)flag;
        nonce.CopyTo(header[9..]);
        BinaryPrimitives.WriteUInt16BigEndian(header[21..], (ushort)auth.Length);
        auth.CopyTo(header[StaticSize..]);
        return head;
    }

    static bool IsSizeOf(Discv5Flag flag, int size) => flag switch
    {
        Discv5Flag.Message => size == Hash256.Size,
        Discv5Flag.WhoAreYou => size == WhoAreYouSize,
        Discv5Flag.Handshake => size - HandshakeHeadSize - Secp256k1.SignatureSize - Secp256k1.CompressedPublicKeySize is >= 0 and <= NodeRecord.MostBytes,
        _ => false,
    };

    // AES-128 in counter mode; a header is short, and every one has a key and a counter of its own.
    static void Mask(ReadOnlySpan<byte> key16, ReadOnlySpan<byte> iv16, Span<byte> header)
    {
        using var aes = Aes.Create();
        aes.SetKey(key16);
        var size = (header.Length + 15) / 16 * 16;
        Span<byte> counters = stackalloc byte[MostHeader], stream = stackalloc byte[MostHeader];
        var counter = new UInt128(BinaryPrimitives.ReadUInt64BigEndian(iv16), BinaryPrimitives.ReadUInt64BigEndian(iv16[8..]));
        for (var at = 0; at < size; at += 16) BinaryPrimitives.WriteUInt128BigEndian(counters[at..], counter++);
        aes.EncryptEcb(counters[..size], stream, PaddingMode.None);
        for (var i = 0; i < header.Length; i++) header[i] ^= stream[i];
    }
}
