using System.Numerics;
using System.Security.Cryptography;

namespace Hufu.Primitives;

/// <summary>Hash codes of 32-byte values that somebody who chooses the keys cannot make collide: the secrets are drawn once a process.</summary>
static class HashSeed
{
    static readonly ulong First = Draw(), Second = Draw(), Third = Draw(), Fourth = Draw();

    // Every factor is mixed with a secret. Mixed with a constant, it could be made zero from outside, and its partner would no longer matter.
    public static int Mix(ulong a, ulong b, ulong c, ulong d)
    {
        var high = Math.BigMul(a ^ First, b ^ Second, out var low);
        var top = Math.BigMul(c ^ Third, d ^ Fourth, out var bottom);
        var mixed = (high ^ low ^ BitOperations.RotateLeft(top ^ bottom, 29)) * (First | 1);
        return (int)(mixed >> 32);
    }

    static ulong Draw() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
}
