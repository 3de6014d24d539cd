using System.Numerics;

namespace Hufu.Crypto;

/// <summary>
/// Inversion modulo an odd prime by division steps (Bernstein and Yang, "Fast constant-time gcd computation and modular inversion", 2019),
/// in variable time: 62 steps are found from the lowest words alone, then applied to the long numbers as one 2×2 matrix.
/// </summary>
static class ModularInverse
{
    const ulong Mask = (1UL << 62) - 1;

    /// <summary>Replaces a number below the modulus by its inverse; zero stays zero.</summary>
    /// <param name="number">Limbs, least significant first.</param>
    /// <param name="modulus">As many limbs, odd.</param>
    /// <param name="negativeInverse">-modulus⁻¹ mod 2^64.</param>
    public static void Invert(Span<ulong> number, ReadOnlySpan<ulong> modulus, ulong negativeInverse)
    {
        int length = (number.Length * 64 + 61) / 62 + 1;
        Span<long> m = stackalloc long[length], f = stackalloc long[length], g = stackalloc long[length];
        Span<long> d = stackalloc long[length], e = stackalloc long[length];
        ToWords(modulus, m);
        m.CopyTo(f);
        ToWords(number, g);
        d.Clear();
        e.Clear();
        e[0] = 1;

        ulong inverse = 0 - negativeInverse;
        long eta = -1;
        while (!IsZero(g))
        {
            Matrix step = DivisionSteps(ref eta, (ulong)f[0], (ulong)g[0]);
            UpdateModular(d, e, step, m, inverse);
            UpdateExact(f, g, step);
        }

        // f is now ±gcd and d ≡ ±1/number, in (-2m, m).
        Normalize(d, f[length - 1] < 0, m);
        FromWords(d, number);
    }

    readonly record struct Matrix(long U, long V, long Q, long R);

    static Matrix DivisionSteps(ref long eta, ulong f, ulong g)
    {
        ulong u = 1, v = 0, q = 0, r = 1;
        int left = 62;
        while (true)
        {
            int zeros = BitOperations.TrailingZeroCount(g | (ulong.MaxValue << left));
            g >>= zeros;
            u <<= zeros;
            v <<= zeros;
            eta -= zeros;
            left -= zeros;
            if (left == 0) return new Matrix((long)u, (long)v, (long)q, (long)r);

            ulong multiple;
            if (eta < 0)
            {
                eta = -eta;
                (f, g) = (g, 0 - f);
                (u, q) = (q, 0 - u);
                (v, r) = (r, 0 - v);
                // f·(f²-2) is -1/f modulo 64: cancel up to six bits of g at once.
                ulong mask = (ulong.MaxValue >> (64 - (int)Math.Min(eta + 1, left))) & 63;
                multiple = (f * g * (f * f - 2)) & mask;
            }
            else
            {
                // f + 8·(bit 2 of f+1) is 1/f modulo 16.
                ulong mask = (ulong.MaxValue >> (64 - (int)Math.Min(eta + 1, left))) & 15;
                ulong inverse = f + (((f + 1) & 4) << 1);
                multiple = ((0 - inverse) * g) & mask;
            }

            g += f * multiple;
            q += u * multiple;
            r += v * multiple;
        }
    }

    /// <summary>(f, g) ← matrix · (f, g) / 2^62, which is exact.</summary>
    static void UpdateExact(Span<long> f, Span<long> g, in Matrix step)
    {
        Int128 cf = Math.BigMul(step.U, f[0]) + Math.BigMul(step.V, g[0]);
        Int128 cg = Math.BigMul(step.Q, f[0]) + Math.BigMul(step.R, g[0]);
        cf >>= 62;
        cg >>= 62;
        for (int i = 1; i < f.Length; i++)
        {
            cf += Math.BigMul(step.U, f[i]) + Math.BigMul(step.V, g[i]);
            cg += Math.BigMul(step.Q, f[i]) + Math.BigMul(step.R, g[i]);
            f[i - 1] = (long)((ulong)cf & Mask);
            g[i - 1] = (long)((ulong)cg & Mask);
            cf >>= 62;
            cg >>= 62;
        }
        f[^1] = (long)cf;
        g[^1] = (long)cg;
    }

