using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>The hash that is signed for typed data (EIP-712, as version 4 of eth_signTypedData has it: arrays, recursive types, absent members).</summary>
sealed class TypedData
{
    // Types that name each other in a circle end in the data; hostile data does not.
    const int MostNested = 64;

    static readonly Hash256 NoBytes = Keccak256.Hash([]);

    readonly Dictionary<string, List<(string Name, string Type)>> _types = new(StringComparer.Ordinal);

    sealed class Malformed(string why) : Exception(why);

    /// <summary>keccak256(0x1901 · domain separator · hash of the message).</summary>
    public static bool TryHash(JsonElement data, out Hash256 hash, out string why)
    {
        (hash, why) = (default, "");
        try
        {
            hash = new TypedData(data).Hash(data);
            return true;
        }
        catch (Malformed fault)
        {
            why = $"typed data: {fault.Message}";
            return false;
        }
    }

    TypedData(JsonElement data)
    {
        foreach (var type in Member(data, "types", JsonValueKind.Object).EnumerateObject())
        {
            if (type.Value.ValueKind != JsonValueKind.Array) throw new Malformed($"the type {type.Name} is a list of members");
            _types[type.Name] = [.. type.Value.EnumerateArray().Select(member => (Text(member, "name"), Text(member, "type")))];
        }
        if (!_types.ContainsKey("EIP712Domain")) _types["EIP712Domain"] = DomainOf(Member(data, "domain", JsonValueKind.Object));
    }

    Hash256 Hash(JsonElement data)
    {
        var primary = Text(data, "primaryType");
        var domain = HashStruct("EIP712Domain", Member(data, "domain", JsonValueKind.Object), 0);
        if (primary == "EIP712Domain") return Keccak256.Hash([0x19, 0x01, .. domain.Bytes]);
        var message = HashStruct(primary, Member(data, "message", JsonValueKind.Object), 0);
        return Keccak256.Hash([0x19, 0x01, .. domain.Bytes, .. message.Bytes]);
    }

    // Where the caller left the domain's type out, it is that of the members the domain has.
    static List<(string, string)> DomainOf(JsonElement domain) =>
        [.. new[] { ("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"), ("salt", "bytes32") }.Where(member => domain.TryGetProperty(member.Item1, out _))];

    Hash256 HashStruct(string type, JsonElement value, int depth)
    {
        if (depth > MostNested) throw new Malformed("the message is nested too deep");
        if (!_types.TryGetValue(type, out var members)) throw new Malformed($"the type {type} is not among the types");
        if (value.ValueKind != JsonValueKind.Object) throw new Malformed($"a value of type {type} is an object");
        var encoded = new List<byte>(32 * (members.Count + 1));
        encoded.AddRange(Keccak256.Hash(Encoding.UTF8.GetBytes(EncodeType(type))).Bytes);
        foreach (var (name, memberType) in members)
            encoded.AddRange(Encode(memberType, value.TryGetProperty(name, out var member) ? member : default, name, depth).Bytes);
        return Keccak256.Hash([.. encoded]);
    }

    string EncodeType(string type)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        Collect(type, found);
        found.Remove(type);
        return string.Concat(found.Prepend(type).Select(name => $"{name}({string.Join(',', _types[name].Select(member => $"{member.Type} {member.Name}"))})"));
    }

    void Collect(string type, SortedSet<string> found)
    {
        var bracket = type.IndexOf('[', StringComparison.Ordinal);
        if (bracket >= 0) type = type[..bracket];
        if (!_types.TryGetValue(type, out var members) || !found.Add(type)) return;
        foreach (var member in members) Collect(member.Type, found);
    }

    Hash256 Encode(string type, JsonElement value, string name, int depth)
    {
        if (type.EndsWith(']'))
        {
            var element = type[..type.LastIndexOf('[')];
            if (value.ValueKind != JsonValueKind.Array) throw new Malformed($"{name} is an array ({type})");
            var items = new List<byte>();
            foreach (var item in value.EnumerateArray()) items.AddRange(Encode(element, item, name, depth + 1).Bytes);
            return Keccak256.Hash([.. items]);
        }
        if (_types.ContainsKey(type)) return value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? Hash256.Zero : HashStruct(type, value, depth + 1);
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) throw new Malformed($"{name} ({type}) is missing");
        if (type == "string") return Keccak256.Hash(Encoding.UTF8.GetBytes(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()));
        if (type == "bytes") return Bytes(value, name) is { Length: > 0 } bytes ? Keccak256.Hash(bytes) : NoBytes;
        return Word(type, value, name);
    }

    static Hash256 Word(string type, JsonElement value, string name)
    {
        Span<byte> word = stackalloc byte[32];
        word.Clear();
        if (type == "bool") word[31] = value.ValueKind == JsonValueKind.True || (value.ValueKind == JsonValueKind.String && value.GetString() is "true" or "1" or "0x1") ? (byte)1 : (byte)0;
        else if (type == "address") Fixed(value, name, 20).CopyTo(word[12..]);
        else if (type.StartsWith("bytes", StringComparison.Ordinal) && int.TryParse(type.AsSpan(5), CultureInfo.InvariantCulture, out var size) && size is > 0 and <= 32) Fixed(value, name, size).CopyTo(word);
        else if (type.StartsWith("uint", StringComparison.Ordinal) || type.StartsWith("int", StringComparison.Ordinal)) Integer(value, name, isSigned: type[0] == 'i', word);
        else throw new Malformed($"{name} is of the unknown type {type}");
        return Hash256.FromBytes(word);
    }

    static void Integer(JsonElement value, string name, bool isSigned, Span<byte> word)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        var isNegative = text.StartsWith('-');
        if (isNegative) text = text[1..];
        var isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (text.Length > 80 || !(isHex
            ? BigInteger.TryParse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            : BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))) throw new Malformed($"{name} is not an integer");
        if (isNegative) number = -number;
        if (isNegative && !isSigned) throw new Malformed($"{name} is negative and its type has no sign");
        if (number < 0) number += BigInteger.One << 256;
        if (number < 0 || number.GetByteCount(isUnsigned: true) > 32) throw new Malformed($"{name} has more than 256 bits");
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(word[(32 - bytes.Length)..]);
    }

    static byte[] Fixed(JsonElement value, string name, int size) => Bytes(value, name) is var bytes && bytes.Length == size ? bytes : throw new Malformed($"{name} has {bytes.Length} bytes, not {size}");

    static byte[] Bytes(JsonElement value, string name)
    {
        if (value.ValueKind == JsonValueKind.String && HexText.TryDecode(Encoding.UTF8.GetBytes(value.GetString()!), out var bytes)) return bytes;
        throw new Malformed($"{name} is not a string of hexadecimal digits");
    }

    static JsonElement Member(JsonElement of, string name, JsonValueKind kind) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) && member.ValueKind == kind ? member : throw new Malformed($"'{name}' is missing, or not what it should be");

    static string Text(JsonElement of, string name) => Member(of, name, JsonValueKind.String).GetString()!;
}
