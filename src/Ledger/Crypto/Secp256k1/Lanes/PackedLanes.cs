using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
