using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Hufu.Primitives;

namespace Hufu.Client;

public enum AbiKind
{
    /// <summary>uint8 to uint256; values are <see cref="UInt256"/>.</summary>
    UInt,

    /// <summary>int8 to int256; values are <see cref="System.Numerics.BigInteger"/>.</summary>
    Int,
    Address,
    Bool,

    /// <summary>bytes1 to bytes32, and function (24 bytes); values are byte[].</summary>
    FixedBytes,
    Bytes,
    String,
    Array,
    Tuple,
}

/// <summary>A type of the contract ABI (Solidity documentation, "Contract ABI Specification"). Types are trees, bounded in depth and size where they are read.</summary>
public sealed class AbiType
{
    /// <summary>No contract nests deeper; a type from outside that does is refused.</summary>
    public const int MaxDepth = 32;

    // The words of a value's head fit an int with room to spare.
    const long MaxHeadSize = 1 << 24;

    readonly string _name;

    AbiType(AbiKind kind, string name, int size = 0, AbiType? element = null, int? length = null, IReadOnlyList<AbiParameter>? components = null)
    {
        (Kind, _name, Size, Element, Length, Components) = (kind, name, size, element, length, components ?? []);
        Depth = 1 + Math.Max(element?.Depth ?? 0, Components.Count == 0 ? 0 : Components.Max(component => component.Type.Depth));
        IsDynamic = kind is AbiKind.Bytes or AbiKind.String || (kind == AbiKind.Array && (length is null || element!.IsDynamic)) || Components.Any(component => component.Type.IsDynamic);
        StaticSize = kind == AbiKind.Array ? (length ?? 0) * element!.HeadSize : kind == AbiKind.Tuple ? Components.Sum(component => component.Type.HeadSize) : 32;
    }

    public AbiKind Kind { get; }

    /// <summary>Bits of an integer, bytes of a fixed byte string.</summary>
    public int Size { get; }

    /// <summary>What an array holds.</summary>
    public AbiType? Element { get; }

    /// <summary>How many elements an array has; null where each value says so itself.</summary>
    public int? Length { get; }

    /// <summary>The members of a tuple.</summary>
    public IReadOnlyList<AbiParameter> Components { get; }

    public int Depth { get; }

    /// <summary>Whether values lie behind the head, at an offset.</summary>
    public bool IsDynamic { get; }

    /// <summary>The Solidity name of a struct (without its contract) or enumeration, where the ABI tells it.</summary>
    public string? InternalName { get; private init; }

    /// <summary>Bytes of a value that is not dynamic.</summary>
    internal long StaticSize { get; }

    /// <summary>Bytes a value takes in the head: itself, or its offset.</summary>
    internal long HeadSize => IsDynamic ? 32 : StaticSize;

    /// <summary>The canonical name, as signatures hold it: <c>(address,uint256[])[2]</c>.</summary>
    public override string ToString() => _name;

    public static readonly AbiType Address = new(AbiKind.Address, "address"), Bool = new(AbiKind.Bool, "bool"), Bytes = new(AbiKind.Bytes, "bytes"), String = new(AbiKind.String, "string");
    public static readonly AbiType UInt256 = UInt(256), Bytes32 = FixedBytes(32);

    public static AbiType UInt(int bits) => new(AbiKind.UInt, string.Create(CultureInfo.InvariantCulture, $"uint{bits}"), Bits(bits));

    public static AbiType Int(int bits) => new(AbiKind.Int, string.Create(CultureInfo.InvariantCulture, $"int{bits}"), Bits(bits));

    public static AbiType FixedBytes(int size) => new(AbiKind.FixedBytes, string.Create(CultureInfo.InvariantCulture, $"bytes{size}"),
        size is >= 1 and <= 32 ? size : throw new ArgumentOutOfRangeException(nameof(size), size, "fixed byte strings have 1 to 32 bytes"));

    public static AbiType Array(AbiType element, int? length = null) => new(AbiKind.Array, string.Create(CultureInfo.InvariantCulture, $"{element}[{length}]"), element: element, length: length);

    public static AbiType Tuple(IReadOnlyList<AbiParameter> components, string? internalName = null) =>
        new(AbiKind.Tuple, $"({string.Join(',', components.Select(component => component.Type))})", components: components) { InternalName = internalName };

