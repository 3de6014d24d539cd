using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Crypto;

/// <summary>One point (X : Y : Z) of a curve's twist, two coordinates beside each other. The formulas are those of <see cref="LanePoint{F, L}"/>.</summary>
[SkipLocalsInit]
struct LaneTwistPoint<F, L> where F : struct, ITowerField<F> where L : struct, ILimbs
{
    const int WindowBits = 4, Multiples = 1 << (WindowBits - 2);

    // [X | Y], and [Z | anything].
    L _xy, _z;

    public static bool IsSupported => Avx2.IsSupported;

    public LaneTwistPoint(in JacobianPoint<Fp2<F>> point)
    {
        if (point.IsInfinity)
        {
            Lanes<F, L>.Pack(Fp2<F>.Zero, Fp2<F>.One, out _xy);
            Lanes<F, L>.Pack(Fp2<F>.Zero, Fp2<F>.Zero, out _z);
            return;
        }
        // X/Z² = XZ/Z³ and Y/Z³.
        Fp2<F>.Multiply(point.X, point.Z, out Fp2<F> x);
        Fp2<F>.Square(point.Z, out Fp2<F> z);
        Fp2<F>.Multiply(z, point.Z, out z);
        Lanes<F, L>.Pack(x, point.Y, out _xy);
        Lanes<F, L>.Pack(z, z, out _z);
    }

    public readonly void Unpack(out JacobianPoint<Fp2<F>> point)
    {
        // X/Z = XZ/Z² and Y/Z = YZ²/Z³.
        Lanes<F, L>.Unpack(_xy, out Fp2<F> x, out Fp2<F> y);
        Lanes<F, L>.Unpack(_z, out point.Z, out _);
        Fp2<F>.Multiply(x, point.Z, out point.X);
        Fp2<F>.Square(point.Z, out Fp2<F> zz);
        Fp2<F>.Multiply(y, zz, out point.Y);
    }

    /// <summary>A short fixed scalar, such as a curve's parameter, times a point.</summary>
    /// <param name="thriceB">3b of the twist.</param>
    public static void Multiply(in JacobianPoint<Fp2<F>> point, ulong scalar, in Fp2<F> thriceB, out JacobianPoint<Fp2<F>> product)
    {
        Lanes<F, L>.Pack(thriceB, thriceB, out L factor);
        new LaneTwistPoint<F, L>(point).Times(scalar, factor).Unpack(out product);
    }

    /// <param name="thriceB">3b of the twist, in both halves, as all that follows takes it.</param>
    public readonly LaneTwistPoint<F, L> Times(ulong scalar, in L thriceB)
    {
        LaneTwistPoint<F, L> running = this;
        for (int bit = 62 - (int)ulong.LeadingZeroCount(scalar); bit >= 0; bit--)
        {
            running.Double(thriceB);
            if (((scalar >> bit) & 1) != 0) running.Add(this, thriceB);
        }
        return running;
    }

    /// <summary>Σ digits[i]·imageⁱ(P), where image(x, y) = (a·x̄, b·ȳ): a scalar split along an endomorphism.</summary>
    /// <param name="image">a and b.</param>
    public static void Multiply(in JacobianPoint<Fp2<F>> point, ReadOnlySpan<ulong> digits, in AffinePoint<Fp2<F>> image, in Fp2<F> thriceB, out JacobianPoint<Fp2<F>> product)
    {
        var forms = new sbyte[digits.Length * MultiExponentiation.FormLength];
        int top = -1;
        for (int i = 0; i < digits.Length; i++)
            top = Math.Max(top, MultiExponentiation.NonAdjacentForm(digits[i], WindowBits, forms.AsSpan(i * MultiExponentiation.FormLength, MultiExponentiation.FormLength)));

        Lanes<F, L>.Pack(thriceB, thriceB, out L factor);
        Lanes<F, L>.Pack(image.X, image.Y, out L coordinates);
        var odd = new LaneTwistPoint<F, L>[digits.Length * Multiples];
        odd[0] = new LaneTwistPoint<F, L>(point);
        LaneTwistPoint<F, L> twice = odd[0];
        twice.Double(factor);
        for (int i = 1; i < odd.Length; i++)
        {
            odd[i] = odd[i < Multiples ? i - 1 : i - Multiples];
            if (i < Multiples) odd[i].Add(twice, factor);
            else odd[i].MoveToImage(coordinates);
        }

        var sum = new LaneTwistPoint<F, L>(default);
        for (int bit = top; bit >= 0; bit--)
        {
            if (bit != top) sum.Double(factor);
            for (int i = 0; i < digits.Length; i++)
            {
                int digit = forms[i * MultiExponentiation.FormLength + bit];
                if (digit == 0) continue;
                LaneTwistPoint<F, L> term = odd[i * Multiples + (Math.Abs(digit) >> 1)];
                if (digit < 0) term.Negate();
                sum.Add(term, factor);
            }
        }
        sum.Unpack(out product);
    }

