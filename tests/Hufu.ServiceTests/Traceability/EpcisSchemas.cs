using System.Text.Json;
using System.Xml;
using System.Xml.Schema;
using Json.Schema;

namespace Hufu.ServiceTests.Traceability;

/// <summary>GS1's own schemas, which decide what a file of GS1's has to be: of JSON by the JSON Schema, of XML by the XSD.</summary>
sealed class EpcisSchemas
{
    // Read once: the library keeps every schema under its address.
    static readonly Lazy<JsonSchema> Read = new(() => JsonSchema.FromText(ServiceData.Text(ServiceData.Open("epcis.zip")["gs1/EPCIS-JSON-Schema.json"])));
    public static JsonSchema Json
    {
        get
        {
            // Outside the lazy value, which would keep the skip of a test for all of them.
            ServiceData.Open("epcis.zip");
            return Read.Value;
        }
    }

    readonly Lazy<XmlSchemaSet> _xml = new(ReadXsd);

    public bool Allow(string name, byte[] file, out string why)
    {
        why = "";
        if (!name.EndsWith(".xml", StringComparison.Ordinal))
        {
            using var document = JsonDocument.Parse(file);
            return Json.Evaluate(document.RootElement).IsValid;
        }
        var faults = new List<string>();
        var settings = new XmlReaderSettings { ValidationType = ValidationType.Schema, Schemas = _xml.Value, XmlResolver = null, DtdProcessing = DtdProcessing.Ignore, ValidationFlags = XmlSchemaValidationFlags.ReportValidationWarnings };
        // A warning tells of a root that no schema knows, and of extensions, which may be what they like.
        settings.ValidationEventHandler += (_, fault) =>
        {
            if (fault.Severity == XmlSeverityType.Error) faults.Add(fault.Message);
        };
        using var xml = XmlReader.Create(new MemoryStream(file), settings);
        xml.MoveToContent();
        // The schema also has the answers of a server about a capture, which are nothing to capture.
        var isKnown = xml.SchemaInfo?.SchemaElement is not null && xml.LocalName != "EPCISCaptureJob";
        while (xml.Read()) { }
        why = faults.FirstOrDefault() ?? "";
        return isKnown && faults.Count == 0;
    }

    static XmlSchemaSet ReadXsd()
    {
        var files = ServiceData.Open("epcis.zip");
        var set = new XmlSchemaSet { XmlResolver = new InArchive(files) };
        foreach (var name in new[] { "EPCglobal-epcis-2_0.xsd", "EPCglobal-epcis-query-2_0.xsd", "EPCglobal-epcis-masterdata-2_0.xsd" })
        {
            using var reader = XmlReader.Create(new MemoryStream(files["gs1/XSD/" + name]), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore }, $"archive:///gs1/XSD/{name}");
            set.Add(null, reader);
        }
        set.Compile();
        return set;
    }

    sealed class InArchive(IReadOnlyDictionary<string, byte[]> files) : XmlResolver
    {
        public override Uri ResolveUri(Uri? baseUri, string? relativeUri) => new($"archive:///gs1/XSD/{Path.GetFileName(relativeUri ?? "")}");

        public override object? GetEntity(Uri absoluteUri, string? role, Type? ofObjectToReturn) =>
            files.TryGetValue("gs1/XSD/" + Path.GetFileName(absoluteUri.AbsolutePath), out var file) ? new MemoryStream(file) : null;
    }
}
