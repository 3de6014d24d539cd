using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>The multiples 0 to 2,048 of one point, the same for all lanes; multiple 0 means nothing. 160 KiB: two of them lie in a core's own cache.</summary>
sealed unsafe class SharedTable
{
    /// <summary>Digits of so many bits are looked up, from -2^(bits-1) to 2^(bits-1) - 1.</summary>
    public const int DigitBits = 12;

    const int Size = (1 << DigitBits - 1) + 1, Words = 10;

    readonly ulong[] _words = GC.AllocateArray<ulong>(Size * Words, pinned: true);
    readonly ulong* _start;

    public SharedTable(in AffineCurvePoint<Secp256k1Curve> point)
    {
        _start = (ulong*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_words));
        var multiples = new CurvePoint<Secp256k1Curve>[Size];
        multiples[1] = new CurvePoint<Secp256k1Curve>(point);
        for (var i = 2; i < Size; i++)
        {
            multiples[i] = multiples[i - 1];
            multiples[i].Add(point);
        }

        var inverses = new Limbs52[Size - 1];
        for (var i = 1; i < Size; i++) inverses[i - 1] = multiples[i].Z;
        CurveField<Secp256k1Curve>.InvertAll(inverses);
        for (var i = 1; i < Size; i++)
        {
            multiples[i].ToAffine(inverses[i - 1], out var x, out var y);
            Pack(x, _words.AsSpan(i * Words));
            Pack(y, _words.AsSpan(i * Words + Words / 2));
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
