using System.IO.Compression;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Cli;
using Hufu.Crypto;
using Hufu.Evm;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests.Transactions;

/// <summary>ethereum-tests/TransactionTests: each transaction decoded and checked, without a state, under every fork.</summary>
public class TransactionTests
{
    const ulong ChainId = 1;

    [Fact]
    public void Every_transaction_is_taken_or_refused_as_the_fixture_says()
    {
        using var archive = ZipFile.OpenRead(SharedFolder.Fixture("ethereum-tests/TransactionTests.zip"));
        var failures = new List<string>();
        var cases = 0;
        foreach (var entry in archive.Entries)
        {
            using var stream = entry.Open();
            using var document = JsonDocument.Parse(stream);
            foreach (var test in document.RootElement.EnumerateObject())
            {
                var bytes = Hex.Decode(test.Value.GetProperty("txbytes").GetString()!);
                foreach (var result in test.Value.GetProperty("result").EnumerateObject())
                {
                    cases++;
                    if (Judge(bytes, RulesNamed(result.Name), result.Value) is { } wrong) failures.Add($"{entry.Name}::{test.Name} under {result.Name}: {wrong}");
                }
            }
        }
        Assert.True(failures.Count == 0, $"{failures.Count} of {cases} failed\n" + string.Join('\n', failures.Take(40)));
        Assert.True(cases > 1000);
    }

    static string? Judge(byte[] bytes, ForkRules rules, JsonElement expected)
    {
        var refused = Refusal(bytes, rules, out var transaction, out var sender, out var gas);
        if (expected.TryGetProperty("exception", out var exception))
            return refused is null ? $"taken, but expected {exception}"
                : FixtureExceptions.Allows(exception.GetString()!, refused.Reason) ? null : $"refused for another reason than {exception}: {refused.Reason}: {refused.Words}";
        if (refused is not null) return $"refused: {refused.Words}";
        if (transaction!.Hash.ToString() != expected.GetProperty("hash").GetString()) return $"hash {transaction.Hash}";
        if (sender != Address.Parse(expected.GetProperty("sender").GetString()!)) return $"sender {sender}";
        return gas.Gas == (ulong)UInt256.Parse(expected.GetProperty("intrinsicGas").GetString()!) ? null : $"intrinsic gas {gas.Gas}";
    }

    static CaseRefusal? Refusal(byte[] bytes, ForkRules rules, out Transaction? transaction, out Address sender, out IntrinsicGas gas)
    {
        (sender, gas) = (default, default);
        if (!Transaction.TryDecode(bytes, out transaction, out var undecodable)) return new CaseRefusal(BlockRule.Encoding, undecodable.ToString());
        Assert.True(bytes.AsSpan().SequenceEqual(Reencoded(transaction)), "what is decoded encodes to itself");
        if (!SenderRecovery.TryRecover(transaction, rules, out sender)) return new CaseRefusal(AdmissionFailure.InvalidSignature, "the signature is nobody's");
        return TransactionForm.RefusalOf(transaction, rules, ChainId, blockGasLimit: 30_000_000, out gas) is { } refused ? new CaseRefusal(refused.Reason, refused.ToString()) : null;
    }

    // Another signature and back, so that the bytes kept from decoding are not used.
    static ReadOnlySpan<byte> Reencoded(Transaction transaction) =>
        transaction.YParity > 1 ? transaction.Encoded.Span : transaction.WithSignature(transaction.YParity, transaction.R, transaction.S).Encoded.Span;

    static ForkRules RulesNamed(string name) => ForkRules.Of(name switch
    {
        "EIP150" => Fork.TangerineWhistle,
        "EIP158" => Fork.SpuriousDragon,
        "ConstantinopleFix" => Fork.Petersburg,
        _ => Enum.Parse<Fork>(name),
    });
}