    public static AbiType Tuple(params AbiType[] components) => Tuple([.. components.Select(type => new AbiParameter("", type))]);

    /// <summary>Reads a type as signatures write it; tuples as <c>(…)</c> or <c>tuple(…)</c>, with or without names for their members.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AbiType? type, [NotNullWhen(false)] out Refusal? refusal)
    {
        var reader = new SignatureReader(text);
        type = reader.ReadType();
        if (reader.Error is null && !reader.AtEnd) reader.Fail("something follows the type");
        refusal = reader.Error is { } why ? Refused(text, why) : null;
        if (refusal is not null) type = null;
        return type is not null;
    }

    /// <exception cref="FormatException">The text is no type.</exception>
    public static AbiType Parse(string text) => TryParse(text, out var type, out var refusal) ? type : throw new FormatException(refusal.ToString());

    /// <summary>The type without brackets; null for a name that is none.</summary>
    internal static AbiType? Elementary(ReadOnlySpan<char> name) => name switch
    {
        "address" => Address,
        "bool" => Bool,
        "string" => String,
        "bytes" => Bytes,
        "uint" => UInt(256),
        "int" => Int(256),
        // An address and a selector.
        "function" => new AbiType(AbiKind.FixedBytes, "function", 24),
        _ when name.StartsWith("uint") => TryNumber(name[4..], out var bits) && IsBits(bits) ? UInt(bits) : null,
        _ when name.StartsWith("int") => TryNumber(name[3..], out var bits) && IsBits(bits) ? Int(bits) : null,
        _ when name.StartsWith("bytes") => TryNumber(name[5..], out var size) && size is >= 1 and <= 32 ? FixedBytes(size) : null,
        // Fixed-point numbers are encoded as the integers they are multiples of; values are those integers.
        _ when name.StartsWith("ufixed") => FixedPoint(name, name[6..], AbiKind.UInt),
        _ when name.StartsWith("fixed") => FixedPoint(name, name[5..], AbiKind.Int),
        _ => null,
    };

    /// <summary>An array of these, if its head stays within bounds.</summary>
    internal static AbiType? ArrayWithin(AbiType element, int? length) =>
        element.Depth < MaxDepth && (length ?? 0) * Math.Max(element.HeadSize, 1) <= MaxHeadSize ? Array(element, length) : null;

    internal static AbiType? TupleWithin(IReadOnlyList<AbiParameter> components, string? internalName) =>
        components.All(component => component.Type.Depth < MaxDepth) && components.Sum(component => component.Type.HeadSize) <= MaxHeadSize ? Tuple(components, internalName) : null;

    static AbiType? FixedPoint(ReadOnlySpan<char> name, ReadOnlySpan<char> digits, AbiKind kind)
    {
        if (digits.IsEmpty) return new AbiType(kind, $"{name}128x18", 128);
        var cross = digits.IndexOf('x');
        return cross > 0 && TryNumber(digits[..cross], out var bits) && IsBits(bits) && TryNumber(digits[(cross + 1)..], out var decimals) && decimals <= 80
            ? new AbiType(kind, name.ToString(), bits) : null;
    }

    internal static bool TryNumber(ReadOnlySpan<char> digits, out int number)
    {
        number = 0;
        return digits.Length is > 0 and <= 9 && digits[0] != '0' && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    static bool IsBits(int bits) => bits is >= 8 and <= 256 && bits % 8 == 0;

    static int Bits(int bits) => IsBits(bits) ? bits : throw new ArgumentOutOfRangeException(nameof(bits), bits, "integers have 8 to 256 bits, in steps of 8");

    static Refusal Refused(string text, string why) =>
        new($"'{(text.Length > 80 ? text[..80] + "…" : text)}' is no ABI type", why, "write it as Solidity's signatures do, for example (address,uint256)[]");
}

/// <summary>A type with the name of what holds it.</summary>
/// <param name="Name">Empty where the ABI gives none.</param>
/// <param name="IsIndexed">Whether an event keeps it as a topic.</param>
public sealed record AbiParameter(string Name, AbiType Type, bool IsIndexed = false)
{
    public override string ToString() => Type + (IsIndexed ? " indexed" : "") + (Name.Length > 0 ? " " + Name : "");
}
