using System.Text;
using Hufu.Client;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Client;

public sealed class QbftTallyTests
{
    static readonly Address Holder = Address.FromNumber(0x50fa);
    static readonly Signer[] Validators = [.. Enumerable.Range(1, 9).Select(i => Signer.FromSecret(Hash256.FromUInt256((ulong)i).Bytes))];

    static IReadOnlyList<Address> Ascending(IEnumerable<Signer> signers) => [.. signers.Select(signer => signer.Address).Order()];

    static Header Genesis(params Signer[] validators) => new()
    {
        PrevRandao = QbftExtraData.MixHash,
        Difficulty = 1,
        ExtraData = new QbftExtraData { Validators = Ascending(validators) }.Encode(),
    };

    /// <summary>A header that names validators, sealed by some.</summary>
    static Header Sealed(ulong number, Signer[] named, Signer[] sealers, uint round = 0)
    {
        var extra = new QbftExtraData { Validators = Ascending(named), Round = round };
        // Nobody has an account: the state is empty, which is a proof like any other.
        var header = new Header { Number = number, PrevRandao = QbftExtraData.MixHash, Difficulty = 1, StateRoot = Account.EmptyTrieRoot, ExtraData = extra.Encode() };
        var digest = header.HashWith(extra.EncodeForDigest());
        return header with { ExtraData = (extra with { Seals = [.. sealers.Select(sealer => (ReadOnlyMemory<byte>)Seal(sealer, digest))] }).Encode() };
    }

    static byte[] Seal(Signer sealer, in Hash256 digest)
    {
        var signature = sealer.SignDigest(digest);
        return [.. signature.R.Bytes, .. signature.S.Bytes, signature.YParity];
    }

    static Tally Of(Header genesis, Header header, params Header[] steps) =>
        new() { Kind = TallyKind.Account, ChainId = 7, Genesis = genesis.Hash, Header = header, Address = Holder, Finality = new QbftFinality(genesis, steps) };

    static string? WhyNot(Tally tally) => TallyFile.TryWrite(tally, out var file, out var refusal)
        ? TallyFile.TryVerify(file, null, out _, out refusal) ? null : "the file does not hold: " + refusal
        : refusal.ToString();

    [Fact]
    public void A_block_sealed_by_a_quorum_of_the_first_validators_holds_and_rests_on_the_genesis_block_alone()
    {
        var genesis = Genesis(Validators[..4]);

        var tally = Of(genesis, Sealed(1_000_000, Validators[..4], Validators[..3], round: 2));

        Assert.Null(WhyNot(tally));
        Assert.True(TallyFile.TryWrite(tally, out var file, out _));
        Assert.True(TallyFile.TryVerify(file, new TallyTrust { Genesis = genesis.Hash }, out var fact, out _));
        Assert.True(TallySchema.Allows(Encoding.UTF8.GetString(file), out var faults), faults);
        Assert.DoesNotContain(fact.Trusts, trust => trust.Contains("endpoint", StringComparison.Ordinal));
        Assert.False(TallyFile.TryVerify(file, new TallyTrust { Genesis = Hash256.Zero }, out _, out _));
    }

    [Fact]
    public void A_single_sealer_is_a_validator_set_of_one()
    {
        Assert.Null(WhyNot(Of(Genesis(Validators[0]), Sealed(5, [Validators[0]], [Validators[0]]))));
        Assert.Contains("of no validator", WhyNot(Of(Genesis(Validators[0]), Sealed(5, [Validators[0]], [Validators[1]]))), StringComparison.Ordinal);
    }

    [Fact]
    public void Changes_of_the_validators_are_followed_step_by_step()
    {
        var genesis = Genesis(Validators[..1]);
        // One, then two, four, and at last four others, by way of a mixed set.
        var steps = new[]
        {
            Sealed(10, Validators[..2], Validators[..2]),
            Sealed(20, Validators[..4], Validators[..3]),
            Sealed(30, Validators[2..6], Validators[2..6]),
            Sealed(40, Validators[4..8], Validators[4..8]),
        };

        Assert.Null(WhyNot(Of(genesis, Sealed(50, Validators[4..8], Validators[4..7]), steps)));
        Assert.Contains("not vouched for", WhyNot(Of(genesis, Sealed(50, Validators[4..8], Validators[4..7]), steps[..2])), StringComparison.Ordinal);
        Assert.Contains("not in order", WhyNot(Of(genesis, Sealed(50, Validators[4..8], Validators[4..7]), [steps[0], steps[0]])), StringComparison.Ordinal);
    }

    [Fact]
    public void Strangers_who_name_themselves_are_refused()
    {
        var genesis = Genesis(Validators[..4]);

        Assert.Contains("not vouched for", WhyNot(Of(genesis, Sealed(9, Validators[4..8], Validators[4..8]))), StringComparison.Ordinal);
        // One faulty validator of four vouches for them: a third may be faulty, so that is not enough.
        Assert.Contains("not vouched for", WhyNot(Of(genesis, Sealed(9, Validators[3..7], Validators[3..7]))), StringComparison.Ordinal);
        Assert.Contains("too few seals", WhyNot(Of(genesis, Sealed(9, Validators[..4], Validators[..2]))), StringComparison.Ordinal);
        Assert.Contains("sealed twice", WhyNot(Of(genesis, Sealed(9, Validators[..4], [Validators[0], Validators[0], Validators[1]]))), StringComparison.Ordinal);
        Assert.Contains("of no validator", WhyNot(Of(genesis, Sealed(9, Validators[..4], Validators[..5]))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_header_or_seal_is_refused()
    {
        var genesis = Genesis(Validators[..4]);
        var header = Sealed(9, Validators[..4], Validators[..3]);
        Assert.True(QbftExtraData.TryDecode(header.ExtraData, out var extra));

        Header[] forged =
        [
            header with { StateRoot = Hash256.Zero },
            header with { Number = 10 },
            header with { ExtraData = (extra with { Round = 1 }).Encode() },
            header with { ExtraData = (extra with { Vanity = Enumerable.Repeat((byte)1, 32).ToArray() }).Encode() },
            header with { ExtraData = (extra with { Validators = Ascending(Validators[..3]) }).Encode() },
            header with { ExtraData = (extra with { Seals = [] }).Encode() },
            header with { PrevRandao = Hash256.Zero },
        ];

        foreach (var one in forged) Assert.NotNull(WhyNot(Of(genesis, one)));
    }

    [Fact]
    public void Any_changed_byte_of_a_sealed_tally_is_refused()
    {
        var genesis = Genesis(Validators[..4]);
        Assert.True(TallyFile.TryWrite(Of(genesis, Sealed(30, Validators[2..6], Validators[2..6]), Sealed(20, Validators[..4], Validators[..3])), out var file, out var refusal), refusal?.ToString());
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var mutated = (byte[])file.Clone();
            mutated[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));

            Assert.False(TallyFile.TryVerify(mutated, null, out _, out refusal), Encoding.UTF8.GetString(mutated));
            Assert.NotEmpty(refusal.What);
        }
    }
}
