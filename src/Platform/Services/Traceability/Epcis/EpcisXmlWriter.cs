using System.Text;
using System.Xml;

namespace Hufu.Services;

/// <summary>Writes events in XML as EPCIS 2.0 has them: fields in the order of its schema, words of the vocabularies as URNs.</summary>
public static class EpcisXmlWriter
{
    const string Epcis = "urn:epcglobal:epcis:xsd:2";
    const string Query = "urn:epcglobal:epcis-query:xsd:2";
    const string Instance = "http://www.w3.org/2001/XMLSchema-instance";
    const string Schema = "http://www.w3.org/2001/XMLSchema";

    /// <summary>The file of a document: captured events, or the answer to a query.</summary>
    public static byte[] Write(EpcisDocument document)
    {
        var prefixes = new EpcisPrefixes(document);
        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, NewLineChars = "\n", Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) }))
        {
            var isAnswer = document.Kind == EpcisKind.QueryResults;
            if (isAnswer) xml.WriteStartElement("epcisq", "EPCISQueryDocument", Query);
            else xml.WriteStartElement("epcis", "EPCISDocument", Epcis);
            xml.WriteAttributeString("xmlns", "xsi", null, Instance);
            xml.WriteAttributeString("xmlns", "xsd", null, Schema);
            foreach (var (meaning, prefix) in prefixes.All) xml.WriteAttributeString("xmlns", prefix, null, meaning);
            xml.WriteAttributeString("schemaVersion", "2.0");
            xml.WriteAttributeString("creationDate", document.CreationDate ?? "1970-01-01T00:00:00.000Z");
            if (document.MasterData is { } data)
            {
                xml.WriteStartElement("EPCISHeader");
                xml.WriteStartElement("extension");
                xml.WriteStartElement("EPCISMasterData");
                WriteExtension(xml, data, prefixes);
                xml.WriteEndElement();
                xml.WriteEndElement();
                xml.WriteEndElement();
            }
            xml.WriteStartElement("EPCISBody");
            if (isAnswer)
            {
                xml.WriteStartElement("epcisq", "QueryResults", Query);
                xml.WriteElementString("queryName", document.QueryName ?? "SimpleEventQuery");
                xml.WriteStartElement("resultsBody");
            }
            xml.WriteStartElement("EventList");
            foreach (var one in document.Events) WriteEvent(xml, one, prefixes);
            xml.WriteEndDocument();
        }
        return stream.ToArray();
    }

    static void WriteEvent(XmlWriter xml, EpcisEvent one, EpcisPrefixes prefixes)
    {
        if (EpcisGrammar.IsStandard(one.Type))
        {
            xml.WriteStartElement(one.Type);
            WriteOpen(xml, one.Fields, EpcisGrammar.Of(one.Type), prefixes);
            xml.WriteEndElement();
            return;
        }
        var (@namespace, name) = Split(one.Type);
        xml.WriteStartElement("extension");
        xml.WriteStartElement("own", name, @namespace);
        WriteOpen(xml, one.Fields, EpcisGrammar.Of(one.Type), prefixes);
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    static void WriteOpen(XmlWriter xml, EpcisElement element, EpcisField grammar, EpcisPrefixes prefixes)
    {
        var extensions = element.Children.Where(child => child.Namespace.Length > 0 || grammar[child.Name] is null).ToArray();
        // What a sensor says stands in attributes, its extensions too.
        var inAttributes = grammar.Fields is { Length: > 0 } && grammar.Fields[0].IsAttribute;
        foreach (var field in grammar.Fields ?? [])
            if (field.IsAttribute && element[field.Name] is { } attribute) xml.WriteAttributeString(field.Name, field.Vocabulary?.ForXml(attribute.Text) ?? attribute.Text);
        foreach (var extension in extensions)
            if ((extension.IsAttribute || inAttributes) && extension.Children.Count == 0) WriteAttribute(xml, extension, prefixes);
        foreach (var field in grammar.Fields ?? [])
            if (!field.IsAttribute) foreach (var one in element.All(field.Name)) WriteStandard(xml, one, field, prefixes);
        foreach (var extension in extensions)
            if (!((extension.IsAttribute || inAttributes) && extension.Children.Count == 0)) WriteExtension(xml, extension, prefixes);
    }

    static void WriteStandard(XmlWriter xml, EpcisElement element, EpcisField field, EpcisPrefixes prefixes)
    {
        xml.WriteStartElement(field.Name);
        if (field.ValueName is not null)
        {
            if (element["type"] is { } type) xml.WriteAttributeString("type", field.Fields![0].Vocabulary!.ForXml(type.Text));
            xml.WriteString(Clean(element.Text));
        }
        else if (field.Value == EpcisValue.List) foreach (var item in element.All(field.Of!.Name)) WriteStandard(xml, item, field.Of, prefixes);
        else if (field.IsScalar) xml.WriteString(Clean(field.Vocabulary?.ForXml(element.Text) ?? element.Text));
        else WriteOpen(xml, element, field, prefixes);
        xml.WriteEndElement();
    }

    static void WriteExtension(XmlWriter xml, EpcisElement element, EpcisPrefixes prefixes)
    {
        var (@namespace, name) = element.Namespace.Length == 0 && element.Name.Contains(':', StringComparison.Ordinal) ? Split(element.Name) : (element.Namespace, element.Name);
        if (@namespace.Length == 0) xml.WriteStartElement(XmlConvert.EncodeLocalName(name));
        else xml.WriteStartElement(element.Namespace.Length == 0 ? "own" : prefixes[@namespace], XmlConvert.EncodeLocalName(name), @namespace);
        if (element.Form == EpcisForm.Number) xml.WriteAttributeString("xsi", "type", Instance, element.Text.All(one => char.IsAsciiDigit(one) || one == '-') ? "xsd:integer" : "xsd:double");
        if (element.Form == EpcisForm.Boolean) xml.WriteAttributeString("xsi", "type", Instance, "xsd:boolean");
        foreach (var child in element.Children) if (child.IsAttribute && child.Children.Count == 0) WriteAttribute(xml, child, prefixes);
        xml.WriteString(Clean(element.Text));
        foreach (var child in element.Children) if (!child.IsAttribute || child.Children.Count > 0) WriteExtension(xml, child, prefixes);
        xml.WriteEndElement();
    }

    static void WriteAttribute(XmlWriter xml, EpcisElement element, EpcisPrefixes prefixes)
    {
        if (element.Namespace.Length > 0) xml.WriteAttributeString(prefixes[element.Namespace], XmlConvert.EncodeLocalName(element.Name), element.Namespace, Clean(element.Text));
        else if (!element.Name.Contains(':', StringComparison.Ordinal)) xml.WriteAttributeString(XmlConvert.EncodeLocalName(element.Name), Clean(element.Text));
        else
        {
            var (@namespace, name) = Split(element.Name);
            xml.WriteAttributeString("own", XmlConvert.EncodeLocalName(name), @namespace, Clean(element.Text));
        }
    }

    /// <summary>A URI as a namespace and a name in it: what comes after the last separator.</summary>
    static (string Namespace, string Name) Split(string uri)
    {
        var cut = uri.LastIndexOfAny(['#', '/', ':']);
        return cut < 0 || cut == uri.Length - 1 ? (uri, "_") : (uri[..(cut + 1)], uri[(cut + 1)..]);
    }

    /// <summary>Without characters that XML cannot hold; JSON can.</summary>
    static string Clean(string text) => text.All(one => XmlConvert.IsXmlChar(one) || char.IsSurrogate(one)) ? text : string.Concat(text.Where(one => XmlConvert.IsXmlChar(one) || char.IsSurrogate(one)));
}
