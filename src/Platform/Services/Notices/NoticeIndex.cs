using System.Text.Json.Nodes;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// Every event of every service's contracts as a notice, in the chain's order: what subscribers are told. Made from events alone, so a rebuild gives the same
/// notices with the same ids, and nobody is told twice.
/// </summary>
public sealed class NoticeIndex(IReadOnlyList<string> contracts) : Projection
{
    internal static readonly Table Notices = new("notice", "position number key", "kind text", "subject text", "data text", "hash text", "block number index", "at number");

    public override IReadOnlyList<Table> Tables => [Notices];
    public override IReadOnlyList<string> Contracts => contracts;

    public override void Apply(IndexChange change, IndexedEvent told)
    {
        if (Artifacts.Of(told.Contract).EventOf(told.Log) is not { } known || !known.TryDecode(told.Log, out var values, out _)) return;
        var data = new JsonObject();
        for (var i = 0; i < values.Length; i++) data[known.Inputs[i].Name.TrimEnd('_')] = Text(values[i]);
        data["transaction"] = told.Transaction.ToString();
        data["block"] = told.Block.Number;
        // What an event is about stands in its first indexed value: a payment's id, an account, a cycle.
        var about = known.Inputs.Select((input, i) => (input, i)).FirstOrDefault(one => one.input.IsIndexed);
        var subject = about.input is null ? told.Contract : $"{told.Contract}/{Text(values[about.i])}";
        change.Insert(Notices, told.Order, $"hufu.{char.ToLowerInvariant(told.Contract[0])}{told.Contract[1..]}.{known.Name}", subject, data.ToJsonString(), told.Transaction, told.Block.Number, told.Block.Time);
    }

    static JsonNode? Text(object value) => value switch
    {
        bool yes => yes,
        byte[] bytes => Hex.Encode(bytes),
        Address address => address.ToChecksumString(),
        object[] items => new JsonArray([.. items.Select(Text)]),
        // Numbers as text: 256 bits fit no JSON number that programs read without loss.
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture),
    };
}
