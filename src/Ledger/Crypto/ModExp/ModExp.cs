using System.Numerics;

namespace Hufu.Crypto;

/// <summary>base^exponent mod modulus on integers of any size, as precompiled contract 5 computes it (EIP-198). Public data only.</summary>
public static class ModExp
{
    static readonly GmpModExp? Native = GmpModExp.TryLoad();

    /// <summary>Who does the work on this machine, for people to read.</summary>
    public static string Implementation => Native is null ? "managed" : $"native {Native.LibraryName}";

    /// <summary>Writes the power, big-endian, with leading zeros up to the modulus's length. The work is quadratic in the lengths and linear in the exponent's bits: the caller charges for it first.</summary>
    /// <param name="base">Big-endian, of any length; empty is zero.</param>
    /// <param name="exponent">Big-endian, of any length; empty is zero, and zero to the power zero is one.</param>
    /// <param name="modulus">Big-endian, of any length; zero and one give zero.</param>
    /// <param name="output">As long as the modulus.</param>
    public static void Compute(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> modulus, Span<byte> output)
    {
        if (output.Length != modulus.Length) throw new ArgumentException($"the result has the modulus's length, {modulus.Length}, not {output.Length}", nameof(output));
        output.Clear();
        ReadOnlySpan<byte> b = @base.TrimStart((byte)0), e = exponent.TrimStart((byte)0), m = modulus.TrimStart((byte)0);
        if (m.IsEmpty || m is [1]) return;
        if (e.IsEmpty) output[^1] = 1;
        else if (b.IsEmpty) return;
        else if (Native is not null) Native.Compute(b, e, m, output[^m.Length..]);
        else ManagedModExp.Compute(b, e, m, output[^m.Length..]);
    }

    internal static BigInteger Read(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    internal static void Write(BigInteger number, Span<byte> bytes)
    {
        bytes.Clear();
        number.TryWriteBytes(bytes[(bytes.Length - number.GetByteCount(isUnsigned: true))..], out _, isUnsigned: true, isBigEndian: true);
    }
}
