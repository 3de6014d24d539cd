using System.Collections.Frozen;

namespace Hufu.Services;

/// <summary>What kind of value a field of the standard holds.</summary>
enum EpcisValue
{
    Text,
    Time,
    Offset,
    Uri,
    Action,

    /// <summary>A word of a vocabulary, or a URI of one's own.</summary>
    Word,
    Decimal,

    /// <summary>A floating point number: what sensors report.</summary>
    Double,
    Boolean,
    Hex,
    Uom,

    /// <summary>An element with the fields given, and nothing else.</summary>
    Closed,

    /// <summary>An element with the fields given and extensions.</summary>
    Open,

    /// <summary>Elements of one kind; an array in JSON.</summary>
    List,

    /// <summary>Instance and lot master data: extensions only.</summary>
    Extensions,
}

/// <summary>One field of the standard.</summary>
/// <param name="Fields">Closed and open: what is in it.</param>
/// <param name="Of">List: what it is a list of.</param>
/// <param name="Vocabulary">Word: whose.</param>
/// <param name="ValueName">List of elements with a text and a type: the name JSON gives the text (<c>{"type": …, "source": …}</c>).</param>
sealed record EpcisField(
    string Name,
    EpcisValue Value,
    EpcisField[]? Fields = null,
    EpcisField? Of = null,
    EpcisVocabulary? Vocabulary = null,
    bool IsRequired = false,
    bool IsAttribute = false,
    bool IsUnique = false,
    bool MayRepeat = false,
    string? ValueName = null)
{
    readonly FrozenDictionary<string, EpcisField> _byName = (Fields ?? []).ToFrozenDictionary(one => one.Name, StringComparer.Ordinal);

    public EpcisField? this[string name] => _byName.GetValueOrDefault(name);

    public bool IsScalar => Value < EpcisValue.Closed;
}

/// <summary>The five kinds of event and their fields, in the order of the XML schema. Reading, checking and writing all follow this one table.</summary>
static class EpcisGrammar
{
    const EpcisValue Uri = EpcisValue.Uri;

    static readonly EpcisField Quantity = new("quantityElement", EpcisValue.Closed, [new("epcClass", Uri, IsRequired: true), new("quantity", EpcisValue.Decimal), new("uom", EpcisValue.Uom)]);

    static readonly EpcisField Epc = new("epc", Uri);

    static readonly EpcisField[] Head =
    [
        new("eventTime", EpcisValue.Time, IsRequired: true),
        new("recordTime", EpcisValue.Time),
        new("eventTimeZoneOffset", EpcisValue.Offset, IsRequired: true),
        new("eventID", Uri),
        new("errorDeclaration", EpcisValue.Open,
        [
            new("declarationTime", EpcisValue.Time, IsRequired: true),
            new("reason", EpcisValue.Word, Vocabulary: EpcisVocabulary.ErrorReason),
            new("correctiveEventIDs", EpcisValue.List, Of: new("correctiveEventID", Uri)),
        ]),
        new("certificationInfo", Uri, MayRepeat: true),
    ];

    static readonly EpcisField Action = new("action", EpcisValue.Action, IsRequired: true);

    static readonly EpcisField[] Place =
    [
        new("bizStep", EpcisValue.Word, Vocabulary: EpcisVocabulary.BizStep),
        new("disposition", EpcisValue.Word, Vocabulary: EpcisVocabulary.Disposition),
        new("readPoint", EpcisValue.Open, [new("id", Uri, IsRequired: true)]),
        new("bizLocation", EpcisValue.Open, [new("id", Uri, IsRequired: true)]),
    ];

    static readonly EpcisField Transactions = Typed("bizTransactionList", "bizTransaction", EpcisVocabulary.BizTransactionType, typeIsRequired: false);

    static readonly EpcisField[] Parties =
        [Typed("sourceList", "source", EpcisVocabulary.SourceDestinationType, typeIsRequired: true), Typed("destinationList", "destination", EpcisVocabulary.SourceDestinationType, typeIsRequired: true)];

