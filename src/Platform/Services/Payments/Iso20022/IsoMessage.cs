using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>A message of ISO 20022 as it came: its name, its business header where it has one, and its content. Hostile until its reader has checked what it uses.</summary>
/// <param name="Name">With version: <c>pacs.008.001.08</c>.</param>
/// <param name="Content">The element under <c>Document</c>.</param>
/// <param name="Header">The business application header (head.001) beside it.</param>
public sealed partial record IsoMessage(string Name, XElement Content, XElement? Header)
{
    /// <summary>Bytes of a file.</summary>
    public const int LargestFile = 64 << 20;
    const int Deepest = 64;

    /// <summary>Without version: <c>pacs.008</c>.</summary>
    public string Family => Name[..8];

    /// <summary>Reads a file: a <c>Document</c>, by itself or in an envelope with its header. Nothing outside the file is looked at.</summary>
    /// <param name="schemas">Schemas to hold the file against, where the operator has them; the rules of the readers hold without.</param>
    public static bool TryRead(ReadOnlyMemory<byte> file, [NotNullWhen(true)] out IsoMessage? message, [NotNullWhen(false)] out Refusal? refusal, IsoSchemas? schemas = null)
    {
        (message, refusal) = (null, null);
        if (file.Length > LargestFile)
        {
            refusal = new Refusal("the file is too large", $"{file.Length} bytes, at most {LargestFile}");
            return false;
        }
        try
        {
            CheckDepth(file);
            using var xml = Reader(file);
            message = Find(XDocument.Load(xml, LoadOptions.SetLineInfo).Root!, out refusal);
        }
        catch (Exception error) when (error is XmlException or DecoderFallbackException or FormatException)
        {
            refusal = new Refusal("this is no XML", error.Message, "send an ISO 20022 message without a document type declaration");
        }
        if (message is not null && schemas is not null && !schemas.TryCheck(message, out refusal)) message = null;
        return message is not null;
    }

    static IsoMessage? Find(XElement root, out Refusal? refusal)
    {
        refusal = null;
        var document = root.DescendantsAndSelf().FirstOrDefault(one => one.Name.LocalName == "Document" && NameOf(one) is not null);
        if (document is null || document.Elements().FirstOrDefault() is not { } content)
        {
            refusal = new Refusal("this is no ISO 20022 message", $"no Document with a namespace of ISO 20022 under {root.Name}", "the namespace reads like urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08");
            return null;
        }
        return new IsoMessage(NameOf(document)!, content, root.DescendantsAndSelf().FirstOrDefault(one => one.Name.LocalName == "AppHdr"));
    }

    static string? NameOf(XElement document) => Namespace().Match(document.Name.NamespaceName) is { Success: true } match ? match.Groups[1].Value : null;

    static void CheckDepth(ReadOnlyMemory<byte> file)
    {
        using var xml = Reader(file);
        while (xml.Read()) if (xml.Depth > Deepest) throw new XmlException($"elements are more than {Deepest} deep");
    }

    static XmlReader Reader(ReadOnlyMemory<byte> file) => XmlReader.Create(new MemoryStream(file.ToArray(), writable: false), new XmlReaderSettings
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = LargestFile,
        MaxCharactersFromEntities = 0,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CloseInput = true,
    });

    [GeneratedRegex("^urn:iso:std:iso:20022:tech:xsd:([a-z]{4}[.][0-9]{3}[.][0-9]{3}[.][0-9]{2})$", RegexOptions.CultureInvariant)]
    private static partial Regex Namespace();
}

/// <summary>The schemas of ISO 20022 from a folder of the operator's, by message. They are others' work and not part of Hufu.</summary>
public sealed class IsoSchemas(Func<string, byte[]?> find)
{
    const string Home = "urn:iso:std:iso:20022:tech:xsd:";
    readonly Dictionary<string, XmlSchemaSet?> _loaded = new(StringComparer.Ordinal);

    /// <summary>Schemas named <c>pacs.008.001.08.xsd</c> in a folder.</summary>
    public static IsoSchemas FromFolder(string folder) => new(name => Directory.EnumerateFiles(folder, name + "*.xsd").Order(StringComparer.Ordinal).FirstOrDefault() is { } path ? File.ReadAllBytes(path) : null);

    public bool TryCheck(IsoMessage message, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = null;
        var set = For(message.Name);
        if (set is null)
        {
            refusal = new Refusal($"there is no schema for {message.Name}", "the operator's folder has none", "add it, or send another version");
            return false;
        }
        string? first = null;
        var document = new XDocument(new XElement(message.Content.Name.Namespace + "Document", message.Content));
        document.Validate(set, (_, found) => first ??= found.Message);
        if (first is not null) refusal = new Refusal($"the message is not a {message.Name}", first);
        return first is null;
    }

    XmlSchemaSet? For(string name)
    {
        lock (_loaded)
        {
            if (_loaded.TryGetValue(name, out var set)) return set;
            if (find(name) is { } file)
            {
                set = new XmlSchemaSet { XmlResolver = null };
                using var xml = XmlReader.Create(new MemoryStream(file, writable: false), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
                set.Add(Home + name, xml);
                set.Compile();
            }
            return _loaded[name] = set;
        }
    }
}
