using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>Reads EPCIS 2.0 in JSON-LD. Contexts are known here and never fetched: those of the standard by heart, others by the prefixes that the file itself gives.</summary>
sealed class EpcisJsonReader
{
    internal const string MasterDataAttributes = "urn:epcglobal:cbv:mda";

    /// <summary>Prefixes that the context of the standard declares for every document.</summary>
    static readonly Dictionary<string, string> OfTheStandard = new(StringComparer.Ordinal)
    {
        ["epcis"] = "https://ref.gs1.org/epcis/",
        ["cbv"] = "https://ref.gs1.org/cbv/",
        ["gs1"] = "https://gs1.org/voc/",
        ["vtype"] = "urn:epcglobal:epcis:vtype:",
        // In XML, and in the hashes of the reference, its name has no colon at its end; a file that declares it with one means that.
        ["cbvmda"] = MasterDataAttributes,
        ["rdf"] = "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        ["rdfs"] = "http://www.w3.org/2000/01/rdf-schema#",
        ["owl"] = "http://www.w3.org/2002/07/owl#",
        ["xsd"] = "http://www.w3.org/2001/XMLSchema#",
        ["dcterms"] = "http://purl.org/dc/terms/",
    };

    readonly Dictionary<string, string> _declared = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _met = new(StringComparer.Ordinal);
    readonly List<EpcisFault> _faults = [];
    readonly HashSet<string> _ignored = new(StringComparer.Ordinal);
    bool _keepsCompact;
    int _event = -1;

    public static bool TryRead(ReadOnlyMemory<byte> file, [NotNullWhen(true)] out EpcisDocument? document, [NotNullWhen(false)] out Refusal? refusal)
    {
        document = null;
        refusal = null;
        try
        {
            using var json = JsonDocument.Parse(file, new JsonDocumentOptions { MaxDepth = EpcisDocument.Deepest, AllowDuplicateProperties = false });
            if (json.RootElement.ValueKind == JsonValueKind.Object) document = new EpcisJsonReader().Document(json.RootElement, out refusal);
            else refusal = new Refusal("this is no EPCIS document", $"the file holds {json.RootElement.ValueKind}, not an object");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half a surrogate pair, which is no text.
            refusal = new Refusal("this is no JSON", error.Message);
        }
        return document is not null;
    }

    EpcisDocument? Document(JsonElement root, out Refusal? refusal)
    {
        refusal = null;
        var type = Text(root, "type") ?? Text(root, "isA") ?? "";
        var kind = type switch { "EPCISDocument" => EpcisKind.Document, "EPCISQueryDocument" => EpcisKind.QueryResults, _ => EpcisKind.Event };
        if (kind == EpcisKind.Event && type.Length == 0 && Query(root) is { } query) return query;
        if (kind == EpcisKind.Event && type.Length == 0)
        {
            refusal = new Refusal("this is no EPCIS document", "the object has no type", "give it the type EPCISDocument, EPCISQueryDocument or that of an event");
            return null;
        }
        if (root.TryGetProperty("@context", out var context)) Declare(context);
        else Fault("@context", "the context is missing", "JSON-LD needs it to tell words from each other", "add \"@context\": [\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"]");

        var (events, body) = kind == EpcisKind.Event ? ([root], root) : Events(root, kind);
        var read = new List<EpcisEvent>();
        foreach (var one in events)
        {
            _event = read.Count;
            read.Add(Event(one));
        }
        _event = -1;
        if (kind != EpcisKind.Event) CheckEnvelope(root, kind);
        return new EpcisDocument
        {
            Kind = kind,
            Syntax = EpcisSyntax.Json,
            SchemaVersion = Text(root, "schemaVersion") ?? "2.0",
            CreationDate = Text(root, "creationDate"),
            Namespaces = _met,
            Events = read,
            MasterData = MasterData(root),
            IgnoredFields = _ignored,
            QueryName = kind == EpcisKind.QueryResults && body.ValueKind == JsonValueKind.Object ? Text(body, "queryName") : null,
            Faults = _faults,
        };
    }

