using System.Buffers;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>The execution-apis forms of the simple values: DATA with all its digits, QUANTITY without leading zeros.</summary>
static class JsonForms
{
    const int OnStack = 512;

    public static void WriteData(this Utf8JsonWriter writer, ReadOnlySpan<byte> bytes)
    {
        var length = 4 + 2 * bytes.Length;
        byte[]? rented = length <= OnStack ? null : ArrayPool<byte>.Shared.Rent(length);
        var text = rented is null ? stackalloc byte[length] : rented.AsSpan(0, length);
        text[0] = text[^1] = (byte)'"';
        text[1] = (byte)'0';
        text[2] = (byte)'x';
        Convert.TryToHexStringLower(bytes, text[3..^1], out _);
        // Raw: hexadecimal needs no escaping, and long data need no second copy.
        writer.WriteRawValue(text, skipInputValidation: true);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    public static void WriteData(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes)
    {
        writer.WritePropertyName(name);
        writer.WriteData(bytes);
    }

    public static void WriteQuantity(this Utf8JsonWriter writer, ulong value)
    {
        Span<byte> text = stackalloc byte[20];
        text[0] = text[1] = (byte)'"';
        "\"0x"u8.CopyTo(text);
        value.TryFormat(text[3..], out var digits, "x", System.Globalization.CultureInfo.InvariantCulture);
        text[3 + digits] = (byte)'"';
        writer.WriteRawValue(text[..(4 + digits)], skipInputValidation: true);
    }

    public static void WriteQuantity(this Utf8JsonWriter writer, in UInt256 value)
    {
        if (value.FitsUInt64)
        {
            writer.WriteQuantity(value.Low64);
            return;
        }
        Span<byte> bytes = stackalloc byte[32];
        value.WriteBigEndian(bytes);
        Span<byte> digits = stackalloc byte[64];
        Convert.TryToHexStringLower(bytes, digits, out _);
        digits = digits[digits.IndexOfAnyExcept((byte)'0')..];
        Span<byte> text = stackalloc byte[68];
        "\"0x"u8.CopyTo(text);
        digits.CopyTo(text[3..]);
        text[3 + digits.Length] = (byte)'"';
        writer.WriteRawValue(text[..(4 + digits.Length)], skipInputValidation: true);
    }

    public static void WriteQuantity(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, ulong value)
    {
        writer.WritePropertyName(name);
        writer.WriteQuantity(value);
    }

    public static void WriteQuantity(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, in UInt256 value)
    {
        writer.WritePropertyName(name);
        writer.WriteQuantity(value);
    }

    public static void WriteHash(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, in Hash256 hash) => writer.WriteData(name, hash.Bytes);

    public static void WriteAddress(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, in Address address) => writer.WriteData(name, address.Bytes);

    public static void WriteOptionalAddress(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, in Address? address)
    {
        if (address is { } some) writer.WriteData(name, some.Bytes);
        else writer.WriteNull(name);
    }
}
