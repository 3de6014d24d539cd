using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Hufu.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Xunit;

namespace Hufu.Tests;

public class HashTests
{
    [Theory]
    [InlineData("", "9c1185a5c5e9fc54612808977ee8f548b2258d31")]
    [InlineData("abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "f71c27109c692c1b56bbdceb5b9d2865b3708dbc")]
    public void Ripemd160_gives_the_hashes_of_its_paper(string text, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(Ripemd(Encoding.ASCII.GetBytes(text))));

    [Fact]
    public void Ripemd160_agrees_with_Bouncy_Castle_at_any_length() =>
        Gen.Byte.Array[0, 300].Sample(data =>
        {
            var digest = new RipeMD160Digest();
            digest.BlockUpdate(data, 0, data.Length);
            var expected = new byte[20];
            digest.DoFinal(expected, 0);
            Assert.Equal(expected, Ripemd(data));
        }, iter: 2_000);

    [Fact]
    public void Sha256_agrees_with_the_platform_at_every_length_up_to_600()
    {
        var data = new byte[600];
        new Random(256).NextBytes(data);
        var hash = new byte[Sha256.HashSize];
        for (int length = 0; length <= data.Length; length++)
        {
            Sha256.Hash(data.AsSpan(0, length), hash);
            Assert.Equal(System.Security.Cryptography.SHA256.HashData(data.AsSpan(0, length)), hash);
        }
    }

    // BLAKE2b-512 of one block is twelve rounds of F on the parametrised initial state.
    [Fact]
    public void F_makes_the_hash_BLAKE2b() =>
        Gen.Byte.Array[0, 128].Sample(data =>
        {
            var digest = new Blake2bDigest(512);
            digest.BlockUpdate(data, 0, data.Length);
            var expected = new byte[64];
            digest.DoFinal(expected, 0);

            var input = new byte[Blake2.InputSize];
            input[3] = 12;
            ReadOnlySpan<ulong> initial =
            [
                0x6A09E667F3BCC908 ^ 0x01010040, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
                0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
            ];
            for (var i = 0; i < 8; i++) BinaryPrimitives.WriteUInt64LittleEndian(input.AsSpan(4 + 8 * i), initial[i]);
            data.CopyTo(input.AsSpan(68));
            BinaryPrimitives.WriteUInt64LittleEndian(input.AsSpan(196), (ulong)data.Length);
            input[212] = 1;
            var output = new byte[Blake2.OutputSize];
            Assert.True(Blake2.F(input, output));
            Assert.Equal(expected, output);
        }, iter: 500);

    [Fact]
    public void F_refuses_another_length_and_another_flag()
    {
        var output = new byte[Blake2.OutputSize];
        Assert.False(Blake2.F(new byte[212], output));
        Assert.False(Blake2.F(new byte[214], output));
        var input = new byte[Blake2.InputSize];
        input[^1] = 2;
        Assert.False(Blake2.F(input, output));
    }

    static byte[] Ripemd(byte[] data)
    {
        var hash = new byte[Ripemd160.HashSize];
        Ripemd160.Hash(data, hash);
        return hash;
    }
}
