using System.Buffers.Binary;
using Hufu.Crypto;
using Hufu.Node;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

/// <summary>Snapshot files: whole and true, or refused by name.</summary>
public sealed class SnapshotTests
{
    // A contract whose constructor writes four hundred slots, from the last down.
    static readonly byte[] InitCode = Convert.FromHexString("6101905B8080556001900380600357" + "60016000F3");

    static TestChain Rich(int blocks = 12)
    {
        var chain = new TestChain(Fork.Shanghai);
        var nonce = 0UL;
        for (var number = 0; number < blocks; number++)
        {
            var transactions = Enumerable.Range(0, 20).Select(i => chain.Transfer(TestChain.AliceSecret, nonce++, Address.FromNumber((uint)(1000 + number * 100 + i)), 5UL)).ToList();
            if (number % 4 == 1) transactions.Add(TransactionSigning.Sign(new LegacyTransaction { Nonce = nonce++, GasPrice = 10_000_000_000, GasLimit = 20_000_000, Data = InitCode, V = 1337 * 2 + 35 }, TestChain.AliceSecret));
            chain.Extend(chain.Chain.Head.Hash, transactions: [.. transactions]);
        }
        return chain;
    }

    static byte[] Export(TestChain chain, ulong? number = null)
    {
        using var file = new MemoryStream();
        Assert.Null(new SnapshotExport(chain.Chain, _ => { }).Run(file, number ?? chain.Chain.Head.Number, default));
        return file.ToArray();
    }

    static Refusal? Import(byte[] file, Hash256 trusted, out TestChain chain)
    {
        chain = new TestChain(Fork.Shanghai);
        return new SnapshotImport(chain.Chain, trusted, _ => { }).Run(new MemoryStream(file), default);
    }

    [Fact]
    public void A_snapshot_is_the_chain_and_goes_on()
    {
        using var source = Rich();
        var file = Export(source);
        Assert.Null(Import(file, source.Chain.Head.Hash, out var copy));
        using (copy)
        {
            Assert.Equal(source.Chain.Head.Hash, copy.Chain.Head.Hash);
            Assert.Null(copy.Chain.VerifyState());
            var contract = Address.ForCreate(TestChain.Alice, 40);
            Assert.Equal((UInt256)123UL, copy.Chain.StateAt(copy.Chain.Head.Hash)!.GetStorage(contract, 123));
            var third = source.Chain.Blocks.CanonicalHash(3)!.Value;
            Assert.Equal(20, copy.Chain.Blocks.ReceiptsOf(third)!.Count);
            // The same file again, from the copy.
            Assert.Equal(file, Export(copy));
            // Both go on with the same blocks, and the copy after another start too.
            for (var i = 0; i < 3; i++)
            {
                var block = source.Extend(source.Chain.Head.Hash, transactions: source.Transfer(TestChain.BobSecret, (ulong)i, TestChain.Carol, 1UL));
                Assert.Null(copy.Chain.Import(block.Encode()).Refusal);
                copy.Reopen();
            }
            Assert.Equal(source.Chain.Head.Hash, copy.Chain.Head.Hash);
        }
    }

