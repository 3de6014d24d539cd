using Hufu.Crypto;
using Xunit;

namespace Hufu.SpecTests;

public class Bn254VectorTests
{
    [Fact]
    public void Addition_agrees_with_the_vectors_of_EIP_196() =>
        PrecompileVectors.Check("precompiles/bn256Add.json", input =>
        {
            var output = new byte[64];
            return Bn254.TryAdd(input, output) ? output : null;
        });

    [Fact]
    public void Multiplication_agrees_with_the_vectors_of_EIP_196() =>
        PrecompileVectors.Check("precompiles/bn256ScalarMul.json", input =>
        {
            var output = new byte[64];
            return Bn254.TryMultiply(input, output) ? output : null;
        });

    [Fact]
    public void The_pairing_check_agrees_with_the_vectors_of_EIP_197() =>
        PrecompileVectors.Check("precompiles/bn256Pairing.json", input =>
            Bn254.TryPairing(input, out bool isOne) ? PrecompileVectors.Truth(isOne) : null);
}
