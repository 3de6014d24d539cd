using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Xml;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>Reads EPCIS in XML, 1.0 to 2.0. A document type declaration is passed over unread: no entity of its making is known, and nothing is fetched.</summary>
sealed class EpcisXmlReader
{
    const string Instance = "http://www.w3.org/2001/XMLSchema-instance";
    const string Xmlns = "http://www.w3.org/2000/xmlns/";

    static readonly (string Prefix, string Full)[] Compact = [("gs1:", "https://gs1.org/voc/"), ("cbv:", "https://ref.gs1.org/cbv/")];

    readonly Dictionary<string, string> _namespaces = new(StringComparer.Ordinal);
    readonly List<EpcisFault> _faults = [];
    int _event = -1;

    public static bool TryRead(ReadOnlyMemory<byte> file, [NotNullWhen(true)] out EpcisDocument? document, [NotNullWhen(false)] out Refusal? refusal)
    {
        document = null;
        refusal = null;
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Ignore,
            XmlResolver = null,
            MaxCharactersInDocument = EpcisDocument.LargestFile,
            MaxCharactersFromEntities = 0,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            CloseInput = true,
        };
        try
        {
            using var xml = XmlReader.Create(new MemoryStream(file.ToArray(), writable: false), settings);
            xml.MoveToContent();
            var reader = new EpcisXmlReader();
            document = reader.Document(reader.Raw(xml), out refusal);
        }
        catch (Exception error) when (error is XmlException or DecoderFallbackException)
        {
            refusal = new Refusal("this is no XML", error.Message);
        }
        return document is not null;
    }

    // ---- XML as elements ----

    /// <summary>The element the reader stands on, with its attributes first among its children. Of its text, what stands before the first child.</summary>
    EpcisElement Raw(XmlReader xml)
    {
        if (xml.Depth > EpcisDocument.Deepest) throw new XmlException($"elements are more than {EpcisDocument.Deepest} deep");
        var (@namespace, name, isEmpty, depth) = (Home(xml.NamespaceURI), xml.LocalName, xml.IsEmptyElement, xml.Depth);
        var children = new List<EpcisElement>();
        var form = EpcisForm.Text;
        for (var more = xml.MoveToFirstAttribute(); more; more = xml.MoveToNextAttribute())
        {
            if (xml.NamespaceURI == Xmlns)
            {
                if (xml.Prefix.Length > 0 && Home(xml.Value).Length > 0 && xml.Value != Instance && !_namespaces.ContainsKey(xml.LocalName)) _namespaces.Add(xml.LocalName, xml.Value);
            }
            else if (xml.NamespaceURI == Instance)
            {
                if (xml.LocalName == "type") form = FormOf(xml.Value);
                if (xml.LocalName == "nil" && xml.Value is "true" or "1") form = EpcisForm.Null;
            }
            else
            {
                children.Add(new EpcisElement(xml.LocalName, xml.Value.Trim()) { Namespace = Home(xml.NamespaceURI), IsAttribute = true });
            }
        }
        xml.MoveToElement();
        var text = new StringBuilder();
        var isLeaf = true;
        while (!isEmpty && xml.Read() && !(xml.NodeType == XmlNodeType.EndElement && xml.Depth == depth))
        {
            if (xml.NodeType == XmlNodeType.Element)
            {
                isLeaf = false;
                children.Add(Raw(xml));
            }
            else if (isLeaf && xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace)
            {
                text.Append(xml.Value);
            }
        }
        return new EpcisElement(name, text.ToString().Trim(), isLeaf ? form : EpcisForm.Object) { Namespace = @namespace, Children = children };
    }

    /// <summary>The standard's namespaces as none: its elements are meant with and without a prefix.</summary>
    static string Home(string @namespace) => @namespace switch
    {
        "urn:epcglobal:epcis:xsd:1" or "urn:epcglobal:epcis:xsd:2" or "urn:epcglobal:epcis-query:xsd:1" or "urn:epcglobal:epcis-query:xsd:2"
            or "urn:epcglobal:epcis-masterdata:xsd:1" or "urn:epcglobal:epcis-masterdata:xsd:2" => "",
        _ => @namespace,
    };

    static EpcisForm FormOf(string type) => type[(type.IndexOf(':', StringComparison.Ordinal) + 1)..] switch
    {
        "integer" or "int" or "long" or "short" or "decimal" or "double" or "float" => EpcisForm.Number,
        "boolean" => EpcisForm.Boolean,
        _ => EpcisForm.Text,
    };

    // ---- the document ----

    EpcisDocument? Document(EpcisElement root, out Refusal? refusal)
    {
        refusal = null;
        var version = root["schemaVersion"]?.Text ?? "";
        EpcisKind? kind = root.Namespace.Length > 0 ? null : root.Name switch
        {
            "EPCISDocument" => EpcisKind.Document,
            "EPCISQueryDocument" => EpcisKind.QueryResults,
            "EPCISMasterDataDocument" => EpcisKind.MasterData,
            _ when EpcisGrammar.IsStandard(root.Name) => EpcisKind.Event,
            _ => null,
        };
        if (kind is null)
        {
            refusal = new Refusal("this is no EPCIS document", $"its root is {root}", "send an EPCISDocument");
            return null;
        }
        var document = new EpcisDocument { Kind = kind.Value, Syntax = EpcisSyntax.Xml, SchemaVersion = version.Length == 0 ? "2.0" : version, CreationDate = root["creationDate"]?.Text, Namespaces = _namespaces, Faults = _faults };
        if (kind == EpcisKind.Event) return document with { Events = [Event(root)] };

        if (version.Length == 0) Fault("schemaVersion", "the version of the schema is missing");
        if (document.CreationDate is null) Fault("creationDate", "the creation date is missing");
        else if (!EpcisTime.TryParse(document.CreationDate, secondsMayBeMissing: true, out _)) Fault("creationDate", "the creation date is no time", document.CreationDate, "write it like 2026-07-22T10:30:00Z");
        var body = root["EPCISBody"];
        if (body is null) Fault("EPCISBody", "the body is missing");
        document = document with { MasterData = Find(root, "VocabularyList"), IgnoredFields = Ignored(root) };
        if (kind == EpcisKind.QueryResults && body is not null && body["QueryResults"] is null && Query(body) is { } query) return document with { Kind = EpcisKind.Query, QueryName = query["queryName"]?.Text, QueryParameters = Parameters(query) };

        if (kind == EpcisKind.QueryResults)
        {
            var results = body?["QueryResults"];
            if (results is null) Fault("EPCISBody", "the body holds neither a query nor its results");
            else if (results["resultsBody"] is null) Fault("QueryResults", "the results have no body");
            document = document with { QueryName = Find(root, "queryName")?.Text };
        }
        return document with { Events = Find(root, "EventList") is { } list ? Events(list) : [] };
    }

    static EpcisElement? Query(EpcisElement body) => body.Children.FirstOrDefault(one => one.Namespace.Length == 0 && !one.IsAttribute && one.Name is not ("extension" or "QueryResults"
        or "resultsBody" or "queryName" or "EventList"));

    List<KeyValuePair<string, IReadOnlyList<string>>> Parameters(EpcisElement query)
    {
        var parameters = new List<KeyValuePair<string, IReadOnlyList<string>>>();
        if (query.Name is not ("Poll" or "Subscribe")) return parameters;

        if (query["queryName"] is null) Fault($"{query.Name}.queryName", "the name of the query is missing", "", "name the query: SimpleEventQuery");
        if (query["params"] is null) Fault($"{query.Name}.params", "the parameters are missing");
        foreach (var parameter in query["params"]?.All("param") ?? [])
        {
            var (name, value) = (parameter["name"]?.Text, parameter["value"]);
            if (name is null) Fault($"{query.Name}.params", "a parameter has no name");
            else if (value is null) Fault($"{query.Name}.params.{name}", "the parameter has no value", "", "give one, an empty one if need be");
            else parameters.Add(new(name, [.. value.Children.Any(one => !one.IsAttribute) ? value.Children.Where(one => !one.IsAttribute).Select(one => one.Text) : [value.Text]]));
        }
        return parameters;
    }

    static HashSet<string> Ignored(EpcisElement root)
    {
        var ignored = new HashSet<string>(StringComparer.Ordinal);
        Look(root);
        return ignored;

        void Look(EpcisElement around)
        {
            foreach (var child in around.Children)
            {
                if (child.Name == "ignoreFields") foreach (var field in child.Children) ignored.Add(field.ToString());
                else if (child.Name is "EPCISBody" or "EPCISHeader" or "QueryResults") Look(child);
            }
        }
    }

    static EpcisElement? Find(EpcisElement element, string name)
    {
        if (element.Namespace.Length == 0 && element.Name == name) return element;
        // Not into events: what is in them is theirs.
        if (EpcisGrammar.IsStandard(element.Name)) return null;
        foreach (var child in element.Children) if (Find(child, name) is { } found) return found;
        return null;
    }

    // ---- events ----

    List<EpcisEvent> Events(EpcisElement list)
    {
        var events = new List<EpcisEvent>();
        foreach (var one in Unwrapped(list.Children))
        {
            if (one.IsAttribute) continue;
            _event = events.Count;
            if (one.Namespace.Length == 0 && one.Name == "QuantityEvent") events.Add(FromQuantityEvent(one));
            else
            {
                if (one.Namespace.Length == 0 && !EpcisGrammar.IsStandard(one.Name)) Fault("type", $"{one.Name} is no kind of event", "", "the standard has ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent and AssociationEvent");
                events.Add(Event(one));
            }
        }
        _event = -1;
        return events;
    }

    /// <summary>The deprecated event of 1.x as the standard says to write it since: objects known by their class and number.</summary>
    EpcisEvent FromQuantityEvent(EpcisElement old)
    {
        var quantity = new EpcisElement("quantityElement", form: EpcisForm.Object) { Children = [.. old.Children.Where(one => one.Name is "epcClass" or "quantity")] };
        var fields = new EpcisElement("ObjectEvent", form: EpcisForm.Object)
        {
            Children = [.. old.Children.Where(one => one.Name is not ("epcClass" or "quantity")), new EpcisElement("action", "OBSERVE"), new EpcisElement("quantityList", form: EpcisForm.Object) { Children = [quantity] }],
        };
        return Event(fields);
    }

    EpcisEvent Event(EpcisElement raw)
    {
        var type = raw.Namespace.Length > 0 ? raw.Namespace + raw.Name : raw.Name;
        var fields = new EpcisElement(type, form: EpcisForm.Object);
        Fill(fields, raw, EpcisGrammar.Of(type), "");
        return new EpcisEvent(type, fields);
    }

    void Fill(EpcisElement element, EpcisElement raw, EpcisField grammar, string path)
    {
        foreach (var child in Unwrapped(raw.Children))
        {
            // Said to hold nothing, which is as good as not said.
            if (child.Form == EpcisForm.Null) continue;
            var field = child.Namespace.Length == 0 ? grammar[child.Name] : null;
            var at = path.Length == 0 ? child.Name : $"{path}.{child.Name}";
            if (field is not null) element.Children.Add(Standard(child, field, at));
            // A bare event may carry the attributes of a document.
            else if (child.IsAttribute && child.Name is "schemaVersion" or "creationDate") continue;
            else element.Children.Add(Extension(child));
        }
    }

    EpcisElement Standard(EpcisElement raw, EpcisField field, string path)
    {
        if (field.IsScalar && field.ValueName is null)
        {
            var text = Expanded(raw.Text);
            if (field.Vocabulary is { } vocabulary && EpcisVocabulary.WithWebUris(text) is var web && vocabulary.WordOf(web) is not null) text = web;
            // XML of older days left the seconds out.
            if (field.Value == EpcisValue.Time && !EpcisTime.TryParse(text, out _) && EpcisTime.TryParse(text, secondsMayBeMissing: true, out _)) text = text.Insert(16, ":00");
            return new EpcisElement(field.Name, text) { IsAttribute = field.IsAttribute };
        }
        var element = new EpcisElement(field.Name, field.ValueName is null ? "" : Expanded(raw.Text), EpcisForm.Object);
        if (field.Value != EpcisValue.List)
        {
            Fill(element, raw, field, path);
            return element;
        }
        var position = 0;
        foreach (var child in Unwrapped(raw.Children))
        {
            if (child.Namespace.Length == 0 && child.Name == field.Of!.Name) element.Children.Add(Standard(child, field.Of, $"{path}[{position++}]"));
            else element.Children.Add(Extension(child));
        }
        return element;
    }

    static EpcisElement Extension(EpcisElement raw) =>
        new(raw.Name, Expanded(raw.Text), raw.Form) { Namespace = raw.Namespace, IsAttribute = raw.IsAttribute, Children = [.. raw.Children.Select(Extension)] };

    /// <summary>Without the elements that 1.x wraps around what came later.</summary>
    static IEnumerable<EpcisElement> Unwrapped(IEnumerable<EpcisElement> children)
    {
        foreach (var child in children)
        {
            if (child.Namespace.Length == 0 && child.Name is "extension" or "baseExtension") foreach (var inner in Unwrapped(child.Children)) yield return inner;
            else yield return child;
        }
    }

    static string Expanded(string text)
    {
        foreach (var (prefix, full) in Compact) if (text.StartsWith(prefix, StringComparison.Ordinal)) return full + text[prefix.Length..];
        return text;
    }

    void Fault(string path, string what, string why = "", string mend = "") => _faults.Add(new EpcisFault(_event, path, new Refusal(what, why, mend)));
}
