using System.Globalization;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What EPCIS and CBV 2.0 allow: the rules of their schemas, and those of meaning that no schema says. Written here as code, so that the product carries no schema of others.</summary>
static class EpcisRules
{
    /// <summary>Of a document as it was read, what is not allowed, beside what its reader found.</summary>
    public static IEnumerable<EpcisFault> Check(EpcisDocument document)
    {
        if (document.Kind == EpcisKind.Query) return EpcisQuery.Check(document);
        var faults = new List<EpcisFault>();
        for (var i = 0; i < document.Events.Count; i++) new Examination(document, i, faults).Event(document.Events[i]);
        return faults;
    }

    /// <summary>RFC 3986: a scheme, a colon and characters that a URI may have. International ones are let through, as GS1's own examples need.</summary>
    public static bool IsUri(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        // A blank node of RDF, as the examples of the standard name their documents.
        if (text.StartsWith("_:", StringComparison.Ordinal)) return text.Length > 2;
        if (colon <= 0 || !char.IsAsciiLetter(text[0])) return false;
        for (var i = 1; i < colon; i++) if (!char.IsAsciiLetterOrDigit(text[i]) && text[i] is not ('+' or '-' or '.')) return false;
        for (var i = colon + 1; i < text.Length; i++) if (text[i] <= ' ' || text[i] is '<' or '>' or '"' or '{' or '}' or '|' or '\\' or '^' or '`') return false;
        return true;
    }

    sealed class Examination(EpcisDocument document, int index, List<EpcisFault> faults)
    {
        readonly bool _isJson = document.Syntax == EpcisSyntax.Json;
        readonly bool _isOld = document.SchemaVersion.StartsWith("1.", StringComparison.Ordinal);

        public void Event(EpcisEvent one)
        {
            if (!EpcisGrammar.IsStandard(one.Type) && !IsUri(one.Type)) Fault("type", $"{one.Type} is no kind of event", "it is neither of the standard nor a URI", "the standard has ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent and AssociationEvent");
            Fields(one.Fields, EpcisGrammar.Of(one.Type), "");
            Meaning(one);
        }

        // ---- the shape of every field ----

        void Fields(EpcisElement element, EpcisField grammar, string path)
        {
            foreach (var field in grammar.Fields ?? [])
            {
                var found = element.All(field.Name).ToArray();
                if (found.Length == 0 && field.IsRequired && !IsForgiven(field)) Fault(At(path, field.Name), $"{field.Name} is missing", "the standard asks for it");
                if (found.Length > 1 && !field.MayRepeat) Fault(At(path, field.Name), $"{field.Name} stands there {found.Length} times", "the standard has it once");
                if (field.IsUnique && field.IsScalar) Unique(found, At(path, field.Name));
                for (var i = 0; i < found.Length; i++) Field(found[i], field, field.MayRepeat ? $"{At(path, field.Name)}[{i}]" : At(path, field.Name));
            }
            foreach (var child in element.Children)
            {
                if (child.Namespace.Length == 0 && grammar[child.Name] is not null) continue;
                if (grammar.Value == EpcisValue.Closed) Fault(At(path, child.Name), "the standard has no such field here", "", "leave it out");
                else if (!child.IsExtension && !child.IsAttribute && !IsForgiven(child)) Fault(At(path, child.Name), "the standard has no such field here", "a field of one's own has a namespace", "name it with a prefix that stands for one");
                else if (child.Namespace.Length == 0 && _isJson && !IsUri(child.Name)) Fault(At(path, child.Name), "the name of the field is no URI", child.Name);
            }
        }

        // XML lets a sensor report go without a type, and the rules of 1.x knew no offset to be missing.
        bool IsForgiven(EpcisField field) => field is { Name: "type", IsAttribute: true } && field.Vocabulary == EpcisVocabulary.Measurement;

        // The events of 1.x carried what only later versions have a name for.
        bool IsForgiven(EpcisElement child) => _isOld && child.Children.Count > 0;

