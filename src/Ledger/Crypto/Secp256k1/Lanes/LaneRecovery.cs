using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>
/// Recovers public keys eight at once, one in each lane of the processor's widest vectors; two times eight share their inversions. As <see cref="ManagedSecp256k1"/> does it, but with digits at fixed places,
/// so that all lanes take the same steps. A lane in which two equal or opposite points meet, which nobody comes across but who looks for it, is left to the others.
/// </summary>
[SkipLocalsInit]
static class LaneRecovery
{
    // k1 and k2 are written in digits of four bits, from -8 to 7, of which the last is a carry; the two halves of u1 in digits of twelve bits, of which
    // the last has eight left, and so room for the carry. A digit of the latter is added at every third place of the former.
    const int PointBits = 4, PointDigits = 33, GeneratorDigits = 11, PlacesADigit = SharedTable.DigitBits / PointBits;

    /// <summary>How many keys are recovered in one step at most.</summary>
    public const int Most = 2 * LaneNumber.Lanes;

    public static bool IsSupported => Avx512F.IsSupported && Avx2.IsSupported;

    /// <summary>Recovers up to <see cref="Most"/> keys. Which were found and which are left to others is told by a bit for each.</summary>
    public static void Recover(ReadOnlySpan<SignedHash> signed, Span<byte> keys64, out int found, out int left)
    {
        Span<UInt256> inverses = stackalloc UInt256[signed.Length];
        Span<LanePoint> keys = stackalloc LanePoint[(signed.Length + LaneNumber.Lanes - 1) / LaneNumber.Lanes];
        found = Invert(signed, inverses);
        for (var i = 0; i < keys.Length; i++)
        {
            var start = i * LaneNumber.Lanes;
            var count = Math.Min(LaneNumber.Lanes, signed.Length - start);
            var valid = found >> start & (1 << count) - 1;
            Recover(signed.Slice(start, count), inverses.Slice(start, count), ref valid, out keys[i]);
            found = found & ~((1 << count) - 1 << start) | valid << start;
        }
        WriteKeys(keys, keys64, ref found, out left);
    }

    /// <param name="inverses">1/r of each.</param>
    /// <param name="valid">A bit for each that may be a signature; cleared where R is no point.</param>
    static void Recover(ReadOnlySpan<SignedHash> signed, ReadOnlySpan<UInt256> inverses, ref int valid, out LanePoint keys)
    {
        // R, the points whose x gave r.
        LaneNumber x = default;
        for (var lane = 0; lane < LaneNumber.Lanes; lane++) x.Set(lane, (valid >> lane & 1) == 1 ? signed[lane].R : UInt256.One);
        valid &= Decompress(x, signed, out var y);

        Span<long> first = stackalloc long[PointDigits * LaneNumber.Lanes], second = stackalloc long[PointDigits * LaneNumber.Lanes];
        Span<long> low = stackalloc long[GeneratorDigits * LaneNumber.Lanes], high = stackalloc long[GeneratorDigits * LaneNumber.Lanes];
        for (var lane = 0; lane < LaneNumber.Lanes; lane++)
        {
            UInt256 u1 = default, u2 = default;
            if ((valid >> lane & 1) == 1)
            {
                // Q = (s·R - z·G) / r.
                u1 = Secp256k1Curve.Order.Negate(Secp256k1Curve.Order.Multiply(Secp256k1Curve.Order.Reduce(signed[lane].Hash.Bytes), inverses[lane]));
                u2 = Secp256k1Curve.Order.Multiply(signed[lane].S, inverses[lane]);
            }
            Endomorphism.Split(u2, out var k1, out var k1IsNegative, out var k2, out var k2IsNegative);
            WriteDigits(k1, PointBits, PointDigits, k1IsNegative, first[lane..]);
            WriteDigits(k2, PointBits, PointDigits, k2IsNegative, second[lane..]);
            WriteDigits(new UInt256(u1.U0, u1.U1, 0, 0), SharedTable.DigitBits, GeneratorDigits, false, low[lane..]);
            WriteDigits(new UInt256(u1.U2, u1.U3, 0, 0), SharedTable.DigitBits, GeneratorDigits, false, high[lane..]);
        }
        Multiply(x, y, first, second, low, high, out keys);
    }

