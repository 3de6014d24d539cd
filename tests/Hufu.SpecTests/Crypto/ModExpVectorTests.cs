using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests;

public class ModExpVectorTests
{
    delegate void Implementation(ReadOnlySpan<byte> b, ReadOnlySpan<byte> e, ReadOnlySpan<byte> m, Span<byte> output);

    [Theory]
    [InlineData("precompiles/modexp.json")]
    [InlineData("precompiles/modexp_eip2565.json")]
    [InlineData("precompiles/modexp_eip7883.json")]
    public void Powers_agree_with_the_vectors_of_the_precompile(string file)
    {
        PrecompileVectors.Check(file, input => Run(input, ModExp.Compute));
        PrecompileVectors.Check(file, input => Run(input, Managed));
    }

    // Lengths of 32 bytes each, then the numbers, with zeros for what is missing (EIP-198).
    static byte[] Run(byte[] input, Implementation power)
    {
        int b = Length(0), e = Length(32), m = Length(64);
        Array.Resize(ref input, Math.Max(input.Length, 96 + b + e + m));
        var output = new byte[m];
        power(input.AsSpan(96, b), input.AsSpan(96 + b, e), input.AsSpan(96 + b + e, m), output);
        return output;

        int Length(int at)
        {
            var word = new byte[32];
            input.AsSpan(Math.Min(at, input.Length), Math.Clamp(input.Length - at, 0, 32)).CopyTo(word);
            return (int)UInt256.FromBigEndian(word).Low64;
        }
    }

    static void Managed(ReadOnlySpan<byte> b, ReadOnlySpan<byte> e, ReadOnlySpan<byte> m, Span<byte> output)
    {
        output.Clear();
        b = b.TrimStart((byte)0);
        e = e.TrimStart((byte)0);
        m = m.TrimStart((byte)0);
        if (m.IsEmpty || m is [1] || b.IsEmpty || e.IsEmpty) ModExp.Compute(b, e, m, output[^m.Length..]);
        else ManagedModExp.Compute(b, e, m, output[^m.Length..]);
    }
}
