using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Primitives;

/// <content>The word as 256 bits and as 32 bytes: logic, shifts, BYTE, SIGNEXTEND, CLZ.</content>
public readonly partial struct UInt256
{
    public static UInt256 operator &(in UInt256 a, in UInt256 b)
    {
        And(in a, in b, out var result);
        return result;
    }

    public static UInt256 operator |(in UInt256 a, in UInt256 b)
    {
        Or(in a, in b, out var result);
        return result;
    }

    public static UInt256 operator ^(in UInt256 a, in UInt256 b)
    {
        Xor(in a, in b, out var result);
        return result;
    }

    public static UInt256 operator ~(in UInt256 a)
    {
        Not(in a, out var result);
        return result;
    }

    /// <summary>The bits moved up; 0 from 256 on. <paramref name="bits"/> is not negative.</summary>
    public static UInt256 operator <<(in UInt256 a, int bits)
    {
        if ((uint)bits >= 256) return Zero;
        ShiftLeft(in a, bits, out var result);
        return result;
    }

    /// <summary>The bits moved down; 0 from 256 on. <paramref name="bits"/> is not negative.</summary>
    public static UInt256 operator >>(in UInt256 a, int bits)
    {
        if ((uint)bits >= 256) return Zero;
        ShiftRight(in a, bits, out var result);
        return result;
    }

    public static UInt256 operator >>>(in UInt256 a, int bits) => a >> bits;

    /// <summary>value · 2^shift (SHL, EIP-145).</summary>
    public static UInt256 ShiftLeft(in UInt256 value, in UInt256 shift)
    {
        ShiftLeft(in value, in shift, out var result);
        return result;
    }

    /// <summary>value / 2^shift (SHR, EIP-145).</summary>
    public static UInt256 ShiftRight(in UInt256 value, in UInt256 shift)
    {
        ShiftRight(in value, in shift, out var result);
        return result;
    }

    /// <summary>value / 2^shift rounded towards minus infinity, value in two's complement (SAR, EIP-145).</summary>
    public static UInt256 ShiftRightArithmetic(in UInt256 value, in UInt256 shift)
    {
        ShiftRightArithmetic(in value, in shift, out var result);
        return result;
    }

    /// <summary>The byte at <paramref name="index"/> counted from the most significant, 0 from 32 on (BYTE).</summary>
    public static UInt256 ByteAt(in UInt256 index, in UInt256 value)
    {
        ByteAt(in index, in value, out var result);
        return result;
    }

    /// <summary>The two's complement number in the lowest <paramref name="byteIndex"/> + 1 bytes, widened to the whole word (SIGNEXTEND).</summary>
    public static UInt256 SignExtend(in UInt256 byteIndex, in UInt256 value)
    {
        SignExtend(in byteIndex, in value, out var result);
        return result;
    }

    /// <summary>Zero bits above the highest one, 256 for zero (CLZ, EIP-7939).</summary>
    public static UInt256 CountLeadingZeros(in UInt256 value) => new((ulong)(256 - value.BitLength));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void And(in UInt256 a, in UInt256 b, out UInt256 result)
    {
        if (Vector256.IsHardwareAccelerated) Store(out result, Load(in a) & Load(in b));
        else result = new UInt256(a.U0 & b.U0, a.U1 & b.U1, a.U2 & b.U2, a.U3 & b.U3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Or(in UInt256 a, in UInt256 b, out UInt256 result)
    {
        if (Vector256.IsHardwareAccelerated) Store(out result, Load(in a) | Load(in b));
        else result = new UInt256(a.U0 | b.U0, a.U1 | b.U1, a.U2 | b.U2, a.U3 | b.U3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Xor(in UInt256 a, in UInt256 b, out UInt256 result)
    {
        if (Vector256.IsHardwareAccelerated) Store(out result, Load(in a) ^ Load(in b));
        else result = new UInt256(a.U0 ^ b.U0, a.U1 ^ b.U1, a.U2 ^ b.U2, a.U3 ^ b.U3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Not(in UInt256 a, out UInt256 result)
    {
        if (Vector256.IsHardwareAccelerated) Store(out result, ~Load(in a));
        else result = new UInt256(~a.U0, ~a.U1, ~a.U2, ~a.U3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShiftLeft(in UInt256 value, in UInt256 shift, out UInt256 result)
    {
        if (IsBelow256(in shift)) ShiftLeft(in value, (int)shift.U0, out result);
        else Store(out result, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShiftRight(in UInt256 value, in UInt256 shift, out UInt256 result)
    {
        if (IsBelow256(in shift)) ShiftRight(in value, (int)shift.U0, out result);
        else Store(out result, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShiftRightArithmetic(in UInt256 value, in UInt256 shift, out UInt256 result)
    {
        // A negative number is shifted as its complement, so that ones come in at the top.
        var sign = (ulong)((long)value.U3 >> 63);
        if (!IsBelow256(in shift))
        {
            Store(out result, sign, sign, sign, sign);
        }
        else if (Vector256.IsHardwareAccelerated && Avx2.IsSupported)
        {
            var flip = Vector256.Create(sign);
            Store(out result, ShiftLanesRight(Load(in value) ^ flip, (int)shift.U0) ^ flip);
        }
        else
        {
            ShiftLimbsRight(new UInt256(value.U0 ^ sign, value.U1 ^ sign, value.U2 ^ sign, value.U3 ^ sign), (int)shift.U0, out var shifted);
            result = new UInt256(shifted.U0 ^ sign, shifted.U1 ^ sign, shifted.U2 ^ sign, shifted.U3 ^ sign);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ByteAt(in UInt256 index, in UInt256 value, out UInt256 result)
    {
        if (index.FitsUInt64 && index.U0 < 32)
        {
            var fromLeast = 31 - (int)index.U0;
            Store(out result, (value.Limb(fromLeast >> 3) >> ((fromLeast & 7) * 8)) & 0xFF);
        }
        else
        {
            Store(out result, 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SignExtend(in UInt256 byteIndex, in UInt256 value, out UInt256 result)
    {
        if (byteIndex.FitsUInt64 && byteIndex.U0 < 31) SignExtend((int)byteIndex.U0, in value, out result);
        else result = value;
    }

    /// <inheritdoc cref="CountLeadingZeros(in UInt256)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CountLeadingZeros(in UInt256 value, out UInt256 result) => Store(out result, (ulong)(256 - value.BitLength));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool IsBelow256(in UInt256 shift) => ((shift.U0 & ~255UL) | shift.U1 | shift.U2 | shift.U3) == 0;

    static void SignExtend(int byteIndex, in UInt256 value, out UInt256 result)
    {
        // The limb with the sign bit is extended by itself; those below stay, those above are filled with the sign.
        var at = byteIndex >> 3;
        var spare = 56 - ((byteIndex & 7) << 3);
        var limb = (ulong)((long)(value.Limb(at) << spare) >> spare);
        var fill = (ulong)((long)limb >> 63);
        if (Vector256.IsHardwareAccelerated)
        {
            var lane = Vector256.Create(0UL, 1, 2, 3).AsInt64();
            var middle = Vector256.Create((long)at);
            var above = Vector256.ConditionalSelect(Vector256.GreaterThan(lane, middle).AsUInt64(), Vector256.Create(fill), Load(in value));
            Store(out result, Vector256.ConditionalSelect(Vector256.Equals(lane, middle).AsUInt64(), Vector256.Create(limb), above));
        }
        else
        {
            result = new UInt256(
                at == 0 ? limb : value.U0,
                at < 1 ? fill : at == 1 ? limb : value.U1,
                at < 2 ? fill : at == 2 ? limb : value.U2,
                at < 3 ? fill : limb);
        }
    }

    /// <summary>0 &lt;= bits &lt; 256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void ShiftLeft(in UInt256 value, int bits, out UInt256 result)
    {
        if (Vector256.IsHardwareAccelerated && Avx2.IsSupported) Store(out result, ShiftLanesLeft(Load(in value), bits));
        else ShiftLimbsLeft(in value, bits, out result);
    }

    /// <summary>0 &lt;= bits &lt; 256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void ShiftRight(in UInt256 value, int bits, out UInt256 result)
    {
        if (Vector256.IsHardwareAccelerated && Avx2.IsSupported) Store(out result, ShiftLanesRight(Load(in value), bits));
        else ShiftLimbsRight(in value, bits, out result);
    }

    // Whole limbs move by a permutation, the rest by shifts of each lane, of the limb itself and of its lower neighbour. The permutation
    // wraps around; a lane which thereby would receive a limb from the other end gets a shift count of at least 64, which empties it.
    // The counts' upper bits come from a window over 64, 64, 64, 64, 0, 0, 0, 0. No branch, and no store to be read back in another width.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<ulong> ShiftLanesLeft(Vector256<ulong> value, int bits)
    {
        var limbs = bits >> 6;
        var rest = (ulong)bits & 63;
        ref var window = ref MemoryMarshal.GetReference(EmptyThenFull);
        var own = Vector256.Create(rest) | Vector256.LoadUnsafe(ref window, (nuint)(4 - limbs));
        var neighbour = Vector256.Create(64 - rest) | Vector256.LoadUnsafe(ref window, (nuint)(3 - limbs));
        var from = Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7) - Vector256.Create(2 * limbs);
        return Avx2.ShiftLeftLogicalVariable(Avx2.PermuteVar8x32(value.AsInt32(), from).AsUInt64(), own)
            | Avx2.ShiftRightLogicalVariable(Avx2.PermuteVar8x32(value.AsInt32(), from - Vector256.Create(2)).AsUInt64(), neighbour);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<ulong> ShiftLanesRight(Vector256<ulong> value, int bits)
    {
        var limbs = bits >> 6;
        var rest = (ulong)bits & 63;
        ref var window = ref MemoryMarshal.GetReference(FullThenEmpty);
        var own = Vector256.Create(rest) | Vector256.LoadUnsafe(ref window, (nuint)limbs);
        var neighbour = Vector256.Create(64 - rest) | Vector256.LoadUnsafe(ref window, (nuint)(limbs + 1));
        var from = Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7) + Vector256.Create(2 * limbs);
        return Avx2.ShiftRightLogicalVariable(Avx2.PermuteVar8x32(value.AsInt32(), from).AsUInt64(), own)
            | Avx2.ShiftLeftLogicalVariable(Avx2.PermuteVar8x32(value.AsInt32(), from + Vector256.Create(2)).AsUInt64(), neighbour);
    }

    static ReadOnlySpan<ulong> EmptyThenFull => [64, 64, 64, 64, 0, 0, 0, 0];

    static ReadOnlySpan<ulong> FullThenEmpty => [0, 0, 0, 0, 64, 64, 64, 64];

    // Shifting by one and then by 63 - rest is shifting by 64 - rest without the case rest = 0, where 64 would mean 0.
    static void ShiftLimbsLeft(in UInt256 value, int bits, out UInt256 result)
    {
        var rest = bits & 63;
        var (u0, u1, u2, u3) = (value.U0 << rest, Joined(value.U0, value.U1), Joined(value.U1, value.U2), Joined(value.U2, value.U3));
        result = (bits >> 6) switch
        {
            0 => new UInt256(u0, u1, u2, u3),
            1 => new UInt256(0, u0, u1, u2),
            2 => new UInt256(0, 0, u0, u1),
            _ => new UInt256(0, 0, 0, u0),
        };

        ulong Joined(ulong below, ulong limb) => (limb << rest) | (below >> 1 >> (63 - rest));
    }

    static void ShiftLimbsRight(in UInt256 value, int bits, out UInt256 result)
    {
        var rest = bits & 63;
        var (u0, u1, u2, u3) = (Joined(value.U0, value.U1), Joined(value.U1, value.U2), Joined(value.U2, value.U3), value.U3 >> rest);
        result = (bits >> 6) switch
        {
            0 => new UInt256(u0, u1, u2, u3),
            1 => new UInt256(u1, u2, u3, 0),
            2 => new UInt256(u2, u3, 0, 0),
            _ => new UInt256(u3, 0, 0, 0),
        };

        ulong Joined(ulong limb, ulong above) => (limb >> rest) | (above << 1 << (63 - rest));
    }
}