    // What is not a signature is left out: its bit is zero, and what stands in its place means nothing. One inversion serves all (Montgomery's trick).
    static int Invert(ReadOnlySpan<SignedHash> signed, Span<UInt256> inverses)
    {
        var order = Secp256k1Curve.Order;
        var valid = 0;
        var product = UInt256.One;
        for (var i = 0; i < signed.Length; i++)
        {
            inverses[i] = product;
            if (!signed[i].IsInRange) continue;
            valid |= 1 << i;
            product = order.Multiply(product, signed[i].R);
        }
        var rest = order.Invert(product);
        for (var i = signed.Length - 1; i >= 0; i--)
        {
            inverses[i] = order.Multiply(inverses[i], rest);
            if ((valid >> i & 1) == 1) rest = order.Multiply(rest, signed[i].R);
        }
        return valid;
    }

    /// <returns>A bit for each lane whose x is on the curve.</returns>
    static int Decompress(in LaneNumber x, ReadOnlySpan<SignedHash> signed, out LaneNumber y)
    {
        LaneNumber.Square(x, out var right);
        LaneNumber.Multiply(right, x, out right);
        LaneNumber.Add(right, Shared.Seven, out right);
        SquareRoot<LaneNumber, LaneNumber>.Candidate(right, out y);
        LaneNumber.Square(y, out var difference);
        LaneNumber.Subtract(difference, right, 2, out difference);
        var onCurve = 0;
        Span<ulong> negate = stackalloc ulong[LaneNumber.Lanes];
        negate.Clear();
        for (var lane = 0; lane < signed.Length; lane++)
        {
            if (difference.Get(lane).IsZero) onCurve |= 1 << lane;
            if ((y.Get(lane).U0 & 1) != signed[lane].YParity) negate[lane] = ulong.MaxValue;
        }
        LaneNumber.Subtract(default, y, 1, out var negative);
        LaneNumber.Choose(Vector512.Create<ulong>(negate), y, negative, out y);
        return onCurve;
    }

    /// <summary>u1·G + k1·R + k2·λR.</summary>
    static void Multiply(in LaneNumber x, in LaneNumber y, ReadOnlySpan<long> first, ReadOnlySpan<long> second, ReadOnlySpan<long> low, ReadOnlySpan<long> high, out LanePoint sum)
    {
        Unsafe.SkipInit(out LaneTable table);
        LaneTable.Fill(x, y, ref table, out var stretch);

        // Starts from a point whose share is taken off in the end: so there is no point at infinity to look out for.
        LaneNumber.Square(stretch, out var power);
        LaneNumber.Multiply(Shared.StartX, power, out sum.X);
        LaneNumber.Multiply(power, stretch, out power);
        LaneNumber.Multiply(Shared.StartY, power, out sum.Y);
        sum.Z = LaneNumber.One;
        for (var place = PointDigits - 1; place >= 0; place--)
        {
            if (place < PointDigits - 1)
                for (var i = 0; i < PointBits; i++) sum.Double();
            AddMultiple(ref sum, ref table, DigitsAt(first, place), ofImage: false);
            AddMultiple(ref sum, ref table, DigitsAt(second, place), ofImage: true);
            if (place % PlacesADigit != 0) continue;
            AddMultiple(ref sum, Shared.Low, stretch, DigitsAt(low, place / PlacesADigit));
            AddMultiple(ref sum, Shared.High, stretch, DigitsAt(high, place / PlacesADigit));
        }
        LaneNumber.Multiply(sum.Z, stretch, out var z);
        sum.Add(Shared.EndX, Shared.EndY, z, default, out _);
        LaneNumber.Multiply(sum.Z, stretch, out sum.Z);
    }

    static Vector512<long> DigitsAt(ReadOnlySpan<long> digits, int place) => Vector512.Create(digits.Slice(place * LaneNumber.Lanes, LaneNumber.Lanes));

    static void AddMultiple(ref LanePoint sum, ref LaneTable table, Vector512<long> digits, bool ofImage)
    {
        LaneTable.Select(ref table, digits, ofImage, out var x, out var y);
        sum.Add(x, y, sum.Z, Vector512.Equals(digits, Vector512<long>.Zero).AsUInt64(), out _);
    }

    static void AddMultiple(ref LanePoint sum, SharedTable table, in LaneNumber stretch, Vector512<long> digits)
    {
        table.Select(digits, out var x, out var y);
        LaneNumber.Multiply(sum.Z, stretch, out var z);
        sum.Add(x, y, z, Vector512.Equals(digits, Vector512<long>.Zero).AsUInt64(), out _);
    }

