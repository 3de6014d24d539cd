namespace Hufu.Services;

/// <summary>A lot of which more was taken than there ever was, or a transformation that gave more than it took.</summary>
/// <param name="Where">The lot, or the event's id.</param>
/// <param name="In">What there was.</param>
/// <param name="Out">What was taken or made of it.</param>
public sealed record BalanceFault(string Where, decimal In, decimal Out, string Unit, string Said);

/// <summary>
/// Mass is conserved: what a transformation gives is no more than it took times its declared yield, and no more of a lot is used than was ever made.
/// Units that weigh are counted in kilograms; others are compared with their like. A function of the events and nothing else.
/// </summary>
public static class MassBalance
{
    static readonly Dictionary<string, decimal> Kilograms = new(StringComparer.Ordinal) { ["KGM"] = 1, ["GRM"] = 0.001m, ["MGM"] = 0.000001m, ["TNE"] = 1000, ["LBR"] = 0.45359237m, ["ONZ"] = 0.028349523125m };

    /// <param name="yield">The most a kilogram can give; one where nothing is added that no event tells of (water, salt).</param>
    public static IReadOnlyList<BalanceFault> Check(IEnumerable<StoredEvent> events, decimal yield = 1)
    {
        var faults = new List<BalanceFault>();
        var made = new Dictionary<(string Lot, string Unit), decimal>();
        var used = new Dictionary<(string Lot, string Unit), decimal>();
        var halves = new Dictionary<string, (Dictionary<string, decimal> In, Dictionary<string, decimal> Out)>(StringComparer.Ordinal);
        foreach (var stored in events)
        {
            var one = stored.Document.Events[0];
            if (one.ErrorDeclaration is not null) continue;
            if (one.Type == "TransformationEvent")
            {
                // Events of one transformation are weighed together.
                var key = one.TransformationId ?? stored.EventId;
                if (!halves.TryGetValue(key, out var both)) halves[key] = both = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
                Weigh(one, "inputQuantityList", (lot, unit, amount) => { Count(both.In, unit, amount); Count(used, (lot, unit), amount); });
                Weigh(one, "outputQuantityList", (lot, unit, amount) => { Count(both.Out, unit, amount); Count(made, (lot, unit), amount); });
            }
            else if (one is { Type: "ObjectEvent", Action: "ADD" })
            {
                Weigh(one, "quantityList", (lot, unit, amount) => Count(made, (lot, unit), amount));
            }
        }
        foreach (var (key, both) in halves)
            foreach (var (unit, gave) in both.Out)
                if (both.In.TryGetValue(unit, out var took) && gave > took * yield) faults.Add(new(key, took, gave, unit, $"{took} {unit} went in and {gave} {unit} came out"));
        foreach (var (lot, taken) in used)
            if (made.TryGetValue(lot, out var there) && taken > there) faults.Add(new(lot.Lot, there, taken, lot.Unit, $"{there} {lot.Unit} were made and {taken} {lot.Unit} used"));
        return faults;
    }

    static void Weigh(EpcisEvent one, string list, Action<string, string, decimal> count)
    {
        foreach (var quantity in one.Quantities(list))
        {
            if (quantity.Quantity is not { } amount) continue;
            var unit = quantity.Uom ?? "pieces";
            if (Kilograms.TryGetValue(unit, out var kilograms)) (unit, amount) = ("KGM", amount * kilograms);
            count(Gs1Uri.Canonical(quantity.EpcClass), unit, amount);
        }
    }

    static void Count<TKey>(Dictionary<TKey, decimal> sums, TKey key, decimal amount) where TKey : notnull => sums[key] = sums.GetValueOrDefault(key) + amount;
}