    /// <summary>(d, e) ← matrix · (d, e) / 2^62 modulo m, keeping both in (-2m, m).</summary>
    static void UpdateModular(Span<long> d, Span<long> e, in Matrix step, ReadOnlySpan<long> m, ulong inverse)
    {
        long signD = d[^1] >> 63, signE = e[^1] >> 63;
        long md = (step.U & signD) + (step.V & signE), me = (step.Q & signD) + (step.R & signE);
        Int128 cd = Math.BigMul(step.U, d[0]) + Math.BigMul(step.V, e[0]);
        Int128 ce = Math.BigMul(step.Q, d[0]) + Math.BigMul(step.R, e[0]);

        // Multiples of m that clear the lowest word.
        md -= (long)((inverse * (ulong)cd + (ulong)md) & Mask);
        me -= (long)((inverse * (ulong)ce + (ulong)me) & Mask);
        cd = (cd + Math.BigMul(m[0], md)) >> 62;
        ce = (ce + Math.BigMul(m[0], me)) >> 62;
        for (int i = 1; i < d.Length; i++)
        {
            cd += Math.BigMul(step.U, d[i]) + Math.BigMul(step.V, e[i]) + Math.BigMul(m[i], md);
            ce += Math.BigMul(step.Q, d[i]) + Math.BigMul(step.R, e[i]) + Math.BigMul(m[i], me);
            d[i - 1] = (long)((ulong)cd & Mask);
            e[i - 1] = (long)((ulong)ce & Mask);
            cd >>= 62;
            ce >>= 62;
        }
        d[^1] = (long)cd;
        e[^1] = (long)ce;
    }

    /// <summary>Brings d, or -d, from (-2m, 2m) into [0, m).</summary>
    static void Normalize(Span<long> d, bool negate, ReadOnlySpan<long> m)
    {
        if (negate)
        {
            long carry = 0;
            for (int i = 0; i < d.Length; i++)
            {
                long word = carry - d[i];
                if (i < d.Length - 1) { carry = word >> 62; word &= (long)Mask; }
                d[i] = word;
            }
        }
        while (d[^1] < 0) AddMultiple(d, m, 1);
        while (true)
        {
            AddMultiple(d, m, -1);
            if (d[^1] >= 0) continue;
            AddMultiple(d, m, 1);
            return;
        }
    }

    static void AddMultiple(Span<long> d, ReadOnlySpan<long> m, long sign)
    {
        long carry = 0;
        for (int i = 0; i < d.Length; i++)
        {
            long word = d[i] + sign * m[i] + carry;
            if (i < d.Length - 1) { carry = word >> 62; word &= (long)Mask; }
            d[i] = word;
        }
    }

    static bool IsZero(ReadOnlySpan<long> words) => !words.ContainsAnyExcept(0);

    static void ToWords(ReadOnlySpan<ulong> limbs, Span<long> words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            int bit = i * 62, limb = bit >> 6, shift = bit & 63;
            ulong word = limb < limbs.Length ? limbs[limb] >> shift : 0;
            if (shift > 2 && limb + 1 < limbs.Length) word |= limbs[limb + 1] << (64 - shift);
            words[i] = (long)(word & Mask);
        }
    }

    static void FromWords(ReadOnlySpan<long> words, Span<ulong> limbs)
    {
        limbs.Clear();
        for (int i = 0; i < words.Length; i++)
        {
            int bit = i * 62, limb = bit >> 6, shift = bit & 63;
            if (limb < limbs.Length) limbs[limb] |= (ulong)words[i] << shift;
            if (shift > 2 && limb + 1 < limbs.Length) limbs[limb + 1] |= (ulong)words[i] >> (64 - shift);
        }
    }
}
