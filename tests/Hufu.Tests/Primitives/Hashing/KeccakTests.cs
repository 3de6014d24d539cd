using CsCheck;
using Hufu.Primitives;
using Org.BouncyCastle.Crypto.Digests;
using Xunit;

namespace Hufu.Tests.Primitives;

public sealed class KeccakTests
{
    [Theory]
    [InlineData("", "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    [InlineData("The quick brown fox jumps over the lazy dog", "0x4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15")]
    public void Known_texts_have_their_known_digests(string text, string digest) =>
        Assert.Equal(digest, Keccak256.Hash(System.Text.Encoding.UTF8.GetBytes(text)).ToString());

    [Fact]
    public void Every_length_up_to_600_bytes_agrees_with_an_independent_implementation()
    {
        for (var length = 0; length <= 600; length++)
        {
            var data = Bytes(length, seed: length);
            Assert.Equal(Expected(256, data), Keccak256.Hash(data).ToArray());
            var wide = new byte[64];
            Keccak512.Hash(data, wide);
            Assert.Equal(Expected(512, data), wide);
        }
    }

    [Fact]
    public unsafe void Rows_in_vectors_of_512_bits_and_words_one_by_one_give_the_same()
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx512F.IsSupported, "this machine has no AVX-512");
        for (var length = 0; length <= 600; length++)
        {
            var data = Bytes(length, seed: length);
            byte[] rows = new byte[32], words = new byte[8 * KeccakPermutation.Lanes];
            fixed (byte* start = data, digest = rows, state = words)
            {
                KeccakRows.Hash(start, length, digest);
                KeccakSponge.Absorb((ulong*)state, start, length, Keccak256.Rate);
            }
            Assert.Equal(words[..32], rows);
        }
    }

    [Fact]
    public void Four_at_a_time_are_the_same_as_one_by_one() => Gen.Select(Gen.Int[0, 700], Gen.Int[0, 700], Gen.Int[0, 700], Gen.Int[0, 700]).Sample((la, lb, lc, ld) =>
    {
        byte[] a = Bytes(la, 1), b = Bytes(lb, 2), c = Bytes(lc, 3), d = Bytes(ld, 4);
        var digests = new byte[128];
        Keccak256.HashFour(a, b, c, d, digests);
        return digests.AsSpan().SequenceEqual([.. Keccak256.Hash(a).Bytes, .. Keccak256.Hash(b).Bytes, .. Keccak256.Hash(c).Bytes, .. Keccak256.Hash(d).Bytes]);
    }, iter: 5_000);

    [Fact]
    public void Four_of_every_length_up_to_600_bytes_are_the_same_as_one_by_one()
    {
        var digests = new byte[128];
        for (var length = 0; length <= 600; length++)
        {
            var data = Bytes(length, seed: length);
            Keccak256.HashFour(data, data, data, data, digests);
            for (var lane = 0; lane < 4; lane++) Assert.Equal(Keccak256.Hash(data).ToArray(), digests.AsSpan(32 * lane, 32).ToArray());
        }
    }

    [Fact]
    public void A_batch_of_any_lengths_is_the_same_as_one_by_one() => Gen.Int[0, 600].Array[0, 700].Sample(lengths =>
    {
        var data = Bytes(lengths.Sum(), seed: 5);
        var ends = new int[lengths.Length];
        for (var (i, end) = (0, 0); i < ends.Length; i++) ends[i] = end += lengths[i];
        var digests = new Hash256[ends.Length];
        Keccak256.HashBatch(data, ends, digests);
        for (var (i, begin) = (0, 0); i < ends.Length; begin = ends[i++])
            if (digests[i] != Keccak256.Hash(data.AsSpan(begin..ends[i]))) return false;
        return true;
    }, iter: 200);

    [Fact]
    public void A_batch_of_one_length_is_the_same_as_one_by_one() => Gen.Select(Gen.Int[0, 200], Gen.Int[0, 600]).Sample((length, count) =>
    {
        var data = Bytes(length * count, seed: 6);
        var digests = new Hash256[count];
        Keccak256.HashBatch(data, length, digests);
        for (var i = 0; i < count; i++)
            if (digests[i] != Keccak256.Hash(data.AsSpan(i * length, length))) return false;
        return true;
    }, iter: 200);

    [Fact]
    public void A_batch_whose_ends_fall_or_leave_the_data_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Keccak256.HashBatch(new byte[10], [4, 3], new Hash256[2]));
        Assert.Throws<ArgumentException>(() => Keccak256.HashBatch(new byte[10], [11], new Hash256[1]));
        Assert.Throws<ArgumentException>(() => Keccak256.HashBatch(new byte[10], [-1], new Hash256[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Keccak256.HashBatch(new byte[10], [1, 2], new Hash256[1]));
        Assert.Throws<ArgumentException>(() => Keccak256.HashBatch(new byte[10], 3, new Hash256[3]));
    }

    [Fact]
    public void The_digest_may_overwrite_its_data()
    {
        var data = Bytes(64, seed: 7);
        var expected = Keccak256.Hash(data).ToArray();
        Keccak256.Hash(data, data);
        Assert.Equal(expected, data[..32]);
    }

    static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    static byte[] Expected(int bits, byte[] data)
    {
        var keccak = new KeccakDigest(bits);
        keccak.BlockUpdate(data);
        var digest = new byte[bits / 8];
        keccak.DoFinal(digest);
        return digest;
    }
}
