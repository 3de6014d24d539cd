using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;
using Org.BouncyCastle.Math.EC.Multiplier;

namespace Hufu.Crypto;

/// <summary>What needs a secret, on machines without libsecp256k1: Bouncy Castle's arithmetic, Ethereum's byte forms.</summary>
static class BouncyCastleSecp256k1
{
    static readonly X9ECParameters Curve = CustomNamedCurves.GetByName("secp256k1");
    static readonly ECDomainParameters Domain = new(Curve);
    static readonly FixedPointCombMultiplier GeneratorMultiplier = new();

    public static void Sign(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> secret32, Span<byte> signature64, out int recoveryId)
    {
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(forSigning: true, new ECPrivateKeyParameters(new BigInteger(1, secret32), Domain));
        var parts = signer.GenerateSignature(hash32.ToArray());
        var (r, s) = (parts[0], parts[1]);
        if (s.CompareTo(Domain.N.ShiftRight(1)) > 0) s = Domain.N.Subtract(s);
        WriteBigEndian(r, signature64[..32]);
        WriteBigEndian(s, signature64[32..]);
        recoveryId = FindRecoveryId(hash32, signature64, PublicKeyOf(secret32));
    }

    public static void PublicKey(ReadOnlySpan<byte> secret32, Span<byte> publicKey64) => PublicKeyOf(secret32).CopyTo(publicKey64);

    public static bool TryAgree(ReadOnlySpan<byte> secret32, ReadOnlySpan<byte> publicKey64, Span<byte> sharedX32)
    {
        if (!TryParse(publicKey64, out var point)) return false;
        var shared = point.Multiply(new BigInteger(1, secret32)).Normalize();
        shared.AffineXCoord.GetEncoded().CopyTo(sharedX32);
        return true;
    }

    public static bool TryAgreePoint(ReadOnlySpan<byte> secret32, ReadOnlySpan<byte> publicKey64, Span<byte> shared33)
    {
        if (!TryParse(publicKey64, out var point)) return false;
        point.Multiply(new BigInteger(1, secret32)).Normalize().GetEncoded(compressed: true).CopyTo(shared33);
        return true;
    }

    public static bool TryAddSecrets(ReadOnlySpan<byte> secret32, ReadOnlySpan<byte> tweak32, Span<byte> sum32)
    {
        var tweak = new BigInteger(1, tweak32);
        if (tweak.CompareTo(Domain.N) >= 0) return false;
        var sum = new BigInteger(1, secret32).Add(tweak).Mod(Domain.N);
        if (sum.SignValue == 0) return false;
        WriteBigEndian(sum, sum32);
        return true;
    }

    static byte[] PublicKeyOf(ReadOnlySpan<byte> secret32) =>
        GeneratorMultiplier.Multiply(Domain.G, new BigInteger(1, secret32)).Normalize().GetEncoded(compressed: false)[1..];

    static int FindRecoveryId(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> signature64, ReadOnlySpan<byte> publicKey64)
    {
        Span<byte> recovered = stackalloc byte[Secp256k1.PublicKeySize];
        for (var id = 0; id < 4; id++)
            if (ManagedSecp256k1.TryRecover(hash32, signature64, id, recovered) && recovered.SequenceEqual(publicKey64)) return id;
        throw new InvalidOperationException("a signature just made does not lead back to its signer: the arithmetic is broken");
    }

    static bool TryParse(ReadOnlySpan<byte> publicKey64, out ECPoint point)
    {
        var prime = Curve.Curve.Field.Characteristic;
        var (x, y) = (new BigInteger(1, publicKey64[..32]), new BigInteger(1, publicKey64[32..]));
        point = Curve.Curve.Infinity;
        if (x.CompareTo(prime) >= 0 || y.CompareTo(prime) >= 0) return false;
        point = Curve.Curve.CreatePoint(x, y);
        return point.IsValid();
    }

    static void WriteBigEndian(BigInteger value, Span<byte> bytes32) => value.ToByteArrayUnsigned(Pad(value, bytes32));

    static Span<byte> Pad(BigInteger value, Span<byte> bytes32)
    {
        bytes32.Clear();
        return bytes32[(32 - value.GetLengthofByteArrayUnsigned())..];
    }
}
