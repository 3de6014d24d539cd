using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>
/// Recovery and verification in C#. Nothing here may touch a secret: its time depends on the numbers.
/// The two products u1·G + u2·P share their doublings (Strauss), in signed digits, with u2 halved by the <see cref="Endomorphism"/>
/// and u1 cut at bit 128, whose upper part walks a table of 2^128·G.
/// </summary>
[SkipLocalsInit]
static class ManagedSecp256k1
{
    // 2^10 points of 80 bytes each: two tables fit the second-level cache and take 2 ms to make.
    const int GeneratorWidth = 12, PointWidth = 5, Digits = 130;

    static readonly UInt256 PrimeMinusOrder = Secp256k1Curve.PrimeNumber - Secp256k1Curve.Order.Value;
    static readonly AffineCurvePoint<Secp256k1Curve>[] GeneratorLow = GeneratorTable(0), GeneratorHigh = GeneratorTable(128);

    static OddModulus Order => Secp256k1Curve.Order;

    /// <inheritdoc cref="Secp256k1.TryRecover"/>
    public static bool TryRecover(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> signature64, int recoveryId, Span<byte> publicKey64)
    {
        if (!TryReadSignature(signature64, out var r, out var s)) return false;

        // R, the point whose x gave r.
        var x = r;
        if ((recoveryId & 2) != 0)
        {
            if (r >= PrimeMinusOrder) return false;
            x = r + Order.Value;
        }
        if (!TryDecompress(x, isOdd: (recoveryId & 1) != 0, out var point)) return false;

        // Q = (s·R - z·G) / r.
        var inverse = Order.Invert(r);
        var u1 = Order.Negate(Order.Multiply(Order.Reduce(hash32), inverse));
        var u2 = Order.Multiply(s, inverse);
        MultiplyTwice(u1, u2, point, out var key);
        if (key.IsInfinity) return false;
        key.ToAffine(out var keyX, out var keyY);
        keyX.WriteBigEndian(publicKey64[..32]);
        keyY.WriteBigEndian(publicKey64[32..]);
        return true;
    }

    /// <inheritdoc cref="Secp256k1.Verify"/>
    public static bool Verify(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> signature64, ReadOnlySpan<byte> publicKey64)
    {
        if (!TryReadSignature(signature64, out var r, out var s)) return false;
        UInt256 x = UInt256.FromBigEndian(publicKey64[..32]), y = UInt256.FromBigEndian(publicKey64[32..]);
        if (!AffineCurvePoint<Secp256k1Curve>.TryCreate(x, y, out var key)) return false;

        // R = (z·G + r·Q) / s must have r as its x modulo the order.
        var inverse = Order.Invert(s);
        var u1 = Order.Multiply(Order.Reduce(hash32), inverse);
        var u2 = Order.Multiply(r, inverse);
        MultiplyTwice(u1, u2, key, out var point);
        return point.HasX(r) || (r < PrimeMinusOrder && point.HasX(r + Order.Value));
    }

    /// <inheritdoc cref="Secp256k1.TryDecompress"/>
    public static bool TryDecompress(ReadOnlySpan<byte> x32, bool isOdd, Span<byte> publicKey64)
    {
        var x = UInt256.FromBigEndian(x32);
        if (x >= Secp256k1Curve.PrimeNumber || !TryDecompress(x, isOdd, out var point)) return false;
        x.WriteBigEndian(publicKey64[..32]);
        CurveField<Secp256k1Curve>.Leave(point.Y).WriteBigEndian(publicKey64[32..]);
        return true;
    }

    static bool TryDecompress(in UInt256 x, bool isOdd, out AffineCurvePoint<Secp256k1Curve> point)
    {
        CurveField<Secp256k1Curve>.Enter(x, out point.X);
        Secp256k1Curve.RightSide(point.X, out var right);
        Secp256k1Curve.SquareRootCandidate(right, out point.Y);
        CurveField<Secp256k1Curve>.Square(point.Y, out var left);
        if (!CurveField<Secp256k1Curve>.AreEqual(left, right)) return false;
        if (CurveField<Secp256k1Curve>.IsOdd(point.Y) != isOdd) CurveField<Secp256k1Curve>.Subtract(default, point.Y, out point.Y);
        return true;
    }

    static bool TryReadSignature(ReadOnlySpan<byte> signature64, out UInt256 r, out UInt256 s)
    {
        r = UInt256.FromBigEndian(signature64[..32]);
        s = UInt256.FromBigEndian(signature64[32..]);
        return !r.IsZero && !s.IsZero && r < Order.Value && s < Order.Value;
    }

    /// <summary>u1·G + u2·P.</summary>
    static void MultiplyTwice(in UInt256 u1, in UInt256 u2, in AffineCurvePoint<Secp256k1Curve> point, out CurvePoint<Secp256k1Curve> sum)
    {
        const int tableSize = 1 << (PointWidth - 2);
        Span<AffineCurvePoint<Secp256k1Curve>> table = stackalloc AffineCurvePoint<Secp256k1Curve>[tableSize];
        Span<AffineCurvePoint<Secp256k1Curve>> lambdaTable = stackalloc AffineCurvePoint<Secp256k1Curve>[tableSize];
        Endomorphism.Split(u2, out var k1, out var k1IsNegative, out var k2, out var k2IsNegative);
        var signed = point;
        if (k1IsNegative) CurveField<Secp256k1Curve>.Subtract(default, point.Y, out signed.Y);
        OddMultiples<Secp256k1Curve>.Fill(signed, table);
        for (var i = 0; i < tableSize; i++)
        {
            CurveField<Secp256k1Curve>.Multiply(table[i].X, Endomorphism.Beta, out lambdaTable[i].X);
            if (k1IsNegative == k2IsNegative) lambdaTable[i].Y = table[i].Y;
            else CurveField<Secp256k1Curve>.Subtract(default, table[i].Y, out lambdaTable[i].Y);
        }

        Span<short> low = stackalloc short[Digits], high = stackalloc short[Digits], first = stackalloc short[Digits], second = stackalloc short[Digits];
        var places = SignedDigits.Write(new UInt256(u1.U0, u1.U1, 0, 0), GeneratorWidth, low);
        places = Math.Max(places, SignedDigits.Write(new UInt256(u1.U2, u1.U3, 0, 0), GeneratorWidth, high));
        places = Math.Max(places, SignedDigits.Write(k1, PointWidth, first));
        places = Math.Max(places, SignedDigits.Write(k2, PointWidth, second));

        sum = CurvePoint<Secp256k1Curve>.Infinity;
        for (var i = places - 1; i >= 0; i--)
        {
            sum.Double();
            sum.AddMultiple(first[i], table);
            sum.AddMultiple(second[i], lambdaTable);
            sum.AddMultiple(low[i], GeneratorLow);
            sum.AddMultiple(high[i], GeneratorHigh);
        }
    }

    /// <summary>The odd multiples of 2^<paramref name="doublings"/>·G.</summary>
    static AffineCurvePoint<Secp256k1Curve>[] GeneratorTable(int doublings)
    {
        var start = new CurvePoint<Secp256k1Curve>(AffineCurvePoint<Secp256k1Curve>.Generator);
        for (var i = 0; i < doublings; i++) start.Double();
        start.ToAffine(out var x, out var y);
        AffineCurvePoint<Secp256k1Curve>.TryCreate(x, y, out var point);
        var table = new AffineCurvePoint<Secp256k1Curve>[1 << (GeneratorWidth - 2)];
        OddMultiples<Secp256k1Curve>.Fill(point, table);
        return table;
    }
}
