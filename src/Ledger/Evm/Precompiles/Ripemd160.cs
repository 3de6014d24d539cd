namespace Hufu.Evm;

/// <summary>RIPEMD-160, right-aligned in a word (address 0x03).</summary>
sealed class Ripemd160 : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 600 + 120 * Words(input);

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output)
    {
        var word = output.Resize(32);
        word.Clear();
        Crypto.Ripemd160.Hash(input, word[12..]);
        return true;
    }
}
