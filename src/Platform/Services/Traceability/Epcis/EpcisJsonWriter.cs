using System.Text.Encodings.Web;
using System.Text.Json;

namespace Hufu.Services;

/// <summary>Writes events in JSON-LD as EPCIS 2.0 has them.</summary>
public static class EpcisJsonWriter
{
    static readonly JsonWriterOptions Form = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly JsonWriterOptions Compact = Form with { Indented = false };

    /// <summary>The file of a document: captured events, or the answer to a query.</summary>
    /// <param name="isCompact">Without space: to be kept, not to be read.</param>
    public static byte[] Write(EpcisDocument document, bool isCompact = false)
    {
        var prefixes = new EpcisPrefixes(document);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, isCompact ? Compact : Form))
        {
            json.WriteStartObject();
            WriteContext(json, prefixes);
            if (document.Kind == EpcisKind.Event && document.Events.Count == 1)
            {
                WriteFields(json, document.Events[0], prefixes);
            }
            else
            {
                var isAnswer = document.Kind == EpcisKind.QueryResults;
                json.WriteString("type", isAnswer ? "EPCISQueryDocument" : "EPCISDocument");
                json.WriteString("schemaVersion", "2.0");
                json.WriteString("creationDate", document.CreationDate ?? "1970-01-01T00:00:00.000Z");
                if (document.MasterData is { } data) WriteMasterData(json, data, prefixes);
                json.WriteStartObject("epcisBody");
                if (isAnswer)
                {
                    json.WriteStartObject("queryResults");
                    if (document.SubscriptionId is { } subscription) json.WriteString("subscriptionID", subscription);
                    json.WriteString("queryName", document.QueryName ?? "SimpleEventQuery");
                    json.WriteStartObject("resultsBody");
                }
                json.WriteStartArray("eventList");
                foreach (var one in document.Events)
                {
                    json.WriteStartObject();
                    WriteFields(json, one, prefixes);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                if (isAnswer)
                {
                    json.WriteEndObject();
                    json.WriteEndObject();
                }
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    static void WriteContext(Utf8JsonWriter json, EpcisPrefixes prefixes)
    {
        json.WriteStartArray("@context");
        json.WriteStringValue(EpcisDocument.Context);
        foreach (var (meaning, prefix) in prefixes.All)
        {
            // The standard's own context declares it, and lets nobody declare it otherwise.
            if (prefix == "cbvmda" && meaning == EpcisJsonReader.MasterDataAttributes) continue;
            json.WriteStartObject();
            json.WriteString(prefix, meaning);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void WriteFields(Utf8JsonWriter json, EpcisEvent one, EpcisPrefixes prefixes)
    {
        json.WriteString("type", one.Type);
        WriteOpen(json, one.Fields, EpcisGrammar.Of(one.Type), prefixes);
    }

    static void WriteOpen(Utf8JsonWriter json, EpcisElement element, EpcisField grammar, EpcisPrefixes prefixes)
    {
        foreach (var field in grammar.Fields ?? [])
        {
            var found = element.All(field.Name).ToArray();
            if (found.Length == 0) continue;
            json.WritePropertyName(field.Name);
            if (!field.MayRepeat || (field.Name == "certificationInfo" && found.Length == 1))
            {
                WriteStandard(json, found[0], field, prefixes);
                continue;
            }
            json.WriteStartArray();
            foreach (var one in found) WriteStandard(json, one, field, prefixes);
            json.WriteEndArray();
        }
        WriteExtensions(json, element.Children.Where(child => child.Namespace.Length > 0 || grammar[child.Name] is null), prefixes);
    }

    static void WriteStandard(Utf8JsonWriter json, EpcisElement element, EpcisField field, EpcisPrefixes prefixes)
    {
        if (field.ValueName is { } valueName)
        {
            json.WriteStartObject();
            if (element["type"] is { } type) json.WriteString("type", field.Fields![0].Vocabulary!.ForJson(type.Text));
            json.WriteString(valueName, element.Text);
            json.WriteEndObject();
        }
        else if (field.Value == EpcisValue.List)
        {
            json.WriteStartArray();
            foreach (var item in element.All(field.Of!.Name)) WriteStandard(json, item, field.Of, prefixes);
            json.WriteEndArray();
        }
        else if (field.IsScalar)
        {
            WriteScalar(json, field.Vocabulary?.ForJson(element.Text) ?? element.Text, field.Value switch
            {
                EpcisValue.Decimal or EpcisValue.Double => EpcisForm.Number,
                EpcisValue.Boolean => EpcisForm.Boolean,
                _ => EpcisForm.Text,
            });
        }
        else
        {
            json.WriteStartObject();
            WriteOpen(json, element, field, prefixes);
            json.WriteEndObject();
        }
    }

    static void WriteExtensions(Utf8JsonWriter json, IEnumerable<EpcisElement> extensions, EpcisPrefixes prefixes)
    {
        foreach (var same in extensions.GroupBy(one => Name(one, prefixes), StringComparer.Ordinal))
        {
            json.WritePropertyName(same.Key);
            var all = same.ToArray();
            if (all.Length == 1 && !all[0].IsListed)
            {
                WriteExtension(json, all[0], prefixes);
                continue;
            }
            json.WriteStartArray();
            foreach (var one in all) WriteExtension(json, one, prefixes);
            json.WriteEndArray();
        }
    }

    static void WriteExtension(Utf8JsonWriter json, EpcisElement element, EpcisPrefixes prefixes)
    {
        if (element.Children.Count == 0 && element.Form != EpcisForm.Object)
        {
            WriteScalar(json, element.Text, element.Form);
            return;
        }
        json.WriteStartObject();
        if (element.Text.Length > 0) json.WriteString("#text", element.Text);
        WriteExtensions(json, element.Children, prefixes);
        json.WriteEndObject();
    }

    static string Name(EpcisElement element, EpcisPrefixes prefixes) => element.Namespace.Length == 0 ? element.Name : $"{prefixes[element.Namespace]}:{element.Name}";

    static void WriteScalar(Utf8JsonWriter json, string text, EpcisForm form)
    {
        switch (form)
        {
            case EpcisForm.Number when IsNumber(text): json.WriteRawValue(text); break;
            case EpcisForm.Number when double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) && double.IsFinite(number): json.WriteNumberValue(number); break;
            case EpcisForm.Boolean: json.WriteBooleanValue(text is "true" or "1"); break;
            case EpcisForm.Null: json.WriteNullValue(); break;
            default: json.WriteStringValue(text); break;
        }
    }

    static bool IsNumber(string text)
    {
        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(text));
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    static void WriteMasterData(Utf8JsonWriter json, EpcisElement data, EpcisPrefixes prefixes)
    {
        json.WriteStartObject("epcisHeader");
        json.WriteStartObject("epcisMasterData");
        json.WriteStartArray("vocabularyList");
        foreach (var vocabulary in data.All("Vocabulary"))
        {
            json.WriteStartObject();
            json.WriteString("type", vocabulary["type"]?.Text);
            json.WriteStartArray("vocabularyElementList");
            foreach (var element in vocabulary["VocabularyElementList"]?.All("VocabularyElement") ?? [])
            {
                json.WriteStartObject();
                json.WriteString("id", element["id"]?.Text);
                json.WriteStartArray("attributes");
                foreach (var attribute in element.All("attribute"))
                {
                    json.WriteStartObject();
                    json.WriteString("id", attribute["id"]?.Text);
                    json.WritePropertyName("attribute");
                    var inner = attribute.Children.Where(child => !child.IsAttribute).ToArray();
                    if (inner.Length == 0)
                    {
                        WriteScalar(json, attribute.Text, attribute.Form == EpcisForm.Object ? EpcisForm.Text : attribute.Form);
                    }
                    else
                    {
                        json.WriteStartObject();
                        WriteExtensions(json, inner, prefixes);
                        json.WriteEndObject();
                    }
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                if (element["children"] is { } children)
                {
                    json.WriteStartArray("children");
                    foreach (var id in children.All("id")) json.WriteStringValue(id.Text);
                    json.WriteEndArray();
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
