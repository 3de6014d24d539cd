using System.Diagnostics;
using System.Text;
using System.Text.Json;
using CsCheck;
using Hufu.Chain;
using Hufu.Rpc;
using Hufu.Tests.Primitives;
using Xunit;

namespace Hufu.Tests.Rpc;

/// <summary>Every method of the ledger, asked nonsense that looks like sense.</summary>
public class HostileRequestTests
{
    static readonly string[] Words =
    [
        "null", "true", "0", "-1", "1e400", "18446744073709551616", "\"\"", "\"0x\"", "\"0x0\"", "\"0x00\"", "\"0x1\"", "\"0xffffffffffffffff\"", "\"0x10000000000000000\"",
        "\"latest\"", "\"pending\"", "\"earliest\"", "\"safe\"", "\"finalized\"", "\"\\ud800\"", "\"虎符\"",
        "\"0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a\"", "\"0x1563915e194d8cfba1943570603f7606a3115508\"", "\"0xzz63915e194d8cfba1943570603f7606a3115508\"",
        "\"0x0000000000000000000000000000000000000000000000000000000000000001\"", "\"0x" + new string('f', 64) + "\"", "\"0x" + new string('f', 65) + "\"",
        "\"0x6080604052\"", "\"0x5b600056\"", "\"0x02f8\"", "\"0xf86d8085\"", "[]", "{}",
    ];

    static readonly string[] Names =
    [
        "from", "to", "gas", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas", "value", "data", "input", "nonce", "type", "chainId", "accessList", "authorizationList", "blobs",
        "blobVersionedHashes", "address", "topics", "fromBlock", "toBlock", "blockHash", "blockNumber", "requireCanonical", "storageKeys", "state", "stateDiff", "balance", "code",
        "movePrecompileToAddress", "number", "time", "gasLimit", "baseFeePerGas", "blockStateCalls", "calls", "stateOverrides", "blockOverrides", "validation", "traceTransfers",
        "tracer", "tracerConfig", "timeout", "fromAddress", "toAddress", "after", "count", "timestamp", "prevRandao", "withdrawals", "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a",
    ];

    static readonly Gen<string> Word = OneOf(Words);

    static readonly Gen<string> Value = Gen.Recursive<string>((depth, inner) => depth > 3 ? Word : Gen.Frequency(
        (4, Word),
        (2, Gen.Select(OneOf(Names), inner).Array[0, 5].Select(members => "{" + string.Join(',', members.Select(member => $"\"{member.Item1}\":{member.Item2}")) + "}")),
        (1, inner.Array[0, 4].Select(items => "[" + string.Join(',', items) + "]"))));

    static Gen<string> OneOf(string[] choices) => Gen.Int[0, choices.Length - 1].Select(index => choices[index]);

    [Fact]
    public void A_request_of_any_shape_is_answered_soon_and_is_never_our_fault()
    {
        using var chain = new TestChain();
        chain.Extend(chain.Chain.Genesis.Hash, transactions: chain.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 5));
        var head = chain.Chain.Head.Head;
        using var pool = new TransactionPool(new PoolOptions(), chain.Chain.Forks.ChainId, new PoolHead(head, chain.Chain.StateAt(head.Hash)!, new ChainQueries(chain.Chain).RulesAfter(head)));
        var methods = LedgerMethods.Of(new Ledger(chain.Chain, pool), new LedgerMethodOptions { Accounts = new UnlockedAccounts([TestChain.AliceSecret]) });
        string? fault = null;
        var dispatcher = new Dispatcher(methods, new DispatchLimits(), error => fault = error.ToString());

        Gen.Select(OneOf([.. methods.Names]), Value.Array[0, 4]).Sample((method, parameters) =>
        {
            var request = $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":[{{string.Join(',', parameters)}}]}""";
            var clock = Stopwatch.StartNew();
            using var answer = dispatcher.AnswerAsync(Encoding.UTF8.GetBytes(request)).AsTask().Result;
            using var json = JsonDocument.Parse(answer.Written);
            Assert.True(fault is null, $"{request}\n{fault}");
            Assert.True(json.RootElement.TryGetProperty("result", out _) || json.RootElement.GetProperty("error").GetProperty("message").GetString() is { Length: > 0 }, request);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{request} took {clock.Elapsed}");
        }, iter: GenPrimitives.FuzzCases, threads: 1);
    }
}
