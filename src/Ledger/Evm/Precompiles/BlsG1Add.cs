using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>The sum of two points of BLS12-381's G1 (address 0x0b; EIP-2537).</summary>
sealed class BlsG1Add : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 375;
    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output) => Bls12381.TryG1Add(input, output.Resize(128));
}
