using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>A scalar times a point of alt_bn128 (address 0x07; EIP-196, 1108).</summary>
sealed class Bn254Multiply(bool isCheaper) : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => isCheaper ? 6_000 : 40_000;
    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output) => Bn254.TryMultiply(input, output.Resize(64));
}
