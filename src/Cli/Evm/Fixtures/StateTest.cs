using System.Globalization;
using System.Text;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Cli;

/// <summary>Why the transaction of a case may not run.</summary>
/// <param name="Reason">A <see cref="BlockRule"/> or an <see cref="AdmissionFailure"/>.</param>
sealed record CaseRefusal(Enum Reason, string Words);

/// <summary>Runs state tests: one transaction against a given world, then the state root and the logs are compared.</summary>
static class StateTest
{
    /// <summary>Every case of the test: one for each fork and each element of its `post`.</summary>
    /// <param name="wanted">Which forks, by the names of the file; null for all.</param>
    public static IEnumerable<FixtureVerdict> Run(string name, JsonElement test, Func<string, bool>? wanted = null, int? onlyIndex = null, TextWriter? trace = null)
    {
        var pre = FixtureJson.Accounts(test.GetProperty("pre"));
        foreach (var fork in test.GetProperty("post").EnumerateObject())
        {
            if (wanted is not null && !wanted(fork.Name)) continue;
            var index = -1;
            foreach (var post in fork.Value.EnumerateArray())
            {
                index++;
                if (onlyIndex is { } only && only != index) continue;
                var caseName = fork.Value.GetArrayLength() == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}/{fork.Name}/{index}");
                if (FixtureForks.Rules(fork.Name, test) is not { } rules)
                {
                    yield return new FixtureVerdict(caseName, fork.Name, null, $"fork '{fork.Name}' is not known");
                    continue;
                }
                FixtureVerdict verdict;
                try
                {
                    verdict = RunCase(caseName, fork.Name, rules, test, post, pre, trace);
                }
                catch (Exception error) when (error is FormatException or KeyNotFoundException or OverflowException)
                {
                    verdict = new FixtureVerdict(caseName, fork.Name, $"the test cannot be run: {error.Message}");
                }
                yield return verdict;
            }
        }
    }

    static FixtureVerdict RunCase(string name, string fork, ForkRules rules, JsonElement test, JsonElement post, StateDiff pre, TextWriter? trace)
    {
        var expected = post.OptionalText("expectException");
        var block = BlockOf(test, rules);
        var state = WorldState.BeginEmpty();
        state.Apply(pre);

        var result = Apply(test, post, rules, block, state, trace, out var refusal);

        if (refusal is null && expected is not null) return new FixtureVerdict(name, fork, $"accepted, though it must be refused with {expected}");
        if (refusal is not null && expected is null) return new FixtureVerdict(name, fork, $"refused, though valid: {refusal.Words}");
        if (refusal is not null && !FixtureExceptions.Allows(expected!, refusal.Reason)) return new FixtureVerdict(name, fork, $"refused for another reason than {expected}: {refusal.Reason}: {refusal.Words}");

        if (result is not null) state.Apply(result.Diff);
        // A reward of nothing touches the coinbase: before EIP-161 that makes the account, since then an empty one goes. The
        // older sets of the time before EIP-161 do so for a refused transaction too.
        if (result is not null || !IsNewForm(test)) TouchCoinbase(state, block.Beneficiary, rules);

        var root = state.Root();
        var verdict = new FixtureVerdict(name, fork, null, StateRoot: root);
        var logs = LogsHash(result?.Logs ?? []);
        if (root != post.Hash("hash")) return verdict with { Fault = $"the state root is {root}, expected {post.Hash("hash")}" };
        if (logs != post.Hash("logs")) return verdict with { Fault = $"the hash of the logs is {logs}, expected {post.Hash("logs")}" };
        return verdict;
    }

    static ExecutionResult? Apply(JsonElement test, JsonElement post, ForkRules rules, BlockContext block, IStateView state, TextWriter? trace, out CaseRefusal? refusal)
    {
        if (Decode(test, post, rules, out var sender, out refusal) is not { } transaction) return null;
        // The room in the block is seen to first, as when a block is executed.
        if (transaction.GasLimit > block.GasLimit)
            refusal = new CaseRefusal(BlockRule.GasLimitExceeded, $"the transaction wants {transaction.GasLimit} gas, the block has {block.GasLimit}");
        else if (transaction.BlobGas > rules.Blob.Max * BlobParameters.GasPerBlob && rules.Has(Eip.BlobTransactions))
            refusal = new CaseRefusal(BlockRule.BlobGasUsedAboveLimit, $"the transaction has {transaction.BlobVersionedHashes.Count} blobs, a block at most {rules.Blob.Max}");
        if (refusal is not null) return null;
        if (!AdmittedTransaction.TryAdmit(transaction, sender, state, block, rules, out var admitted, out var inadmissible))
        {
            refusal = new CaseRefusal(inadmissible.Reason, inadmissible.ToString());
            return null;
        }
        var execution = new TransactionExecution(state, block, rules);
        if (trace is null) return execution.Execute(admitted);
        var tracer = new StructTracer(trace);
        return execution.Execute(admitted, ref tracer);
    }

    static Transaction? Decode(JsonElement test, JsonElement post, ForkRules rules, out Address sender, out CaseRefusal? refusal)
    {
        sender = default;
        if (post.OptionalText("txbytes") is { } bytes)
        {
            refusal = null;
            if (!Transaction.TryDecode(Convert.FromHexString(bytes.AsSpan(2)), out var decoded, out var undecodable)) refusal = new CaseRefusal(BlockRule.Encoding, undecodable.ToString());
            else if (!SenderRecovery.TryRecover(decoded, rules, out sender)) refusal = new CaseRefusal(AdmissionFailure.InvalidSignature, "no account can have made this signature");
            return refusal is null ? decoded : null;
        }
        refusal = null;
        var fields = test.GetProperty("transaction");
        var indexes = post.GetProperty("indexes");
        sender = fields.Address("sender");
        return new LegacyTransaction
        {
            Nonce = fields.UInt64("nonce"),
            GasPrice = fields.Number("gasPrice"),
            GasLimit = (ulong)FixtureJson.Number(fields.Pick("gasLimit", indexes, "gas")),
            To = fields.OptionalText("to") is { Length: > 0 } to ? Address.Parse(to) : null,
            Value = FixtureJson.Number(fields.Pick("value", indexes, "value")),
            Data = FixtureJson.Bytes(fields.Pick("data", indexes, "data")),
            V = 27,
        };
    }

    static BlockContext BlockOf(JsonElement test, ForkRules rules)
    {
        var env = test.GetProperty("env");
        var excess = rules.Has(Eip.BlobTransactions) ? (ulong?)env.OptionalNumber("currentExcessBlobGas") ?? 0 : 0;
        return new BlockContext
        {
            Number = env.UInt64("currentNumber"),
            Timestamp = env.UInt64("currentTimestamp"),
            GasLimit = env.UInt64("currentGasLimit"),
            Beneficiary = env.Address("currentCoinbase"),
            Difficulty = env.OptionalNumber("currentDifficulty") ?? UInt256.Zero,
            PrevRandao = rules.Has(Eip.PrevRandao) && env.TryGetProperty("currentRandom", out _) ? env.PaddedHash("currentRandom") : default,
            BaseFeePerGas = rules.Has(Eip.BaseFee) ? env.OptionalNumber("currentBaseFee") ?? 0x0a : UInt256.Zero,
            BlobBaseFee = rules.Has(Eip.BlobTransactions) ? BlobGas.BaseFee(excess, rules.Blob) : UInt256.Zero,
            ChainId = FixtureForks.ChainId(test),
            BlockHash = HashOfBlock,
        };
    }

    /// <summary>By convention of these tests: the hash of block n is the Keccak-256 of n in decimal digits.</summary>
    public static Hash256 HashOfBlock(ulong number) =>
        Keccak256.Hash(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    static bool IsNewForm(JsonElement test) => test.TryGetProperty("config", out _);

    static void TouchCoinbase(StateTransition state, Address coinbase, ForkRules rules)
    {
        var exists = state.TryGetAccount(coinbase, out var account);
        var diff = new StateDiff();
        if (!exists && !rules.Has(Eip.StateClearing)) diff.Accounts[coinbase] = new AccountDiff();
        else if (exists && account.IsEmpty && rules.Has(Eip.StateClearing)) diff.Accounts[coinbase] = new AccountDiff { Exists = false };
        else return;
        state.Apply(diff);
    }

    public static Hash256 LogsHash(IReadOnlyList<Log> logs)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        foreach (var log in logs) log.Write(writer);
        writer.EndList(list);
        return Keccak256.Hash(writer.Written);
    }
}
