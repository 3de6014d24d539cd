using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>A hash and a signature of it, whose key can be recovered.</summary>
/// <param name="YParity">0 or 1: the parity of R's y.</param>
public readonly record struct SignedHash(Hash256 Hash, UInt256 R, UInt256 S, byte YParity)
{
    internal bool IsInRange => !R.IsZero && !S.IsZero && R < Secp256k1Curve.Order.Value && S < Secp256k1Curve.Order.Value && YParity <= 1;

    /// <inheritdoc cref="Secp256k1.TryRecover"/>
    [SkipLocalsInit]
    public bool TryRecover(Span<byte> publicKey64)
    {
        Span<byte> signature = stackalloc byte[Secp256k1.SignatureSize];
        R.WriteBigEndian(signature);
        S.WriteBigEndian(signature[32..]);
        return YParity <= 1 && Secp256k1.TryRecover(Hash.Bytes, signature, YParity, publicKey64);
    }
}
