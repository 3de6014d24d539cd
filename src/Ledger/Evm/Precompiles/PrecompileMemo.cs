namespace Hufu.Evm;

/// <summary>
/// What dear precompiles answered lately, found by their whole input. A node meets the same signature or proof again and again: in the
/// estimate, in the call that tries it, in the block it makes or imports. An answer once kept never changes; threads share them, and a
/// place is only ever replaced whole. At most some 5 MB.
/// </summary>
static class PrecompileMemo
{
    /// <summary>Cheaper work is done again.</summary>
    public const long LeastGas = 3_000;

    const int Places = 1 << 10;
    const int LongestInput = 4096;

    /// <summary>HUFU_MEMO=off has all work done anew, to be measured.</summary>
    static readonly bool IsOn = System.Environment.GetEnvironmentVariable("HUFU_MEMO") != "off";

    static readonly Answer?[] Answers = new Answer?[Places];

    /// <summary>Does the work or remembers it: as <see cref="Precompile.TryRun"/>.</summary>
    public static bool TryRun(Precompile precompile, ReadOnlySpan<byte> input, ReturnData output)
    {
        if (input.Length > LongestInput || !IsOn) return precompile.TryRun(input, output);
        var hash = default(HashCode);
        hash.AddBytes(input);
        ref var place = ref Answers[hash.ToHashCode() & (Places - 1)];
        var kept = Volatile.Read(ref place);
        if (kept is not null && kept.Precompile == precompile && input.SequenceEqual(kept.Input))
        {
            output.Set(kept.Output);
            return true;
        }
        // What is refused takes all gas, so nobody asks for it often.
        if (!precompile.TryRun(input, output)) return false;
        Volatile.Write(ref place, new Answer(precompile, input.ToArray(), output.Bytes.ToArray()));
        return true;
    }

    public static void Forget() => Array.Clear(Answers);

    sealed record Answer(Precompile Precompile, byte[] Input, byte[] Output);
}
