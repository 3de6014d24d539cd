using System.Text.Json;
using Hufu.Consensus;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Consensus;

/// <summary>The wire forms that Besu publishes, and the vectors derived from them.</summary>
public sealed class QbftVectorTests
{
    static readonly QbftKey[] Keys = [.. Enumerable.Range(1, 4).Select(i => KeyOf(i))];

    [Fact]
    public void Every_extra_data_vector_decodes_and_encodes_to_the_same_bytes()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("qbft/BftExtraDataRLPTests/bft_extra_data.json")));
        foreach (var vector in file.RootElement.EnumerateObject())
        {
            var rlp = Bytes(vector.Value.GetProperty("rlp").GetString()!);
            var fields = vector.Value.GetProperty("qbft_extra_data");

            Assert.True(QbftExtraData.TryDecode(rlp, out var decoded), vector.Name);

            Assert.Equal(rlp, decoded.Encode());
            Assert.Equal(fields.GetProperty("vanityData").GetString(), Hex.Encode(decoded.Vanity.Span));
            Assert.Equal(fields.GetProperty("round").GetUInt32(), decoded.Round);
            Assert.Equal(fields.GetProperty("validators").EnumerateArray().Select(item => Address.Parse(item.GetString()!)), decoded.Validators);
            Assert.Equal(fields.GetProperty("seals").EnumerateArray().Select(item => item.GetString()), decoded.Seals.Select(seal => Hex.Encode(seal.Span)));
            var vote = fields.GetProperty("vote");
            Assert.Equal(vote.ValueKind == JsonValueKind.Null ? null : new QbftVote(Address.Parse(vote.GetProperty("recipient").GetString()!), vote.GetProperty("voteType").GetString() == "0xff"), decoded.Vote);
        }
    }

    [Theory]
    [InlineData("prepare", QbftCode.Prepare)]
    [InlineData("commit", QbftCode.Commit)]
    [InlineData("roundChange_empty_prepares", QbftCode.RoundChange)]
    [InlineData("roundChange_with_prepares", QbftCode.RoundChange)]
    [InlineData("proposal_empty_prepares_and_roundChanges", QbftCode.Proposal)]
    [InlineData("proposal_with_prepares_and_roundChanges", QbftCode.Proposal)]
    public void Every_message_vector_decodes_and_is_made_again_byte_for_byte(string name, QbftCode code)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("qbft/MessageRLPTests/messages.json")));
        var rlp = Bytes(file.RootElement.GetProperty(name).GetProperty("rlp").GetString()!);

        Assert.True(QbftMessage.TryDecode((byte)code, rlp, out var message, out var refusal), refusal?.ToString());

        Assert.Equal((1UL, 0u), (message.Height, message.Round));
        Assert.NotNull(message.Author);
        Assert.Equal(rlp, Rewritten(message));
    }

    [Fact]
    public void The_same_message_signed_here_has_the_same_bytes()
    {
        var digest = Hash256.Parse("0xad501f3a61b24eeeecb4225681db5fcab752bc0b3f66f09a27d3ac01d302b771");

        var prepare = Prepare.Sign(Keys[0], 1, 2, digest);

        Assert.Equal("0xe30102a0ad501f3a61b24eeeecb4225681db5fcab752bc0b3f66f09a27d3ac01d302b771", Hex.Encode(prepare.Payload.Span));
        Assert.Equal("0x311090f7c424117749316ffb04516756341944a0d587a11d2821fd9e8e108922", prepare.SigningHash.ToString());
        Assert.Equal("0xf867e30102a0ad501f3a61b24eeeecb4225681db5fcab752bc0b3f66f09a27d3ac01d302b771b8416dd9b52a4a5186ee051fbe0c5c698b034654d44e4a86e785e7aaa5b02a71bae5033d19573457546e8418b1c47eae0f24c39c912535c6adf4aae7e83643e899cb01",
            Hex.Encode(prepare.Encoded.Span));
        Assert.Equal("0xae770feda421bdb4c34ff54b01dca4d06debf299166f7298d6c674a0ede8d10123748ca0492745b98fe7bc77c5418eb6ee027c8547cfa8bbf09937a626debd0f00", Hex.Encode(Keys[0].Sign(digest)));
        Assert.Equal("0x834d3ecc779a1fe0ecb76fde2b3c50a8d549fb838f4b5469ad0a52565c94b3ce", RoundChange.Sign(Keys[0], 1, 1, null, QbftDialect.Legacy).SigningHash.ToString());
    }

    [Fact]
    public void A_header_has_its_three_hashes()
    {
        var validators = new ValidatorSet(Keys.Select(key => key.Address));
        var genesis = new QbftExtraData { Validators = validators.Addresses };
        Assert.Equal("0xf87aa00000000000000000000000000000000000000000000000000000000000000000f854941eff47bc3a10a45d4b230b5d10e37751fe6aa718942b5ad5c4795c026514f8317c7a215e218dccd6cf946813eb9362372eef6200f3b1dbc3f819671cba69947e5f4552091a69125d5dfcb7b8c2659029395bdfc080c0",
            Hex.Encode(genesis.Encode()));
        var header = HeaderWith((genesis with { Round = 2 }).Encode());
        Assert.True(QbftBlock.TryMake(new Block(header, [], [], null), out var block));

        Assert.Equal("0xad501f3a61b24eeeecb4225681db5fcab752bc0b3f66f09a27d3ac01d302b771", block.Digest.ToString());
        Assert.Equal("0xfe32e13dd2174b97fb19e51dc359bac13b65c07ab2535cb22fb388ce8cfa0949", block.Hash.ToString());

        var sealedBlock = block.WithSeals([.. Keys.Select(key => (ReadOnlyMemory<byte>)key.Sign(block.Digest))]);
        Assert.Equal(block.Hash, sealedBlock.Hash);
        Assert.True(Block.TryDecode(sealedBlock.Block.Encode(), out var read, out _));
        Assert.Equal(block.Hash, read.Hash);
        Assert.Equal(block.Hash, block.InRound(7).Hash);
        Assert.NotEqual(block.Digest, block.InRound(7).Digest);
    }

    [Theory]
    [InlineData(QbftDialect.Legacy)]
    [InlineData(QbftDialect.WithAccessList)]
    public void Both_dialects_are_read_and_their_signatures_hold(QbftDialect dialect)
    {
        Assert.True(QbftBlock.TryMake(new Block(HeaderWith(new QbftExtraData { Validators = [Keys[0].Address] }.Encode()), [], [], null), out var block));
        var prepares = Keys.Select(key => Prepare.Sign(key, 1, 0, block.Digest)).ToList();
        var change = RoundChange.Sign(Keys[1], 1, 1, new PreparedCertificate(block, prepares), dialect);
        var proposal = Proposal.Sign(Keys[2], 1, 1, block.InRound(1), [change], prepares, dialect);

        Assert.True(QbftMessage.TryDecode((byte)QbftCode.RoundChange, change.Encoded, out var readChange, out var refusal), refusal?.ToString());
        Assert.True(QbftMessage.TryDecode((byte)QbftCode.Proposal, proposal.Encoded, out var readProposal, out refusal), refusal?.ToString());

        Assert.Equal(Keys[1].Address, readChange.Author);
        Assert.Equal(block.Hash, ((RoundChange)readChange).Block!.Hash);
        Assert.Equal(4, ((RoundChange)readChange).Prepares.Count);
        Assert.Equal(Keys[2].Address, readProposal.Author);
        Assert.Equal(Keys[1].Address, ((Proposal)readProposal).RoundChanges[0].Author);
    }

    [Fact]
    public void A_damaged_message_is_refused_or_is_nobodys()
    {
        Assert.True(QbftBlock.TryMake(new Block(HeaderWith(new QbftExtraData { Validators = [Keys[0].Address] }.Encode()), [], [], null), out var block));
        var whole = RoundChange.Sign(Keys[1], 1, 1, new PreparedCertificate(block, [Prepare.Sign(Keys[0], 1, 0, block.Digest)]), QbftDialect.Legacy).Encoded.ToArray();
        var random = new Random(7);
        for (var i = 0; i < 5000; i++)
        {
            var damaged = whole.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) damaged = damaged[..random.Next(damaged.Length)];
            foreach (var code in Enum.GetValues<QbftCode>())
                if (QbftMessage.TryDecode((byte)code, damaged, out var message, out _)) _ = message.Author;
        }
    }

    [Theory]
    [InlineData("qbft.json")]
    [InlineData("qbft-london.json")]
    [InlineData("qbft-emptyextradata.json")]
    public void Genesis_files_of_Besu_are_read(string name)
    {
        var json = File.ReadAllText(SharedFolder.Fixture("qbft/genesis/" + name)).Replace("%extraData%", Hex.Encode(new QbftExtraData { Validators = [Keys[0].Address] }.Encode()), StringComparison.Ordinal);

        Assert.True(GenesisJson.TryParse(System.Text.Encoding.UTF8.GetBytes(json), out var genesis, out var refusal), refusal?.ToString());
        var config = QbftConfig.Of(genesis, out refusal);

        Assert.True(config is not null, refusal?.ToString() ?? "no qbft section");
    }

    [Theory]
    [InlineData(1, 1, 0), InlineData(2, 2, 0), InlineData(3, 2, 0), InlineData(4, 3, 1), InlineData(5, 4, 1), InlineData(6, 4, 1), InlineData(7, 5, 2), InlineData(13, 9, 4)]
    public void A_quorum_is_two_thirds_rounded_up(int validators, int quorum, int faulty)
    {
        var set = new ValidatorSet(Enumerable.Range(1, validators).Select(i => Address.FromNumber((uint)i)));

        Assert.Equal((quorum, faulty), (set.Quorum, set.Faulty));
    }

    [Fact]
    public void Proposers_go_round_from_the_parents_beneficiary()
    {
        var set = new ValidatorSet([Address.FromNumber(2), Address.FromNumber(4), Address.FromNumber(6)]);

        Assert.Equal(Address.FromNumber(4), set.Proposer(Address.FromNumber(2), 0));
        Assert.Equal(Address.FromNumber(2), set.Proposer(Address.FromNumber(6), 0));
        Assert.Equal(Address.FromNumber(2), set.Proposer(Address.FromNumber(4), 1));
        Assert.Equal(Address.FromNumber(4), set.Proposer(Address.FromNumber(3), 0));
        Assert.Equal(Address.FromNumber(2), set.Proposer(Address.FromNumber(7), 0));
    }

    [Fact]
    public void What_was_signed_survives_the_disk_and_a_torn_write_shows()
    {
        Assert.True(QbftBlock.TryMake(new Block(HeaderWith(new QbftExtraData { Validators = [Keys[0].Address] }.Encode()), [], [], null), out var block));
        var certificate = new PreparedCertificate(block, [Prepare.Sign(Keys[0], 1, 0, block.Digest)]);
        Assert.True(SigningRecord.Empty.TryNote(new CommitDraft(1, 0, certificate), out var record));

        var bytes = record.Encode();

        Assert.Equal(block.Hash, SigningRecord.Decode(bytes)!.Prepared!.Block.Hash);
        Assert.Null(SigningRecord.Decode(bytes.AsMemory(0, bytes.Length - 5)));
        Assert.False(record.TryNote(new PrepareDraft(0, 3, default), out _));
        Assert.True(record.TryNote(new CommitDraft(1, 0, certificate), out _));
        Assert.False(record.TryNote(new CommitDraft(1, 0, new PreparedCertificate(block.InRound(4), [])), out _));
        Assert.True(record.TryNote(new RoundChangeDraft(1, 1, certificate), out var later));
        Assert.False(later.TryNote(new PrepareDraft(1, 0, block.Digest), out _));
    }

    static Header HeaderWith(byte[] extraData) => new()
    {
        ParentHash = Hash256.FromBytes(Enumerable.Repeat((byte)0x11, 32).ToArray()),
        Beneficiary = Keys[3].Address,
        StateRoot = Hash256.FromBytes(Enumerable.Repeat((byte)0x22, 32).ToArray()),
        Difficulty = UInt256.One,
        Number = 1,
        GasLimit = 30_000_000,
        Timestamp = 1_700_000_000,
        ExtraData = extraData,
        PrevRandao = QbftExtraData.MixHash,
    };

    static byte[] Rewritten(QbftMessage message)
    {
        using var writer = new RlpWriter();
        if (message is Prepare or Commit)
        {
            message.WriteSigned(writer);
            return writer.ToArray();
        }
        var list = writer.StartList();
        message.WriteSigned(writer);
        if (message is RoundChange change)
        {
            if (change.Block is { } block) block.Block.Write(writer);
            else writer.EndList(writer.StartList());
            WriteAll(writer, change.Prepares);
        }
        else if (message is Proposal proposal)
        {
            var justification = writer.StartList();
            WriteAll(writer, proposal.RoundChanges);
            WriteAll(writer, proposal.Prepares);
            writer.EndList(justification);
        }
        writer.EndList(list);
        return writer.ToArray();
    }

    static void WriteAll(RlpWriter writer, IReadOnlyList<QbftMessage> messages)
    {
        var list = writer.StartList();
        foreach (var message in messages) message.WriteSigned(writer);
        writer.EndList(list);
    }

    static byte[] Bytes(string hex) => Hex.TryDecode(hex, out var bytes) ? bytes : throw new FormatException(hex);

    static QbftKey KeyOf(int number)
    {
        var secret = new byte[32];
        secret[31] = (byte)number;
        return new QbftKey(secret);
    }
}
