using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What a transaction has to bid.</summary>
/// <param name="usualTip">The tip to suggest where no recent block tells what is usual, in Wei per gas.</param>
sealed class EthFees(Ledger ledger, UInt256 usualTip)
{
    const int BlocksLookedAt = 20;
    const double PercentileSuggested = 60;
    const int MostPercentiles = 100;

    public RpcError? GasPrice(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteQuantity(SuggestedTip() + ledger.Pool.Head.NextBaseFee);
        return null;
    }

    public RpcError? MaxPriorityFee(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteQuantity(SuggestedTip());
        return null;
    }

    /// <summary>Of the next block.</summary>
    public RpcError? BaseFee(ref Parameters parameters, Answer answer)
    {
        var head = ledger.Chain.Head.Head;
        var rules = ledger.Queries.RulesAfter(head);
        if (rules.Has(Eip.BaseFee)) answer.Result.WriteQuantity(ledger.Chain.BaseFeeAfter(head, rules));
        return null;
    }

    /// <summary>Of the next block.</summary>
    public RpcError? BlobBaseFee(ref Parameters parameters, Answer answer)
    {
        var head = ledger.Chain.Head.Head;
        var rules = ledger.Queries.RulesAfter(head);
        if (rules.Has(Eip.BlobTransactions)) answer.Result.WriteQuantity(BlobGas.BaseFee(BlobGas.ExcessAfter(head, rules), rules.Blob));
        return null;
    }

    public RpcError? FeeHistory(ref Parameters parameters, Answer answer)
    {
        var count = parameters.UInt64();
        var newest = parameters.Block();
        var percentiles = ReadPercentiles(ref parameters);
        if (parameters.Failed) return parameters.Error;
        if (ledger.Find(newest) is not { } header) return RpcError.Server("request beyond head block: there is no such block");
        Write(answer.Result, ledger.Queries.FeesUpTo(header, (int)Math.Min(count, ChainQueries.MaxFeeHistory), percentiles));
        return null;
    }

    static List<double> ReadPercentiles(ref Parameters parameters)
    {
        var percentiles = new List<double>();
        if (!parameters.NextOptionalArray("an array of percentiles", out var reader)) return percentiles;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            double value = 0;
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out value) || value is < 0 or > 100)
                parameters.Fail("a percentile is a number from 0 to 100");
            else if (percentiles.Count > 0 && value < percentiles[^1]) parameters.Fail("percentiles must ascend");
            else if (percentiles.Count >= MostPercentiles) parameters.Fail($"over the query limit {MostPercentiles}");
            if (parameters.Failed) break;
            percentiles.Add(value);
        }
        return percentiles;
    }

    static void Write(Utf8JsonWriter writer, FeeHistory history)
    {
        writer.WriteStartObject();
        writer.WriteQuantity("oldestBlock"u8, history.OldestBlock);
        if (history.Rewards is { } rewards)
        {
            writer.WriteStartArray("reward"u8);
            foreach (var block in rewards) WriteQuantities(writer, block);
            writer.WriteEndArray();
        }
        writer.WritePropertyName("baseFeePerGas"u8);
        WriteQuantities(writer, history.BaseFees);
        WriteRatios(writer, "gasUsedRatio"u8, history.GasUsedRatios);
        writer.WritePropertyName("baseFeePerBlobGas"u8);
        WriteQuantities(writer, history.BlobBaseFees);
        WriteRatios(writer, "blobGasUsedRatio"u8, history.BlobGasUsedRatios);
        writer.WriteEndObject();
    }

    static void WriteQuantities(Utf8JsonWriter writer, IReadOnlyList<UInt256> values)
    {
        writer.WriteStartArray();
        foreach (var value in values) writer.WriteQuantity(value);
        writer.WriteEndArray();
    }

    static void WriteRatios(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<double> ratios)
    {
        writer.WriteStartArray(name);
        foreach (var ratio in ratios) writer.WriteNumberValue(ratio);
        writer.WriteEndArray();
    }

    /// <summary>What most recent transactions paid beyond the base fee.</summary>
    UInt256 SuggestedTip()
    {
        var recent = ledger.Queries.FeesUpTo(ledger.Chain.Head.Head, BlocksLookedAt, [PercentileSuggested]);
        var tips = new List<UInt256>();
        for (var i = 0; i < recent.Rewards!.Count; i++)
            if (recent.GasUsedRatios[i] > 0 && !recent.Rewards[i][0].IsZero) tips.Add(recent.Rewards[i][0]);
        if (tips.Count == 0) return usualTip;
        tips.Sort();
        return tips[(int)((tips.Count - 1) * PercentileSuggested / 100)];
    }
}
