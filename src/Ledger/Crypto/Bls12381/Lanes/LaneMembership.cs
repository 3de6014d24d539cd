using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Crypto;

/// <summary>Whether points of the curve are points of the group, several at a time: four of G1 take little more than one.</summary>
[SkipLocalsInit]
static class LaneMembership<T, TGroup> where T : unmanaged, IField<T> where TGroup : struct, ILaneGroup<T>
{
    public static bool AreMembers(ReadOnlySpan<AffinePoint<T>> points)
    {
        if (points.Length > 1 && Avx2.IsSupported) return AreMembersInLanes(points);
        foreach (ref readonly AffinePoint<T> point in points)
            if (!TGroup.IsMember(point)) return false;
        return true;
    }

    static bool AreMembersInLanes(ReadOnlySpan<AffinePoint<T>> points)
    {
        Span<AffinePoint<T>> members = stackalloc AffinePoint<T>[TGroup.Width];
        Span<JacobianPoint<T>> multiples = stackalloc JacobianPoint<T>[TGroup.Width];
        for (int from = 0; from < points.Length; from += TGroup.Width)
        {
            // Half of the lanes are no faster than so many points one by one, each with its coordinates in the lanes.
            if (points.Length - from <= TGroup.Width / 2)
            {
                foreach (ref readonly AffinePoint<T> point in points[from..])
                    if (!TGroup.IsMember(point)) return false;
                break;
            }
            LanePoints<T, TGroup>.Take(points, from, members);
            bool areAllThere = Multiply(members).TryUnpack(multiples);
            for (int i = 0; i < members.Length; i++)
            {
                // A point of small order met its own multiple on the way: it is looked at alone.
                if (!areAllThere && multiples[i].IsInfinity)
                {
                    if (!TGroup.IsMember(members[i])) return false;
                    continue;
                }
                TGroup.Image(members[i], out AffinePoint<T> image);
                if (!multiples[i].IsEqualTo(new JacobianPoint<T>(image))) return false;
            }
        }
        return true;
    }

    static LanePoints<T, TGroup> Multiply(ReadOnlySpan<AffinePoint<T>> points)
    {
        var running = new LanePoints<T, TGroup>(points);
        (BlsLanes x, BlsLanes y) = (running.X, running.Y);
        for (int bit = 126 - (int)UInt128.LeadingZeroCount(TGroup.Parameter); bit >= 0; bit--)
        {
            running.Double();
            if (((TGroup.Parameter >> bit) & 1) != 0) running.Add(x, y, default, out _);
        }
        return running;
    }
}
