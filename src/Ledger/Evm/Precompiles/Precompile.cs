namespace Hufu.Evm;

/// <summary>A contract that the machine itself provides (yellow paper, appendix E).</summary>
abstract class Precompile
{
    /// <summary>Charged before it runs; <see cref="long.MaxValue"/> where no gas suffices.</summary>
    public abstract long GasFor(ReadOnlySpan<byte> input);

    /// <summary>False where the input is refused: all gas is lost. What is left in <paramref name="output"/> then does not count.</summary>
    public abstract bool TryRun(ReadOnlySpan<byte> input, ReturnData output);

    protected static long Words(ReadOnlySpan<byte> input) => ((long)input.Length + 31) / 32;

    /// <summary>The bytes as if zeros followed without end.</summary>
    protected static void Read(ReadOnlySpan<byte> input, int start, Span<byte> into)
    {
        into.Clear();
        if (start >= input.Length) return;
        var have = input[start..];
        if (have.Length > into.Length) have = have[..into.Length];
        have.CopyTo(into);
    }
}
