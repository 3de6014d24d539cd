using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Hufu.Crypto;

/// <summary>
/// The password-based key derivation scrypt (RFC 7914). Our own, because Bouncy Castle's refuses the Web3 Secret Storage definition's
/// own example (r = 1 with N = 2^18).
/// </summary>
static unsafe class Scrypt
{
    const int BlockSize = 64, VectorsPerBlock = 4;

    /// <param name="cost">N, a power of two above one.</param>
    /// <param name="blockSize">r.</param>
    /// <param name="parallelization">p.</param>
    /// <remarks>Takes 128·N·r bytes of memory and time in proportion to N·r·p: the caller bounds both.</remarks>
    public static void Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int cost, int blockSize, int parallelization, Span<byte> key)
    {
        var length = 2 * BlockSize * blockSize;
        var blocks = Rfc2898DeriveBytes.Pbkdf2(password, salt, 1, HashAlgorithmName.SHA256, length * parallelization);
        var table = (Vector128<uint>*)NativeMemory.AlignedAlloc((nuint)length * (nuint)cost, BlockSize);
        var scratch = (Vector128<uint>*)NativeMemory.AlignedAlloc(2 * (nuint)length, BlockSize);
        try
        {
            for (var i = 0; i < parallelization; i++) Mix(blocks.AsSpan(i * length, length), cost, blockSize, table, scratch);
            Rfc2898DeriveBytes.Pbkdf2(password, blocks, key, 1, HashAlgorithmName.SHA256);
        }
        finally
        {
            NativeMemory.Clear(scratch, 2 * (nuint)length);
            NativeMemory.Clear(table, (nuint)length * (nuint)cost);
            NativeMemory.AlignedFree(scratch);
            NativeMemory.AlignedFree(table);
            CryptographicOperations.ZeroMemory(blocks);
        }
    }

    /// <summary>scryptROMix: fills the table with successive states, then visits it in an order that depends on the state.</summary>
    static void Mix(Span<byte> block, int cost, int blockSize, Vector128<uint>* table, Vector128<uint>* scratch)
    {
        var vectors = 2 * VectorsPerBlock * blockSize;
        Vector128<uint>* state = scratch, next = scratch + vectors;
        Diagonalize(block, state);
        for (var i = 0; i < cost; i++)
        {
            var entry = table + (long)i * vectors;
            for (var j = 0; j < vectors; j++) entry[j] = state[j];
            MixBlocks(state, next, blockSize);
            var swapped = state;
            state = next;
            next = swapped;
        }
        for (var i = 0; i < cost; i++)
        {
            // The first word of the last block chooses; it keeps its place in the diagonal order.
            var chosen = state[vectors - VectorsPerBlock].ToScalar() & (uint)(cost - 1);
            var entry = table + chosen * (long)vectors;
            for (var j = 0; j < vectors; j++) state[j] ^= entry[j];
            MixBlocks(state, next, blockSize);
            var swapped = state;
            state = next;
            next = swapped;
        }
        Undiagonalize(state, block);
    }

    /// <summary>scryptBlockMix: chains Salsa20/8 through the blocks; even results go to the front half, odd ones to the back.</summary>
    static void MixBlocks(Vector128<uint>* from, Vector128<uint>* to, int blockSize)
    {
        var last = from + (2 * blockSize - 1) * VectorsPerBlock;
        Vector128<uint> a = last[0], b = last[1], c = last[2], d = last[3];
        for (var i = 0; i < 2 * blockSize; i++)
        {
            var input = from + i * VectorsPerBlock;
            a ^= input[0];
            b ^= input[1];
            c ^= input[2];
            d ^= input[3];
            Salsa(ref a, ref b, ref c, ref d);
            var output = to + ((i & 1) * blockSize + i / 2) * VectorsPerBlock;
            output[0] = a;
            output[1] = b;
            output[2] = c;
            output[3] = d;
        }
    }

    /// <summary>Salsa20/8 on a matrix held by diagonals, so that a quarter round works on whole vectors.</summary>
    static void Salsa(ref Vector128<uint> first, ref Vector128<uint> second, ref Vector128<uint> third, ref Vector128<uint> fourth)
    {
        Vector128<uint> a = first, b = second, c = third, d = fourth;
        for (var round = 0; round < 8; round++)
        {
            b ^= Rotate(a + d, 7);
            c ^= Rotate(b + a, 9);
            d ^= Rotate(c + b, 13);
            a ^= Rotate(d + c, 18);

            // Columns and rows change places.
            var turned = Vector128.Shuffle(b, Vector128.Create(3u, 0, 1, 2));
            c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
            b = Vector128.Shuffle(d, Vector128.Create(1u, 2, 3, 0));
            d = turned;
        }
        first += a;
        second += b;
        third += c;
        fourth += d;
    }

    static Vector128<uint> Rotate(Vector128<uint> x, int bits) => (x << bits) | (x >>> (32 - bits));

    // Where each lane of the four diagonals stands in the block of sixteen words.
    static ReadOnlySpan<byte> Diagonals => [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11];

    static void Diagonalize(ReadOnlySpan<byte> block, Vector128<uint>* state)
    {
        var words = (uint*)state;
        for (var i = 0; i < block.Length / 4; i++)
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * (i / 16 * 16 + Diagonals[i % 16]))..]);
    }

    static void Undiagonalize(Vector128<uint>* state, Span<byte> block)
    {
        var words = (uint*)state;
        for (var i = 0; i < block.Length / 4; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(block[(4 * (i / 16 * 16 + Diagonals[i % 16]))..], words[i]);
    }
}
