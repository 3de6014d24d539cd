using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>A validator's key. Its address is the validator's name, and its public key that of the node.</summary>
/// <param name="sign">Gives r, s and recovery id, 65 bytes, of a hash; wherever the secret is, it stays there.</param>
public sealed class QbftKey(Address address, Func<Hash256, byte[]> sign)
{
    /// <param name="secret">32 bytes, above zero and below the group order.</param>
    public QbftKey(ReadOnlySpan<byte> secret) : this(Address.FromPublicKey(Secp256k1.PublicKey(secret)), SignerOf(secret.ToArray())) { }

    public Address Address => address;

    public byte[] Sign(in Hash256 hash) => sign(hash);

    static Func<Hash256, byte[]> SignerOf(byte[] secret) => hash =>
    {
        var signature = new byte[QbftExtraData.SealSize];
        Secp256k1.Sign(hash.Bytes, secret, signature.AsSpan(0, 64), out var recoveryId);
        signature[64] = (byte)recoveryId;
        return signature;
    };

    /// <summary>Who signed the hash; false for a signature that is nobody's, or whose s is the greater of the two.</summary>
    public static bool TryRecover(in Hash256 hash, ReadOnlySpan<byte> signature65, out Address signer)
    {
        signer = default;
        if (signature65.Length != QbftExtraData.SealSize || signature65[64] > 1 || !Secp256k1.HasLowS(signature65[..64])) return false;
        Span<byte> publicKey = stackalloc byte[Secp256k1.PublicKeySize];
        if (!Secp256k1.TryRecover(hash.Bytes, signature65[..64], signature65[64], publicKey)) return false;
        signer = Address.FromPublicKey(publicKey);
        return true;
    }
}
