using System.Text.Json.Nodes;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>What gas costs, as the last blocks tell: the base fee of the block to come, and the tips that were paid by the patient, by most, and by those in haste (the 10th, 50th and 90th of a hundred).</summary>
public sealed record GasPrices(UInt256 BaseFee, UInt256 Patient, UInt256 Usual, UInt256 Hasty, double Fullness)
{
    const int BlocksAsked = 20;

    /// <summary>Null where the chain has no base fee, or does not tell.</summary>
    public static async Task<GasPrices?> OfAsync(ChainExplorer explorer)
    {
        if (await explorer.TryAskAsync("eth_feeHistory", $"0x{BlocksAsked:x}", "latest", new JsonArray(10, 50, 90)).ConfigureAwait(false) is not { } history) return null;
        var form = new Form(history);
        if (form.Items("baseFeePerGas").LastOrDefault() is not { ValueKind: System.Text.Json.JsonValueKind.String } next || !UInt256.TryParse(next.GetString(), out var baseFee)) return null;
        var ratios = form.Items("gasUsedRatio").Select(one => one.GetDouble()).ToArray();
        // Blocks without transactions tell of no tips.
        var tips = form.Items("reward").Zip(ratios).Where(one => one.Second > 0).Select(one => one.First.EnumerateArray().Select(tip => UInt256.TryParse(tip.GetString(), out var wei) ? wei : UInt256.Zero).ToArray()).Where(one => one.Length == 3).ToArray();
        UInt256 Middle(int at) => tips.Length == 0 ? UInt256.Zero : tips.Select(one => one[at]).Order().ElementAt(tips.Length / 2);
        return new GasPrices(baseFee, Middle(0), Middle(1), Middle(2), ratios.Length == 0 ? 0 : ratios.Average());
    }
}
