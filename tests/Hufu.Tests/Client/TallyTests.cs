using System.Globalization;
using System.Text;
using Hufu.Client;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Client;

public sealed class TallyTests
{
    static readonly Address Shop = Address.FromNumber(0x50fa);

    /// <summary>A share in CI; HUFU_TALLY_MUTATIONS=100000 for the long run.</summary>
    static int Mutations => int.TryParse(Environment.GetEnvironmentVariable("HUFU_TALLY_MUTATIONS"), CultureInfo.InvariantCulture, out var count) ? count : 4_000;

    /// <summary>One of each kind, over a block with several transactions.</summary>
    static async Task<Dictionary<string, byte[]>> MakeAsync(ClientChain chain)
    {
        using var alice = new TransactionSender(chain.Client, ClientChain.Alice, new SendOptions { PollEvery = TimeSpan.FromMilliseconds(20) });
        var token = new TestTokenContract(chain.Client, (await alice.ExecuteAsync(TestTokenContract.Deploy(1_000))).ContractAddress!.Value);
        var batch = new TestBatchContract(chain.Client, (await alice.ExecuteAsync(TestBatchContract.Deploy())).ContractAddress!.Value);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => alice.ExecuteAsync(new TransactionRequest { To = Shop, Value = 1 })));
        var paid = await alice.ExecuteAsync(token.Transfer(Shop, 300));
        Assert.True(ContractAbi.TryParse(File.ReadAllBytes(SharedFolder.Repository("tests/Contracts/artifacts/TestBatch.json")), out var abi, out _));
        var failed = await (await alice.SendAsync(batch.Execute([]) with { GasLimit = 100_000 })).WaitAsync();
        Assert.False(failed.Succeeded);

        var maker = new TallyMaker(chain.Client);
        return new()
        {
            ["transaction"] = await maker.OfTransactionAsync(paid.TransactionHash, [abi]),
            ["failed"] = await maker.OfTransactionAsync(failed.TransactionHash),
            ["log"] = await maker.OfLogAsync(paid.TransactionHash, 0),
            ["account"] = await maker.OfAccountAsync(Shop),
            ["absent"] = await maker.OfAccountAsync(Address.FromNumber(0xabcdef)),
            ["storage"] = await maker.OfStorageAsync(token.Address, 2),
        };
    }

    [Fact]
    public async Task Every_kind_of_tally_holds_and_says_what_it_proves()
    {
        await using var chain = await ClientChain.StartAsync();
        var tallies = await MakeAsync(chain);

        foreach (var (name, file) in tallies) Assert.True(TallyFile.TryVerify(file, null, out _, out var refusal), $"{name}: {refusal}");
        Assert.True(TallyFile.TryVerify(tallies["log"], new TallyTrust { ChainId = 31337 }, out var fact, out _));
        Assert.Contains($"{Shop.ToChecksumString()} received 300 units of the token", fact.English, StringComparison.Ordinal);
        Assert.Contains("300 单位代币", fact.Chinese, StringComparison.Ordinal);
        Assert.Contains(fact.Trusts, trust => trust.StartsWith("none: trust the RPC endpoint's header 0x", StringComparison.Ordinal));
        Assert.True(TallyFile.TryVerify(tallies["storage"], null, out fact, out _));
        Assert.Equal(1_000, fact.Value);
        Assert.True(TallyFile.TryVerify(tallies["failed"], null, out fact, out _));
        Assert.Contains("it failed", fact.English, StringComparison.Ordinal);
        Assert.True(TallyFile.TryVerify(tallies["absent"], null, out fact, out _));
        Assert.Null(fact.Account);
    }

    [Fact]
    public async Task Tallies_satisfy_their_JSON_Schema_and_damaged_ones_do_not()
    {
        await using var chain = await ClientChain.StartAsync();
        foreach (var (name, file) in await MakeAsync(chain))
        {
            var text = Encoding.UTF8.GetString(file);
            Assert.True(TallySchema.Allows(text, out var faults), $"{name}: {faults}");
            Assert.False(TallySchema.Allows(text.Replace("\"checksum\": \"0x", "\"checksum\": \"", StringComparison.Ordinal), out _));
            Assert.False(TallySchema.Allows(text.Replace("\"hufuTally\": 1", "\"hufuTally\": 2", StringComparison.Ordinal), out _));
            Assert.False(TallySchema.Allows(text.Replace("\"chain\": {", "\"more\": 1, \"chain\": {", StringComparison.Ordinal), out _));
        }
    }

    [Fact]
    public async Task A_tally_of_another_chain_or_block_than_the_reader_means_is_refused()
    {
        await using var chain = await ClientChain.StartAsync();
        var file = (await MakeAsync(chain))["log"];

        Assert.False(TallyFile.TryVerify(file, new TallyTrust { ChainId = 1 }, out _, out _));
        Assert.False(TallyFile.TryVerify(file, new TallyTrust { Genesis = Hash256.Zero }, out _, out var refusal));
        Assert.Contains("another chain", refusal.What, StringComparison.Ordinal);
        Assert.False(TallyFile.TryVerify(file, new TallyTrust { Block = Hash256.Zero }, out _, out refusal));
        Assert.Contains("another block", refusal.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_changed_byte_is_refused_with_a_reason()
    {
        await using var chain = await ClientChain.StartAsync();
        byte[][] files = [.. (await MakeAsync(chain)).Values];
        var random = new Random(20261127);
        for (var i = 0; i < Mutations; i++)
        {
            var file = files[i % files.Length];
            var mutated = Mutate(file, files[random.Next(files.Length)], random);
            if (mutated.AsSpan().SequenceEqual(file)) continue;

            var holds = TallyFile.TryVerify(mutated, null, out _, out var refusal);

            Assert.False(holds && !files.Any(other => other.AsSpan().SequenceEqual(mutated)), Encoding.UTF8.GetString(mutated));
            Assert.True(holds || (refusal!.What.Length > 0 && refusal.Why.Length > 0), $"mutation {i} is refused without a reason: {refusal}");
        }
    }

    [Fact]
    public async Task Evidence_put_together_from_two_tallies_is_refused_even_with_a_fitting_checksum()
    {
        await using var chain = await ClientChain.StartAsync();
        var tallies = await MakeAsync(chain);
        Assert.True(TallyFile.TryVerify(tallies["log"], null, out var log, out _));
        Assert.True(TallyFile.TryVerify(tallies["failed"], null, out var failed, out _));
        Assert.True(TallyFile.TryVerify(tallies["storage"], null, out var storage, out _));

        // Who forges writes a whole new file, so the checksum is no obstacle: only the proofs are.
        Tally[] forged =
        [
            log.Tally with { Header = failed.Tally.Header },
            log.Tally with { ReceiptProof = failed.Tally.ReceiptProof },
            log.Tally with { TransactionProof = failed.Tally.TransactionProof },
            log.Tally with { TransactionIndex = log.Tally.TransactionIndex + 1 },
            log.Tally with { LogPosition = 1 },
            log.Tally with { ChainId = 1 },
            log.Tally with { Declarations = ["event Transfer(address indexed to, address indexed from, uint256 value)"] },
            log.Tally with { Header = log.Tally.Header with { ReceiptsRoot = failed.Tally.Header.ReceiptsRoot } },
            storage.Tally with { Slot = 3 },
            storage.Tally with { Address = Shop },
            storage.Tally with { StorageProof = [] },
            storage.Tally with { AccountProof = [.. storage.Tally.AccountProof, .. storage.Tally.AccountProof] },
        ];

        foreach (var tally in forged) Assert.False(TallyFile.TryWrite(tally, out _, out var refusal), refusal?.ToString());
    }

    static byte[] Mutate(byte[] file, byte[] other, Random random)
    {
        var mutated = file.ToList();
        var at = random.Next(file.Length);
        switch (random.Next(7))
        {
            case 0: mutated[at] ^= (byte)(1 << random.Next(8)); break;
            case 1: mutated[at] = (byte)random.Next(256); break;
            case 2: mutated.RemoveAt(at); break;
            case 3: mutated.Insert(at, (byte)random.Next(32, 127)); break;
            case 4: mutated.RemoveRange(at, Math.Min(random.Next(1, 80), file.Length - at)); break;
            case 5:
                // A digit for a digit: still hexadecimal, still JSON.
                var digit = mutated.FindIndex(at, one => char.IsAsciiHexDigit((char)one));
                if (digit >= 0) mutated[digit] = (byte)"0123456789abcdef"[random.Next(16)];
                break;
            default:
                var from = random.Next(other.Length);
                var length = Math.Min(random.Next(1, 200), Math.Min(other.Length - from, file.Length - at));
                for (var i = 0; i < length; i++) mutated[at + i] = other[from + i];
                break;
        }
        return [.. mutated];
    }
}