    (List<JsonElement> Events, JsonElement Around) Events(JsonElement root, EpcisKind kind)
    {
        Ignore(root);
        if (!root.TryGetProperty("epcisBody", out var body) || body.ValueKind != JsonValueKind.Object)
        {
            Fault("epcisBody", "the body is missing", "a document without one holds no events", "");
            return ([], default);
        }
        var (around, path) = (body, "epcisBody");
        if (kind == EpcisKind.QueryResults)
        {
            Ignore(body);
            if (body.TryGetProperty("queryResults", out var results) && results.ValueKind == JsonValueKind.Object)
            {
                Ignore(results);
                around = results;
                path = "epcisBody.queryResults.resultsBody";
                if (Text(results, "queryName") is null) Fault("epcisBody.queryResults.queryName", "the name of the query is missing", "", "");
                if (!results.TryGetProperty("resultsBody", out body) || body.ValueKind != JsonValueKind.Object) body = default;
            }
            else
            {
                Fault("epcisBody.queryResults", "the results of the query are missing", "", "");
            }
        }
        if (body.ValueKind == JsonValueKind.Object)
        {
            if (body.TryGetProperty("eventList", out var list) && list.ValueKind == JsonValueKind.Array)
            {
                List<JsonElement> events = [.. list.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object)];
                if (events.Count != list.GetArrayLength()) Fault($"{path}.eventList", "something in the list is no event", "an event is an object", "");
                return (events, around);
            }
            // Drafts of the standard had one event without a list.
            if (body.TryGetProperty("event", out var single) && single.ValueKind == JsonValueKind.Object)
            {
                Fault($"{path}.event", "the events are not in a list", "the standard has eventList", "write \"eventList\": [ … ]");
                return ([single], around);
            }
        }
        Fault($"{path}.eventList", "the list of events is missing", "", "");
        return ([], around);
    }

    /// <summary>A query as REST has it: parameters as members, by themselves or under a name (<c>{"name": …, "query": { … }}</c>).</summary>
    EpcisDocument? Query(JsonElement root)
    {
        var named = root.TryGetProperty("query", out var inner) && inner.ValueKind == JsonValueKind.Object;
        if (!named) inner = root;
        var members = inner.EnumerateObject().Where(one => one.Name != "@context").ToArray();
        if (!named && !members.Any(one => EpcisQuery.IsParameter(one.Name))) return null;

        var parameters = members.Select(one => new KeyValuePair<string, IReadOnlyList<string>>(one.Name, one.Value.ValueKind == JsonValueKind.Array ? [.. one.Value.EnumerateArray().Select(value => Scalar(value).Text)] : [Scalar(one.Value).Text]));
        return new EpcisDocument { Kind = EpcisKind.Query, Syntax = EpcisSyntax.Json, QueryParameters = [.. parameters], Faults = _faults };
    }

    void CheckEnvelope(JsonElement root, EpcisKind kind)
    {
        var isDocument = kind == EpcisKind.Document;
        if (root.TryGetProperty("schemaVersion", out var version))
        {
            if (version.ValueKind != JsonValueKind.String || !IsVersion(version.GetString()!)) Fault("schemaVersion", "the version is no version", version.GetRawText(), "write \"2.0\"");
        }
        else if (isDocument)
        {
            Fault("schemaVersion", "the version of the schema is missing", "", "write \"schemaVersion\": \"2.0\"");
        }
        if (root.TryGetProperty("creationDate", out var created))
        {
            if (created.ValueKind != JsonValueKind.String || !EpcisTime.TryParse(created.GetString()!, out _)) Fault("creationDate", "the creation date is no time", created.GetRawText(), "write it like 2026-07-22T10:30:00Z");
        }
        else if (isDocument)
        {
            Fault("creationDate", "the creation date is missing", "", "");
        }
        if (root.TryGetProperty("id", out var id) && (id.ValueKind != JsonValueKind.String || !EpcisRules.IsUri(id.GetString()!))) Fault("id", "the id is no URI", id.GetRawText(), "");
        foreach (var member in root.EnumerateObject())
            if (member.Name is not ("@context" or "id" or "type" or "schemaVersion" or "creationDate" or "epcisBody") && !(isDocument && member.Name is "instanceIdentifier" or "sender" or "receiver" or "epcisHeader") && !member.Name.Contains(':', StringComparison.Ordinal))
                Fault(member.Name, "the standard has no such field here", "", "name it with a prefix that the context declares");
    }

    static bool IsVersion(string text) => text.Length is > 0 and <= 16 && text.Split('.').All(part => part.Length > 0 && part.All(char.IsAsciiDigit));

    // ---- contexts ----

    void Declare(JsonElement context)
    {
        switch (context.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var one in context.EnumerateArray()) Declare(one);
                break;
            case JsonValueKind.String when EpcisRules.IsUri(context.GetString()!):
                _keepsCompact |= context.GetString() == EpcisDocument.Context;
                break;
            case JsonValueKind.Object:
                foreach (var member in context.EnumerateObject())
                {
                    var meaning = member.Value;
                    if (meaning.ValueKind == JsonValueKind.Object && meaning.TryGetProperty("@id", out var id)) meaning = id;
                    if (meaning.ValueKind == JsonValueKind.String && !member.Name.StartsWith('@')) _declared[member.Name] = meaning.GetString()!;
                }
                break;
            default:
                Fault("@context", "the context is neither a URI nor an object", context.ValueKind.ToString(), "");
                break;
        }
    }

    void Ignore(JsonElement around)
    {
        foreach (var member in around.EnumerateObject())
        {
            if (!member.Name.EndsWith(":ignoreFields", StringComparison.Ordinal) || member.Value.ValueKind != JsonValueKind.Array) continue;
            foreach (var field in member.Value.EnumerateArray())
                if (field.ValueKind == JsonValueKind.String) _ignored.Add(Named(field.GetString()!, "", EpcisForm.Text).ToString());
        }
    }

    // ---- events ----

    EpcisEvent Event(JsonElement json)
    {
        var outer = new Dictionary<string, string>(_declared, StringComparer.Ordinal);
        if (_event >= 0 && json.TryGetProperty("@context", out var context)) Declare(context);
        var type = Text(json, "type") ?? Text(json, "isA") ?? "";
        var fields = new EpcisElement(type, form: EpcisForm.Object);
        Fill(fields, json, EpcisGrammar.Of(type), "");
        _declared.Clear();
        foreach (var (prefix, meaning) in outer) _declared[prefix] = meaning;
        return new EpcisEvent(type, fields);
    }

    void Fill(EpcisElement element, JsonElement json, EpcisField grammar, string path)
    {
        foreach (var member in json.EnumerateObject())
        {
            // "type" names the kind of node wherever the standard has no field of that name.
            if (member.Name is "@context" or "@type" or "isA" or "@id") continue;
            var field = grammar[member.Name];
            if (field is null && member.Name == "type") continue;
            var at = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (field is null) Extension(element, member.Name, member.Value, isListed: false);
            else Standard(element, field, member.Value, at);
        }
    }

    void Standard(EpcisElement parent, EpcisField field, JsonElement value, string path)
    {
        switch (field.Value)
        {
            case EpcisValue.List:
                var list = new EpcisElement(field.Name, form: EpcisForm.Object);
                parent.Children.Add(list);
                if (value.ValueKind != JsonValueKind.Array) Fault(path, "this is a list", $"it holds {Kind(value)}", "write it in [ ]");
                var items = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
                for (var i = 0; i < items.Length; i++) Item(list, field.Of!, items[i], $"{path}[{i}]");
                break;
            case var _ when field.MayRepeat && value.ValueKind == JsonValueKind.Array:
                var position = 0;
                foreach (var one in value.EnumerateArray()) Item(parent, field, one, $"{path}[{position++}]");
                if (position == 0 && field.Name is "set" or "unset" or "sensorReport") Fault(path, "the list is empty", "it holds at least one", "leave the field out");
                break;
            default:
                if (field.MayRepeat && field.Name != "certificationInfo") Fault(path, "this is a list", $"it holds {Kind(value)}", "write it in [ ]");
                Item(parent, field, value, path);
                break;
        }
    }

    void Item(EpcisElement parent, EpcisField field, JsonElement value, string path)
    {
        if (field.ValueName is { } valueName)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                Fault(path, "this is an object", $"it holds {Kind(value)}", $"write {{ \"type\": …, \"{valueName}\": … }}");
                return;
            }
            var text = value.TryGetProperty(valueName, out var inner) ? Scalar(inner) : ("", EpcisForm.Null);
            var typed = new EpcisElement(field.Name, Expanded(text.Item1), text.Item2);
            parent.Children.Add(typed);
            if (text.Item2 == EpcisForm.Null) Fault($"{path}.{valueName}", "the value is missing", "", "");
            foreach (var member in value.EnumerateObject())
            {
                if (member.Name == valueName || member.Name.StartsWith('@')) continue;
                if (field[member.Name] is { } known) Standard(typed, known, member.Value, $"{path}.{member.Name}");
                else Fault($"{path}.{member.Name}", "the standard has no such field here", "", "leave it out");
            }
            return;
        }
        if (field.IsScalar)
        {
            if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) Fault(path, "this is one value", $"it holds {Kind(value)}", "");
            var (text, form) = Scalar(value);
            text = form != EpcisForm.Text ? text : field.Vocabulary is { } vocabulary ? vocabulary.Expand(Expanded(text)) : Expanded(text);
            parent.Children.Add(new EpcisElement(field.Name, text, form) { IsAttribute = field.IsAttribute });
            return;
        }
        var element = new EpcisElement(field.Name, form: EpcisForm.Object);
        parent.Children.Add(element);
        if (value.ValueKind != JsonValueKind.Object) Fault(path, "this is an object", $"it holds {Kind(value)}", "");
        else Fill(element, value, field, path);
    }

    void Extension(EpcisElement parent, string name, JsonElement value, bool isListed)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var one in value.EnumerateArray()) Extension(parent, name, one, isListed: true);
                break;
            case JsonValueKind.Object:
                var text = value.TryGetProperty("#text", out var inner) && inner.ValueKind == JsonValueKind.String ? inner.GetString()!.Trim() : "";
                var element = Named(name, text, EpcisForm.Object, isListed);
                parent.Children.Add(element);
                foreach (var member in value.EnumerateObject())
                    if (member.Name is not ("#text" or "@context")) Extension(element, member.Name, member.Value, isListed: false);
                break;
            default:
                var (scalar, form) = Scalar(value);
                parent.Children.Add(Named(name, form == EpcisForm.Text ? Expanded(scalar) : scalar, form, isListed));
                break;
        }
    }

    EpcisElement Named(string name, string text, EpcisForm form, bool isListed = false)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && (_declared.TryGetValue(name[..colon], out var meaning) || OfTheStandard.TryGetValue(name[..colon], out meaning)))
        {
            _met[name[..colon]] = meaning;
            return new EpcisElement(name[(colon + 1)..], text, form) { Namespace = meaning, IsListed = isListed };
        }
        return new EpcisElement(name, text, form) { IsListed = isListed };
    }

    /// <summary>
    /// A compact URI of GS1's own words in full; others stay: what they mean is their makers' business. The prefixes of the standard's own context count as declared,
    /// but not where a file names that context in its version 2.0.0: there the files of the reference implementation keep such a value as it was written,
    /// and a hash has to be theirs.
    /// </summary>
    string Expanded(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) return text;
        var prefix = text[..colon];
        if (!_declared.TryGetValue(prefix, out var meaning) && (_keepsCompact || prefix is not ("gs1" or "cbv") || !OfTheStandard.TryGetValue(prefix, out meaning))) return text;
        return EpcisVocabulary.OfGs1.Any(home => meaning.StartsWith(home, StringComparison.Ordinal)) ? meaning + text[(colon + 1)..] : text;
    }

    EpcisElement? MasterData(JsonElement root)
    {
        if (!root.TryGetProperty("epcisHeader", out var header) || header.ValueKind != JsonValueKind.Object
            || !header.TryGetProperty("epcisMasterData", out var data) || data.ValueKind != JsonValueKind.Object
            || !data.TryGetProperty("vocabularyList", out var vocabularies) || vocabularies.ValueKind != JsonValueKind.Array) return null;

        var list = new EpcisElement("VocabularyList", form: EpcisForm.Object);
        foreach (var vocabulary in vocabularies.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object))
        {
            var type = Text(vocabulary, "type");
            if (type is null) Fault("epcisHeader.epcisMasterData", "a vocabulary has no type", "", "");
            var one = new EpcisElement("Vocabulary", form: EpcisForm.Object);
            one.Children.Add(new EpcisElement("type", type ?? "") { IsAttribute = true });
            list.Children.Add(one);
            if (vocabulary.TryGetProperty("vocabularyElementList", out var elements) && elements.ValueKind == JsonValueKind.Array) Vocabulary(one, elements);
        }
        return list;
    }

    void Vocabulary(EpcisElement vocabulary, JsonElement elements)
    {
        var list = new EpcisElement("VocabularyElementList", form: EpcisForm.Object);
        vocabulary.Children.Add(list);
        foreach (var json in elements.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object))
        {
            var element = new EpcisElement("VocabularyElement", form: EpcisForm.Object);
            list.Children.Add(element);
            if (Text(json, "id") is { } id) element.Children.Add(new EpcisElement("id", id) { IsAttribute = true });
            else Fault("epcisHeader.epcisMasterData", "an element of a vocabulary has no id", "", "");
            if (json.TryGetProperty("attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Array)
                foreach (var attribute in attributes.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object)) Attribute(element, attribute);
            if (!json.TryGetProperty("children", out var children) || children.ValueKind != JsonValueKind.Array) continue;
            var ids = new EpcisElement("children", form: EpcisForm.Object);
            element.Children.Add(ids);
            foreach (var child in children.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String)) ids.Children.Add(new EpcisElement("id", child.GetString()!));
        }
    }

    void Attribute(EpcisElement element, JsonElement json)
    {
        json.TryGetProperty("attribute", out var value);
        var (text, form) = Scalar(value);
        var attribute = new EpcisElement("attribute", text, form);
        attribute.Children.Add(new EpcisElement("id", Text(json, "id") ?? "") { IsAttribute = true });
        if (value.ValueKind == JsonValueKind.Object) foreach (var member in value.EnumerateObject()) Extension(attribute, member.Name, member.Value, isListed: false);
        element.Children.Add(attribute);
    }

    // ---- values ----

    static (string Text, EpcisForm Form) Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => (value.GetString()!.Trim(), EpcisForm.Text),
        JsonValueKind.Number => (value.GetRawText(), EpcisForm.Number),
        JsonValueKind.True => ("true", EpcisForm.Boolean),
        JsonValueKind.False => ("false", EpcisForm.Boolean),
        JsonValueKind.Null or JsonValueKind.Undefined => ("", EpcisForm.Null),
        _ => ("", EpcisForm.Object),
    };

    static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    void Fault(string path, string what, string why, string mend) => _faults.Add(new EpcisFault(_event, path, new Refusal(what, why, mend)));
}
