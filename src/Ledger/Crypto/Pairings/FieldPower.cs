using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>Powers in any field.</summary>
[SkipLocalsInit]
static class FieldPower
{
    /// <summary>a to the exponent, whose limbs stand least significant first.</summary>
    public static void Raise<T>(in T a, ReadOnlySpan<ulong> exponent, out T power) where T : struct, IField<T>
    {
        // Windows of four bits: 15 small powers, then 4 squarings and one product for each digit.
        Unsafe.SkipInit(out SmallPowers<T> small);
        small[0] = T.One;
        small[1] = a;
        for (int i = 2; i < 16; i++) T.Multiply(small[i - 1], a, out small[i]);

        power = T.One;
        bool started = false;
        for (int digit = exponent.Length * 16 - 1; digit >= 0; digit--)
        {
            int window = (int)(exponent[digit >> 4] >> ((digit & 15) * 4)) & 15;
            if (started)
                for (int i = 0; i < 4; i++) T.Square(power, out power);
            if (window == 0) continue;
            if (started) T.Multiply(power, small[window], out power);
            else power = small[window];
            started = true;
        }
    }

    [InlineArray(16)]
    struct SmallPowers<T> where T : struct
    {
        T _first;
    }
}
