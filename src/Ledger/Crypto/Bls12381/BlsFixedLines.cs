using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Crypto;

/// <summary>
/// The lines of a Miller loop through two points of G2 that stay the same from one check to the next, worked out once: a KZG proof is always
/// paired with the generator and a power of τ. The loop is spared its running points, a fifth of it.
/// </summary>
[SkipLocalsInit]
sealed class BlsFixedLines
{
    // In the order of the loop; none where there are no vectors to go through them with.
    readonly LaneLines[] _lines = [];
    readonly AffinePoint<BlsFp2>[] _points;

    public BlsFixedLines(in AffinePoint<BlsFp2> first, in AffinePoint<BlsFp2> second)
    {
        _points = [first, second];
        if (Avx2.IsSupported) _lines = Trace(first, second);
    }

    /// <summary>Whether e(p, first)·e(q, second) is one.</summary>
    public bool IsProductOne(in AffinePoint<BlsFp> p, in AffinePoint<BlsFp> q)
    {
        if (_lines.Length == 0 || p.IsInfinity || q.IsInfinity) return BlsPairing.IsProductOne([p, q], _points);
        BlsLanePairing.MillerLoop(p, q, _lines, out BlsFp12 value);
        return BlsLanePairing.IsOne(value);
    }

    static LaneLines[] Trace(in AffinePoint<BlsFp2> first, in AffinePoint<BlsFp2> second)
    {
        // Evaluated at (1, 1), a line's coefficients stay what they are.
        AffinePoint<BlsFp> ones = new(BlsFp.One, BlsFp.One);
        var running = new LaneMillerPoint<BlsFp, BlsLanes>(ones, first, ones, second);
        var lines = new List<LaneLines>();
        for (int bit = 62; bit >= 0; bit--)
        {
            running.Double(default, out BlsLanes constant, out BlsLanes atX, out BlsLanes atY);
            lines.Add(new LaneLines(constant, atX, atY));
            if (((BlsCurve.MinusX >> bit) & 1) == 0) continue;
            running.Add(running.QX, running.QY, out constant, out atX, out atY);
            lines.Add(new LaneLines(constant, atX, atY));
        }
        return [.. lines];
    }
}

/// <summary>Two lines side by side, Constant + AtX·x + AtY·y.</summary>
readonly struct LaneLines(BlsLanes constant, BlsLanes atX, BlsLanes atY)
{
    public readonly BlsLanes Constant = constant, AtX = atX, AtY = atY;
}
