namespace Hufu.Evm;

/// <summary>SHA-256 (address 0x02).</summary>
sealed class Sha256 : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 60 + 12 * Words(input);

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output)
    {
        Crypto.Sha256.Hash(input, output.Resize(Crypto.Sha256.HashSize));
        return true;
    }
}
