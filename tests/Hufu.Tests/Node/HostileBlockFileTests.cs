using CsCheck;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Tests.Primitives;
using Xunit;

namespace Hufu.Tests.Node;

public sealed class HostileBlockFileTests : IDisposable
{
    readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_damaged_file_of_blocks_is_refused_and_leaves_the_head_where_it_was()
    {
        using var source = new TestChain();
        var parent = source.Chain.Genesis.Hash;
        List<byte> blocks = [];
        for (ulong nonce = 0; nonce < 4; nonce++)
        {
            var block = source.Extend(parent, transactions: source.Transfer(TestChain.AliceSecret, nonce, TestChain.Carol, 5));
            blocks.AddRange(block.Encode());
            parent = block.Hash;
        }
        using var target = new TestChain();
        GenPrimitives.Damaged([.. blocks]).Sample(bytes =>
        {
            var before = target.Chain.Head.Hash;
            if (Import(target, bytes) is null) return;   // the damage undid itself, or cut whole blocks off
            Assert.Equal(before, target.Chain.Head.Hash);
        }, iter: GenPrimitives.FuzzCases, threads: 1);

        Assert.Null(Import(target, [.. blocks]));
        // Some damage makes another block that is as good (its extra data is free), and the first of two equals stays the head.
        Assert.Equal(4UL, target.Chain.Head.Number);
        Assert.Null(target.Chain.VerifyState());
    }

    [Fact]
    public void Any_bytes_after_the_mark_of_an_era1_file_are_refused_or_empty()
    {
        using var target = new TestChain();
        byte[] mark = [0x65, 0x32, 0, 0, 0, 0, 0, 0];
        Gen.Select(Gen.UShort[3, 8], Gen.Int[0, 80], Gen.Byte.Array[0, 80]).Array[1, 6].Sample(entries =>
        {
            byte[] bytes = [.. mark, .. entries.SelectMany(entry => (byte[])[.. BitConverter.GetBytes(entry.Item1), .. BitConverter.GetBytes(entry.Item2), 0, 0, .. entry.Item3])];
            Import(target, bytes);
            Assert.Equal(target.Chain.Genesis.Hash, target.Chain.Head.Hash);
        }, iter: GenPrimitives.FuzzCases, threads: 1);
    }

    Refusal? Import(TestChain target, byte[] bytes)
    {
        File.WriteAllBytes(_file, bytes);
        Assert.True(BlockFile.TryOpen(_file, out var file, out var refusal), refusal?.ToString());
        using (file) return new ChainImport(target.Chain).Run(file, static _ => { }, TestContext.Current.CancellationToken);
    }
}
