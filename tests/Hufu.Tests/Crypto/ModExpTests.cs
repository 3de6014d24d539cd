using System.Numerics;
using CsCheck;
using Hufu.Crypto;
using Xunit;

namespace Hufu.Tests;

public class ModExpTests
{
    static readonly GmpModExp? Native = GmpModExp.TryLoad();

    // Random bytes, all ones, a few low zeros, a power of two: what reductions, carries and the even path meet.
    static Gen<byte[]> Number(int longest) => Gen.Select(Gen.Byte.Array[0, longest], Gen.Int[0, 5], Gen.Int[0, longest]).Select((bytes, kind, zeros) =>
    {
        if (kind == 1) Array.Fill(bytes, (byte)0xFF);
        if (kind == 2) bytes.AsSpan(Math.Max(0, bytes.Length - zeros)).Clear();
        if (kind == 3 && bytes.Length > 0) bytes[^1] |= 1;
        if (kind == 4 && bytes.Length > 0)
        {
            bytes.AsSpan().Clear();
            bytes[zeros % bytes.Length] = 0x10;
        }
        return bytes;
    });

    [Fact]
    public void Powers_of_short_numbers_agree_with_big_integers() => AgreesWithBigIntegers(Number(40), Number(12), Number(40), iterations: 20_000);

    [Fact]
    public void Powers_of_long_numbers_agree_with_big_integers() => AgreesWithBigIntegers(Number(300), Number(40), Number(300), iterations: 500);

    [Fact]
    public void A_modulus_of_many_limbs_needs_narrower_ones()
    {
        var random = new Random(1);
        foreach (var length in new[] { 500, 1024, 1025, 2500, 20_000 })
        {
            byte[] b = new byte[length], m = new byte[length];
            Array.Fill(b, (byte)0xFF);
            Array.Fill(m, (byte)0xFF);
            m[length / 2] = (byte)random.Next(256);
            Check(b, [0x05, 0x01], m);
        }
    }

    [Theory]
    [InlineData("", "", "", "")]
    [InlineData("02", "", "00", "00")]
    [InlineData("02", "05", "0001", "0000")]
    [InlineData("", "", "05", "01")]
    [InlineData("", "00", "0005", "0001")]
    [InlineData("", "01", "05", "00")]
    [InlineData("03", "02", "07", "02")]
    [InlineData("0003", "0002", "0100", "0009")]
    public void Edges_are_as_EIP_198_tells(string b, string e, string m, string power)
    {
        var output = new byte[m.Length / 2];
        ModExp.Compute(Convert.FromHexString(b), Convert.FromHexString(e), Convert.FromHexString(m), output);
        Assert.Equal(power, Convert.ToHexStringLower(output));
    }

    static void AgreesWithBigIntegers(Gen<byte[]> bases, Gen<byte[]> exponents, Gen<byte[]> moduli, int iterations) =>
        Gen.Select(bases, exponents, moduli).Sample(Check, iter: iterations);

    static void Check(byte[] b, byte[] e, byte[] m)
    {
        byte[] expected = new byte[m.Length], actual = new byte[m.Length];
        var modulus = ModExp.Read(m);
        if (!modulus.IsZero) ModExp.Write(BigInteger.ModPow(ModExp.Read(b), ModExp.Read(e), modulus), expected);
        ModExp.Compute(b, e, m, actual);
        Assert.Equal(expected, actual);

        // Both twins, on what the front door lets through.
        ReadOnlySpan<byte> tb = b.AsSpan().TrimStart((byte)0), te = e.AsSpan().TrimStart((byte)0), tm = m.AsSpan().TrimStart((byte)0);
        if (tb.IsEmpty || te.IsEmpty || tm.IsEmpty || tm is [1]) return;
        ManagedModExp.Compute(tb, te, tm, actual.AsSpan(m.Length - tm.Length));
        Assert.Equal(expected, actual);
        if (Native is null) return;
        Native.Compute(tb, te, tm, actual.AsSpan(m.Length - tm.Length));
        Assert.Equal(expected, actual);
    }
}
