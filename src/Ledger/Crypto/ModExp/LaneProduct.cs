using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Crypto;

/// <summary>
/// The inner loops of <see cref="LaneModulus"/>. Four rows of a product at a time pass over the columns, four columns to a vector, so that
/// sixteen products share one load and one store of the sums.
/// Numbers have a multiple of four limbs, with four zero lanes before and after them.
/// </summary>
static unsafe class LaneProduct
{
    /// <summary>Fills 2·size + 4 columns with a·b, uncarried.</summary>
    public static void Multiply(ulong* a, ulong* b, ulong* columns, int size)
    {
        new Span<ulong>(columns, 2 * size + 4).Clear();
        for (var i = 0; i < size; i += 4)
            AddRows(columns + i, b, a[i], a[i + 1], a[i + 2], a[i + 3], 0, size);
    }

    /// <summary>Fills 2·size + 4 columns with a², uncarried: what lies above the diagonal counts twice, what lies below is left out.</summary>
    public static void Square(ulong* a, ulong* columns, int size)
    {
        new Span<ulong>(columns, 2 * size + 4).Clear();
        for (var i = 0; i < size; i += 4)
        {
            ulong a0 = a[i], a1 = a[i + 1], a2 = a[i + 2], a3 = a[i + 3];
            ulong twice0 = 2 * a0, twice1 = 2 * a1, twice2 = 2 * a2, twice3 = 2 * a3;

            // The block of four by four on the diagonal.
            var diagonal = columns + 2 * i;
            diagonal[0] += a0 * a0;
            diagonal[1] += twice0 * a1;
            diagonal[2] += twice0 * a2 + a1 * a1;
            diagonal[3] += twice0 * a3 + twice1 * a2;
            diagonal[4] += twice1 * a3 + a2 * a2;
            diagonal[5] += twice2 * a3;
            diagonal[6] += a3 * a3;
            if (i + 4 == size) break;

            // To its right, the first vector must not see the block's own limbs again.
            var first = columns + 2 * i + 4;
            var b = a + i + 4;
            var sum = Vector256.Load(first);
            sum += Multiply(Vector256.Create(twice0), Vector256.Load(b));
            sum += Multiply(Vector256.Create(twice1), Vector256.Load(b - 1) & Vector256.Create(0, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue));
            sum += Multiply(Vector256.Create(twice2), Vector256.Load(b - 2) & Vector256.Create(0, 0, ulong.MaxValue, ulong.MaxValue));
            sum += Multiply(Vector256.Create(twice3), Vector256.Load(b - 3) & Vector256.Create(0, 0, 0, ulong.MaxValue));
            sum.Store(first);
            AddRows(first, b, twice0, twice1, twice2, twice3, 4, size - i - 4);
        }
    }

    /// <summary>Adds multiples of the modulus until the lower half of the columns is zero; the upper half is then the quotient by 2^(size·width) (Montgomery, 1985).</summary>
    public static void DivideOff(ulong* columns, ulong* modulus, ulong negativeInverse, int width, int size)
    {
        var mask = (1UL << width) - 1;
        ulong n0 = modulus[0], n1 = modulus[1], n2 = modulus[2], n3 = modulus[3];
        for (var i = 0; i < size; i += 4)
        {
            var column = columns + i;
            var t = column[0];
            var q0 = (t * negativeInverse) & mask;
            t = column[1] + q0 * n1 + ((t + q0 * n0) >> width);
            var q1 = (t * negativeInverse) & mask;
            t = column[2] + q0 * n2 + q1 * n1 + ((t + q1 * n0) >> width);
            var q2 = (t * negativeInverse) & mask;
            t = column[3] + q0 * n3 + q1 * n2 + q2 * n1 + ((t + q2 * n0) >> width);
            var q3 = (t * negativeInverse) & mask;
            column[4] += (t + q3 * n0) >> width;
            AddRows(column, modulus, q0, q1, q2, q3, 4, size);
        }
    }

    /// <summary>Carries columns into limbs; what overflows the last is lost.</summary>
    public static void Carry(ulong* columns, ulong* limbs, int width, int size)
    {
        var mask = (1UL << width) - 1;
        ulong carry = 0;
        for (var i = 0; i < size; i++)
        {
            carry += columns[i];
            limbs[i] = carry & mask;
            carry >>= width;
        }
    }

    /// <summary>Adds (r0 + r1·x + r2·x² + r3·x³)·b to the columns from the given one up to size + 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void AddRows(ulong* columns, ulong* b, ulong r0, ulong r1, ulong r2, ulong r3, int from, int size)
    {
        Vector256<ulong> v0 = Vector256.Create(r0), v1 = Vector256.Create(r1), v2 = Vector256.Create(r2), v3 = Vector256.Create(r3);
        for (var j = from; j <= size; j += 4)
        {
            var even = Vector256.Load(columns + j) + Multiply(v0, Vector256.Load(b + j));
            var odd = Multiply(v1, Vector256.Load(b + j - 1)) + Multiply(v2, Vector256.Load(b + j - 2));
            even += Multiply(v3, Vector256.Load(b + j - 3));
            (even + odd).Store(columns + j);
        }
    }

    /// <summary>Products of the lanes' low halves; both operands are below 2^32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<ulong> Multiply(Vector256<ulong> a, Vector256<ulong> b) =>
        Avx2.IsSupported ? Avx2.Multiply(a.AsUInt32(), b.AsUInt32()) : a * b;
}
