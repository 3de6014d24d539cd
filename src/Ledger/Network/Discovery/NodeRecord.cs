using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// What a node says of itself, signed (EIP-778, identity scheme v4): a sequence number that rises with every change, and pairs of key and value.
/// Holding one means that its signature holds.
/// </summary>
public sealed class NodeRecord
{
    public const int MostBytes = 300;
    const string TextPrefix = "enr:";

    readonly byte[] _encoded;
    readonly SortedDictionary<string, byte[]> _pairs;

    NodeRecord(byte[] encoded, ulong sequence, SortedDictionary<string, byte[]> pairs, NodeId id) => (_encoded, Sequence, _pairs, Id) = (encoded, sequence, pairs, id);

    public ulong Sequence { get; }
    public NodeId Id { get; }

    /// <summary>The RLP, at most 300 bytes.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    public IPAddress? Ip => Address("ip", 4);
    public int? TcpPort => Port("tcp");
    public int? UdpPort => Port("udp");
    public IPAddress? Ip6 => Address("ip6", 16);

    /// <summary>Where it is over this kind of address; null where the record does not say. The ports of IPv4 stand for those of IPv6 where it names none.</summary>
    public NodeEndpoint? EndpointOver(AddressFamily family) => family == AddressFamily.InterNetwork
        ? Ip is { } ip ? new NodeEndpoint(ip, UdpPort ?? 0, TcpPort ?? 0) : null
        : Ip6 is { } ip6 ? new NodeEndpoint(ip6, Port("udp6") ?? UdpPort ?? 0, Port("tcp6") ?? TcpPort ?? 0) : null;

    /// <summary>The fork id of an Ethereum node's chain (devp2p, enr-entries/eth.md); null where it has none.</summary>
    public ForkId? Eth
    {
        get
        {
            if (!_pairs.TryGetValue("eth", out var raw)) return null;
            var reader = new RlpReader(raw);
            reader.EnterList();
            reader.EnterList();
            var hash = reader.ReadBytes(4);
            var next = reader.ReadUInt64();
            return reader.Failed ? null : new ForkId(BinaryPrimitives.ReadUInt32BigEndian(hash), next);
        }
    }

    /// <summary>Where to dial it; null where the record does not say.</summary>
    public Enode? ToEnode() => (EndpointOver(AddressFamily.InterNetwork) ?? EndpointOver(AddressFamily.InterNetworkV6)) is { TcpPort: > 0 } at ? new Enode(Id, at.Address.ToString(), at.TcpPort, at.UdpPort == 0 ? at.TcpPort : at.UdpPort) : null;

    /// <summary>Where to ask it for other nodes, though it may be no node of Ethereum itself; null where the record does not say.</summary>
    public Enode? ToBootnode() => (EndpointOver(AddressFamily.InterNetwork) ?? EndpointOver(AddressFamily.InterNetworkV6)) is { } at && (at.UdpPort > 0 || at.TcpPort > 0) ? new Enode(Id, at.Address.ToString(), at.TcpPort, at.UdpPort > 0 ? at.UdpPort : at.TcpPort) : null;

    /// <summary>Signs a record of this node.</summary>
    /// <param name="ip">Null where it is not known.</param>
    public static NodeRecord Make(NodeKey key, ulong sequence, IPAddress? ip, int? tcpPort, int? udpPort, ForkId? eth)
    {
        var pairs = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        Put("id", writer => writer.Write("v4"u8));
        var compressed = key.Id.Compress();
        Put("secp256k1", writer => writer.Write(compressed));
        var six = ip?.AddressFamily == AddressFamily.InterNetworkV6 ? "6" : "";
        if (ip is not null) Put("ip" + six, writer => writer.Write(ip.GetAddressBytes()));
        if (tcpPort is { } tcp) Put("tcp" + six, writer => writer.Write((ulong)tcp));
        if (udpPort is { } udp) Put("udp" + six, writer => writer.Write((ulong)udp));
        if (eth is { } fork) Put("eth", writer =>
        {
            var outer = writer.StartList();
            WriteForkId(writer, fork);
            writer.EndList(outer);
        });

        using var content = RlpWriter.Rent();
        WriteContent(content, sequence, pairs, default);
        Span<byte> signature = stackalloc byte[65];
        key.Sign(Keccak256.Hash(content.Written).Bytes, signature);
        content.Clear();
        WriteContent(content, sequence, pairs, signature[..64]);
        return new NodeRecord(content.ToArray(), sequence, pairs, key.Id);

        void Put(string name, Action<RlpWriter> write)
        {
            using var writer = new RlpWriter(64);
            write(writer);
            pairs.Add(name, writer.ToArray());
        }
    }

