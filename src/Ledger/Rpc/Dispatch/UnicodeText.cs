using System.Globalization;
using System.Text.Unicode;

namespace Hufu.Rpc;

/// <summary>
/// Whether the texts of a JSON document can be read as text. The parser lets bytes that are no UTF-8 and halves of surrogate pairs
/// pass, and throws only where a text is asked for; asked once at the door, no method has to expect that.
/// </summary>
static class UnicodeText
{
    const int EscapeLength = 6;   // \uXXXX

    /// <param name="json">What the parser has accepted: a backslash stands only inside a text, and each escape is complete.</param>
    public static bool IsSound(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) return false;
        for (int at; (at = json.IndexOf((byte)'\\')) >= 0;)
        {
            json = json[at..];
            if (json[1] != 'u')
            {
                json = json[2..];
                continue;
            }
            var unit = CodeUnit(json);
            json = json[EscapeLength..];
            if (char.IsLowSurrogate(unit)) return false;
            if (!char.IsHighSurrogate(unit)) continue;
            if (!json.StartsWith("\\u"u8) || !char.IsLowSurrogate(CodeUnit(json))) return false;
            json = json[EscapeLength..];
        }
        return true;
    }

    static char CodeUnit(ReadOnlySpan<byte> escape) => (char)ushort.Parse(escape[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
