using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>Structured data that a wallet shows before it signs (EIP-712), read from the JSON of eth_signTypedData_v4.</summary>
public sealed class TypedData
{
    const int MaxDepth = 64, LongestFile = 1 << 20;
    const string DomainType = "EIP712Domain";

    static readonly (string Name, string Type)[] DomainFields =
        [("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"), ("salt", "bytes32")];

    readonly Dictionary<string, List<(string Name, string Type)>> _types;

    TypedData(Dictionary<string, List<(string Name, string Type)>> types) => _types = types;

    /// <summary>What is signed: keccak(0x1901 ‖ domain separator ‖ hash of the message).</summary>
    public Hash256 Digest { get; private set; }
    public Hash256 DomainSeparator { get; private set; }

    /// <summary>hashStruct of the message.</summary>
    public Hash256 StructHash { get; private set; }

    /// <summary>The type hash and the members of the message, before they are hashed.</summary>
    public ReadOnlyMemory<byte> EncodedStruct { get; private set; }
    public string PrimaryType { get; private init; } = "";

    public static bool TryParse(string json, [NotNullWhen(true)] out TypedData? data, [NotNullWhen(false)] out Refusal? refusal)
    {
        (data, refusal) = (null, null);
        try
        {
            if (json.Length > LongestFile) throw new FormatException($"it has {json.Length} characters, more than {LongestFile}");
            using var document = JsonDocument.Parse(json);
            data = Read(document.RootElement);
            return true;
        }
        catch (Exception error) when (error is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            refusal = new Refusal("not typed data (EIP-712)", error.Message, "send an object with types, primaryType, domain and message, as eth_signTypedData_v4 takes it");
            return false;
        }
    }

    static TypedData Read(JsonElement root)
    {
        var types = new Dictionary<string, List<(string, string)>>(StringComparer.Ordinal);
        foreach (var type in root.GetProperty("types").EnumerateObject())
            types[type.Name] = [.. type.Value.EnumerateArray().Select(field => (field.GetProperty("name").GetString() ?? "", field.GetProperty("type").GetString() ?? ""))];

        var domain = root.GetProperty("domain");
        // Wallets leave the domain's type out: it is what the domain has.
        if (!types.ContainsKey(DomainType)) types[DomainType] = [.. DomainFields.Where(field => domain.TryGetProperty(field.Name, out _))];
        var primary = root.GetProperty("primaryType").GetString() ?? "";
        var data = new TypedData(types) { PrimaryType = primary };
        data.DomainSeparator = Keccak256.Hash(data.EncodeStruct(DomainType, domain, DomainType, 0));
        if (primary == DomainType)
        {
            data.Digest = Keccak256.Hash([0x19, 0x01, .. data.DomainSeparator.Bytes]);
            return data;
        }
        data.EncodedStruct = data.EncodeStruct(primary, root.GetProperty("message"), "message", 0);
        data.StructHash = Keccak256.Hash(data.EncodedStruct.Span);
        data.Digest = DigestOf(data.DomainSeparator, data.StructHash);
        return data;
    }

    internal static Hash256 DigestOf(in Hash256 domainSeparator, in Hash256 structHash) => Keccak256.Hash([0x19, 0x01, .. domainSeparator.Bytes, .. structHash.Bytes]);

    byte[] EncodeStruct(string type, JsonElement value, string where, int depth)
    {
        if (value.ValueKind != JsonValueKind.Object) throw new FormatException($"{where} should be a {type}");
        if (depth > MaxDepth) throw new FormatException($"{where} is nested deeper than {MaxDepth}");
        var output = new MemoryStream();
        output.Write(Keccak256.Hash(Encoding.UTF8.GetBytes(EncodeType(type))).Bytes);
        foreach (var (name, fieldType) in _types[type])
        {
            // A struct that refers to itself ends with a null.
            var isThere = value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null;
            if (!isThere && !_types.ContainsKey(fieldType)) throw new FormatException($"{where} has no member '{name}'");
            output.Write(isThere ? EncodeValue(fieldType, member, $"{where}.{name}", depth + 1) : new byte[32]);
        }
        return output.ToArray();
    }

