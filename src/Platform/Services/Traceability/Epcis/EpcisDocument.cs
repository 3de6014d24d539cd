using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What a file of EPCIS holds.</summary>
public enum EpcisKind
{
    /// <summary>Events to be captured.</summary>
    Document,

    /// <summary>The answer to a query.</summary>
    QueryResults,

    /// <summary>A query, as XML has it.</summary>
    Query,

    /// <summary>One event without a document around it.</summary>
    Event,

    /// <summary>Master data and no events.</summary>
    MasterData,
}

public enum EpcisSyntax
{
    Json,
    Xml,
}

/// <summary>Something in a file that the standard does not allow.</summary>
/// <param name="Event">Which event it is in, counted from zero; -1 for the document around them.</param>
/// <param name="Path">Where: <c>bizStep</c>, <c>quantityList[0].quantity</c>.</param>
public sealed record EpcisFault(int Event, string Path, Refusal Refusal)
{
    public override string ToString() => $"{(Event < 0 ? "" : $"event {Event}, ")}{Path}: {Refusal}";
}

/// <summary>
/// A file of EPCIS events, in JSON-LD (2.0) or XML (1.0 to 2.0). What is read here is hostile: no schema, context or entity named in a file is ever fetched,
/// and size and depth are bounded.
/// </summary>
public sealed record EpcisDocument
{
    /// <summary>The context of the standard in JSON-LD, in its version 2.0.0.</summary>
    public const string Context = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

    /// <summary>Bytes of a file.</summary>
    public const int LargestFile = 64 << 20;

    /// <summary>Elements or objects within each other.</summary>
    public const int Deepest = 64;

    public EpcisKind Kind { get; init; }
    public EpcisSyntax Syntax { get; init; }

    /// <summary>Of the standard: 1.2, 2.0.</summary>
    public string SchemaVersion { get; init; } = "2.0";
    public string? CreationDate { get; init; }

    /// <summary>Prefixes of extensions and the namespaces they stand for, in the order met.</summary>
    public IReadOnlyDictionary<string, string> Namespaces { get; init; } = new Dictionary<string, string>();
    public IReadOnlyList<EpcisEvent> Events { get; init; } = [];

    /// <summary>Vocabularies in the header or in a document of master data, as elements in the form of XML.</summary>
    public EpcisElement? MasterData { get; init; }

    /// <summary>Fields that a repository added and says are none of the event: left out of hashes.</summary>
    public IReadOnlySet<string> IgnoredFields { get; init; } = new HashSet<string>();

    /// <summary>The query's name, where it is a query or the answer to one.</summary>
    public string? QueryName { get; init; }

    /// <summary>The subscription that an answer belongs to; null where somebody asked.</summary>
    public string? SubscriptionId { get; init; }

    /// <summary>The parameters of a query.</summary>
    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> QueryParameters { get; init; } = [];

    /// <summary>What the standard does not allow. A document with none is fit to be captured.</summary>
    public IReadOnlyList<EpcisFault> Faults { get; init; } = [];

    /// <summary>Reads a file, JSON or XML by its first character, and checks it. False where it is neither, or no EPCIS; a document that breaks rules is read, with <see cref="Faults"/>.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> file, [NotNullWhen(true)] out EpcisDocument? document, [NotNullWhen(false)] out Refusal? refusal)
    {
        document = null;
        refusal = null;
        if (file.Length > LargestFile)
        {
            refusal = new Refusal("the file is too large", $"{file.Length} bytes, at most {LargestFile}", "send fewer events at a time");
            return false;
        }
        var text = file.Span;
        if (text.StartsWith("\uFEFF"u8)) text = text[3..];
        var first = text.TrimStart(" \t\r\n"u8);
        // XML in UTF-16 begins with its mark; JSON is UTF-8 always.
        var isXml = first.Length > 0 && (first[0] == '<' || first[0] is 0xFE or 0xFF);
        var read = isXml ? EpcisXmlReader.TryRead(file, out document, out refusal) : EpcisJsonReader.TryRead(file[(file.Length - text.Length)..], out document, out refusal);
        if (read) document = document! with { Faults = [.. document.Faults, .. EpcisRules.Check(document)] };
        return read;
    }

    /// <summary>Reads a file and takes it only if the standard allows all of it.</summary>
    public static bool TryAccept(ReadOnlyMemory<byte> file, [NotNullWhen(true)] out EpcisDocument? document, [NotNullWhen(false)] out Refusal? refusal)
    {
        if (!TryRead(file, out document, out refusal)) return false;
        if (document.Faults.Count == 0) return true;

        var first = document.Faults[0];
        refusal = new Refusal(first.Event < 0 ? $"{first.Path}: {first.Refusal.What}" : $"event {first.Event}, {first.Path}: {first.Refusal.What}",
            document.Faults.Count == 1 ? first.Refusal.Why : $"{first.Refusal.Why} ({document.Faults.Count} faults in all)", first.Refusal.Mend);
        document = null;
        return false;
    }
}