    static readonly EpcisField Sensors = new("sensorElementList", EpcisValue.List, Of: new("sensorElement", EpcisValue.Open,
    [
        new("sensorMetadata", EpcisValue.Open, [.. Attributes(EpcisValue.Time, "time", "startTime", "endTime"), .. Attributes(Uri, "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules")]),
        new("sensorReport", EpcisValue.Open,
        [
            new("type", EpcisValue.Word, Vocabulary: EpcisVocabulary.Measurement, IsAttribute: true),
            new("exception", EpcisValue.Word, Vocabulary: EpcisVocabulary.Alert, IsAttribute: true),
            .. Attributes(EpcisValue.Time, "time"),
            .. Attributes(Uri, "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules", "microorganism", "chemicalSubstance", "coordinateReferenceSystem"),
            .. Attributes(EpcisValue.Double, "value"),
            new("component", EpcisValue.Word, Vocabulary: EpcisVocabulary.Component, IsAttribute: true),
            .. Attributes(EpcisValue.Text, "stringValue"),
            .. Attributes(EpcisValue.Boolean, "booleanValue"),
            .. Attributes(EpcisValue.Hex, "hexBinaryValue"),
            .. Attributes(Uri, "uriValue"),
            .. Attributes(EpcisValue.Double, "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"),
            .. Attributes(EpcisValue.Text, "uom"),
        ], IsRequired: true, MayRepeat: true),
    ]));

    static readonly EpcisField PersistentDisposition = new("persistentDisposition", EpcisValue.Closed,
    [
        new("unset", EpcisValue.Word, Vocabulary: EpcisVocabulary.Disposition, MayRepeat: true, IsUnique: true),
        new("set", EpcisValue.Word, Vocabulary: EpcisVocabulary.Disposition, MayRepeat: true, IsUnique: true),
    ]);

    static readonly EpcisField Ilmd = new("ilmd", EpcisValue.Extensions);
    static readonly EpcisField ParentId = new("parentID", Uri);

    static readonly FrozenDictionary<string, EpcisField> Events = new EpcisField[]
    {
        Event("ObjectEvent", [Epcs("epcList", isUnique: true), Action, .. Place, Transactions, Quantities("quantityList"), .. Parties, Sensors, PersistentDisposition, Ilmd]),
        Event("AggregationEvent", [ParentId, Epcs("childEPCs"), Action, .. Place, Transactions, Quantities("childQuantityList"), .. Parties, Sensors, PersistentDisposition]),
        Event("TransactionEvent", [Transactions with { IsRequired = true }, ParentId, Epcs("epcList"), Action, .. Place, Quantities("quantityList"), .. Parties, Sensors, PersistentDisposition]),
        Event("TransformationEvent", [Epcs("inputEPCList", isUnique: true), Quantities("inputQuantityList"), Epcs("outputEPCList", isUnique: true), Quantities("outputQuantityList"),
            new("transformationID", Uri), .. Place, Transactions, .. Parties, Sensors, PersistentDisposition, Ilmd]),
        Event("AssociationEvent", [ParentId with { IsRequired = true }, Epcs("childEPCs"), Quantities("childQuantityList"), Action, .. Place, Transactions, .. Parties, Sensors, PersistentDisposition]),
    }.ToFrozenDictionary(one => one.Name, StringComparer.Ordinal);

    /// <summary>An event of a type of one's own has what all events have, and extensions.</summary>
    static readonly EpcisField Extended = Event("", []);

    public static bool IsStandard(string type) => Events.ContainsKey(type);

    public static EpcisField Of(string type) => Events.GetValueOrDefault(type, Extended);

    static EpcisField Event(string type, EpcisField[] fields) => new(type, EpcisValue.Open, [.. Head, .. fields]);

    static EpcisField Epcs(string name, bool isUnique = false) => new(name, EpcisValue.List, Of: Epc, IsUnique: isUnique);

    static EpcisField Quantities(string name) => new(name, EpcisValue.List, Of: Quantity);

    static EpcisField Typed(string list, string item, EpcisVocabulary types, bool typeIsRequired) => new(list, EpcisValue.List,
        Of: new(item, Uri, [new("type", EpcisValue.Word, Vocabulary: types, IsRequired: typeIsRequired, IsAttribute: true)], ValueName: item));

    static EpcisField[] Attributes(EpcisValue value, params string[] names) => [.. names.Select(name => new EpcisField(name, value, IsAttribute: true))];
}
