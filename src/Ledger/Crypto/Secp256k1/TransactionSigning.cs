using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>Signs transactions and authorizations with a secret.</summary>
public static class TransactionSigning
{
    /// <summary>The transaction signed; what it had as a signature does not matter. A legacy transaction keeps the chain id its V stands for.</summary>
    /// <param name="secret32">A secp256k1 secret, 32 bytes.</param>
    public static Transaction Sign(Transaction transaction, ReadOnlySpan<byte> secret32)
    {
        Sign(transaction.SigningHash, secret32, out var yParity, out var r, out var s);
        var signed = transaction.WithSignature((ulong)yParity, r, s);
        signed.RecoveredSender = new StrongBox<Address>(AddressOf(secret32));
        return signed;
    }

    public static Authorization Sign(Authorization authorization, ReadOnlySpan<byte> secret32)
    {
        Sign(authorization.SigningHash, secret32, out var yParity, out var r, out var s);
        return authorization with { YParity = (byte)yParity, R = r, S = s };
    }

    /// <summary>The address of the account a secret controls.</summary>
    public static Address AddressOf(ReadOnlySpan<byte> secret32)
    {
        Span<byte> publicKey = stackalloc byte[Secp256k1.PublicKeySize];
        Secp256k1.PublicKey(secret32, publicKey);
        return Address.FromPublicKey(publicKey);
    }

    static void Sign(in Hash256 hash, ReadOnlySpan<byte> secret32, out int yParity, out UInt256 r, out UInt256 s)
    {
        Span<byte> signature = stackalloc byte[Secp256k1.SignatureSize];
        Secp256k1.Sign(hash.Bytes, secret32, signature, out yParity);
        r = UInt256.FromBigEndian(signature[..32]);
        s = UInt256.FromBigEndian(signature[32..]);
    }
}