    // 32 bytes.
    byte[] EncodeValue(string type, JsonElement value, string where, int depth)
    {
        if (type.EndsWith(']')) return EncodeArray(type, value, where, depth);
        if (_types.ContainsKey(type)) return Keccak256.Hash(EncodeStruct(type, value, where, depth)).ToArray();
        var elementary = AbiType.Elementary(type) ?? throw new FormatException($"{where} has the unknown type '{type}'");
        var read = AbiJson.Read(elementary, value, where);
        return elementary.Kind switch
        {
            AbiKind.Bytes => Keccak256.Hash((byte[])read).ToArray(),
            AbiKind.String => Keccak256.Hash(Encoding.UTF8.GetBytes((string)read)).ToArray(),
            _ => AbiEncoder.Encode(elementary, read),
        };
    }

    byte[] EncodeArray(string type, JsonElement value, string where, int depth)
    {
        var bracket = type.LastIndexOf('[');
        var length = 0;
        var isFixed = bracket >= 0 && bracket + 2 < type.Length;
        if (bracket < 1 || (isFixed && !AbiType.TryNumber(type.AsSpan((bracket + 1)..^1), out length))) throw new FormatException($"'{type}' is no type");
        if (value.ValueKind != JsonValueKind.Array || (isFixed && value.GetArrayLength() != length)) throw new FormatException($"{where} should be {type}");
        if (depth > MaxDepth) throw new FormatException($"{where} is nested deeper than {MaxDepth}");
        var output = new MemoryStream();
        var at = 0;
        foreach (var item in value.EnumerateArray()) output.Write(EncodeValue(type[..bracket], item, $"{where}[{at++}]", depth + 1));
        return Keccak256.Hash(output.ToArray()).ToArray();
    }

    /// <summary>The type with its members, and behind it, in the order of their names, the types it refers to.</summary>
    string EncodeType(string type)
    {
        if (!_types.ContainsKey(type)) throw new FormatException($"there is no type '{type}'");
        var found = new SortedSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>([type]);
        while (waiting.TryPop(out var next))
            foreach (var (_, fieldType) in _types[next])
                if (fieldType.Split('[')[0] is var bare && bare != type && _types.ContainsKey(bare) && found.Add(bare)) waiting.Push(bare);
        return string.Concat(found.Prepend(type).Select(name => $"{name}({string.Join(',', _types[name].Select(field => $"{field.Type} {field.Name}"))})"));
    }
}

/// <summary>For whom a signature over typed data is meant (EIP-712, EIP-5267): with it a signature for one contract on one chain is worth nothing elsewhere.</summary>
public sealed record TypedDataDomain(string? Name = null, string? Version = null, UInt256? ChainId = null, Address? VerifyingContract = null, Hash256? Salt = null)
{
    public Hash256 Separator
    {
        get
        {
            var fields = new List<string>();
            var members = new MemoryStream();
            if (Name is { } name) Add("string name", Keccak256.Hash(Encoding.UTF8.GetBytes(name)).Bytes);
            if (Version is { } version) Add("string version", Keccak256.Hash(Encoding.UTF8.GetBytes(version)).Bytes);
            if (ChainId is { } chainId) Add("uint256 chainId", AbiEncoder.Encode(AbiType.UInt256, chainId));
            if (VerifyingContract is { } contract) Add("address verifyingContract", AbiEncoder.Encode(AbiType.Address, contract));
            if (Salt is { } salt) Add("bytes32 salt", salt.Bytes);
            var typeHash = Keccak256.Hash(Encoding.UTF8.GetBytes($"EIP712Domain({string.Join(',', fields)})"));
            return Keccak256.Hash([.. typeHash.Bytes, .. members.ToArray()]);

            void Add(string member, ReadOnlySpan<byte> word)
            {
                fields.Add(member);
                members.Write(word);
            }
        }
    }

    /// <summary>The digest of a struct whose members all take one word, such as ERC-2612's Permit and ERC-3009's authorizations.</summary>
    /// <param name="type">The encoded type: <c>Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)</c>.</param>
    public Hash256 DigestOf(string type, params ReadOnlySpan<object> members)
    {
        var function = AbiFunction.Parse(type);
        if (function.Inputs.Any(input => !AbiEvent.IsOneWord(input.Type))) throw new ArgumentException("members wider than a word are for TypedData", nameof(type));
        var words = AbiEncoder.Encode(function.Inputs, members.ToArray());
        var structHash = Keccak256.Hash([.. Keccak256.Hash(Encoding.UTF8.GetBytes(type)).Bytes, .. words]);
        return TypedData.DigestOf(Separator, structHash);
    }
}
