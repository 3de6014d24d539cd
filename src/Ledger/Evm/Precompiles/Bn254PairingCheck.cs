using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>Whether a product of pairings on alt_bn128 is one (address 0x08; EIP-197, 1108).</summary>
sealed class Bn254PairingCheck(bool isCheaper) : Precompile
{
    const int PairSize = 192;

    public override long GasFor(ReadOnlySpan<byte> input)
    {
        long pairs = input.Length / PairSize;
        return isCheaper ? 45_000 + 34_000 * pairs : 100_000 + 80_000 * pairs;
    }

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output)
    {
        if (!Bn254.TryPairing(input, out var isOne)) return false;
        var word = output.Resize(32);
        word.Clear();
        word[31] = isOne ? (byte)1 : (byte)0;
        return true;
    }
}
