using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>The sum of two points of alt_bn128 (address 0x06; EIP-196, 1108).</summary>
sealed class Bn254Add(bool isCheaper) : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => isCheaper ? 150 : 500;
    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output) => Bn254.TryAdd(input, output.Resize(64));
}
