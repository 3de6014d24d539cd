using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>The sum of two points of BLS12-381's G2 (address 0x0d; EIP-2537).</summary>
sealed class BlsG2Add : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 600;
    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output) => Bls12381.TryG2Add(input, output.Resize(256));
}
