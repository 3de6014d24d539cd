using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Hufu.Network;

/// <summary>
/// Encryption to a node's public key, as RLPx has it: an ephemeral key agreement on secp256k1, the concatenation KDF of NIST SP 800-56 with SHA-256,
/// AES-128 in counter mode and HMAC-SHA-256 (devp2p, rlpx.md, "ECIES Encryption").
/// </summary>
static class Ecies
{
    const int KeySize = 65, IvSize = 16, TagSize = 32;

    /// <summary>How much longer a ciphertext is than what it hides.</summary>
    public const int Overhead = KeySize + IvSize + TagSize;

    /// <param name="authData">Bytes that are not hidden but must be the same on both sides.</param>
    public static byte[] Encrypt(NodeId to, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> authData)
    {
        var ephemeral = NodeKey.Random();
        var cipher = new byte[Overhead + plain.Length];
        cipher[0] = 4;
        ephemeral.Id.Bytes.CopyTo(cipher.AsSpan(1));
        var iv = cipher.AsSpan(KeySize, IvSize);
        RandomNumberGenerator.Fill(iv);
        Span<byte> keys = stackalloc byte[32];
        if (!TryDeriveKeys(ephemeral, to, keys)) throw new ArgumentException("the recipient's node id is no point of the curve", nameof(to));
        var body = cipher.AsSpan(KeySize + IvSize, plain.Length);
        plain.CopyTo(body);
        using (var aes = new AesCtr(keys[..16], iv)) aes.Apply(body);
        Tag(keys[16..], cipher.AsSpan(KeySize, IvSize + plain.Length), authData, cipher.AsSpan(cipher.Length - TagSize));
        CryptographicOperations.ZeroMemory(keys);
        return cipher;
    }

    /// <returns>False where the bytes were not encrypted to this key, or were changed on the way.</returns>
    public static bool TryDecrypt(NodeKey key, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> authData, [NotNullWhen(true)] out byte[]? plain)
    {
        plain = null;
        if (cipher.Length < Overhead || cipher[0] != 4) return false;
        Span<byte> keys = stackalloc byte[32], tag = stackalloc byte[TagSize];
        if (!TryDeriveKeys(key, NodeId.FromBytes(cipher[1..KeySize]), keys)) return false;
        Tag(keys[16..], cipher[KeySize..^TagSize], authData, tag);
        // Nothing is decrypted before the tag holds.
        if (!CryptographicOperations.FixedTimeEquals(tag, cipher[^TagSize..])) return false;
        plain = cipher[(KeySize + IvSize)..^TagSize].ToArray();
        using (var aes = new AesCtr(keys[..16], cipher.Slice(KeySize, IvSize))) aes.Apply(plain);
        CryptographicOperations.ZeroMemory(keys);
        return true;
    }

    static bool TryDeriveKeys(NodeKey own, NodeId other, Span<byte> keys32)
    {
        Span<byte> input = stackalloc byte[4 + 32];
        BinaryPrimitives.WriteUInt32BigEndian(input, 1);
        if (!own.TryAgree(other, input[4..])) return false;
        SHA256.HashData(input, keys32);
        CryptographicOperations.ZeroMemory(input);
        return true;
    }

    static void Tag(ReadOnlySpan<byte> macKey16, ReadOnlySpan<byte> ivAndCipher, ReadOnlySpan<byte> authData, Span<byte> tag32)
    {
        Span<byte> key = stackalloc byte[32];
        SHA256.HashData(macKey16, key);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(ivAndCipher);
        hmac.AppendData(authData);
        hmac.GetHashAndReset(tag32);
        CryptographicOperations.ZeroMemory(key);
    }
}
