using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Primitives;

/// <summary>Division by two to four limbs, least significant first: Knuth's algorithm D with the running remainder in registers.</summary>
/// <remarks>
/// The highest bit of the divisor is set, and the topmost limb of the dividend is below the divisor's. A dividend of n limbs divided by m
/// gives n - m limbs of quotient. Specialised by size, a division of words took 0.4 to 0.5 of the time of one loop over limbs in memory.
/// </remarks>
static unsafe class LongDivision
{
    // floor((2^19 - 3 · 2^8) / d) for the nine leading bits of a divisor, 256 to 511.
    static ReadOnlySpan<ushort> FirstReciprocals => [
        2045, 2037, 2029, 2021, 2013, 2005, 1998, 1990, 1983, 1975, 1968, 1960, 1953, 1946, 1938, 1931, 1924, 1917, 1910, 1903, 1896, 1889, 1883, 1876, 1869, 1863, 1856, 1849, 1843, 1836, 1830, 1824,
        1817, 1811, 1805, 1799, 1792, 1786, 1780, 1774, 1768, 1762, 1756, 1750, 1745, 1739, 1733, 1727, 1722, 1716, 1710, 1705, 1699, 1694, 1688, 1683, 1677, 1672, 1667, 1661, 1656, 1651, 1646, 1641,
        1636, 1630, 1625, 1620, 1615, 1610, 1605, 1600, 1596, 1591, 1586, 1581, 1576, 1572, 1567, 1562, 1558, 1553, 1548, 1544, 1539, 1535, 1530, 1526, 1521, 1517, 1513, 1508, 1504, 1500, 1495, 1491,
        1487, 1483, 1478, 1474, 1470, 1466, 1462, 1458, 1454, 1450, 1446, 1442, 1438, 1434, 1430, 1426, 1422, 1418, 1414, 1411, 1407, 1403, 1399, 1396, 1392, 1388, 1384, 1381, 1377, 1374, 1370, 1366,
        1363, 1359, 1356, 1352, 1349, 1345, 1342, 1338, 1335, 1332, 1328, 1325, 1322, 1318, 1315, 1312, 1308, 1305, 1302, 1299, 1295, 1292, 1289, 1286, 1283, 1280, 1276, 1273, 1270, 1267, 1264, 1261,
        1258, 1255, 1252, 1249, 1246, 1243, 1240, 1237, 1234, 1231, 1228, 1226, 1223, 1220, 1217, 1214, 1211, 1209, 1206, 1203, 1200, 1197, 1195, 1192, 1189, 1187, 1184, 1181, 1179, 1176, 1173, 1171,
        1168, 1165, 1163, 1160, 1158, 1155, 1153, 1150, 1148, 1145, 1143, 1140, 1138, 1135, 1133, 1130, 1128, 1125, 1123, 1121, 1118, 1116, 1113, 1111, 1109, 1106, 1104, 1102, 1099, 1097, 1095, 1092,
        1090, 1088, 1086, 1083, 1081, 1079, 1077, 1074, 1072, 1070, 1068, 1066, 1064, 1061, 1059, 1057, 1055, 1053, 1051, 1049, 1047, 1044, 1042, 1040, 1038, 1036, 1034, 1032, 1030, 1028, 1026, 1024,
    ];

