using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Crypto;

/// <summary>
/// One point (X : Y : Z) of y² = x³ + b over the prime field, its coordinates side by side in the lanes [X Y Z -]: a point has nobody to go
/// beside, but the products of one formula have each other. The formulas are complete (Renes, Costello and Batina, "Complete addition
/// formulas for prime order elliptic curves", 2016, algorithms 7 and 9): they know no exceptions on a curve of odd order, as both of ours
/// are. A doubling is two products of four lanes, an addition four.
/// </summary>
[SkipLocalsInit]
static class LanePoint<F, L> where F : struct, ITowerField<F> where L : unmanaged, ILimbs
{
    const int WindowBits = 5, Multiples = 1 << (WindowBits - 2);

    // b is 3 on alt_bn128 and 4 on BLS12-381.
    static int ThriceB => F.XiReal == 9 ? 9 : 12;

    public static bool IsSupported => Avx2.IsSupported;

    public static void Pack(in JacobianPoint<F> point, out L packed)
    {
        if (point.IsInfinity)
        {
            Lanes<F, L>.Pack(F.Zero, F.One, F.Zero, F.Zero, out packed);
            return;
        }
        // X/Z² = XZ/Z³ and Y/Z³.
        F.Multiply(point.X, point.Z, out F x);
        F.Square(point.Z, out F z);
        F.Multiply(z, point.Z, out z);
        Lanes<F, L>.Pack(x, point.Y, z, F.Zero, out packed);
    }

    public static void Unpack(in L packed, out JacobianPoint<F> point)
    {
        // X/Z = XZ/Z² and Y/Z = YZ²/Z³.
        Lanes<F, L>.Unpack(packed, out Fp2<F> xy, out Fp2<F> z);
        point.Z = z.C0;
        F.Multiply(xy.C0, z.C0, out point.X);
        F.Square(z.C0, out F zz);
        F.Multiply(xy.C1, zz, out point.Y);
    }

    /// <summary>A short fixed scalar, such as a curve's parameter, times a point.</summary>
    public static void Multiply(in JacobianPoint<F> point, ulong scalar, out JacobianPoint<F> product)
    {
        Pack(point, out L once);
        L running = once;
        for (int bit = 62 - (int)ulong.LeadingZeroCount(scalar); bit >= 0; bit--)
        {
            Double(running, out running);
            if (((scalar >> bit) & 1) != 0) Add(running, once, out running);
        }
        Unpack(running, out product);
    }

    /// <summary>k·P + l·φ(P), where φ(x, y) = (βx, y), for positive or negative k and l: see <see cref="SplitScalar"/>.</summary>
    public static void Multiply(in JacobianPoint<F> point, in F beta, in SplitScalar scalar, out JacobianPoint<F> product)
    {
        Span<sbyte> first = stackalloc sbyte[MultiExponentiation.FormLength], second = stackalloc sbyte[MultiExponentiation.FormLength];
        first.Clear();
        second.Clear();
        int top = Math.Max(
            MultiExponentiation.NonAdjacentForm(scalar.First, WindowBits, first),
            MultiExponentiation.NonAdjacentForm(scalar.Second, WindowBits, second));

        Span<L> odd = stackalloc L[2 * Multiples];
        Pack(point, out odd[0]);
        Double(odd[0], out L twice);
        for (int i = 1; i < Multiples; i++) Add(odd[i - 1], twice, out odd[i]);
        Lanes<F, L>.Pack(beta, F.One, F.One, F.Zero, out L image);
        for (int i = 0; i < Multiples; i++) Lanes<F, L>.Multiply(odd[i], image, out odd[Multiples + i]);

        Pack(default, out L sum);
        for (int bit = top; bit >= 0; bit--)
        {
            Double(sum, out sum);
            if (first[bit] != 0) AddSigned(ref sum, odd[Math.Abs(first[bit]) >> 1], first[bit] < 0 != scalar.IsFirstNegative);
            if (second[bit] != 0) AddSigned(ref sum, odd[Multiples + (Math.Abs(second[bit]) >> 1)], second[bit] < 0 != scalar.IsSecondNegative);
        }
        Unpack(sum, out product);
    }

