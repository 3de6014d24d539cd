using System.Diagnostics.CodeAnalysis;

namespace Hufu.Network;

/// <summary>Bytes in letters and digits that DNS names keep (RFC 4648, section 6), without padding.</summary>
static class Base32
{
    const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new char[(bytes.Length * 8 + 4) / 5];
        for (var i = 0; i < text.Length; i++)
        {
            var bit = 5 * i;
            var pair = bytes[bit / 8] << 8 | (bit / 8 + 1 < bytes.Length ? bytes[bit / 8 + 1] : 0);
            text[i] = Alphabet[pair >> (11 - bit % 8) & 31];
        }
        return new string(text);
    }

    /// <summary>False for other characters, and for a text that no bytes have.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = new byte[text.Length * 5 / 8];
        var (held, bits, at) = (0, 0, 0);
        foreach (var letter in text)
        {
            var value = Alphabet.IndexOf(letter, StringComparison.Ordinal);
            if (value < 0) return false;
            held = (held << 5 | value) & 0xFFF;
            if ((bits += 5) < 8) continue;
            bytes[at++] = (byte)(held >> (bits -= 8));
        }
        return bits < 5 && (held & ((1 << bits) - 1)) == 0;
    }
}
