using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hufu.Crypto;

/// <summary>Room for the limbs of four field elements side by side: vector i holds limb i, 28 bits, of each.</summary>
interface ILimbs
{
    static abstract int Count { get; }
}

/// <summary>280 bits, for alt_bn128.</summary>
[InlineArray(10)]
struct TenLimbs : ILimbs
{
    Vector256<long> _first;

    public static int Count => 10;
}

/// <summary>392 bits, for BLS12-381.</summary>
[InlineArray(14)]
struct FourteenLimbs : ILimbs
{
    Vector256<long> _first;

    public static int Count => 14;
}
