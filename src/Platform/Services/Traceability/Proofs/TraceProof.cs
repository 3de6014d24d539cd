using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What a proof of an event says once it holds.</summary>
public sealed record TraceFact
{
    public required EpcisEvent Event { get; init; }
    public required byte[] EventHash { get; init; }

    /// <summary>Who anchored it.</summary>
    public Address Organisation { get; init; }

    /// <summary>The contract that keeps the anchors: the reader has to know it as the one meant.</summary>
    public Address Contract { get; init; }

    /// <summary>The proof that the anchor is on the chain, and what is left to trust.</summary>
    public required TallyFact Tally { get; init; }
    public required string English { get; init; }
    public required string Chinese { get; init; }

    /// <summary>What the event says, for a person to read.</summary>
    public required IReadOnlyList<(string Name, string Value)> Fields { get; init; }
}

/// <summary>
/// One event of a supply chain with all that proves it: the event, the salt of its leaf, the way to the root, and the tally of the anchoring of that root.
/// The event may be reformatted; its hash is of what it says. Everything else is bound byte for byte.
/// </summary>
public static class TraceProof
{
    const int LargestFile = 8 << 20;
    const string Declaration = "event EventsAnchored(address indexed organisation, uint256 indexed index, uint32 indexed day, bytes32 root, uint32 events)";

