using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Crypto;
using Hufu.Network;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.State;
using Xunit;

namespace Hufu.Tests;

/// <summary>Snapshot files of a chain that its validators have sealed: taken from anybody, without a word of trust, over changes of the validators.</summary>
public sealed class SealedSnapshotTests
{
    static readonly NodeKey[] Keys = [.. Enumerable.Range(0, 5).Select(_ => NodeKey.Random())];

    [Fact]
    public void The_seals_of_the_validators_of_each_block_prove_a_snapshot()
    {
        using var source = new Kept();
        source.Extend(40);
        var file = source.Export();
        using var copy = new Kept();
        Assert.Null(copy.Import(file));
        Assert.Equal(source.Chain.Head.Hash, copy.Chain.Head.Hash);
        Assert.Null(copy.Chain.VerifyState());
        // The set is the one that the votes on the way made, and the chain goes on under it.
        Assert.Equal(((QbftRules)source.Chain.Consensus).Validators.After(source.Chain.Head.Head).Addresses, ((QbftRules)copy.Chain.Consensus).Validators.After(copy.Chain.Head.Head).Addresses);
        Assert.Equal(4, ((QbftRules)copy.Chain.Consensus).Validators.After(copy.Chain.Head.Head).Count);
        source.Extend(3);
        for (var number = copy.Chain.Head.Number + 1; number <= source.Chain.Head.Number; number++)
            Assert.Null(copy.Chain.Import(source.Chain.Blocks.BlockOf(source.Chain.Blocks.CanonicalHash(number)!.Value)!).Refusal);
    }

    [Theory]
    [InlineData("a seal of another")]
    [InlineData("a seal twice")]
    [InlineData("a seal left out")]
    [InlineData("a validator who has left")]
    [InlineData("another state")]
    public void A_file_made_up_with_right_digests_is_refused_for_what_is_not_sealed(string how)
    {
        using var source = new Kept();
        source.Extend(40);
        var blocks = Enumerable.Range(1, 40).Select(number => source.Chain.Blocks.BlockOf(source.Chain.Blocks.CanonicalHash((ulong)number)!.Value)!).ToList();
        const int At = 35;
        var header = blocks[At - 1].Header;
        Assert.True(QbftExtraData.TryDecode(header.ExtraData, out var extraData));
        var digest = header.HashWith(extraData.EncodeForDigest());
        var seals = extraData.Seals.ToList();
        switch (how)
        {
            case "a seal of another": seals[0] = SealOf(NodeKey.Random(), digest); break;
            case "a seal twice": seals[1] = seals[0]; break;
            case "a seal left out": seals.RemoveAt(0); break;
            // Voted out at block 13, and nobody since.
            case "a validator who has left": seals[0] = SealOf(Keys[3], digest); break;
            default: header = header with { StateRoot = Keccak256.Hash([7]) }; break;
        }
        header = header with { ExtraData = (extraData with { Seals = seals }).Encode() };
        // From there on a branch of its own, with links that fit and the seals of before.
        for (var number = At; number <= 40; number++)
        {
            blocks[number - 1] = blocks[number - 1] with { Header = number == At ? header : blocks[number - 1].Header with { ParentHash = blocks[number - 2].Hash } };
        }
        using var copy = new Kept();
        var refusal = copy.Import(source.Export(blocks));
        Assert.NotNull(refusal);
        Assert.Matches($"^block {At} in chunk [0-9]+ refused: Seal", refusal.What);
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_refused_by_name()
    {
        using var source = new Kept();
        source.Extend(20);
        var file = source.Export();
        var random = new Random(3);
        for (var i = 0; i < 60; i++)
        {
            var damaged = file.ToArray();
            var at = 8 + random.Next(file.Length - 8);
            damaged[at] ^= (byte)(1 << random.Next(8));
            using var copy = new Kept();
            Assert.Contains("chunk", copy.Import(damaged)?.What ?? $"byte {at} was taken", StringComparison.Ordinal);
        }
    }

    static ReadOnlyMemory<byte> SealOf(NodeKey key, in Hash256 digest)
    {
        var seal = new byte[QbftExtraData.SealSize];
        key.Sign(digest.Bytes, seal);
        return seal;
    }

    /// <summary>A chain of four validators in memory. The fourth is voted out on the way, and later a fifth in.</summary>
    sealed class Kept : IDisposable
    {
        static readonly Genesis Beginning = Make();

        readonly IKeyValueStore _store;

        public Kept()
        {
            Assert.True(Ledgers.TryOpen(folder: null, Beginning, followsImports: false, out var store, out var chain, out var refusal), refusal?.ToString());
            (_store, Chain) = (store, chain);
        }

        public Blockchain Chain { get; }

        public void Extend(int blocks)
        {
            for (var i = 0; i < blocks; i++)
            {
                var number = Chain.Head.Number + 1;
                QbftVote? vote = number is >= 10 and <= 12 ? new QbftVote(Keys[3].Id.Address, Adds: false) : number is >= 25 and <= 26 ? new QbftVote(Keys[4].Id.Address, Adds: true) : null;
                SealedBlocks.Extend(Chain, Keys, Chain.Head.Number, vote);
            }
        }

        public byte[] Export()
        {
            using var file = new MemoryStream();
            Assert.Null(new SnapshotExport(Chain, _ => { }).Run(file, Chain.Head.Number, default));
            return file.ToArray();
        }

        /// <summary>A file that tells of other blocks, with digests that fit.</summary>
        public byte[] Export(List<Block> blocks)
        {
            var file = Export();
            using var made = new MemoryStream();
            made.Write(file.AsSpan(0, 8));
            var place = 0UL;
            for (var at = 8; at < file.Length;)
            {
                var (kind, length) = ((SnapshotChunk)file[at], BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at + 1)));
                var rlp = Snappier.Snappy.DecompressToArray(file.AsSpan(at + 37, length));
                if (kind == SnapshotChunk.Beginning) rlp = Rlp(writer => { writer.Write(SnapshotFile.Format); writer.Write(Chain.Genesis.Hash); blocks[^1].Header.Write(writer); });
                else if (kind == SnapshotChunk.Blocks) rlp = Rlp(writer => { foreach (var block in blocks) WriteBlock(writer, block); });
                SnapshotFile.Write(made, ref place, kind, rlp);
                at += 37 + length;
            }
            return made.ToArray();
        }