    /// <summary>(x, y) → (a·x̄, b·ȳ).</summary>
    /// <param name="coordinates">a and b.</param>
    public void MoveToImage(in L coordinates)
    {
        Vector256<long> imaginary = Vector256.Create(0L, -1, 0, -1);
        for (int i = 0; i < L.Count; i++)
        {
            ref Vector256<long> xy = ref Lanes<F, L>.At(ref _xy, i), z = ref Lanes<F, L>.At(ref _z, i);
            xy = (xy ^ imaginary) - imaginary;
            z = (z ^ imaginary) - imaginary;
        }
        Lanes<F, L>.MultiplyFp2(_xy, coordinates, out _xy);
    }

    public void Negate()
    {
        Vector256<long> second = Vector256.Create(0L, 0, -1, -1);
        for (int i = 0; i < L.Count; i++)
        {
            ref Vector256<long> xy = ref Lanes<F, L>.At(ref _xy, i);
            xy = (xy ^ second) - second;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Double(in L thriceB)
    {
        Unsafe.SkipInit(out L a);
        Unsafe.SkipInit(out L b);
        Unsafe.SkipInit(out L c);
        Unsafe.SkipInit(out L d);
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> xy = Lanes<F, L>.Get(_xy, i), z = Lanes<F, L>.Get(_z, i);
            Lanes<F, L>.At(ref a, i) = LaneMath.SecondFirst(xy, z);     // Y Z
            Lanes<F, L>.At(ref b, i) = LaneMath.SwapHalves(xy);         // Y X
            Lanes<F, L>.At(ref c, i) = LaneMath.FirstSecond(z, xy);     // Z Y
        }
        Lanes<F, L>.SquareFp2(a, out L squares);                        // Y² Z²
        Lanes<F, L>.MultiplyFp2(b, c, out L products);                  // YZ XY
        Lanes<F, L>.Spread(squares, second: true, out L s);
        TimesThriceB(s, thriceB, out s);

        Vector256<long> carryA = default, carryB = default, carryC = default, carryD = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> square = Lanes<F, L>.Get(squares, i), yy = LaneMath.FirstFirst(square, square), product = Lanes<F, L>.Get(products, i);
            Vector256<long> once = Lanes<F, L>.Get(s, i), less = yy - (once + (once << 1));
            Lanes<F, L>.PutLoose(ref a, i, LaneMath.FirstSecond(once, less), ref carryA);             // s, Y²-3s
            Lanes<F, L>.PutLoose(ref b, i, LaneMath.FirstSecond(yy << 3, yy + once), ref carryB);     // 8Y², Y²+s
            Lanes<F, L>.PutLoose(ref c, i, LaneMath.FirstSecond(product, less), ref carryC);          // YZ, Y²-3s
            Lanes<F, L>.PutLoose(ref d, i, LaneMath.FirstSecond(yy << 3, product), ref carryD);       // 8Y², XY
        }
        Lanes<F, L>.MultiplyFp2(a, b, out a);
        Lanes<F, L>.MultiplyFp2(c, d, out _z);

        carryA = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> limb = Lanes<F, L>.Get(a, i), x = LaneMath.SwapHalves(Lanes<F, L>.Get(_z, i));
            Lanes<F, L>.PutLoose(ref _xy, i, LaneMath.FirstSecond(x << 1, limb + LaneMath.SwapHalves(limb)), ref carryA);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(in LaneTwistPoint<F, L> other, in L thriceB)
    {
        PairSums(this, out L a, out L b);
        PairSums(other, out L c, out L d);
        Lanes<F, L>.MultiplyFp2(_xy, other._xy, out L t);    // t0 t1
        Lanes<F, L>.MultiplyFp2(a, c, out L crossed);
        Lanes<F, L>.MultiplyFp2(b, d, out L rest);           // t2, (Z1 + X1)(Z2 + X2)

        Vector256<long> carryA = default, carryB = default, carryC = default, carryD = default;
        Unsafe.SkipInit(out L us);
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> t01 = Lanes<F, L>.Get(t, i), last = Lanes<F, L>.Get(rest, i), swapped = LaneMath.SwapHalves(last);
            Lanes<F, L>.PutLoose(ref a, i, Lanes<F, L>.Get(crossed, i) - t01 - LaneMath.SecondFirst(t01, last), ref carryA);     // c0 c1
            Lanes<F, L>.PutLoose(ref us, i, LaneMath.FirstSecond(swapped - last - t01, swapped), ref carryB);                    // c2 t2
        }
        TimesThriceB(us, thriceB, out us);                   // u s

        carryA = carryB = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> t01 = Lanes<F, L>.Get(t, i), t1 = LaneMath.SecondSecond(t01, t01), limb = Lanes<F, L>.Get(us, i), s = LaneMath.SecondSecond(limb, limb);
            Vector256<long> cross = Lanes<F, L>.Get(a, i), less = t1 - s;
            Lanes<F, L>.At(ref c, i) = LaneMath.FirstFirst(limb, limb);                                       // u u
            Lanes<F, L>.PutLoose(ref b, i, LaneMath.FirstSecond(cross, less), ref carryA);                    // c0, t1-s
            Lanes<F, L>.PutLoose(ref d, i, LaneMath.FirstSecond(less, t1 + s), ref carryB);                   // t1-s, t1+s
        }
        Lanes<F, L>.MultiplyFp2(b, d, out b);

