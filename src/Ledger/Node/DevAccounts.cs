using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Hufu.Crypto;

namespace Hufu.Node;

/// <summary>The accounts of development tools: those of the mnemonic that every one of them ships. Everybody knows their secrets.</summary>
public static class DevAccounts
{
    public const string Mnemonic = "test test test test test test test test test test test junk";
    public const int DefaultCount = 10;
    public const int MaxCount = 10_000;

    /// <summary>The secrets at m/44'/60'/0'/0/i (BIP-39, BIP-32, BIP-44).</summary>
    public static IReadOnlyList<byte[]> Secrets(int count)
    {
        var seed = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(Mnemonic), "mnemonic"u8, 2048, HashAlgorithmName.SHA512, 64);
        var node = HMACSHA512.HashData("Bitcoin seed"u8, seed);
        const uint Hardened = 0x8000_0000;
        foreach (var index in (ReadOnlySpan<uint>)[44 | Hardened, 60 | Hardened, 0 | Hardened, 0]) node = Child(node, index);
        return [.. Enumerable.Range(0, count).Select(index => Child(node, (uint)index)[..32])];
    }

    // A node is secret and chain code, 32 bytes each.
    static byte[] Child(byte[] parent, uint index)
    {
        Span<byte> data = stackalloc byte[37];
        if (index >= 0x8000_0000) parent.AsSpan(0, 32).CopyTo(data[1..]);
        else Secp256k1.Compress(Secp256k1.PublicKey(parent.AsSpan(0, 32)), data[..33]);
        BinaryPrimitives.WriteUInt32BigEndian(data[33..], index);
        var child = HMACSHA512.HashData(parent.AsSpan(32), data);
        var tweak = child[..32];
        Secp256k1.TryAddSecrets(parent.AsSpan(0, 32), tweak, child.AsSpan(0, 32));
        return child;
    }
}
