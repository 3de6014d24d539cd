using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Hufu.Primitives;

namespace Hufu.Evm.Threaded;

/// <summary>
/// A function of two words. <see cref="Try"/> is what nearly all uses need and calls nothing, so that the handler around it saves no registers;
/// where it says false, <see cref="Full"/> does the rest in a handler of its own.
/// </summary>
unsafe interface IBinary
{
    static abstract bool Try(UInt256* x, UInt256* y, UInt256* result);

    /// <summary>Not inlined, or a call and nothing else: it may take addresses of locals, which would keep the handler around it from ending in a jump.</summary>
    static abstract void Full(UInt256* x, UInt256* y, UInt256* result);
}

unsafe interface IUnary
{
    static abstract void Apply(UInt256* x, UInt256* result);
}

/// <summary>A question about two words (the second may not matter), asked to jump or to leave a truth value.</summary>
unsafe interface ICondition
{
    static abstract bool Holds(UInt256* x, UInt256* y);
}

static unsafe class Words
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Load(UInt256* word) => *(Vector256<ulong>*)word;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Load(ref readonly UInt256 word) => Vector256.LoadUnsafe(ref Unsafe.As<UInt256, ulong>(ref Unsafe.AsRef(in word)));

    // One store of the whole word: a word stored in parts and read whole stalls.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(UInt256* word, Vector256<ulong> value) => *(Vector256<ulong>*)word = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(UInt256* word, ulong value) => *(Vector256<ulong>*)word = Vector256.CreateScalar(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(UInt256* word, ulong low, ulong high) => *(Vector256<ulong>*)word = Vector256.Create(Vector128.CreateScalar(low).WithElement(1, high), Vector128<ulong>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(UInt256* word, in Address address)
    {
        var (low, middle, high) = address.Limbs;
        *(Vector256<ulong>*)word = Vector256.Create(low, middle, high, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong One(bool truth) => Unsafe.BitCast<bool, byte>(truth);

    /// <summary>Whether both are below 2^64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreSmall(UInt256* x, UInt256* y) => (x->U1 | x->U2 | x->U3 | y->U1 | y->U2 | y->U3) == 0;
}

readonly unsafe struct AddOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        if (!Vector256.IsHardwareAccelerated) return false;
        var lanes = Words.Load(x);
        var sum = lanes + Words.Load(y);
        if ((Vector256.LessThan(sum, lanes).ExtractMostSignificantBits() & 0b0111) != 0) return false;
        Words.Store(result, sum);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => UInt256.Add(*x, *y, out *result);
}

readonly unsafe struct SubOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        if (!Vector256.IsHardwareAccelerated) return false;
        var a = Words.Load(x);
        var b = Words.Load(y);
        if ((Vector256.LessThan(a, b).ExtractMostSignificantBits() & 0b0111) != 0) return false;
        Words.Store(result, a - b);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => UInt256.Subtract(*x, *y, out *result);
}

readonly unsafe struct MulOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        if (!Words.AreSmall(x, y)) return false;
        ulong high;
        if (Bmi2.X64.IsSupported) high = Bmi2.X64.MultiplyNoFlags(x->U0, y->U0);
        else if (ArmBase.Arm64.IsSupported) high = ArmBase.Arm64.MultiplyHigh(x->U0, y->U0);
        else return false;
        Words.Store(result, x->U0 * y->U0, high);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => UInt256.MultiplyFull(*x, *y, out *result);
}

readonly unsafe struct DivOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        if (!Words.AreSmall(x, y) || y->U0 == 0) return false;
        Words.Store(result, x->U0 / y->U0);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => UInt256.DivideFull(*x, *y, out *result);
}

readonly unsafe struct ModOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        if (!Words.AreSmall(x, y) || y->U0 == 0) return false;
        Words.Store(result, x->U0 % y->U0);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => UInt256.RemainderFull(*x, *y, out *result);
}

readonly unsafe struct SDivOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result) => DivOperation.Try(x, y, result);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => UInt256.SignedDivide(*x, *y, out *result);
}

readonly unsafe struct SModOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result) => ModOperation.Try(x, y, result);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => UInt256.SignedRemainder(*x, *y, out *result);
}

readonly unsafe struct AndOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        Words.Store(result, Words.Load(x) & Words.Load(y));
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => Try(x, y, result);
}

readonly unsafe struct OrOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        Words.Store(result, Words.Load(x) | Words.Load(y));
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => Try(x, y, result);
}

readonly unsafe struct XorOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        Words.Store(result, Words.Load(x) ^ Words.Load(y));
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => Try(x, y, result);
}

/// <summary>The shift is the first operand, as the instructions have it.</summary>
readonly unsafe struct ShlOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        UInt256.ShiftLeft(*y, *x, out *result);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => Try(x, y, result);
}

readonly unsafe struct ShrOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        UInt256.ShiftRight(*y, *x, out *result);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => Try(x, y, result);
}

readonly unsafe struct SarOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        UInt256.ShiftRightArithmetic(*y, *x, out *result);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => Try(x, y, result);
}

readonly unsafe struct ByteOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        UInt256.ByteAt(*x, *y, out *result);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => Try(x, y, result);
}

readonly unsafe struct SignExtendOperation : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result) => false;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => UInt256.SignExtend(*x, *y, out *result);
}

/// <summary>The truth of a condition as a word.</summary>
readonly unsafe struct Truth<TCondition> : IBinary where TCondition : struct, ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Try(UInt256* x, UInt256* y, UInt256* result)
    {
        Words.Store(result, Words.One(TCondition.Holds(x, y)));
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Full(UInt256* x, UInt256* y, UInt256* result) => Try(x, y, result);
}

readonly unsafe struct Less : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(UInt256* x, UInt256* y) => *x < *y;
}

readonly unsafe struct SignedLess : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(UInt256* x, UInt256* y) => UInt256.SignedLessThan(*x, *y);
}

readonly unsafe struct Equal : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(UInt256* x, UInt256* y) => *x == *y;
}

readonly unsafe struct Zero : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(UInt256* x, UInt256* y) => x->IsZero;
}

readonly unsafe struct Not<TCondition> : ICondition where TCondition : struct, ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(UInt256* x, UInt256* y) => !TCondition.Holds(x, y);
}

readonly unsafe struct NotOperation : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply(UInt256* x, UInt256* result) => Words.Store(result, ~Words.Load(x));
}

readonly unsafe struct ClzOperation : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply(UInt256* x, UInt256* result) => Words.Store(result, (ulong)(256 - x->BitLength));
}

readonly unsafe struct CopyOperation : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply(UInt256* x, UInt256* result) => Words.Store(result, Words.Load(x));
}

readonly unsafe struct IsZeroOperation : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply(UInt256* x, UInt256* result) => Words.Store(result, Words.One(x->IsZero));
}
