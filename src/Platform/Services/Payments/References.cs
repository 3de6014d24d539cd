using System.Text;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// References as people write them, and as 32 bytes on the chain. A short one (up to 31 bytes) stands there readable; a longer one by its Keccak-256, its text kept here.
/// </summary>
public static class References
{
    const int Longest = 140, Readable = 31;

    internal static readonly Table Texts = new("reference_text", "word text key", "reference text");

    /// <exception cref="ProblemException">It is empty, too long, or has letters that no document would show.</exception>
    public static Hash256 WordOf(string? text, string what = "reference")
    {
        if (string.IsNullOrWhiteSpace(text)) throw ProblemException.Invalid($"{what} is missing", "the payee recognises the payment by it", "give an invoice's number, an EndToEndId or a UETR");
        if (text.Length > Longest || text.Any(char.IsControl)) throw ProblemException.Invalid($"{what} cannot be used", $"it has more than {Longest} letters, or a control character", "shorten it");
        if (text.Length == 66 && Hash256.TryParse(text, out var word)) return word;
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length <= Readable ? Hash256.FromBytes([.. bytes, .. new byte[32 - bytes.Length]]) : Keccak256.Hash(bytes);
    }

    /// <summary>Whether the chain alone does not tell the text.</summary>
    internal static bool IsHashed(string text) => Encoding.UTF8.GetByteCount(text) > Readable && !(text.Length == 66 && Hash256.TryParse(text, out _));

    /// <summary>Keeps the text of a long reference.</summary>
    internal static Task KeepAsync(Database database, string text) => IsHashed(text)
        ? database.WriteAsync(session => session.Execute(Texts.Insert([WordOf(text), text], replaces: true)))
        : Task.CompletedTask;

    /// <summary>The text of 32 bytes, or their hexadecimal digits where they are none.</summary>
    public static string TextOf(Hash256 word)
    {
        var bytes = word.Bytes;
        var length = bytes.IndexOf((byte)0);
        if (length > 0 && !bytes[length..].ContainsAnyExcept((byte)0) && TryText(bytes[..length], out var text)) return text;
        return word.ToString();
    }

    static bool TryText(ReadOnlySpan<byte> bytes, out string text)
    {
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return !text.Any(char.IsControl);
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }
}