        carryA = carryB = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> t01 = Lanes<F, L>.Get(t, i), thrice = LaneMath.FirstFirst(t01, t01), limb = Lanes<F, L>.Get(us, i);
            Vector256<long> turned = LaneMath.SwapHalves(Lanes<F, L>.Get(a, i)), sum = LaneMath.SecondSecond(t01, t01) + LaneMath.SecondSecond(limb, limb);
            thrice += thrice << 1;
            Lanes<F, L>.At(ref crossed, i) = turned;                                                          // c1 c0
            Lanes<F, L>.PutLoose(ref d, i, LaneMath.FirstSecond(Vector256<long>.Zero - turned, thrice), ref carryC);     // -c1, 3t0
            Lanes<F, L>.PutLoose(ref rest, i, LaneMath.FirstSecond(sum, thrice), ref carryD);                 // t1+s, 3t0
        }
        Lanes<F, L>.MultiplyFp2(d, c, out c);
        Lanes<F, L>.MultiplyFp2(rest, crossed, out d);

        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> z = Lanes<F, L>.Get(d, i);
            Lanes<F, L>.PutLoose(ref _xy, i, Lanes<F, L>.Get(b, i) + Lanes<F, L>.Get(c, i), ref carryA);
            Lanes<F, L>.PutLoose(ref _z, i, z + LaneMath.SwapHalves(z), ref carryB);
        }
    }

    /// <summary>[X + Y | Y + Z] and [Z | Z + X].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void PairSums(in LaneTwistPoint<F, L> point, out L xyz, out L zx)
    {
        Unsafe.SkipInit(out xyz);
        Unsafe.SkipInit(out zx);
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> xy = Lanes<F, L>.Get(point._xy, i), z = Lanes<F, L>.Get(point._z, i);
            Vector256<long> swapped = LaneMath.SwapHalves(xy), spread = LaneMath.FirstFirst(z, z);
            Lanes<F, L>.At(ref xyz, i) = xy + LaneMath.FirstSecond(swapped, spread);
            Lanes<F, L>.At(ref zx, i) = spread + LaneMath.FirstSecond(Vector256<long>.Zero, swapped);
        }
    }

    static void TimesThriceB(in L a, in L thriceB, out L product)
    {
        if (F.XiReal == 1) Lanes<F, L>.TwelveXiTimes(a, out product);
        else Lanes<F, L>.MultiplyFp2(a, thriceB, out product);
    }
}
