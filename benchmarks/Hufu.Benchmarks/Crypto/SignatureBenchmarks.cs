using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Hufu.Crypto;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Math;

namespace Hufu.Benchmarks;

/// <summary>secp256k1 by libsecp256k1, by our own code and by Bouncy Castle; P-256 by our own code and by the platform.</summary>
public class SignatureBenchmarks
{
    readonly byte[] _hash = new byte[32], _secret = new byte[32], _signature = new byte[64], _key = new byte[64], _result = new byte[64];
    NativeSecp256k1? _native;
    int _recoveryId;
    ECParameters _platformKey;
    byte[] _platformSignature = [];

    [GlobalSetup]
    public void Sign()
    {
        _native = NativeSecp256k1.TryLoad();
        new Random(1).NextBytes(_hash);
        _secret[31] = 0x5A;
        _secret[0] = 0x77;
        Secp256k1.Sign(_hash, _secret, _signature, out _recoveryId);
        Secp256k1.PublicKey(_secret, _key);

        using var platform = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _platformKey = platform.ExportParameters(includePrivateParameters: false);
        _platformSignature = platform.SignHash(_hash);
    }

    [Benchmark(Baseline = true)]
    public bool RecoverNative() => _native is not null && _native.TryRecover(_hash, _signature, _recoveryId, _result);

    [Benchmark]
    public bool RecoverManaged() => ManagedSecp256k1.TryRecover(_hash, _signature, _recoveryId, _result);

    [Benchmark]
    public Org.BouncyCastle.Math.EC.ECPoint RecoverBouncyCastle()
    {
        var curve = CustomNamedCurves.GetByName("secp256k1");
        BigInteger r = new(1, _signature.AsSpan(0, 32)), s = new(1, _signature.AsSpan(32)), z = new(1, _hash), inverse = r.ModInverse(curve.N);
        var point = curve.Curve.DecodePoint([(byte)(2 + (_recoveryId & 1)), .. _signature.AsSpan(0, 32)]);
        return Org.BouncyCastle.Math.EC.ECAlgorithms.SumOfTwoMultiplies(curve.G, z.Negate().Multiply(inverse).Mod(curve.N), point, s.Multiply(inverse).Mod(curve.N)).Normalize();
    }

    [Benchmark]
    public bool VerifyNative() => _native is not null && _native.Verify(_hash, _signature, _key);

    [Benchmark]
    public bool VerifyManaged() => ManagedSecp256k1.Verify(_hash, _signature, _key);

    [Benchmark]
    public int SignNative()
    {
        var id = 0;
        _native?.Sign(_hash, _secret, _result, out id);
        return id;
    }

    [Benchmark]
    public int SignBouncyCastle()
    {
        BouncyCastleSecp256k1.Sign(_hash, _secret, _result, out var id);
        return id;
    }

    [Benchmark]
    public bool P256Managed() =>
        P256.Verify(_hash, _platformSignature.AsSpan(0, 32), _platformSignature.AsSpan(32), _platformKey.Q.X, _platformKey.Q.Y);

    [Benchmark]
    public bool P256Platform()
    {
        using var key = ECDsa.Create(_platformKey);
        return key.VerifyHash(_hash, _platformSignature);
    }
}
