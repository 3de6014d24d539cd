using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Hufu.Crypto;

/// <summary>A secret key from which others derive (BIP-32).</summary>
public sealed class HierarchicalKey
{
    /// <summary>Child numbers from here on are hardened: their keys do not derive from the public key.</summary>
    public const uint Hardened = 0x80000000;

    readonly byte[] _secret, _chainCode;

    HierarchicalKey(byte[] secret, byte[] chainCode) => (_secret, _chainCode) = (secret, chainCode);

    /// <summary>32 bytes, big-endian, a valid secret.</summary>
    public ReadOnlySpan<byte> Secret => _secret;

    public ReadOnlySpan<byte> ChainCode => _chainCode;

    /// <summary>The master key of a seed.</summary>
    public static HierarchicalKey FromSeed(ReadOnlySpan<byte> seed)
    {
        var digest = HMACSHA512.HashData("Bitcoin seed"u8, seed);
        if (!Secp256k1.IsValidSecret(digest.AsSpan(0, 32))) throw new CryptographicException("this seed has no master key: one in 2^127 has none");
        return new HierarchicalKey(digest[..32], digest[32..]);
    }

    /// <summary>The child of a number; from <see cref="Hardened"/> on, hardened.</summary>
    public HierarchicalKey Child(uint number)
    {
        Span<byte> data = stackalloc byte[37];
        if (number >= Hardened)
        {
            data[0] = 0;
            _secret.CopyTo(data[1..]);
        }
        else
        {
            Secp256k1.Compress(Secp256k1.PublicKey(_secret), data[..33]);
        }
        BinaryPrimitives.WriteUInt32BigEndian(data[33..], number);
        var digest = HMACSHA512.HashData(_chainCode, data);
        CryptographicOperations.ZeroMemory(data);
        var secret = new byte[32];
        if (!Secp256k1.TryAddSecrets(_secret, digest.AsSpan(0, 32), secret)) throw new CryptographicException($"child {number} has no key: one in 2^127 has none; take the next");
        return new HierarchicalKey(secret, digest[32..]);
    }

    /// <summary>Follows a path such as m/44'/60'/0'/0/0, where ' marks hardened children.</summary>
    public HierarchicalKey Derive(string path)
    {
        var steps = path.Split('/');
        if (steps[0] != "m") throw new FormatException($"'{path}' is no derivation path: it begins with m, as m/44'/60'/0'/0/0 does");
        var key = this;
        foreach (var step in steps.AsSpan(1))
        {
            var isHardened = step.EndsWith('\'') || step.EndsWith('h');
            if (!uint.TryParse(isHardened ? step[..^1] : step, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= Hardened)
                throw new FormatException($"'{step}' in '{path}' is no child number: write digits, and ' behind them for a hardened child");
            key = key.Child(isHardened ? number + Hardened : number);
        }
        return key;
    }

    /// <summary>Does not show the key, so that a log cannot.</summary>
    public override string ToString() => "hierarchical key";
}
