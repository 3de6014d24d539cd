using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Hufu.Services;

/// <summary>
/// The hash that names an event whatever it was written in: CBV 2.0, section 8.9, byte for byte as its reference implementation does it.
/// The fields of the standard come first, in its order; then, sorted, everything else. Lists are sorted, times are in UTC, identifiers are canonical links,
/// numbers have one form; when it was recorded, its id and a declaration that it was wrong are left out.
/// </summary>
public static class EventHash
{
    /// <summary>A field in its place, and what is in it in theirs.</summary>
    sealed record Place(string Name, Place[] Within);

    static readonly HashSet<string> None = [];

    static readonly Place[] Order =
    [
        .. Plain("eventTime eventTimeZoneOffset"),
        Epcs("epcList"), .. Plain("parentID"), Epcs("inputEPCList"), Epcs("childEPCs"), Quantities("quantityList"), Quantities("childQuantityList"), Quantities("inputQuantityList"),
        Epcs("outputEPCList"), Quantities("outputQuantityList"),
        .. Plain("action transformationID bizStep disposition"),
        new("persistentDisposition", Plain("set unset")), new("readPoint", Plain("id")), new("bizLocation", Plain("id")),
        new("sensorElementList",
        [
            new("sensorElement",
            [
                new("sensorMetadata", Plain("time startTime endTime deviceID deviceMetadata rawData dataProcessingMethod bizRules")),
                new("sensorReport", Plain("""
                    type exception deviceID deviceMetadata rawData dataProcessingMethod time microorganism chemicalSubstance value component stringValue booleanValue
                    hexBinaryValue uriValue minValue maxValue meanValue sDev percRank percValue uom coordinateReferenceSystem
                    """)),
            ]),
        ]),
    ];

    static readonly string[] LeftOut = ["recordTime", "eventID", "type", "errorDeclaration"];

    /// <summary>The hash as a name: <c>ni:///sha-256;…?ver=CBV2.0</c>.</summary>
    /// <param name="ignored">Fields that a repository added, as <see cref="EpcisDocument.IgnoredFields"/> has them.</param>
    public static string NameOf(EpcisEvent one, IReadOnlySet<string>? ignored = null) => NameOf(Of(one, ignored));

    public static string NameOf(ReadOnlySpan<byte> hash) => $"ni:///sha-256;{Convert.ToHexStringLower(hash)}?ver=CBV2.0";

    /// <summary>The hash, 32 bytes.</summary>
    public static byte[] Of(EpcisEvent one, IReadOnlySet<string>? ignored = null) => SHA256.HashData(Encoding.UTF8.GetBytes(TextOf(one, ignored)));

    /// <summary>What is hashed, to see why two events differ.</summary>
    public static string TextOf(EpcisEvent one, IReadOnlySet<string>? ignored = null)
    {
        ignored ??= None;
        var rest = one.Fields.Children.Where(child => !ignored.Contains(child.ToString()) && !IsComment(child)).ToList();
        var ordered = Ordered(rest, Order, isEvent: true);
        rest.RemoveAll(child => child.Namespace.Length == 0 && LeftOut.Contains(child.Name));
        return $"eventType={one.Type}{ordered}{Sorted(rest)}";
    }

    // ---- what the standard orders ----

    /// <summary>Takes what the order names out of the children and says it; what could not be said stays among them.</summary>
    static string Ordered(List<EpcisElement> children, Place[] order, bool isEvent)
    {
        List<EpcisElement> extensions = isEvent ? [] : [.. children.Where(child => child.Namespace.Length > 0)];
        children.RemoveAll(extensions.Contains);
        var said = new StringBuilder();
        foreach (var place in order)
        {
            var values = new List<string>();
            for (var i = 0; i < children.Count; i++)
            {
                var child = children[i];
                if (child.Namespace.Length > 0 || child.Name != place.Name) continue;
                var left = child.Children.Where(one => !IsComment(one)).ToList();
                var within = place.Within.Length > 0 ? Ordered(left, place.Within, isEvent: false) : "";
                var text = child.Text.Length == 0 ? "" : "=" + (IsTime(child.Name) ? Time(child.Text) : Value(child.Text));
                if (text.Length + within.Length > 0) values.Add(child.Name + text + within);
                if (left.Count == 0) children.RemoveAt(i--);
                else children[i] = new EpcisElement(child.Name, child.Text, child.Form) { Children = left };
            }
            values.Sort(ByBytes);
            said.AppendJoin("", values);
        }
        return said.Append(Sorted(extensions)).ToString();
    }

    static bool IsTime(string name) => name.Contains("time", StringComparison.OrdinalIgnoreCase) && !name.Contains("offset", StringComparison.OrdinalIgnoreCase);

    // ---- everything else ----

    static string Sorted(IEnumerable<EpcisElement> children)
    {
        var values = children.Where(child => !IsComment(child)).Select(One).ToList();
        values.Sort(ByBytes);
        return string.Concat(values);

        static string One(EpcisElement child)
        {
            var text = child.Text.Length == 0 ? "" : "=" + Value(child.Text);
            // A transaction, a source or a destination is told with its type first.
            if (child.Namespace.Length == 0 && child.Name is "bizTransaction" or "source" or "destination" && child["type"] is { } type) return $"type={Value(type.Text)}{child.Name}{text}";
            return child + text + Sorted(child.Children);
        }
    }

    static bool IsComment(EpcisElement child) => child.Name == "comment" && child.Namespace is "" or "http://www.w3.org/2000/01/rdf-schema#";

    // ---- values ----

    static string Time(string text) => EpcisTime.TryParse(text, secondsMayBeMissing: true, out var time) ? EpcisTime.Canonical(time) : text;

    static string Value(string text) => Gs1Uri.Canonical(Number(EpcisVocabulary.WithWebUris(text)));

    /// <summary>A text that reads as a number, as the shortest text of the double nearest to it; whole ones in full.</summary>
    static string Number(string text)
    {
        if (!(char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.')) return text;
        if (!double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number)) return text;
        return number == Math.Truncate(number) ? new BigInteger(number).ToString(CultureInfo.InvariantCulture) : Scientific(number.ToString("R", CultureInfo.InvariantCulture));

        static string Scientific(string shortest) => shortest.Replace("E", "e", StringComparison.Ordinal);
    }

    /// <summary>In the order of Unicode, which is that of UTF-8 and not that of UTF-16.</summary>
    static int ByBytes(string first, string second)
    {
        var order = string.CompareOrdinal(first, second);
        if (order == 0 || (Ascii.IsValid(first) && Ascii.IsValid(second))) return order;
        return Encoding.UTF8.GetBytes(first).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(second));
    }

    static Place[] Plain(string names) => [.. names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(name => new Place(name, []))];

    static Place Epcs(string name) => new(name, Plain("epc"));

    static Place Quantities(string name) => new(name, [new("quantityElement", Plain("epcClass quantity uom"))]);
}
