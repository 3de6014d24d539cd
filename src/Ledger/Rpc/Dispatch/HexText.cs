using System.Buffers;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Hexadecimal as it stands in JSON: UTF-8 in, UTF-8 out, no strings in between.</summary>
static class HexText
{
    /// <summary>"0x" and an even number of digits.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, out byte[] bytes)
    {
        bytes = [];
        if (!HasPrefix(text) || text.Length % 2 != 0) return false;
        var decoded = new byte[text.Length / 2 - 1];
        if (Convert.FromHexString(text[2..], decoded, out _, out _) != OperationStatus.Done) return false;
        bytes = decoded;
        return true;
    }

    /// <summary>"0x" and exactly as many digits as fill <paramref name="bytes"/>.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes) =>
        text.Length == 2 + 2 * bytes.Length && HasPrefix(text) && Convert.FromHexString(text[2..], bytes, out _, out _) == OperationStatus.Done;

    /// <summary>A quantity: "0x", 1 to 64 digits. Leading zeros are let pass, as every client in use does.</summary>
    public static bool TryDecodeQuantity(ReadOnlySpan<byte> text, out UInt256 value)
    {
        value = default;
        if (!HasPrefix(text) || text.Length is < 3 or > 66) return false;
        Span<byte> padded = stackalloc byte[64];
        padded.Fill((byte)'0');
        text[2..].CopyTo(padded[(66 - text.Length)..]);
        Span<byte> bytes = stackalloc byte[32];
        if (Convert.FromHexString(padded, bytes, out _, out _) != OperationStatus.Done) return false;
        value = UInt256.FromBigEndian(bytes);
        return true;
    }

    public static bool HasPrefix(ReadOnlySpan<byte> text) => text.Length >= 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
}