    static readonly JsonWriterOptions Form = new() { Indented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether a file means to be such a proof.</summary>
    public static bool IsOne(ReadOnlySpan<byte> file) => file[..Math.Min(file.Length, 200)].IndexOf("\"hufuTraceProof\""u8) >= 0;

    /// <param name="document">The event as EPCIS in JSON-LD.</param>
    /// <param name="tally">Of the event EventsAnchored.</param>
    public static byte[] Write(ReadOnlySpan<byte> document, in Hash256 salt, IReadOnlyList<Hash256> path, ReadOnlySpan<byte> tally)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Form))
        {
            json.WriteStartObject();
            json.WriteNumber("hufuTraceProof", 1);
            json.WritePropertyName("event");
            json.WriteRawValue(document);
            json.WriteString("salt", salt.ToString());
            json.WriteStartArray("path");
            foreach (var node in path) json.WriteStringValue(node.ToString());
            json.WriteEndArray();
            json.WriteString("tally", tally);
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>Checks a file: the tally, the way from the event to the root in it. No network, no clock.</summary>
    public static bool TryVerify(ReadOnlySpan<byte> file, TallyTrust? trust, [NotNullWhen(true)] out TraceFact? fact, [NotNullWhen(false)] out Refusal? refusal)
    {
        fact = null;
        if (!TryParts(file, out var parts, out refusal)) return false;
        if (!TallyFile.TryVerify(parts.Tally, trust, out var tally, out refusal)) return false;
        if (Anchor(tally) is not { } anchor)
        {
            refusal = new Refusal("the tally is of no anchor", $"it says: {tally.English}", "a proof of an event holds the tally of the event EventsAnchored");
            return false;
        }
        if (!EpcisJsonReader.TryRead(parts.Event, out var document, out refusal)) return false;
        if (document.Events.Count != 1)
        {
            refusal = new Refusal("the proof is of one event", $"the file holds {document.Events.Count}");
            return false;
        }
        var hash = EventHash.Of(document.Events[0], document.IgnoredFields);
        var root = Hash256.FromBytes((byte[])anchor.Arguments[3]) is var expected && EventTree.Climb(EventTree.LeafOf(parts.Salt, hash), parts.Path) is var found && found == expected ? expected : default;
        if (root == default)
        {
            refusal = new Refusal("the event is not under the anchored root", $"its way ends elsewhere than at {Hash256.FromBytes((byte[])anchor.Arguments[3])}", "the event, its salt or the way was changed");
            return false;
        }
        fact = Fact(document.Events[0], hash, anchor, tally);
        return true;
    }

    static TraceFact Fact(EpcisEvent one, byte[] hash, TallyEvent anchor, TallyFact tally)
    {
        var organisation = (Address)anchor.Arguments[0];
        var when = DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(tally.Tally.Header.Timestamp, 253_402_300_799)).ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        var fields = Fields(one);
        var what = string.Join(", ", fields.Where(field => field.Name is "bizStep" or "epc" or "lot" or "readPoint").Select(field => field.Value).Take(3));
        return new TraceFact
        {
            Event = one,
            EventHash = hash,
            Organisation = organisation,
            Contract = anchor.Log.Address,
            Tally = tally,
            Fields = fields,
            English = $"This event ({what}) was recorded by {organisation.ToChecksumString()}, and its hash was on the ledger by {when}; it has not been changed since.",
            Chinese = $"该事件（{what}）由 {organisation.ToChecksumString()} 记录，其哈希值在 {when} 之前已写入账本，此后未被更改。",
        };
    }

    static List<(string Name, string Value)> Fields(EpcisEvent one)
    {
        var fields = new List<(string Name, string Value)> { ("type", one.Type) };
        if (one.EventTime is { } time) fields.Add(("eventTime", EpcisTime.Canonical(time)));
        Add("bizStep", EpcisVocabulary.BizStep.ForJson(one.BizStep ?? ""));
        Add("disposition", EpcisVocabulary.Disposition.ForJson(one.Disposition ?? ""));
        foreach (var list in new[] { "epcList", "childEPCs", "inputEPCList", "outputEPCList" }) foreach (var epc in one.Epcs(list).Take(20)) Add(list is "inputEPCList" ? "input" : "epc", Gs1Uri.Readable(epc));
        foreach (var list in new[] { "quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList" })
            foreach (var quantity in one.Quantities(list).Take(20)) Add(list is "inputQuantityList" ? "input" : "lot", $"{Gs1Uri.Readable(quantity.EpcClass)} {quantity.Quantity?.ToString(CultureInfo.InvariantCulture)} {quantity.Uom}".TrimEnd());
        Add("parentID", Gs1Uri.Readable(one.ParentId ?? ""));
        Add("readPoint", Gs1Uri.Readable(one.ReadPoint ?? ""));
        Add("bizLocation", Gs1Uri.Readable(one.BizLocation ?? ""));
        return fields;

        void Add(string name, string value)
        {
            if (value.Length > 0) fields.Add((name, value));
        }
    }

    static TallyEvent? Anchor(TallyFact tally) => tally.Events.FirstOrDefault(one => one.Event?.Declaration == Declaration && one.Arguments.Count == 5);

    sealed record Parts(byte[] Event, Hash256 Salt, IReadOnlyList<Hash256> Path, byte[] Tally);

    static bool TryParts(ReadOnlySpan<byte> file, [NotNullWhen(true)] out Parts? parts, [NotNullWhen(false)] out Refusal? refusal)
    {
        (parts, refusal) = (null, null);
        try
        {
            if (file.Length > LargestFile) throw new FormatException($"the file has {file.Length} bytes");
            using var json = JsonDocument.Parse(file.ToArray(), new JsonDocumentOptions { MaxDepth = EpcisDocument.Deepest, AllowDuplicateProperties = false });
            var root = json.RootElement;
            if (root.GetProperty("hufuTraceProof").GetInt32() != 1) throw new FormatException("this verifier reads version 1");
            var path = root.GetProperty("path").EnumerateArray().Select(node => Hash256.Parse(node.GetString()!)).ToArray();
            if (path.Length > 64) throw new FormatException("the way is longer than any tree");
            parts = new Parts(Encoding.UTF8.GetBytes(root.GetProperty("event").GetRawText()), Hash256.Parse(root.GetProperty("salt").GetString()!), path, Encoding.UTF8.GetBytes(root.GetProperty("tally").GetString()!));
        }
        catch (Exception error) when (error is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            refusal = new Refusal("this is no proof of an event", error.Message);
        }
        return parts is not null;
    }
}
