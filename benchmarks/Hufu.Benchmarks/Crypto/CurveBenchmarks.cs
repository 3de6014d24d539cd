using BenchmarkDotNet.Attributes;
using Hufu.Crypto;

namespace Hufu.Benchmarks;

/// <summary>The precompiled contracts on the pairing-friendly curves, on inputs made from the generators.</summary>
public class CurveBenchmarks
{
    readonly byte[] _output = new byte[256];
    byte[] _bnPairs = [], _bnProduct = [], _blsPairs = [], _g1Terms = [], _g2Terms = [], _element = [], _element2 = [];
    byte[] _blob = [];
    readonly byte[] _commitment = new byte[48], _proof = new byte[48], _z = new byte[32], _y = new byte[32];

    [GlobalSetup]
    public void MakeInputs()
    {
        byte[] bnG1 = Convert.FromHexString(new string('0', 63) + "1" + new string('0', 63) + "2");
        byte[] bnG2 = Convert.FromHexString(
            "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c21800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed" +
            "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa");
        byte[] scalar = new byte[32];
        new Random(1).NextBytes(scalar);
        _bnPairs = [.. bnG1, .. bnG2, .. bnG1, .. bnG2];
        _bnProduct = [.. bnG1, .. scalar];

        byte[] blsG1 = new byte[128], blsG2 = new byte[256];
        BlsEncoding.WriteG1(new JacobianPoint<BlsFp>(BlsCurve.G1), blsG1);
        BlsEncoding.WriteG2(new JacobianPoint<Fp2<BlsFp>>(BlsCurve.G2), blsG2);
        _blsPairs = [.. blsG1, .. blsG2, .. blsG1, .. blsG2];
        _element = [.. new byte[17], .. scalar, .. scalar[..15]];
        _element2 = [.. _element, .. _element];

        // Different points: doublings of the generator.
        var random = new Random(2);
        for (int i = 0; i < 128; i++)
        {
            random.NextBytes(scalar);
            _g1Terms = [.. _g1Terms, .. blsG1, .. scalar];
            _g2Terms = [.. _g2Terms, .. blsG2, .. scalar];
            Bls12381.TryG1Add([.. blsG1, .. blsG1], blsG1);
            Bls12381.TryG2Add([.. blsG2, .. blsG2], blsG2);
        }

        _blob = new byte[Kzg.BlobLength];
        random.NextBytes(_blob);
        for (int i = 0; i < _blob.Length; i += 32) _blob[i] = 0;
        Kzg.TryBlobToCommitment(_blob, _commitment);
        _z[31] = 77;
        Kzg.TryComputeProof(_blob, _z, _proof, _y);
    }

    [Benchmark] public bool Bn254_multiply() => Bn254.TryMultiply(_bnProduct, _output);
    [Benchmark] public bool Bn254_pairing_of_1() => Bn254.TryPairing(_bnPairs.AsSpan(0, 192), out _);
    [Benchmark] public bool Bn254_pairing_of_2() => Bn254.TryPairing(_bnPairs, out _);
    [Benchmark] public bool Bls12381_pairing_of_1() => Bls12381.TryPairing(_blsPairs.AsSpan(0, 384), out _);
    [Benchmark] public bool Bls12381_pairing_of_2() => Bls12381.TryPairing(_blsPairs, out _);
    [Benchmark] public bool Bls12381_G1_multi_exponentiation_of_1() => Bls12381.TryG1MultiExponentiation(_g1Terms.AsSpan(0, 160), _output);
    [Benchmark] public bool Bls12381_G1_multi_exponentiation_of_128() => Bls12381.TryG1MultiExponentiation(_g1Terms, _output);
    [Benchmark] public bool Bls12381_G2_multi_exponentiation_of_128() => Bls12381.TryG2MultiExponentiation(_g2Terms, _output);
    [Benchmark] public bool Bls12381_map_to_G1() => Bls12381.TryMapFpToG1(_element, _output);
    [Benchmark] public bool Bls12381_map_to_G2() => Bls12381.TryMapFp2ToG2(_element2, _output);
    [Benchmark] public bool Kzg_point_evaluation() => Kzg.VerifyKzgProof(_commitment, _z, _y, _proof);
    [Benchmark] public bool Kzg_blob_to_commitment() => Kzg.TryBlobToCommitment(_blob, _commitment);
}
