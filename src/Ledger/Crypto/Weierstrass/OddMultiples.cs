using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>Tables of P, 3P, 5P, … in affine form, and the digits that walk them.</summary>
static class OddMultiples<TCurve> where TCurve : unmanaged, IWeierstrassCurve
{
    /// <summary>Fills the table with the odd multiples of a point, at the price of one inversion in all.</summary>
    public static void Fill(in AffineCurvePoint<TCurve> point, Span<AffineCurvePoint<TCurve>> table)
    {
        var count = table.Length;
        Span<Limbs52> zs = count <= 16 ? stackalloc Limbs52[count] : new Limbs52[count];

        // On the curve stretched by u = Z of 2P, (x·u², y·u³) is P and 2P has Z = 1: so each step is an addition of an affine point.
        var twice = new CurvePoint<TCurve>(point);
        twice.Double();
        var stretch = twice.Z;
        CurveField<TCurve>.Square(stretch, out var power);
        AffineCurvePoint<TCurve> stretched;
        CurveField<TCurve>.Multiply(point.X, power, out stretched.X);
        CurveField<TCurve>.Multiply(power, stretch, out power);
        CurveField<TCurve>.Multiply(point.Y, power, out stretched.Y);

        var step = new AffineCurvePoint<TCurve>(twice.X, twice.Y);
        var multiple = new CurvePoint<TCurve>(stretched);
        for (var i = 0; i < count; i++)
        {
            if (i > 0) multiple.Add(step);
            table[i] = new AffineCurvePoint<TCurve>(multiple.X, multiple.Y);
            CurveField<TCurve>.Multiply(multiple.Z, stretch, out zs[i]);
        }

        CurveField<TCurve>.InvertAll(zs);
        for (var i = 0; i < count; i++)
        {
            CurveField<TCurve>.Square(zs[i], out power);
            CurveField<TCurve>.Multiply(table[i].X, power, out table[i].X);
            CurveField<TCurve>.Multiply(power, zs[i], out power);
            CurveField<TCurve>.Multiply(table[i].Y, power, out table[i].Y);
        }
    }
}

/// <summary>Numbers written in signed odd digits, most of them zero (width-w non-adjacent form).</summary>
static class SignedDigits
{
    /// <summary>Writes digits so that the number is the sum of digit[i]·2^i; of any w neighbours at most one is not zero, and that one is odd and below 2^(w-1) in size.</summary>
    /// <param name="digits">One place more than the number has bits.</param>
    /// <returns>How many places are used.</returns>
    public static int Write(in UInt256 number, int width, Span<short> digits)
    {
        digits.Clear();
        Span<ulong> words = [number.U0, number.U1, number.U2, number.U3, 0];
        int used = 0, carry = 0;
        for (var bit = 0; bit < digits.Length;)
        {
            var window = (int)(words[bit >> 6] >> (bit & 63));
            if ((window & 1) == carry)
            {
                bit++;
                continue;
            }
            var take = Math.Min(width, digits.Length - bit);
            if ((bit & 63) + take > 64) window |= (int)(words[(bit >> 6) + 1] << (64 - (bit & 63)));
            var digit = (window & ((1 << take) - 1)) + carry;
            // The top bit of a full window makes the digit negative, to be repaid by a carry.
            carry = digit >> (width - 1) & 1;
            digit -= carry << width;
            digits[bit] = (short)digit;
            used = bit + 1;
            bit += take;
        }
        return used;
    }
}