    static void WriteKeys(ReadOnlySpan<LanePoint> keys, Span<byte> keys64, ref int found, out int left)
    {
        Span<Limbs52> inverses = stackalloc Limbs52[keys.Length * LaneNumber.Lanes];
        left = 0;
        for (var i = 0; i < inverses.Length; i++)
        {
            var z = keys[i / LaneNumber.Lanes].Z.Get(i % LaneNumber.Lanes);
            if (z.IsZero)
            {
                left |= found & 1 << i;
                z = UInt256.One;
            }
            CurveField<Secp256k1Curve>.Enter(z, out inverses[i]);
        }
        found &= ~left;
        CurveField<Secp256k1Curve>.InvertAll(inverses);
        for (var group = 0; group < keys.Length; group++)
        {
            LaneNumber inverse = default;
            for (var lane = 0; lane < LaneNumber.Lanes; lane++) inverse.Set(lane, CurveField<Secp256k1Curve>.Leave(inverses[group * LaneNumber.Lanes + lane]));
            LaneNumber.Square(inverse, out var power);
            LaneNumber.Multiply(keys[group].X, power, out var x);
            LaneNumber.Multiply(power, inverse, out power);
            LaneNumber.Multiply(keys[group].Y, power, out var y);
            for (var lane = 0; lane < LaneNumber.Lanes; lane++)
            {
                var i = group * LaneNumber.Lanes + lane;
                if ((found >> i & 1) == 0) continue;
                x.Get(lane).WriteBigEndian(keys64.Slice(i * Secp256k1.PublicKeySize, 32));
                y.Get(lane).WriteBigEndian(keys64.Slice(i * Secp256k1.PublicKeySize + 32, 32));
            }
        }
    }

    /// <summary>Writes a number below 2^128 in <paramref name="count"/> digits of <paramref name="bits"/> bits, each from -2^(bits-1) to 2^(bits-1) - 1; the lanes' digits alternate.</summary>
    static void WriteDigits(in UInt256 number, int bits, int count, bool negate, Span<long> digits)
    {
        var rest = new UInt128(number.U1, number.U0);
        var half = 1L << (bits - 1);
        var carry = 0L;
        for (var i = 0; i < count; i++)
        {
            var digit = (long)((ulong)rest & (ulong)(2 * half - 1)) + carry;
            carry = digit >= half ? 1 : 0;
            digit -= carry * 2 * half;
            digits[i * LaneNumber.Lanes] = negate ? -digit : digit;
            rest >>= bits;
        }
    }

    /// <summary>What all recoveries share, made at the first.</summary>
    static class Shared
    {
        public static readonly LaneNumber Seven = LaneNumber.Everywhere(new UInt256(7, 0, 0, 0));
        public static readonly SharedTable Low = new(AffineCurvePoint<Secp256k1Curve>.Generator), High = new(Doubled(AffineCurvePoint<Secp256k1Curve>.Generator));
        public static readonly LaneNumber StartX, StartY, EndX, EndY;

        static Shared()
        {
            // Any point will do of which nobody knows what multiple of G it is: this one is found from a hash.
            var start = Somewhere();
            var end = Doubled(start);
            StartX = LaneNumber.Everywhere(CurveField<Secp256k1Curve>.Leave(start.X));
            StartY = LaneNumber.Everywhere(CurveField<Secp256k1Curve>.Leave(start.Y));
            EndX = LaneNumber.Everywhere(CurveField<Secp256k1Curve>.Leave(end.X));
            EndY = LaneNumber.Everywhere(Secp256k1Curve.PrimeNumber - CurveField<Secp256k1Curve>.Leave(end.Y));
        }

        static AffineCurvePoint<Secp256k1Curve> Somewhere()
        {
            Span<byte> point = stackalloc byte[Secp256k1.PublicKeySize];
            var x = Keccak256.Hash("Hufu: where eight recoveries start"u8);
            while (!ManagedSecp256k1.TryDecompress(x.Bytes, isOdd: false, point)) x = Keccak256.Hash(x.Bytes);
            AffineCurvePoint<Secp256k1Curve>.TryCreate(UInt256.FromBigEndian(point[..32]), UInt256.FromBigEndian(point[32..]), out var start);
            return start;
        }

        // 2^128 times a point: what the doublings of a multiplication make of where it starts.
        static AffineCurvePoint<Secp256k1Curve> Doubled(in AffineCurvePoint<Secp256k1Curve> point)
        {
            var multiple = new CurvePoint<Secp256k1Curve>(point);
            for (var i = 0; i < 128; i++) multiple.Double();
            multiple.ToAffine(out var x, out var y);
            AffineCurvePoint<Secp256k1Curve>.TryCreate(x, y, out var result);
            return result;
        }
    }
}
