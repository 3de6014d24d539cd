using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>A field element as a point of BLS12-381's G1 (address 0x10; EIP-2537).</summary>
sealed class BlsMapFpToG1 : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 5_500;
    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output) => Bls12381.TryMapFpToG1(input, output.Resize(128));
}
