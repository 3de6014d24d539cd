using System.Globalization;
using System.Text.RegularExpressions;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>The parameters of the standard's SimpleEventQuery: which there are, and what a value of each looks like.</summary>
public static partial class EpcisQuery
{
    enum Kind
    {
        Text,
        Time,
        Number,
        Count,
        Flag,
        Action,
        Direction,
    }

    static readonly Dictionary<string, Kind> Known = Table();

    public static bool IsParameter(string name) => KindOf(name) is not null;

    /// <summary>Whether a value may stand there; the refusal says what would.</summary>
    public static bool TryCheck(string name, string value, out Refusal? refusal)
    {
        refusal = KindOf(name) switch
        {
            null => new Refusal($"the query has no parameter {name}", "it is none of SimpleEventQuery", "see the parameters of EPCIS 2.0, section 8.2.7"),
            Kind.Time when !EpcisTime.TryParse(value, out _) => new Refusal($"{name} is no time", value, "write it with its distance from UTC, like 2026-07-22T06:45:00+02:00"),
            Kind.Number when !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) => new Refusal($"{name} is no number", value),
            Kind.Count when !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1 => new Refusal($"{name} is no positive number", value),
            Kind.Flag when value is not ("" or "true" or "false" or "0" or "1") => new Refusal($"{name} takes no value", value),
            Kind.Action when value is not ("ADD" or "OBSERVE" or "DELETE") => new Refusal($"{name} is no action", value, "write ADD, OBSERVE or DELETE"),
            Kind.Direction when value is not ("ASC" or "DESC") => new Refusal($"{name} is no direction", value, "write ASC or DESC"),
            _ => null,
        };
        return refusal is null;
    }

    internal static IEnumerable<EpcisFault> Check(EpcisDocument document)
    {
        // Other queries have parameters of their own.
        if (document.QueryName is not (null or "SimpleEventQuery")) yield break;
        foreach (var (name, values) in document.QueryParameters)
            foreach (var value in values)
                if (!TryCheck(name, value, out var refusal)) yield return new EpcisFault(-1, name, refusal!);
    }

    static Kind? KindOf(string name) => Known.TryGetValue(name, out var kind) ? kind : Family().IsMatch(name) ? Kind.Text : Measured().IsMatch(name) ? Kind.Number : null;

    /// <summary>Fields of one's own and typed lists: EQ_bizTransaction_po, GE_ILMD_example:batch, EXISTS_INNER_example:field, HASATTR_…</summary>
    [GeneratedRegex(@"^((EQ|EXISTS)_(bizTransaction|source|destination)_.+|(EQ|GT|GE|LT|LE|EXISTS)_(INNER_)?((ILMD|ERROR_DECLARATION|SENSORELEMENT|SENSORMETADATA|SENSORREPORT|readPoint|bizLocation)_)?([A-Za-z][\w.-]*:\S+|https?:\S+)|(HASATTR|EQ_?ATTR)_\S+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Family();

    /// <summary>What a sensor measured, in a unit: GE_maxValue_CEL.</summary>
    [GeneratedRegex("^(EQ|GT|GE|LT|LE)_(value|minValue|maxValue|meanValue|sDev|percValue)_[A-Z0-9]{2,4}$", RegexOptions.CultureInvariant)]
    private static partial Regex Measured();

    static Dictionary<string, Kind> Table()
    {
        var table = new Dictionary<string, Kind>(StringComparer.Ordinal);
        Add(Kind.Text, """
            eventType EQ_bizStep EQ_disposition EQ_persistentDisposition_set EQ_persistentDisposition_unset EQ_readPoint WD_readPoint EQ_bizLocation WD_bizLocation
            EQ_transformationID MATCH_epc MATCH_parentID MATCH_inputEPC MATCH_outputEPC MATCH_anyEPC MATCH_epcClass MATCH_inputEPCClass MATCH_outputEPCClass
            MATCH_anyEPCClass EQ_eventID EQ_errorReason EQ_correctiveEventID EQ_type EQ_exception EQ_component EQ_deviceID EQ_deviceMetadata EQ_rawData EQ_dataProcessingMethod
            EQ_microorganism EQ_chemicalSubstance EQ_bizRules EQ_stringValue EQ_booleanValue EQ_hexBinaryValue EQ_uriValue EQ_coordinateReferenceSystem orderBy nextPageToken
            """);
        Add(Kind.Time, "GE_eventTime LT_eventTime GE_recordTime LT_recordTime GE_errorDeclaration_Time LT_errorDeclaration_Time GE_errorDeclarationTime LT_errorDeclarationTime GE_time LT_time GE_startTime LT_startTime GE_endTime LT_endTime");
        Add(Kind.Number, "EQ_quantity GT_quantity GE_quantity LT_quantity LE_quantity EQ_percRank GT_percRank GE_percRank LT_percRank LE_percRank");
        Add(Kind.Count, "eventCountLimit maxEventCount perPage");
        Add(Kind.Flag, "EXISTS_errorDeclaration EXISTS_sensorElementList EXISTS_ilmd");
        Add(Kind.Action, "EQ_action");
        Add(Kind.Direction, "orderDirection");
        return table;

        void Add(Kind kind, string names)
        {
            foreach (var name in names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) table.Add(name, kind);
        }
    }
}