    [Fact]
    public void A_snapshot_of_an_earlier_block_is_that_of_the_block()
    {
        using var source = Rich();
        var earlier = source.Chain.Blocks.CanonicalHash(7)!.Value;
        Assert.Null(Import(Export(source, 7), earlier, out var copy));
        using (copy)
        {
            Assert.Equal(earlier, copy.Chain.Head.Hash);
            Assert.Null(copy.Chain.VerifyState());
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_refused()
    {
        using var source = Rich(6);
        var file = Export(source);
        var trusted = source.Chain.Head.Hash;
        var random = new Random(1);
        var cases = Math.Max(300, int.TryParse(Environment.GetEnvironmentVariable("HUFU_FUZZ_CASES"), out var wanted) ? wanted : 0);
        for (var i = 0; i < cases; i++)
        {
            // The beginning of the file and of its chunks as often as the rest.
            var at = i % 3 == 0 ? random.Next(Math.Min(200, file.Length)) : random.Next(file.Length);
            var damaged = file.ToArray();
            damaged[at] ^= (byte)(1 << random.Next(8));
            var refusal = Import(damaged, trusted, out var chain);
            chain.Dispose();
            Assert.True(refusal is not null, $"bit flipped in byte {at}");
            if (at >= 8) Assert.Contains("chunk", refusal.What, StringComparison.Ordinal);
        }
        foreach (var cut in new[] { 0, 5, 8, 30, file.Length / 2, file.Length - 1 })
            Assert.NotNull(Import(file[..cut], trusted, out _));
        Assert.NotNull(Import([.. file, 0], trusted, out _));
    }

    /// <summary>Whoever makes up a file makes its digests too: what is in it must prove itself.</summary>
    [Theory]
    [InlineData("a chunk left out")]
    [InlineData("two chunks exchanged")]
    [InlineData("a chunk twice")]
    [InlineData("a byte changed")]
    public void A_file_made_up_with_right_digests_is_refused(string how)
    {
        using var source = Rich(6);
        var chunks = Chunks(Export(source));
        var random = new Random(2);
        for (var i = 0; i < 60; i++)
        {
            var made = chunks.ToList();
            var at = random.Next(made.Count);
            switch (how)
            {
                case "a chunk left out": made.RemoveAt(at); break;
                case "two chunks exchanged":
                    // The slots of two contracts may come in either order.
                    if (at == 0 || (made[at].Kind == 'S' && made[at - 1].Kind == 'S') || (made[at].Kind is 'S' or 'C' && made[at - 1].Kind is 'S' or 'C')) continue;
                    (made[at], made[at - 1]) = (made[at - 1], made[at]);
                    break;
                case "a chunk twice":
                    if (made[at].Kind == 'C') continue;
                    made.Insert(at, made[at]);
                    break;
                default:
                    var rlp = made[at].Rlp.ToArray();
                    rlp[random.Next(rlp.Length)] ^= (byte)(1 << random.Next(8));
                    made[at] = made[at] with { Rlp = rlp };
                    break;
            }
            var refusal = Import(Write(made), source.Chain.Head.Hash, out var chain);
            chain.Dispose();
            Assert.True(refusal is not null, $"{how} at chunk {at}, a {made[Math.Min(at, made.Count - 1)].Kind}");
        }
    }

    [Fact]
    public void Another_chain_or_another_last_block_is_refused()
    {
        using var source = Rich(6);
        Assert.Contains("another block than the trusted", Import(Export(source, 5), source.Chain.Head.Hash, out _)!.What, StringComparison.Ordinal);
        using var other = new TestChain(Fork.Cancun);
        Assert.Contains("another chain", new SnapshotImport(other.Chain, source.Chain.Head.Hash, _ => { }).Run(new MemoryStream(Export(source)), default)!.What, StringComparison.Ordinal);
    }

    sealed record Chunk(char Kind, byte[] Rlp);

    static List<Chunk> Chunks(byte[] file)
    {
        var chunks = new List<Chunk>();
        for (var at = 8; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at + 1));
            chunks.Add(new Chunk((char)file[at], Snappier.Snappy.DecompressToArray(file.AsSpan(at + 37, length))));
            at += 37 + length;
        }
        return chunks;
    }

    static byte[] Write(List<Chunk> chunks)
    {
        using var file = new MemoryStream();
        file.Write("HufuSnp1"u8);
        for (var place = 0; place < chunks.Count; place++)
        {
            var content = Snappier.Snappy.CompressToArray(chunks[place].Rlp);
            var digested = new byte[9 + content.Length];
            BinaryPrimitives.WriteUInt64BigEndian(digested, (ulong)place);
            digested[8] = (byte)chunks[place].Kind;
            content.CopyTo(digested, 9);
            file.WriteByte((byte)chunks[place].Kind);
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
            file.Write(length);
            file.Write(Keccak256.Hash(digested).Bytes);
            file.Write(content);
        }
        return file.ToArray();
    }
}