    static void AddSigned(ref L sum, in L point, bool isNegative)
    {
        if (!isNegative)
        {
            Add(sum, point, out sum);
            return;
        }
        Negate(point, out L opposite);
        Add(sum, opposite, out sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Negate(in L point, out L opposite)
    {
        Unsafe.SkipInit(out opposite);
        Vector256<long> sign = Vector256.Create(0L, -1, 0, 0);
        for (int i = 0; i < L.Count; i++) Lanes<F, L>.At(ref opposite, i) = (Lanes<F, L>.Get(point, i) ^ sign) - sign;
    }

    /// <summary>With s = 3b·Z²: X' = 2XY·(Y² - 3s), Y' = (Y² - 3s)(Y² + s) + 8Y²·s, Z' = 8Y²·YZ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Double(in L point, out L twice)
    {
        Unsafe.SkipInit(out L a);
        Unsafe.SkipInit(out L b);
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> limb = Lanes<F, L>.Get(point, i);
            Lanes<F, L>.At(ref a, i) = Avx2.Permute4x64(limb, 0b00_10_01_01);   // Y Y Z X
            Lanes<F, L>.At(ref b, i) = Avx2.Permute4x64(limb, 0b01_10_10_01);   // Y Z Z Y
        }
        Lanes<F, L>.Multiply(a, b, out L m);

        Vector256<long> factorA = Vector256.Create((long)ThriceB, 1, 1, 1), squareA = Vector256.Create(0L, -3 * ThriceB, 0, -3 * ThriceB);
        Vector256<long> factorB = Vector256.Create(8L, 1, 8, 1), squareB = Vector256.Create(0L, ThriceB, 0, 0);
        Vector256<long> carryA = default, carryB = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> limb = Lanes<F, L>.Get(m, i), zz = Avx2.Permute4x64(limb, 0b10_10_10_10);
            Vector256<long> left = LaneMath.Product(Avx2.Permute4x64(limb, 0b00_01_00_10), factorA) + LaneMath.Product(zz, squareA);    // s, Y²-3s, YZ, Y²-3s
            Vector256<long> right = LaneMath.Product(Avx2.Permute4x64(limb, 0b11_00_00_00), factorB) + LaneMath.Product(zz, squareB);   // 8Y², Y²+s, 8Y², XY
            Lanes<F, L>.PutLoose(ref a, i, left, ref carryA);
            Lanes<F, L>.PutLoose(ref b, i, right, ref carryB);
        }
        Lanes<F, L>.Multiply(a, b, out m);

        Unsafe.SkipInit(out twice);
        carryA = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> limb = Lanes<F, L>.Get(m, i);
            Vector256<long> more = Avx2.Permute4x64(limb, 0b00_00_00_11) & Vector256.Create(-1L, -1, 0, 0);
            Lanes<F, L>.PutLoose(ref twice, i, Avx2.Permute4x64(limb, 0b11_10_01_11) + more, ref carryA);
        }
    }

    /// <summary>
    /// With t = (X1X2, Y1Y2, Z1Z2), c = (X1Y2 + X2Y1, Y1Z2 + Y2Z1, Z1X2 + Z2X1) and s = 3b·t2, u = 3b·c2:
    /// X' = c0(t1 - s) - c1·u, Y' = (t1 - s)(t1 + s) + 3t0·u, Z' = (t1 + s)c1 + 3t0·c0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(in L p, in L q, out L sum)
    {
        Unsafe.SkipInit(out L a);
        Unsafe.SkipInit(out L b);
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> limbP = Lanes<F, L>.Get(p, i), limbQ = Lanes<F, L>.Get(q, i);
            Lanes<F, L>.At(ref a, i) = limbP + Turn(limbP);
            Lanes<F, L>.At(ref b, i) = limbQ + Turn(limbQ);
        }
        Lanes<F, L>.Multiply(p, q, out L t);
        Lanes<F, L>.Multiply(a, b, out L crossed);

        Unsafe.SkipInit(out L c);
        Unsafe.SkipInit(out L d);
        Vector256<long> carryA = default, carryB = default, carryC = default, carryD = default;
        Vector256<long> squareA = Vector256.Create(0L, -ThriceB, ThriceB, 0), squareB = Vector256.Create((long)-ThriceB, ThriceB, 0, 0);
        Vector256<long> factorC = Vector256.Create(1L, ThriceB, 0, 0), factorD = Vector256.Create((long)-ThriceB, 0, 1, 0);
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> limb = Lanes<F, L>.Get(t, i);
            Vector256<long> cross = Lanes<F, L>.Get(crossed, i) - limb - Turn(limb);
            Vector256<long> xx = Avx2.Permute4x64(limb, 0b00_00_00_00), yy = Avx2.Permute4x64(limb, 0b01_01_01_01), zz = Avx2.Permute4x64(limb, 0b10_10_10_10);
            Vector256<long> turned = Avx2.Permute4x64(cross, 0b01_01_10_01);   // c1 c2 c1 c1
            // c0, t1-s, t1+s by t1-s, t1+s, c1; c1, u, 3t0 by -u, 3t0, c0.
            Lanes<F, L>.PutLoose(ref a, i, Avx2.Blend((yy + LaneMath.Product(zz, squareA)).AsInt32(), cross.AsInt32(), 0b00_00_00_11).AsInt64(), ref carryA);
            Lanes<F, L>.PutLoose(ref b, i, Avx2.Blend((yy + LaneMath.Product(zz, squareB)).AsInt32(), turned.AsInt32(), 0b00_11_00_00).AsInt64(), ref carryB);
            Lanes<F, L>.PutLoose(ref c, i, LaneMath.Product(turned, factorC) + LaneMath.Product(xx, Vector256.Create(0L, 0, 3, 0)), ref carryC);
            Lanes<F, L>.PutLoose(ref d, i, LaneMath.Product(Avx2.Permute4x64(cross, 0b00_00_00_10), factorD) + LaneMath.Product(xx, Vector256.Create(0L, 3, 0, 0)), ref carryD);
        }
        Lanes<F, L>.Multiply(a, b, out a);
        Lanes<F, L>.Multiply(c, d, out c);

        Unsafe.SkipInit(out sum);
        carryA = default;
        for (int i = 0; i < L.Count; i++) Lanes<F, L>.PutLoose(ref sum, i, Lanes<F, L>.Get(a, i) + Lanes<F, L>.Get(c, i), ref carryA);
    }

    /// <summary>[y z x -].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<long> Turn(Vector256<long> a) => Avx2.Permute4x64(a, 0b11_00_10_01);
}
