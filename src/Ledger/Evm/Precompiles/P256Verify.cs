using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>Whether a P-256 signature is good (address 0x100; EIP-7951): one in a word, or no output.</summary>
sealed class P256Verify : Precompile
{
    const int InputSize = 160;

    public override long GasFor(ReadOnlySpan<byte> input) => 6_900;

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output)
    {
        output.Clear();
        if (input.Length != InputSize || !IsGood(input)) return true;
        var word = output.Resize(32);
        word.Clear();
        word[31] = 1;
        return true;
    }

    static bool IsGood(ReadOnlySpan<byte> input) =>
        P256.Verify(input[..32], input[32..64], input[64..96], input[96..128], input[128..]);
}