        public Refusal? Import(byte[] file) => new SnapshotImport(Chain, trustedEnd: null, _ => { }).Run(new MemoryStream(file), default);

        public void Dispose()
        {
            Chain.Dispose();
            _store.Dispose();
        }

        void WriteBlock(RlpWriter writer, Block block)
        {
            var item = writer.StartList();
            block.Header.Write(writer);
            var body = writer.StartList();
            block.WriteBody(writer);
            writer.EndList(body);
            var list = writer.StartList();
            foreach (var receipt in Chain.Blocks.ReceiptsOf(Chain.Blocks.CanonicalHash(block.Number)!.Value)!) writer.Write(receipt.Encode());
            writer.EndList(list);
            writer.EndList(item);
        }

        static byte[] Rlp(Action<RlpWriter> content)
        {
            using var writer = RlpWriter.Rent();
            var list = writer.StartList();
            content(writer);
            writer.EndList(list);
            return writer.ToArray();
        }

        static Genesis Make()
        {
            var json = JsonNode.Parse(DevNetwork.GenesisFile(1981, null, [TransactionSigning.AddressOf(DevAccounts.Secrets(10)[8])], DevNetwork.DefaultBalance))!;
            json["config"]!.AsObject().Remove("terminalTotalDifficulty");
            json["config"]!["qbft"] = new JsonObject { ["blockperiodseconds"] = 1, ["epochlength"] = 30_000, ["requesttimeoutseconds"] = 2 };
            json["extraData"] = Hex.Encode(new QbftExtraData { Validators = [.. Keys.Take(4).Select(key => key.Id.Address).Order()] }.Encode());
            json["difficulty"] = "0x1";
            json["mixHash"] = QbftExtraData.MixHash.ToString();
            return GenesisJson.TryParse(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), out var genesis, out var refusal) ? genesis : throw new InvalidOperationException(refusal.ToString());
        }
    }
}
