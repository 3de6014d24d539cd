using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Hufu.Services;

/// <summary>Elements of one message of ISO 20022: what is absent is not written, what is too long is cut, what XML cannot hold is left out.</summary>
sealed class IsoWriter(string name)
{
    readonly XNamespace _home = $"urn:iso:std:iso:20022:tech:xsd:{name}";

    public byte[] File(string content, params object?[] parts)
    {
        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, NewLineChars = "\n", Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) }))
            new XDocument(new XElement(_home + "Document", Of(content, parts))).Save(xml);
        return stream.ToArray();
    }

    public XElement Of(string element, params object?[] parts) => new(_home + element, parts);

    public XElement? Text(string element, string? text, int longest)
    {
        var clean = Clean(text);
        return clean.Length == 0 ? null : new XElement(_home + element, Cut(clean, longest));
    }

    /// <summary>A long text in as many elements as it needs.</summary>
    public IEnumerable<XElement> Lines(string element, string? text, int longest)
    {
        for (var rest = Clean(text); rest.Length > 0;)
        {
            var line = Cut(rest, longest);
            yield return new XElement(_home + element, line);
            rest = rest[line.Length..].TrimStart();
        }
    }

    public XElement? Time(string element, DateTimeOffset? time) =>
        time is { } known ? new XElement(_home + element, known.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)) : null;

    /// <summary>A time as the choice of later versions has it.</summary>
    public XElement? DateOrTime(string element, DateTimeOffset? time) => time is null ? null : Of(element, Time("DtTm", time));

    public XElement Amount(string element, in IsoAmount amount) => new(_home + element, new XAttribute("Ccy", amount.Currency), amount.Text);

    public XElement? Account(string element, IsoAccount? account, params object?[] parts) => account switch
    {
        null => null,
        { Iban: { } iban } => Of(element, Of("Id", Text("IBAN", iban, 34)), parts),
        _ => Of(element, Of("Id", Of("Othr", Text("Id", account.Other, 34))), parts),
    };

    static string Clean(string? text) => text is null ? "" : string.Concat(text.Where(one => XmlConvert.IsXmlChar(one) || char.IsSurrogate(one))).Trim();

    // Not between the halves of one character.
    static string Cut(string text, int longest) => text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];
}