    /// <summary>False where the bytes are no record, are longer than one may be, or are not signed by the key they name.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> rlp, [NotNullWhen(true)] out NodeRecord? record)
    {
        record = null;
        if (rlp.Length > MostBytes) return false;
        var reader = new RlpReader(rlp);
        var end = reader.EnterList();
        var signature = reader.ReadBytes(Secp256k1.SignatureSize);
        var contentFrom = reader.Position;
        var sequence = reader.ReadUInt64();
        var pairs = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        string? last = null;
        while (reader.HasMore(end))
        {
            var key = Encoding.Latin1.GetString(reader.ReadBytes());
            var value = reader.ReadItem();
            if (last is not null && string.CompareOrdinal(key, last) <= 0) reader.Fail("the keys do not ascend");
            if (!reader.Failed) pairs[last = key] = value.ToArray();
        }
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (reader.Failed) return false;
        if (!pairs.TryGetValue("id", out var scheme) || !Content(scheme).SequenceEqual("v4"u8.ToArray())) return false;
        Span<byte> publicKey = stackalloc byte[NodeId.Size];
        if (!pairs.TryGetValue("secp256k1", out var rawKey) || Content(rawKey) is not { Length: Secp256k1.CompressedPublicKeySize } compressed || !Secp256k1.TryDecompress(compressed, publicKey)) return false;

        using var signed = RlpWriter.Rent();
        var list = signed.StartList();
        signed.WriteRaw(rlp[contentFrom..]);
        signed.EndList(list);
        if (!Secp256k1.Verify(Keccak256.Hash(signed.Written).Bytes, signature, publicKey)) return false;
        record = new NodeRecord(rlp.ToArray(), sequence, pairs, NodeId.FromBytes(publicKey));
        return true;
    }

    /// <summary>Reads <c>enr:</c> and base64url without padding.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out NodeRecord? record)
    {
        record = null;
        if (!text.StartsWith(TextPrefix, StringComparison.Ordinal) || text.Length > TextPrefix.Length + 2 * MostBytes) return false;
        var rlp = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.DecodeFromChars(text.AsSpan(TextPrefix.Length), rlp, out _, out var length) == OperationStatus.Done && TryDecode(rlp.AsSpan(0, length), out record);
    }

    public override string ToString() => TextPrefix + Base64Url.EncodeToString(_encoded);

    internal static void WriteForkId(RlpWriter writer, ForkId fork)
    {
        Span<byte> hash = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(hash, fork.Hash);
        var list = writer.StartList();
        writer.Write(hash);
        writer.Write(fork.Next);
        writer.EndList(list);
    }

    static void WriteContent(RlpWriter writer, ulong sequence, SortedDictionary<string, byte[]> pairs, ReadOnlySpan<byte> signature)
    {
        var list = writer.StartList();
        if (!signature.IsEmpty) writer.Write(signature);
        writer.Write(sequence);
        foreach (var (key, value) in pairs)
        {
            writer.Write(Encoding.Latin1.GetBytes(key));
            writer.WriteRaw(value);
        }
        writer.EndList(list);
    }

    IPAddress? Address(string key, int bytes) => _pairs.TryGetValue(key, out var raw) && Content(raw) is { } ip && ip.Length == bytes ? new IPAddress(ip) : null;

    int? Port(string key)
    {
        if (!_pairs.TryGetValue(key, out var raw)) return null;
        var reader = new RlpReader(raw);
        var port = reader.ReadUInt64();
        return reader.Failed || port is 0 or > 65535 ? null : (int)port;
    }

    static byte[] Content(byte[] item)
    {
        var reader = new RlpReader(item);
        var bytes = reader.ReadBytes();
        return reader.Failed ? [] : bytes.ToArray();
    }
}
