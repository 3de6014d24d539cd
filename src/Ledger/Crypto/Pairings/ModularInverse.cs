using System.Numerics;
using System.Runtime.CompilerServices;

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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void UpdateExact(Span<long> f, Span<long> g, in Matrix step)
    {
        (long u, long v, long q, long r) = step;
        Sum cf = default, cg = default;
        int top = f.Length - 1;
        for (int i = 0; i < f.Length; i++)
        {
            long fi = f[i], gi = g[i];
            if (i < top)
            {
                cf.AddProduct(u, fi);
                cf.AddProduct(v, gi);
                cg.AddProduct(q, fi);
                cg.AddProduct(r, gi);
            }
            else
            {
                cf.AddSignedProduct(u, fi);
                cf.AddSignedProduct(v, gi);
                cg.AddSignedProduct(q, fi);
                cg.AddSignedProduct(r, gi);
            }
            long wordF = cf.TakeWord(), wordG = cg.TakeWord();
            if (i > 0) (f[i - 1], g[i - 1]) = (wordF, wordG);
        }
        f[top] = (long)cf.Low;
        g[top] = (long)cg.Low;
    }

    /// <summary>(d, e) ← matrix · (d, e) / 2^62 modulo m, keeping both in (-2m, m).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void UpdateModular(Span<long> d, Span<long> e, in Matrix step, ReadOnlySpan<long> m, ulong inverse)
    {
        (long u, long v, long q, long r) = step;
        int top = d.Length - 1;
        long signD = d[top] >> 63, signE = e[top] >> 63;
        long md = (u & signD) + (v & signE), me = (q & signD) + (r & signE);

        // Multiples of m that clear the lowest word.
        ulong lowD = (ulong)u * (ulong)d[0] + (ulong)v * (ulong)e[0], lowE = (ulong)q * (ulong)d[0] + (ulong)r * (ulong)e[0];
        md -= (long)((inverse * lowD + (ulong)md) & Mask);
        me -= (long)((inverse * lowE + (ulong)me) & Mask);

        Sum cd = default, ce = default;
        for (int i = 0; i < d.Length; i++)
        {
            long di = d[i], ei = e[i], mi = m[i];
            if (i < top)
            {
                cd.AddProduct(u, di);
                cd.AddProduct(v, ei);
                ce.AddProduct(q, di);
                ce.AddProduct(r, ei);
            }
            else
            {
                cd.AddSignedProduct(u, di);
                cd.AddSignedProduct(v, ei);
                ce.AddSignedProduct(q, di);
                ce.AddSignedProduct(r, ei);
            }
            cd.AddProduct(md, mi);
            ce.AddProduct(me, mi);
            long wordD = cd.TakeWord(), wordE = ce.TakeWord();
            if (i > 0) (d[i - 1], e[i - 1]) = (wordD, wordE);
        }
        d[top] = (long)cd.Low;
        e[top] = (long)ce.Low;
    }

    /// <summary>A running sum of 128 bits, signed. By hand, for Int128 takes twice the time: it corrects each product for the signs of both factors.</summary>
    struct Sum
    {
        public ulong Low;
        long _high;

        /// <summary>The word must not be negative.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddProduct(long factor, long word)
        {
            ulong low = (ulong)factor * (ulong)word;
            Low += low;
            _high += (long)Limb.High((ulong)factor, (ulong)word) - ((factor >> 63) & word) + (long)Limb.One(Low < low);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddSignedProduct(long factor, long word)
        {
            AddProduct(factor, word);
            _high -= (word >> 63) & factor;
        }

        /// <summary>The lowest 62 bits; what is above them stays.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public long TakeWord()
        {
            long word = (long)(Low & Mask);
            Low = (Low >> 62) | ((ulong)_high << 2);
            _high >>= 62;
            return word;
        }
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
