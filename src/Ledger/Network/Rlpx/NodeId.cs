using System.Diagnostics.CodeAnalysis;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>Who a node is: its public key on secp256k1, x and y, 64 bytes. What proves it is the handshake; a node id alone is a claim.</summary>
public sealed class NodeId : IEquatable<NodeId>
{
    public const int Size = Secp256k1.PublicKeySize;

    readonly byte[] _key;
    object? _hash;

    NodeId(byte[] key) => _key = key;

    /// <summary>Takes exactly 64 bytes; whether they are a point of the curve shows where they are used.</summary>
    public static NodeId FromBytes(ReadOnlySpan<byte> publicKey64) =>
        publicKey64.Length == Size ? new NodeId(publicKey64.ToArray()) : throw new ArgumentException($"a node id has {Size} bytes, not {publicKey64.Length}", nameof(publicKey64));

    /// <summary>Reads 128 hexadecimal digits, with or without 0x.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out NodeId? id)
    {
        id = null;
        if (text.StartsWith("0x")) text = text[2..];
        if (text.Length != 2 * Size) return false;
        var key = new byte[Size];
        if (Convert.FromHexString(text, key, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        id = new NodeId(key);
        return true;
    }

    /// <summary>Reads the compressed form, 33 bytes; false where they name no point of the curve.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> compressed33, [NotNullWhen(true)] out NodeId? id)
    {
        var key = new byte[Size];
        id = Secp256k1.TryDecompress(compressed33, key) ? new NodeId(key) : null;
        return id is not null;
    }

    public ReadOnlySpan<byte> Bytes => _key;

    /// <summary>The compressed form, 33 bytes.</summary>
    public byte[] Compress()
    {
        var compressed = new byte[Secp256k1.CompressedPublicKeySize];
        Secp256k1.Compress(_key, compressed);
        return compressed;
    }

    /// <summary>Keccak-256 of the key: the node's place in the discovery tables, and its id in a node record.</summary>
    public Hash256 Hash => (Hash256)(_hash ??= Keccak256.Hash(_key));

    /// <summary>The address of the account with this key: a QBFT validator's name, where its node key is its validator key.</summary>
    public Address Address => Address.FromBytes(Hash.Bytes[12..]);

    public bool Equals(NodeId? other) => other is not null && Bytes.SequenceEqual(other.Bytes);
    public override bool Equals(object? obj) => Equals(obj as NodeId);
    public override int GetHashCode() => Hash.GetHashCode();

    /// <summary>128 hexadecimal digits, as in an enode URL.</summary>
    public override string ToString() => Convert.ToHexStringLower(_key);

    /// <summary>The first digits, enough for a person to tell nodes apart.</summary>
    public string ToShortString() => Convert.ToHexStringLower(_key.AsSpan(0, 8));
}
