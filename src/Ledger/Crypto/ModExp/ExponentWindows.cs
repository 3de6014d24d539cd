using System.Numerics;

namespace Hufu.Crypto;

/// <summary>
/// Walks an exponent from its top bit down: so many squarings, then a multiplication by an odd power, or by none at the end.
/// The squarings before the first digit are for nothing, as the power is still one.
/// </summary>
ref struct ExponentWindows
{
    readonly ReadOnlySpan<byte> _exponent;
    readonly int _width;
    long _left;

    /// <param name="exponent">Big-endian.</param>
    public ExponentWindows(ReadOnlySpan<byte> exponent)
    {
        _exponent = exponent.TrimStart((byte)0);
        if (!_exponent.IsEmpty) _left = 8L * _exponent.Length - BitOperations.LeadingZeroCount((uint)_exponent[0]) + 24;
        Bits = _left;
        // Where a wider window saves more multiplications than its table costs.
        _width = _left switch { <= 8 => 1, <= 24 => 2, <= 80 => 3, <= 240 => 4, <= 672 => 5, <= 1792 => 6, _ => 7 };
    }

    public long Bits { get; }

    /// <summary>How many of the powers 1, 3, 5, … the digits ask for.</summary>
    public readonly int OddPowers => 1 << (_width - 1);

    /// <param name="squarings">What comes first.</param>
    /// <param name="digit">Odd, and multiplied after that; zero for nothing.</param>
    /// <returns>False after the last bit.</returns>
    public bool Next(out int squarings, out int digit)
    {
        squarings = digit = 0;
        if (_left == 0) return false;
        for (; _left > 0 && !Bit(_left - 1); _left--) squarings++;
        if (_left == 0) return true;

        var bottom = Math.Max(0, _left - _width);
        while (!Bit(bottom)) bottom++;
        for (; _left > bottom; _left--)
        {
            digit = 2 * digit + (Bit(_left - 1) ? 1 : 0);
            squarings++;
        }
        return true;
    }

    readonly bool Bit(long index) => (_exponent[^(int)(index / 8 + 1)] >> (int)(index % 8) & 1) != 0;
}
