using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hufu.Crypto;

/// <summary>The multiples 1 to 8 of eight points, one a lane, and of their images under the <see cref="Endomorphism"/>, on a curve stretched so that all have Z = 1.</summary>
[InlineArray(Size)]
struct LaneTable
{
    public const int Size = 8;

    static readonly LaneNumber Beta = LaneNumber.Everywhere(CurveField<Secp256k1Curve>.Leave(Endomorphism.Beta));

    Entry _first;

    /// <param name="stretch">Receives what Z is to be multiplied by in the end.</param>
    [SkipLocalsInit]
    public static void Fill(in LaneNumber x, in LaneNumber y, ref LaneTable table, out LaneNumber stretch)
    {
        Span<LanePoint> multiples = stackalloc LanePoint[Size];
        Span<LaneNumber> steps = stackalloc LaneNumber[Size];
        multiples[0] = new LanePoint { X = x, Y = y, Z = LaneNumber.One };
        for (var i = 1; i < Size; i++)
        {
            multiples[i] = multiples[i - 1];
            if (i == 1) multiples[i].Double();
            else multiples[i].Add(x, y, multiples[i].Z, default, out steps[i]);
        }
        // Doubling (x, y) multiplied Z by 2y.
        steps[1] = multiples[1].Z;

        stretch = multiples[Size - 1].Z;
        var factor = LaneNumber.One;
        for (var i = Size - 1; i >= 0; i--)
        {
            // Z of the last is factor times Z of this one.
            LaneNumber.Square(factor, out var power);
            LaneNumber.Multiply(multiples[i].X, power, out var stretchedX);
            LaneNumber.Multiply(power, factor, out power);
            LaneNumber.Multiply(multiples[i].Y, power, out var stretchedY);
            LaneNumber.Multiply(stretchedX, Beta, out var image);
            table[i] = new Entry { X = new PackedLanes(stretchedX), Image = new PackedLanes(image), Y = new PackedLanes(stretchedY) };
            if (i > 0) LaneNumber.Multiply(factor, steps[i], out factor);
        }
    }

    struct Entry
    {
        public PackedLanes X, Image, Y;
    }

    /// <summary>The multiples of <paramref name="digits"/>' size, with y negated where the digit is negative; what stands in lanes of zero means nothing.</summary>
    [SkipLocalsInit]
    public static void Select(ref LaneTable table, Vector512<long> digits, bool ofImage, out LaneNumber x, out LaneNumber y)
    {
        var sizes = Vector512.Abs(digits);
        Vector512<ulong> x0 = default, x1 = default, x2 = default, x3 = default, x4 = default, y0 = default, y1 = default, y2 = default, y3 = default, y4 = default;
        for (var i = 0; i < Size; i++)
        {
            ref var entry = ref table[i];
            ref var entryX = ref ofImage ? ref entry.Image : ref entry.X;
            var mask = Vector512.Equals(sizes, Vector512.Create((long)(i + 1))).AsUInt64();
            x0 |= entryX.P0 & mask;
            x1 |= entryX.P1 & mask;
            x2 |= entryX.P2 & mask;
            x3 |= entryX.P3 & mask;
            x4 |= entryX.P4 & mask;
            y0 |= entry.Y.P0 & mask;
            y1 |= entry.Y.P1 & mask;
            y2 |= entry.Y.P2 & mask;
            y3 |= entry.Y.P3 & mask;
            y4 |= entry.Y.P4 & mask;
        }
        PackedLanes.Unpack(x0, x1, x2, x3, x4, out x);
        PackedLanes.Unpack(y0, y1, y2, y3, y4, out y);
        NegateWhereNegative(digits, ref y);
    }

    public static void NegateWhereNegative(Vector512<long> digits, ref LaneNumber y)
    {
        LaneNumber.Subtract(default, y, 1, out var negative);
        LaneNumber.Choose(Vector512.LessThan(digits, Vector512<long>.Zero).AsUInt64(), y, negative, out y);
    }
}
