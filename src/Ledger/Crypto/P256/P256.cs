using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>Signatures on NIST's P-256, as EIP-7951 (and RIP-7212 before it) verifies them. Public data only.</summary>
[SkipLocalsInit]
public static class P256
{
    const int GeneratorWidth = 12, PointWidth = 6, Digits = 257;

    static readonly OddModulus Order = new(new UInt256(0xF3B9CAC2FC632551, 0xBCE6FAADA7179E84, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF00000000));
    static readonly UInt256 PrimeMinusOrder = P256Curve.PrimeNumber - Order.Value;
    static readonly AffineCurvePoint<P256Curve>[] GeneratorTable = MakeGeneratorTable();

    /// <summary>Whether (r, s) is a signature of the hash by the key (x, y); all are 32 bytes, big-endian.</summary>
    /// <returns>False too where r or s is zero or not below the group order, and where x and y are no point of the curve; a high s is accepted.</returns>
    public static bool Verify(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> r32, ReadOnlySpan<byte> s32, ReadOnlySpan<byte> x32, ReadOnlySpan<byte> y32)
    {
        if (hash32.Length != 32 || r32.Length != 32 || s32.Length != 32 || x32.Length != 32 || y32.Length != 32) return false;
        UInt256 r = UInt256.FromBigEndian(r32), s = UInt256.FromBigEndian(s32);
        if (r.IsZero || s.IsZero || r >= Order.Value || s >= Order.Value) return false;
        if (!AffineCurvePoint<P256Curve>.TryCreate(UInt256.FromBigEndian(x32), UInt256.FromBigEndian(y32), out var key)) return false;

        // R = (z·G + r·Q) / s must have r as its x modulo the order.
        var inverse = Order.Invert(s);
        var u1 = Order.Multiply(Order.Reduce(hash32), inverse);
        var u2 = Order.Multiply(r, inverse);
        MultiplyTwice(u1, u2, key, out var point);
        return point.HasX(r) || (r < PrimeMinusOrder && point.HasX(r + Order.Value));
    }

    /// <summary>u1·G + u2·Q, with shared doublings (Strauss) over signed digits.</summary>
    static void MultiplyTwice(in UInt256 u1, in UInt256 u2, in AffineCurvePoint<P256Curve> key, out CurvePoint<P256Curve> sum)
    {
        Span<AffineCurvePoint<P256Curve>> keyTable = stackalloc AffineCurvePoint<P256Curve>[1 << (PointWidth - 2)];
        OddMultiples<P256Curve>.Fill(key, keyTable);
        Span<short> first = stackalloc short[Digits], second = stackalloc short[Digits];
        var places = Math.Max(SignedDigits.Write(u1, GeneratorWidth, first), SignedDigits.Write(u2, PointWidth, second));

        sum = CurvePoint<P256Curve>.Infinity;
        for (var i = places - 1; i >= 0; i--)
        {
            sum.Double();
            sum.AddMultiple(first[i], GeneratorTable);
            sum.AddMultiple(second[i], keyTable);
        }
    }

    static AffineCurvePoint<P256Curve>[] MakeGeneratorTable()
    {
        var table = new AffineCurvePoint<P256Curve>[1 << (GeneratorWidth - 2)];
        OddMultiples<P256Curve>.Fill(AffineCurvePoint<P256Curve>.Generator, table);
        return table;
    }
}
