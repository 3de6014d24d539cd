using System.Text.Json;
using Hufu.Consensus;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>qbft_: validators and votes as Besu documents them, and hufu_consensus: why there is no block.</summary>
public sealed class QbftMethods(Ledger ledger, QbftDriver driver, Func<ConsensusDiagnosis> diagnose)
{
    const ulong DefaultMetricsRange = 100;

    public static void AddAll(MethodTable methods, Ledger ledger, QbftDriver driver, Func<ConsensusDiagnosis> diagnose)
    {
        var qbft = new QbftMethods(ledger, driver, diagnose);
        methods.Add("qbft_getValidatorsByBlockNumber", qbft.GetValidatorsByNumber)
            .Add("qbft_getValidatorsByBlockHash", qbft.GetValidatorsByHash)
            .Add("qbft_proposeValidatorVote", qbft.ProposeVote)
            .Add("qbft_discardValidatorVote", qbft.DiscardVote)
            .Add("qbft_getPendingVotes", qbft.GetPendingVotes)
            .Add("qbft_getSignerMetrics", qbft.GetSignerMetrics)
            .Add("qbft_getRequestTimeoutSeconds", qbft.GetRequestTimeout)
            .Add("hufu_consensus", qbft.GetConsensus);
    }

    RpcError? GetValidatorsByNumber(ref Parameters parameters, Answer answer)
    {
        var block = parameters.Block();
        return parameters.Failed ? parameters.Error : WriteValidators(ledger.Find(block), answer);
    }

    RpcError? GetValidatorsByHash(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        return parameters.Failed ? parameters.Error : WriteValidators(ledger.Find(new BlockReference(BlockReferenceKind.Hash, Hash: hash)), answer);
    }

    /// <summary>The validators who decided this block: those its parent left.</summary>
    RpcError? WriteValidators(Header? block, Answer answer)
    {
        var writer = answer.Result;
        if (block is null)
        {
            writer.WriteNullValue();
            return null;
        }
        var parent = block.Number == 0 ? block : ledger.Chain.Blocks.HeaderOf(block.ParentHash);
        writer.WriteStartArray();
        if (parent is not null) foreach (var validator in driver.Rules.Validators.After(parent).Addresses) writer.WriteData(validator.Bytes);
        writer.WriteEndArray();
        return null;
    }

    RpcError? ProposeVote(ref Parameters parameters, Answer answer)
    {
        var address = parameters.Address();
        var adds = parameters.RequiredBoolean();
        if (parameters.Failed) return parameters.Error;
        if (driver.Rules.Validators.VotesAfter(ledger.Chain.Head.Head) is null) return RpcError.Server("a contract names the validators of this network: call it to change them");
        driver.Votes.Propose(address, adds);
        answer.Result.WriteBooleanValue(true);
        return null;
    }

    RpcError? DiscardVote(ref Parameters parameters, Answer answer)
    {
        var address = parameters.Address();
        if (parameters.Failed) return parameters.Error;
        driver.Votes.Discard(address);
        answer.Result.WriteBooleanValue(true);
        return null;
    }

    RpcError? GetPendingVotes(ref Parameters parameters, Answer answer)
    {
        var writer = answer.Result;
        writer.WriteStartObject();
        foreach (var (address, adds) in driver.Votes.All) writer.WriteBoolean(address.ToString(), adds);
        writer.WriteEndObject();
        return null;
    }

    RpcError? GetRequestTimeout(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteNumberValue((long)(driver.State.At?.Times ?? driver.Rules.Config.Phases[0].Times).RequestTimeout.TotalSeconds);
        return null;
    }

    /// <summary>How many blocks each validator proposed, and the last of them, in the last hundred blocks.</summary>
    RpcError? GetSignerMetrics(ref Parameters parameters, Answer answer)
    {
        var head = ledger.Chain.Head.Head;
        var proposed = driver.Rules.Validators.After(head).Addresses.ToDictionary(address => address, _ => (Count: 0UL, Last: 0UL));
        var at = head;
        for (var i = 0UL; i < DefaultMetricsRange && at.Number > 0; i++)
        {
            var (count, last) = proposed.GetValueOrDefault(at.Beneficiary);
            proposed[at.Beneficiary] = (count + 1, Math.Max(last, at.Number));
            if (ledger.Chain.Blocks.HeaderOf(at.ParentHash) is not { } parent) break;
            at = parent;
        }
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var (address, (count, last)) in proposed)
        {
            writer.WriteStartObject();
            writer.WriteAddress("address"u8, address);
            writer.WriteQuantity("proposedBlockCount"u8, count);
            writer.WriteQuantity("lastProposedBlockNumber"u8, last);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        return null;
    }

    RpcError? GetConsensus(ref Parameters parameters, Answer answer)
    {
        var (diagnosis, writer) = (diagnose(), answer.Result);
        var report = diagnosis.Report;
        writer.WriteStartObject();
        writer.WriteNumber("height"u8, report.Height);
        writer.WriteNumber("round"u8, report.Round);
        writer.WriteBoolean("isValidator"u8, report.IsValidator);
        writer.WriteAddress("self"u8, driver.Address);
        writer.WriteAddress("proposer"u8, report.Proposer);
        writer.WriteNumber("validators"u8, report.Validators);
        writer.WriteNumber("quorum"u8, report.Quorum);
        writer.WriteNumber("secondsSinceBlock"u8, (long)report.SinceBlock.TotalSeconds);
        writer.WriteBoolean("isStalled"u8, report.IsStalled);
        WriteAddresses(writer, "unreachable", report.Unreachable);
        WriteAddresses(writer, "silent", report.Silent);
        writer.WriteString("cause"u8, diagnosis.Cause);
        writer.WriteStartArray("members"u8);
        foreach (var validator in diagnosis.Validators)
        {
            writer.WriteStartObject();
            writer.WriteAddress("address"u8, validator.Address);
            writer.WriteString("condition"u8, ConsensusDiagnosis.Name(validator.Condition));
            writer.WriteString("why"u8, validator.Why);
            if (validator.Head is { } head) writer.WriteNumber("head"u8, head);
            if (validator.ClockAhead is { } ahead) writer.WriteNumber("clockAheadMilliseconds"u8, (long)ahead.TotalMilliseconds);
            if (validator.Version is { } version) writer.WriteString("version"u8, version);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("candidates"u8);
        foreach (var (candidate, adds) in driver.Votes.All)
        {
            if (driver.State.At is { } at && at.Validators.Contains(candidate) == adds) continue;
            writer.WriteStartObject();
            writer.WriteAddress("address"u8, candidate);
            writer.WriteBoolean("adds"u8, adds);
            // A vote to add one who is not up to date waits.
            writer.WriteString("waitsFor"u8, adds ? driver.WhyNotReady(candidate) ?? "" : "");
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("evidence"u8);
        foreach (var found in driver.State.Evidence)
        {
            writer.WriteStartObject();
            writer.WriteAddress("validator"u8, found.Author);
            writer.WriteString("kind"u8, found.First.Code.ToString());
            writer.WriteNumber("height"u8, found.First.Height);
            writer.WriteNumber("round"u8, found.First.Round);
            writer.WriteData("first"u8, found.First.Encoded.Span);
            writer.WriteData("second"u8, found.Second.Encoded.Span);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        return null;
    }

    static void WriteAddresses(Utf8JsonWriter writer, string name, IReadOnlyList<Address> addresses)
    {
        writer.WriteStartArray(name);
        foreach (var address in addresses) writer.WriteData(address.Bytes);
        writer.WriteEndArray();
    }
}