    /// <summary>
    /// Whether 128 bits are divided by 64 with the processor's own instruction: 14 to 18 cycles in those that also have VBMI (Ice Lake, Zen 4 and
    /// later), where those before take 40 to 90, longer than a reciprocal and the products with it. Known to the compiler, so that the other way vanishes.
    /// </summary>
    public static bool UsesHardware
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => X86Base.X64.IsSupported && Avx512Vbmi.IsSupported;
    }

    /// <summary>Divides <paramref name="length"/> limbs in place; leaves the remainder in the lowest four.</summary>
    public static void DivideByFour(ulong* dividend, int length, ulong* divisor, ulong* quotient)
    {
        ulong d0 = divisor[0], d1 = divisor[1], d2 = divisor[2], d3 = divisor[3];
        ulong r0 = dividend[length - 4], r1 = dividend[length - 3], r2 = dividend[length - 2], r3 = dividend[length - 1];
        var reciprocal = Reciprocal(d3);
        for (var j = length - 5; j >= 0; j--) quotient[j] = StepByFour(ref r3, ref r2, ref r1, ref r0, dividend[j], d3, d2, d1, d0, reciprocal);
        (dividend[0], dividend[1], dividend[2], dividend[3]) = (r0, r1, r2, r3);
    }

    /// <summary>Divides <paramref name="length"/> limbs in place; leaves the remainder in the lowest three.</summary>
    public static void DivideByThree(ulong* dividend, int length, ulong* divisor, ulong* quotient)
    {
        ulong d0 = divisor[0], d1 = divisor[1], d2 = divisor[2];
        ulong r0 = dividend[length - 3], r1 = dividend[length - 2], r2 = dividend[length - 1];
        var reciprocal = Reciprocal(d2);
        for (var j = length - 4; j >= 0; j--) quotient[j] = StepByThree(ref r2, ref r1, ref r0, dividend[j], d2, d1, d0, reciprocal);
        (dividend[0], dividend[1], dividend[2]) = (r0, r1, r2);
    }

    /// <summary>Divides <paramref name="length"/> limbs in place; leaves the remainder in the lowest two.</summary>
    public static void DivideByTwo(ulong* dividend, int length, ulong* divisor, ulong* quotient)
    {
        ulong d0 = divisor[0], d1 = divisor[1];
        ulong r0 = dividend[length - 2], r1 = dividend[length - 1];
        var reciprocal = Reciprocal(d1);
        for (var j = length - 3; j >= 0; j--) quotient[j] = StepByTwo(ref r1, ref r0, dividend[j], d1, d0, reciprocal);
        (dividend[0], dividend[1]) = (r0, r1);
    }

    /// <summary>One limb of quotient: (r3, r2, r1, r0, next) / (d3, d2, d1, d0), the rest left in r3 to r0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong StepByFour(ref ulong r3, ref ulong r2, ref ulong r1, ref ulong r0, ulong next, ulong d3, ulong d2, ulong d1, ulong d0, ulong reciprocal)
    {
        var q = Estimate(r3, r2, r1, d3, d2, reciprocal, out var u4, out var u3, out var u2);
        var borrow = 0UL;
        var u0 = SubtractProduct(next, q, d0, ref borrow);
        var u1 = SubtractProduct(r0, q, d1, ref borrow);
        if (IsTooLarge(u4, ref u3, ref u2, borrow))
        {
            q--;
            var carry = 0UL;
            u0 = Limbs.Add(u0, d0, ref carry);
            u1 = Limbs.Add(u1, d1, ref carry);
            u2 = Limbs.Add(u2, d2, ref carry);
            u3 += d3 + carry;
        }
        (r0, r1, r2, r3) = (u0, u1, u2, u3);
        return q;
    }

    /// <summary>One limb of quotient: (r2, r1, r0, next) / (d2, d1, d0), the rest left in r2 to r0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong StepByThree(ref ulong r2, ref ulong r1, ref ulong r0, ulong next, ulong d2, ulong d1, ulong d0, ulong reciprocal)
    {
        var q = Estimate(r2, r1, r0, d2, d1, reciprocal, out var u3, out var u2, out var u1);
        var borrow = 0UL;
        var u0 = SubtractProduct(next, q, d0, ref borrow);
        if (IsTooLarge(u3, ref u2, ref u1, borrow))
        {
            q--;
            var carry = 0UL;
            u0 = Limbs.Add(u0, d0, ref carry);
            u1 = Limbs.Add(u1, d1, ref carry);
            u2 += d2 + carry;
        }
        (r0, r1, r2) = (u0, u1, u2);
        return q;
    }

    /// <summary>One limb of quotient: (r1, r0, next) / (d1, d0), the rest left in r1 and r0. Two limbs are all of the divisor: the estimate is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong StepByTwo(ref ulong r1, ref ulong r0, ulong next, ulong d1, ulong d0, ulong reciprocal)
    {
        var q = Estimate(r1, r0, next, d1, d0, reciprocal, out _, out var u1, out var u0);
        (r0, r1) = (u0, u1);
        return q;
    }

    /// <summary>(high, low) / divisor for high &lt; divisor, the divisor's highest bit set, given its <see cref="Reciprocal"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong DivideLimb(ulong high, ulong low, ulong divisor, ulong reciprocal, out ulong remainder)
    {
        if (UsesHardware)
        {
#pragma warning disable SYSLIB5004 // DivRem of 128 by 64 bits is marked as a preview; its meaning is that of the instruction.
            (var quotient, remainder) = X86Base.X64.DivRem(low, high, divisor);
#pragma warning restore SYSLIB5004
            return quotient;
        }

        // Möller and Granlund, "Improved division by invariant integers" (2011), algorithm 4.
        var q1 = Limbs.Multiply(reciprocal, high, out var q0);
        q0 += low;
        q1 += high + Limbs.One(q0 < low) + 1;
        remainder = low - q1 * divisor;
        if (remainder > q0)
        {
            q1--;
            remainder += divisor;
        }
        if (remainder >= divisor)
        {
            q1++;
            remainder -= divisor;
        }
        return q1;
    }

    /// <summary>floor((2^128 - 1) / divisor) - 2^64 for a divisor with its highest bit set; unused, and so not computed, where <see cref="UsesHardware"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Reciprocal(ulong divisor) => UsesHardware ? 0 : ReciprocalByTable(divisor);

    // Möller and Granlund, algorithm 3: eleven bits from a table, then doubled by Newton's steps.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ReciprocalByTable(ulong divisor)
    {
        ulong v0 = Unsafe.Add(ref MemoryMarshal.GetReference(FirstReciprocals), (nint)((divisor >> 55) - 256));
        var d40 = (divisor >> 24) + 1;
        var v1 = (v0 << 11) - (v0 * v0 * d40 >> 40) - 1;
        var v2 = (v1 << 13) + (v1 * ((1UL << 60) - v1 * d40) >> 47);
        var odd = divisor & 1;
        var e = (v2 >> 1 & (0 - odd)) - v2 * ((divisor >> 1) + odd);
        var v3 = (Limbs.Multiply(v2, e, out _) >> 1) + (v2 << 31);
        return v3 - Limbs.MultiplyAdd(v3, divisor, divisor, out _) - divisor;
    }

    /// <summary>
    /// The quotient of (r2, r1, r0) by (d1, d0), at most 2^64 - 1, and the rest (u2, u1, u0) of that division. Knuth's step D3 with his test
    /// carried to its end: over the whole divisor the estimate is exact or one too large, and with divisors of two limbs always exact.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Estimate(ulong r2, ulong r1, ulong r0, ulong d1, ulong d0, ulong reciprocal, out ulong u2, out ulong u1, out ulong u0)
    {
        ulong q, rest, over;
        if (r2 < d1)
        {
            q = DivideLimb(r2, r1, d1, reciprocal, out rest);
            over = 0;
        }
        else
        {
            // Equal leading limbs: the quotient would be 2^64 or a little more.
            q = ulong.MaxValue;
            rest = r1 + d1;
            over = Limbs.One(rest < d1);
        }

        var high = Limbs.Multiply(q, d0, out var low);
        while (over == 0 && (high > rest || (high == rest && low > r0)))
        {
            q--;
            rest += d1;
            over = Limbs.One(rest < d1);
            high -= Limbs.One(low < d0);
            low -= d0;
        }
        u0 = r0 - low;
        var borrow = Limbs.One(r0 < low);
        u1 = Limbs.Subtract(rest, high, ref borrow);
        u2 = over - borrow;
        return q;
    }

    /// <summary>limb - q · d - borrow, and what it borrows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong SubtractProduct(ulong limb, ulong q, ulong d, ref ulong borrow)
    {
        borrow = Limbs.MultiplyAdd(q, d, borrow, out var low) + Limbs.One(limb < low);
        return limb - low;
    }

    /// <summary>Takes a borrow from three limbs; true where they were not enough, which means that the estimate was one too large.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool IsTooLarge(ulong u2, ref ulong u1, ref ulong u0, ulong borrow)
    {
        var under = Limbs.One(u0 < borrow);
        u0 -= borrow;
        var tooLarge = u1 < under && u2 == 0;
        u1 -= under;
        return tooLarge;
    }
}