        void Field(EpcisElement element, EpcisField field, string path)
        {
            if (field.ValueName is not null)
            {
                Value(element.Text, element.Form == EpcisForm.Object && !_isJson ? EpcisForm.Text : element.Form, field, path);
                Fields(element, field with { Value = EpcisValue.Closed }, path);
                return;
            }
            switch (field.Value)
            {
                case EpcisValue.List:
                    var items = element.All(field.Of!.Name).ToArray();
                    if (field.IsUnique) Unique(items, path);
                    for (var i = 0; i < items.Length; i++) Field(items[i], field.Of, $"{path}[{i}]");
                    foreach (var child in element.Children) if (child.Name != field.Of.Name && !child.IsExtension) Fault(At(path, child.Name), "the standard has no such field here", $"this is a list of {field.Of.Name}");
                    break;
                case EpcisValue.Closed or EpcisValue.Open:
                    Fields(element, field, path);
                    if (field.Name == "persistentDisposition" && element["set"] is null && element["unset"] is null) Fault(path, "it neither sets nor unsets", "");
                    break;
                case EpcisValue.Extensions:
                    foreach (var child in element.Children) if (!child.IsExtension) Fault(At(path, child.Name), "the standard has no such field here", "master data of an instance or lot has a namespace", "name it with a prefix that stands for one, such as cbvmda");
                    break;
                default:
                    Value(element.Text, element.Form, field, path);
                    break;
            }
        }

        void Unique(EpcisElement[] items, string path)
        {
            // Documents of XML may say an identifier twice, which says it once.
            if (!_isJson || items.Length < 2) return;
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var item in items)
                if (!seen.Add(item.Text))
                {
                    Fault(path, "the list names something twice", item.Text, "name it once");
                    return;
                }
        }

        void Value(string text, EpcisForm form, EpcisField field, string path)
        {
            var wanted = !_isJson ? form : field.Value switch
            {
                EpcisValue.Decimal or EpcisValue.Double => EpcisForm.Number,
                EpcisValue.Boolean => EpcisForm.Boolean,
                _ => EpcisForm.Text,
            };
            if (form != wanted)
            {
                Fault(path, $"{field.Name} is not of the kind the standard says", $"JSON has {Name(wanted)} here, this is {Name(form)}");
                return;
            }
            var problem = field.Value switch
            {
                EpcisValue.Time when !EpcisTime.TryParse(text, out _) => ($"{field.Name} is no time", text, "write it with its distance from UTC, like 2026-07-22T06:45:00+02:00"),
                EpcisValue.Offset when !EpcisTime.TryParseOffset(text, out _) => ($"{field.Name} is no distance from UTC", text, "write it like +02:00"),
                EpcisValue.Uri when !IsUri(text) => ($"{field.Name} is no URI", text, ""),
                EpcisValue.Action when text is not ("ADD" or "OBSERVE" or "DELETE") => ($"{field.Name} is none of the standard", text, "write ADD, OBSERVE or DELETE"),
                EpcisValue.Word => Word(text, field),
                EpcisValue.Decimal when !decimal.TryParse(text, _isJson ? NumberStyles.Float : NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => ($"{field.Name} is no number", text, ""),
                EpcisValue.Double when !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) && text is not ("INF" or "-INF" or "NaN") => ($"{field.Name} is no number", text, ""),
                EpcisValue.Boolean when text is not ("true" or "false" or "1" or "0") => ($"{field.Name} is neither true nor false", text, ""),
                EpcisValue.Hex when text.Length == 0 || !text.All(char.IsAsciiHexDigit) || (!_isJson && text.Length % 2 != 0) => ($"{field.Name} is no hexadecimal text", text, ""),
                EpcisValue.Uom when _isJson && (text.Length is < 2 or > 3 || !text.All(one => char.IsAsciiLetterUpper(one) || char.IsAsciiDigit(one))) => ($"{field.Name} is no unit", text, "write the code of UN/CEFACT recommendation 20, such as KGM"),
                _ => default,
            };
            if (problem.Item1 is not null) Fault(path, problem.Item1, problem.Item2, problem.Item3);
        }

