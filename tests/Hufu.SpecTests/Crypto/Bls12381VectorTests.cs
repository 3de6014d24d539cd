using Hufu.Crypto;
using Xunit;

namespace Hufu.SpecTests;

public class Bls12381VectorTests
{
    [Theory]
    [InlineData("eip-2537/add_G1_bls.json")]
    [InlineData("eip-2537/fail-add_G1_bls.json")]
    [InlineData("precompiles/blsG1Add.json")]
    [InlineData("precompiles/fail-blsG1Add.json")]
    public void Addition_in_G1_agrees_with_the_vectors_of_EIP_2537(string file) =>
        PrecompileVectors.Check(file, input => Run(128, output => Bls12381.TryG1Add(input, output)));

    [Theory]
    [InlineData("eip-2537/mul_G1_bls.json")]
    [InlineData("eip-2537/msm_G1_bls.json")]
    [InlineData("eip-2537/fail-mul_G1_bls.json")]
    [InlineData("eip-2537/fail-msm_G1_bls.json")]
    [InlineData("precompiles/blsG1Mul.json")]
    [InlineData("precompiles/blsG1MultiExp.json")]
    [InlineData("precompiles/fail-blsG1Mul.json")]
    [InlineData("precompiles/fail-blsG1MultiExp.json")]
    public void Multi_exponentiation_in_G1_agrees_with_the_vectors_of_EIP_2537(string file) =>
        PrecompileVectors.Check(file, input => Run(128, output => Bls12381.TryG1MultiExponentiation(input, output)));

    [Theory]
    [InlineData("eip-2537/add_G2_bls.json")]
    [InlineData("eip-2537/fail-add_G2_bls.json")]
    [InlineData("precompiles/blsG2Add.json")]
    [InlineData("precompiles/fail-blsG2Add.json")]
    public void Addition_in_G2_agrees_with_the_vectors_of_EIP_2537(string file) =>
        PrecompileVectors.Check(file, input => Run(256, output => Bls12381.TryG2Add(input, output)));

    [Theory]
    [InlineData("eip-2537/mul_G2_bls.json")]
    [InlineData("eip-2537/fail-mul_G2_bls.json")]
    [InlineData("eip-2537/fail-msm_G2_bls.json")]
    [InlineData("precompiles/blsG2Mul.json")]
    [InlineData("precompiles/blsG2MultiExp.json")]
    [InlineData("precompiles/fail-blsG2Mul.json")]
    [InlineData("precompiles/fail-blsG2MultiExp.json")]
    public void Multi_exponentiation_in_G2_agrees_with_the_vectors_of_EIP_2537(string file) =>
        PrecompileVectors.Check(file, input => Run(256, output => Bls12381.TryG2MultiExponentiation(input, output)));

    [Theory]
    [InlineData("eip-2537/pairing_check_bls.json")]
    [InlineData("eip-2537/fail-pairing_check_bls.json")]
    [InlineData("precompiles/blsPairing.json")]
    [InlineData("precompiles/fail-blsPairing.json")]
    public void The_pairing_check_agrees_with_the_vectors_of_EIP_2537(string file) =>
        PrecompileVectors.Check(file, input => Bls12381.TryPairing(input, out bool isOne) ? PrecompileVectors.Truth(isOne) : null);

    [Theory]
    [InlineData("eip-2537/map_fp_to_G1_bls.json")]
    [InlineData("eip-2537/fail-map_fp_to_G1_bls.json")]
    [InlineData("precompiles/blsMapG1.json")]
    [InlineData("precompiles/fail-blsMapG1.json")]
    public void Mapping_to_G1_agrees_with_the_vectors_of_EIP_2537(string file) =>
        PrecompileVectors.Check(file, input => Run(128, output => Bls12381.TryMapFpToG1(input, output)));

    [Theory]
    [InlineData("eip-2537/map_fp2_to_G2_bls.json")]
    [InlineData("eip-2537/fail-map_fp2_to_G2_bls.json")]
    [InlineData("precompiles/blsMapG2.json")]
    [InlineData("precompiles/fail-blsMapG2.json")]
    public void Mapping_to_G2_agrees_with_the_vectors_of_EIP_2537(string file) =>
        PrecompileVectors.Check(file, input => Run(256, output => Bls12381.TryMapFp2ToG2(input, output)));

    static byte[]? Run(int outputLength, Predicate<byte[]> operation)
    {
        var output = new byte[outputLength];
        return operation(output) ? output : null;
    }
}
