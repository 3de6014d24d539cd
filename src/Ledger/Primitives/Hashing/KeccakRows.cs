using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Primitives;

/// <summary>
/// One Keccak-256 sponge in five vectors of 512 bits, five lanes of the state in each. Two rounds go together: the first finds the rows in
/// the vectors and leaves the columns, as step π turns one into the other; five diagonals are gathered from those, which the second round
/// turns back into rows.
/// </summary>
static unsafe class KeccakRows
{
    const int Rate = Keccak256.Rate;

    /// <summary>Whether this is the faster way here: on Intel's processors it is; on AMD's Zen 4, which takes 512 bits in two halves, it takes 1.25 of the time of <see cref="KeccakPermutation"/>.</summary>
    public static bool IsPreferred { get; } = Avx512F.IsSupported && IsIntel();

    /// <param name="digest">Receives 32 bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Hash(byte* data, nint length, byte* digest)
    {
        ref var constants0 = ref MemoryMarshal.GetReference(KeccakPermutation.RoundConstants);
        var constants = (ulong*)Unsafe.AsPointer(ref constants0); // static data of the assembly: it does not move
        var padded = stackalloc byte[Rate];

        // Lanes turned by one to four places; the last three of the eight take no part.
        Vector512<ulong> turn1 = Vector512.Create(1UL, 2, 3, 4, 0, 5, 6, 7), turn2 = Vector512.Create(2UL, 3, 4, 0, 1, 5, 6, 7);
        Vector512<ulong> turn3 = Vector512.Create(3UL, 4, 0, 1, 2, 5, 6, 7), turn4 = Vector512.Create(4UL, 0, 1, 2, 3, 5, 6, 7);
        Vector512<ulong> lane1 = Vector512.Create(0UL, ulong.MaxValue, 0, 0, 0, 0, 0, 0), lane2 = Vector512.Create(0UL, 0, ulong.MaxValue, 0, 0, 0, 0, 0);
        Vector512<ulong> lane3 = Vector512.Create(0UL, 0, 0, ulong.MaxValue, 0, 0, 0, 0), lane4 = Vector512.Create(0UL, 0, 0, 0, ulong.MaxValue, 0, 0, 0);

        Vector512<ulong> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default;
        for (; length >= 0; data += Rate, length -= Rate)
        {
            var block = (ulong*)(length >= Rate ? data : KeccakSponge.Pad(data, (int)length, Rate, padded));
            // The last eight of the block's 17 words hold the end of row 2 and the two of row 3: nothing beyond the block is read.
            var last = Vector512.Load(block + 9);
            a0 ^= Vector512.Load(block);
            a1 ^= Vector512.Load(block + 5);
            a2 ^= Avx512F.AlignRight64(last, last, 1);
            a3 ^= Avx512F.AlignRight64(last, last, 6) & Vector512.Create(ulong.MaxValue, ulong.MaxValue, 0, 0, 0, 0, 0, 0);

            for (var round = 0; round < 24; round += 2)
            {
                // θ of rows: lane x of the sum is column x.
                var c = Xor(Xor(a0, a1, a2), a3, a4);
                var before = Avx512F.PermuteVar8x64(c, turn4);
                var after = Avx512F.PermuteVar8x64(Avx512F.RotateLeft(c, 1), turn1);
                // ρ, and π: row y becomes column y, whose lane Y comes from lane 3Y + y.
                var b0 = Avx512F.PermuteVar8x64(Avx512F.RotateLeftVariable(Xor(a0, before, after), Vector512.Create(0UL, 1, 62, 28, 27, 0, 0, 0)), Vector512.Create(0UL, 3, 1, 4, 2, 5, 6, 7));
                var b1 = Avx512F.PermuteVar8x64(Avx512F.RotateLeftVariable(Xor(a1, before, after), Vector512.Create(36UL, 44, 6, 55, 20, 0, 0, 0)), Vector512.Create(1UL, 4, 2, 0, 3, 5, 6, 7));
                var b2 = Avx512F.PermuteVar8x64(Avx512F.RotateLeftVariable(Xor(a2, before, after), Vector512.Create(3UL, 10, 43, 25, 39, 0, 0, 0)), Vector512.Create(2UL, 0, 3, 1, 4, 5, 6, 7));
                var b3 = Avx512F.PermuteVar8x64(Avx512F.RotateLeftVariable(Xor(a3, before, after), Vector512.Create(41UL, 45, 15, 21, 8, 0, 0, 0)), Vector512.Create(3UL, 1, 4, 2, 0, 5, 6, 7));
                var b4 = Avx512F.PermuteVar8x64(Avx512F.RotateLeftVariable(Xor(a4, before, after), Vector512.Create(18UL, 2, 61, 56, 14, 0, 0, 0)), Vector512.Create(4UL, 2, 0, 3, 1, 5, 6, 7));
                // χ between columns, and ι.
                a0 = Chi(b0, b1, b2) ^ Vector512.CreateScalar(constants[round]);
                a1 = Chi(b1, b2, b3);
                a2 = Chi(b2, b3, b4);
                a3 = Chi(b3, b4, b0);
                a4 = Chi(b4, b0, b1);

                // Diagonal i: lane (x, x - i) at place x.
                b0 = Choose(lane4, a4, Choose(lane3, a3, Choose(lane2, a2, Choose(lane1, a1, a0))));
                b1 = Avx512F.PermuteVar8x64(Choose(lane4, a0, Choose(lane3, a4, Choose(lane2, a3, Choose(lane1, a2, a1)))), turn4);
                b2 = Avx512F.PermuteVar8x64(Choose(lane4, a1, Choose(lane3, a0, Choose(lane2, a4, Choose(lane1, a3, a2)))), turn3);
                b3 = Avx512F.PermuteVar8x64(Choose(lane4, a2, Choose(lane3, a1, Choose(lane2, a0, Choose(lane1, a4, a3)))), turn2);
                b4 = Avx512F.PermuteVar8x64(Choose(lane4, a3, Choose(lane3, a2, Choose(lane2, a1, Choose(lane1, a0, a4)))), turn1);

                c = Xor(Xor(b0, b1, b2), b3, b4);
                before = Avx512F.PermuteVar8x64(c, turn4);
                after = Avx512F.PermuteVar8x64(Avx512F.RotateLeft(c, 1), turn1);
                b0 = Avx512F.RotateLeftVariable(Xor(b0, before, after), Vector512.Create(0UL, 44, 43, 21, 14, 0, 0, 0));
                b1 = Avx512F.RotateLeftVariable(Xor(b1, before, after), Vector512.Create(18UL, 1, 6, 25, 8, 0, 0, 0));
                b2 = Avx512F.RotateLeftVariable(Xor(b2, before, after), Vector512.Create(41UL, 2, 62, 55, 39, 0, 0, 0));
                b3 = Avx512F.RotateLeftVariable(Xor(b3, before, after), Vector512.Create(3UL, 45, 61, 28, 20, 0, 0, 0));
                b4 = Avx512F.RotateLeftVariable(Xor(b4, before, after), Vector512.Create(36UL, 10, 15, 56, 27, 0, 0, 0));
                // π: diagonal i becomes row 2i, turned by i places; χ wants each row as it is and turned by one and by two.
                a0 = Chi(b0, Avx512F.PermuteVar8x64(b0, turn1), Avx512F.PermuteVar8x64(b0, turn2)) ^ Vector512.CreateScalar(constants[round + 1]);
                a2 = Chi(Avx512F.PermuteVar8x64(b1, turn1), Avx512F.PermuteVar8x64(b1, turn2), Avx512F.PermuteVar8x64(b1, turn3));
                a4 = Chi(Avx512F.PermuteVar8x64(b2, turn2), Avx512F.PermuteVar8x64(b2, turn3), Avx512F.PermuteVar8x64(b2, turn4));
                a1 = Chi(Avx512F.PermuteVar8x64(b3, turn3), Avx512F.PermuteVar8x64(b3, turn4), b3);
                a3 = Chi(Avx512F.PermuteVar8x64(b4, turn4), b4, Avx512F.PermuteVar8x64(b4, turn1));
            }
        }
        a0.GetLower().Store((ulong*)digest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<ulong> Xor(Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c) => Avx512F.TernaryLogic(a, b, c, 0x96);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<ulong> Chi(Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c) => Avx512F.TernaryLogic(a, b, c, 0xD2);

    /// <summary>a where the mask is set, b elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<ulong> Choose(Vector512<ulong> mask, Vector512<ulong> a, Vector512<ulong> b) => Avx512F.TernaryLogic(mask, a, b, 0xCA);

    static bool IsIntel()
    {
        // "GenuineIntel", in the registers that CPUID 0 answers with.
        if (!X86Base.IsSupported) return false;
        var (_, first, third, second) = X86Base.CpuId(0, 0);
        return first == 0x756e6547 && second == 0x49656e69 && third == 0x6c65746e;
    }
}
