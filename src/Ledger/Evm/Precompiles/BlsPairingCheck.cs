using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>Whether a product of pairings on BLS12-381 is one (address 0x0f; EIP-2537).</summary>
sealed class BlsPairingCheck : Precompile
{
    const int PairSize = 384;

    public override long GasFor(ReadOnlySpan<byte> input) => 37_700 + 32_600L * (input.Length / PairSize);

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output)
    {
        if (!Bls12381.TryPairing(input, out var isOne)) return false;
        var word = output.Resize(32);
        word.Clear();
        word[31] = isOne ? (byte)1 : (byte)0;
        return true;
    }
}