        (string, string, string) Word(string text, EpcisField field)
        {
            var vocabulary = field.Vocabulary!;
            if (_isJson && text.StartsWith("urn:epcglobal:cbv:", StringComparison.Ordinal)) return ($"{field.Name} is a URN", text, $"JSON-LD has the word alone: {vocabulary.WordOf(text) ?? "shipping"}");
            // 1.x had words that the standard has since taken back (disp:non_sellable_expired).
            if (vocabulary.WordOf(text) is { } word)
                return vocabulary.Words.Contains(word) || (_isOld && word.Length > 0) || (vocabulary.IsOpen && word.Length > 0 && word.All(one => char.IsAsciiLetterOrDigit(one) || one is '_' or '-')) ? default
                    : ($"{field.Name} is no word of the standard", word, "use one of its words, or a URI of your own");
            return IsUri(text) ? default : ($"{field.Name} is neither a word of the standard nor a URI", text, "");
        }

        // ---- what fields mean together ----

        void Meaning(EpcisEvent one)
        {
            var (fields, deletes) = (one.Fields, one.Action == "DELETE");
            switch (one.Type)
            {
                case "ObjectEvent":
                    if (fields["epcList"] is null && !Has("quantityList") && !(Has("sensorElementList") && fields["readPoint"] is not null))
                        Fault("epcList", "the event is about nothing", "it has neither epcList nor quantityList, nor sensors and a readPoint", "say which objects");
                    if (fields["ilmd"] is not null && one.Action is "OBSERVE" or "DELETE") Fault("ilmd", "master data of an instance begins when it does", $"the action is {one.Action}", "send ilmd with ADD");
                    break;
                case "AggregationEvent" or "AssociationEvent":
                    if (!deletes && !Has("childEPCs") && !Has("childQuantityList")) Fault("childEPCs", "the event has no children", $"the action is {one.Action}", "say what is in or on the parent");
                    if (!deletes && one.ParentId is null && one.Action == "ADD") Fault("parentID", "the event has no parent", "the action is ADD", "say what it is in or on");
                    if (deletes && one.ParentId is null && !Has("childEPCs") && !Has("childQuantityList")) Fault("parentID", "the event is about nothing", "it has neither parent nor children");
                    break;
                case "TransactionEvent":
                    if (!Has("bizTransactionList")) Fault("bizTransactionList", "the event belongs to no transaction", "");
                    if (!deletes && fields["epcList"] is null && !Has("quantityList") && one.ParentId is null) Fault("epcList", "the event is about nothing", "it has neither epcList nor quantityList", "say which objects");
                    break;
                case "TransformationEvent":
                    var (inputs, outputs) = (Has("inputEPCList") || Has("inputQuantityList"), Has("outputEPCList") || Has("outputQuantityList"));
                    if (!inputs && !outputs) Fault("inputEPCList", "nothing goes in and nothing comes out", "", "say which objects");
                    else if ((!inputs || !outputs) && one.TransformationId is null) Fault("transformationID", "only one side is known", inputs ? "nothing comes out" : "nothing goes in", "name the transformation, so that other events can tell the rest");
                    break;
            }

            bool Has(string list) => fields[list]?.Children.Count > 0;
        }

        static string At(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

        static string Name(EpcisForm form) => form switch
        {
            EpcisForm.Number => "a number",
            EpcisForm.Boolean => "true or false",
            EpcisForm.Text => "a text",
            EpcisForm.Null => "null",
            _ => "an object or a list",
        };

        void Fault(string path, string what, string why, string mend = "") => faults.Add(new EpcisFault(index, path, new Refusal(what, why, mend)));
    }
}
