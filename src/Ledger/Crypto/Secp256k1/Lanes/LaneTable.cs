using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>A <see cref="LaneNumber"/> at rest, two limbs in one: half the memory to walk. [1] only.</summary>
struct PackedLanes
{
    public Vector512<ulong> P0, P1, P2, P3, P4;

    public PackedLanes(in LaneNumber number) =>
        (P0, P1, P2, P3, P4) = (number.L0 | number.L1 << 32, number.L2 | number.L3 << 32, number.L4 | number.L5 << 32, number.L6 | number.L7 << 32, number.L8 | number.L9 << 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(Vector512<ulong> p0, Vector512<ulong> p1, Vector512<ulong> p2, Vector512<ulong> p3, Vector512<ulong> p4, out LaneNumber number)
    {
        var low = Vector512.Create((ulong)uint.MaxValue);
        (number.L0, number.L1, number.L2, number.L3) = (p0 & low, p0 >> 32, p1 & low, p1 >> 32);
        (number.L4, number.L5, number.L6, number.L7) = (p2 & low, p2 >> 32, p3 & low, p3 >> 32);
        (number.L8, number.L9) = (p4 & low, p4 >> 32);
    }
}

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
        multiples[0] = new LanePoint { X = x, Y = y, Z = LaneNumber.Everywhere(UInt256.One) };
        for (var i = 1; i < Size; i++)
        {
            multiples[i] = multiples[i - 1];
            if (i == 1) multiples[i].Double();
            else multiples[i].Add(x, y, multiples[i].Z, default, out steps[i]);
        }
        // Doubling (x, y) multiplied Z by 2y.
        steps[1] = multiples[1].Z;

        stretch = multiples[Size - 1].Z;
        LaneNumber factor = LaneNumber.Everywhere(UInt256.One);
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

/// <summary>The multiples 0 to 128 of one point, the same for all lanes; multiple 0 means nothing.</summary>
sealed unsafe class SharedTable
{
    const int Size = 129, Words = 10;

    readonly ulong[] _words = GC.AllocateArray<ulong>(Size * Words, pinned: true);
    readonly ulong* _start;

    public SharedTable(in AffineCurvePoint<Secp256k1Curve> point)
    {
        _start = (ulong*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_words));
        var multiple = new CurvePoint<Secp256k1Curve>(point);
        for (var i = 1; i < Size; i++)
        {
            multiple.ToAffine(out var x, out var y);
            Pack(x, _words.AsSpan(i * Words));
            Pack(y, _words.AsSpan(i * Words + Words / 2));
            multiple.Add(point);
        }
    }

    /// <inheritdoc cref="LaneTable.Select"/>
    public void Select(Vector512<long> digits, out LaneNumber x, out LaneNumber y)
    {
        var at = Vector512.Abs(digits) * Words;
        Vector256<long> low = at.GetLower(), high = at.GetUpper();
        PackedLanes.Unpack(Gather(0, low, high), Gather(1, low, high), Gather(2, low, high), Gather(3, low, high), Gather(4, low, high), out x);
        PackedLanes.Unpack(Gather(5, low, high), Gather(6, low, high), Gather(7, low, high), Gather(8, low, high), Gather(9, low, high), out y);
        LaneTable.NegateWhereNegative(digits, ref y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Vector512<ulong> Gather(int word, Vector256<long> low, Vector256<long> high) =>
        Vector512.Create(Avx2.GatherVector256(_start + word, low, 8), Avx2.GatherVector256(_start + word, high, 8));

    static void Pack(in UInt256 number, Span<ulong> words)
    {
        var lanes = default(LaneNumber);
        lanes.Set(0, number);
        var packed = new PackedLanes(lanes);
        (words[0], words[1], words[2], words[3], words[4]) = (packed.P0[0], packed.P1[0], packed.P2[0], packed.P3[0], packed.P4[0]);
    }
}
