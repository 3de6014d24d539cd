using System.IO.Compression;
using System.Text.Json;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests.Codec;

/// <summary>The blocks of two real test chains: each encodes to what it was read from, names its parent, and commits to its body.</summary>
public class BlockVectors
{
    [Fact]
    public void The_execution_apis_chain_is_read_block_by_block()
    {
        var last = Walk(File.ReadAllBytes(SharedFolder.Fixture("rpc/tests/chain.rlp")));
        Assert.Equal(HeadOf(File.ReadAllBytes(SharedFolder.Fixture("rpc/tests/headfcu.json"))), last.Hash.ToString());
    }

    [Fact]
    public void The_devp2p_chain_is_read_block_by_block()
    {
        using var archive = ZipFile.OpenRead(SharedFolder.Fixture("p2p/ethchain.zip"));
        var last = Walk(Entry(archive, "chain.rlp"));
        Assert.Equal(HeadOf(Entry(archive, "headfcu.json")), last.Hash.ToString());
    }

    static Block Walk(byte[] chain)
    {
        var reader = new RlpReader(chain);
        Block? last = null;
        while (!reader.AtEnd)
        {
            var item = reader.ReadItem();
            Assert.True(Block.TryDecode(item, out var block, out var refusal), refusal?.ToString());
            Assert.True(block.Encode().AsSpan().SequenceEqual(item));
            if (last is not null) Assert.Equal(last.Hash, block.Header.ParentHash);
            Assert.Equal(block.Header.TransactionsRoot, TrieRoot.OfTransactions(block.Transactions));
            if (block.Withdrawals is not null) Assert.Equal(block.Header.WithdrawalsRoot, TrieRoot.OfWithdrawals(block.Withdrawals));
            for (var i = 0; i < block.Transactions.Count; i++)
            {
                Assert.True(SenderRecovery.TryRecover(block.Transactions[i], requireLowS: true, out _));
                Assert.True(MerkleProof.TryVerifyListEntry(block.Header.TransactionsRoot, (ulong)i, TrieRoot.ProveTransaction(block.Transactions, i), out var proved, out _));
                Assert.True(block.Transactions[i].Encoded.Span.SequenceEqual(proved));
            }
            last = block;
        }
        Assert.Null(reader.Error);
        return last!;
    }

    static string HeadOf(byte[] forkChoice)
    {
        using var document = JsonDocument.Parse(forkChoice);
        return document.RootElement.GetProperty("params")[0].GetProperty("headBlockHash").GetString()!;
    }

    static byte[] Entry(ZipArchive archive, string name)
    {
        using var stream = archive.Entries.Single(entry => entry.Name == name).Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
