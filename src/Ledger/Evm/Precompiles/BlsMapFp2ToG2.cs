using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>An element of the quadratic extension as a point of BLS12-381's G2 (address 0x11; EIP-2537).</summary>
sealed class BlsMapFp2ToG2 : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 23_800;
    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output) => Bls12381.TryMapFp2ToG2(input, output.Resize(256));
}
