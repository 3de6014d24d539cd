namespace Hufu.Evm;

/// <summary>Its input (address 0x04).</summary>
sealed class Identity : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 15 + 3 * Words(input);

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output)
    {
        output.Set(input);
        return true;
    }
}
