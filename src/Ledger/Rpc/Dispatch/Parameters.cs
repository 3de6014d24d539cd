using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>
/// Reads the positional parameters of one call, in order. A fault is sticky: every later read returns a default, and
/// <see cref="Error"/> tells the first fault, so that a method reads all it needs and asks once.
/// </summary>
public ref struct Parameters
{
    Utf8JsonReader _reader;
    int _index = -1;
    bool _isOver;

    /// <param name="json">The params member as it stands in the request; empty where there was none.</param>
    public Parameters(ReadOnlySpan<byte> json)
    {
        Text = json;
        if (json.IsEmpty)
        {
            _isOver = true;
            return;
        }
        _reader = new Utf8JsonReader(json);
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.Null) _isOver = true;
        else if (_reader.TokenType != JsonTokenType.StartArray)
        {
            Error = RpcError.InvalidParams("non-array args: write the parameters as an array");
            _isOver = true;
        }
    }

    /// <summary>The params member as it stands in the request.</summary>
    public ReadOnlySpan<byte> Text { get; }

    public RpcError? Error { get; private set; }
    public readonly bool Failed => Error is not null;

    public void Fail(string why)
    {
        Error ??= RpcError.InvalidParams(_index < 0 ? why : $"invalid argument {_index}: {why}");
        _isOver = true;
    }

    public Address Address()
    {
        Span<byte> bytes = stackalloc byte[Primitives.Address.Size];
        return ReadFixed("an address of 20 bytes", bytes) ? Primitives.Address.FromBytes(bytes) : default;
    }

    public Hash256 Hash()
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        return ReadFixed("a hash of 32 bytes", bytes) ? Hash256.FromBytes(bytes) : default;
    }

    public byte[] Data()
    {
        if (!RequireString("DATA")) return [];
        if (_reader.TryGetData(out var bytes, out var why)) return bytes;
        Fail(why);
        return [];
    }

    /// <summary>DATA in the parameter that <see cref="Next"/> has stepped to.</summary>
    public byte[] DataHere()
    {
        if (_reader.TryGetData(out var bytes, out var why)) return bytes;
        Fail(why);
        return [];
    }

    public UInt256 Quantity()
    {
        if (!RequireString("a quantity")) return default;
        if (_reader.TryGetQuantity(out var value, out var why)) return value;
        Fail(why);
        return default;
    }

    /// <summary>A quantity that callers also write as a JSON number.</summary>
    public UInt256 QuantityOrNumber()
    {
        if (!Require("a quantity")) return default;
        if (_reader.TokenType == JsonTokenType.Number && _reader.TryGetUInt64(out var number)) return number;
        if (_reader.TokenType != JsonTokenType.String) Fail("a quantity is a string of hexadecimal digits");
        else if (_reader.TryGetQuantity(out var value, out var why)) return value;
        else Fail(why);
        return default;
    }

    /// <summary>The value of the parameter that <see cref="Next"/> has stepped to.</summary>
    public JsonElement JsonHere() => JsonElement.ParseValue(ref _reader);

    /// <summary>Any JSON value, also one that was written into a string.</summary>
    public JsonElement Json(string what)
    {
        if (!Require(what)) return default;
        try
        {
            if (_reader.TokenType != JsonTokenType.String) return JsonElement.ParseValue(ref _reader);
            using var document = JsonDocument.Parse(_reader.GetString() ?? "");
            return document.RootElement.Clone();
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            Fail($"expected {what}");
            return default;
        }
    }

    public ulong UInt64() => Require("a quantity") ? UInt64Here() : 0;

    /// <summary>The parameter that <see cref="Next"/> has stepped to.</summary>
    public ulong UInt64Here()
    {
        // Block counts and the like also come as JSON numbers.
        if (_reader.TokenType == JsonTokenType.Number && _reader.TryGetUInt64(out var number)) return number;
        if (_reader.TokenType != JsonTokenType.String) Fail("a quantity is a string of hexadecimal digits");
        else if (!_reader.TryGetQuantity(out var value, out var why)) Fail(why);
        else if (!value.FitsUInt64) Fail("hex number > 64 bits");
        else return value.Low64;
        return 0;
    }

    /// <summary>Whether the parameter that <see cref="Next"/> has stepped to is an object.</summary>
    public readonly bool IsObject => _reader.TokenType == JsonTokenType.StartObject;

    /// <summary>Whether the parameter that <see cref="Next"/> has stepped to is an array.</summary>
    public readonly bool IsArray => _reader.TokenType == JsonTokenType.StartArray;

    /// <summary>The quantities of the array that <see cref="Next"/> has stepped to.</summary>
    public List<ulong> NumbersOfListHere()
    {
        var numbers = new List<ulong>();
        while (!Failed && _reader.Read() && _reader.TokenType != JsonTokenType.EndArray) numbers.Add(UInt64Here());
        return numbers;
    }

    /// <summary>The members of the object that <see cref="Next"/> has stepped to, all of them quantities.</summary>
    public List<(string Name, ulong Value)> NumbersHere()
    {
        var numbers = new List<(string, ulong)>();
        while (!Failed && _reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = _reader.GetString()!;
            _reader.Read();
            numbers.Add((name, UInt64Here()));
        }
        return numbers;
    }

    public bool Boolean(bool orElse = false)
    {
        if (!Next()) return orElse;
        if (_reader.TokenType is JsonTokenType.True or JsonTokenType.False) return _reader.GetBoolean();
        Fail("expected true or false");
        return orElse;
    }

    /// <summary>A flag that must be given.</summary>
    public bool RequiredBoolean()
    {
        if (!Require("true or false")) return false;
        if (_reader.TokenType is JsonTokenType.True or JsonTokenType.False) return _reader.GetBoolean();
        Fail("expected true or false");
        return false;
    }

    public string String()
    {
        if (!RequireString("a string")) return "";
        return _reader.GetString() ?? "";
    }

    /// <summary>A storage key: up to 32 bytes, the digits may be an odd number.</summary>
    public Hash256 StorageKey()
    {
        if (!RequireString("a storage key")) return default;
        if (_reader.TryGetStorageKey(out var key, out var why)) return key;
        Error ??= RpcError.InvalidParams(why);
        _isOver = true;
        return default;
    }

    /// <summary>A tag, number or hash, or the object of EIP-1898; absent or null is "latest".</summary>
    public BlockReference Block() => Block(BlockReference.Latest);

    /// <param name="otherwise">What is meant where the parameter is absent or null.</param>
    public BlockReference Block(BlockReference otherwise)
    {
        if (!Next()) return otherwise;
        if (_reader.TryGetBlock(out var reference, out var why)) return reference;
        Fail(why);
        return BlockReference.Latest;
    }

    /// <summary>Steps to a parameter that may be absent; false where it is absent or null.</summary>
    public bool Next()
    {
        if (_isOver) return false;
        _index++;
        if (!_reader.Read() || _reader.TokenType == JsonTokenType.EndArray)
        {
            _isOver = true;
            return false;
        }
        return _reader.TokenType != JsonTokenType.Null;
    }

    /// <summary>Steps to an object parameter; the returned reader stands on its opening brace.</summary>
    public bool NextObject(string what, out Utf8JsonReader reader)
    {
        reader = default;
        if (!Require(what)) return false;
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            Fail($"expected {what}");
            return false;
        }
        reader = _reader;
        _reader.Skip();
        return true;
    }

    /// <summary>Steps to an array parameter; the returned reader stands on its opening bracket.</summary>
    public bool NextArray(string what, out Utf8JsonReader reader)
    {
        reader = default;
        if (!Require(what)) return false;
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            Fail($"expected {what}");
            return false;
        }
        reader = _reader;
        _reader.Skip();
        return true;
    }

    /// <summary>Steps to an array parameter that may be absent or null.</summary>
    public bool NextOptionalArray(string what, out Utf8JsonReader reader)
    {
        reader = default;
        if (!Next()) return false;
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            Fail($"expected {what}");
            return false;
        }
        reader = _reader;
        _reader.Skip();
        return true;
    }

    /// <summary>Steps to an object parameter that may be absent or null.</summary>
    public bool NextOptionalObject(string what, out Utf8JsonReader reader)
    {
        reader = default;
        if (!Next()) return false;
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            Fail($"expected {what}");
            return false;
        }
        reader = _reader;
        _reader.Skip();
        return true;
    }

    bool Require(string what)
    {
        if (Next()) return true;
        if (!Failed) Error = RpcError.InvalidParams($"missing value for required argument {_index}: {what}");
        _isOver = true;
        return false;
    }

    bool RequireString(string what)
    {
        if (!Require(what)) return false;
        if (_reader.TokenType == JsonTokenType.String) return true;
        Fail($"{what} is a string");
        return false;
    }

    bool ReadFixed(string what, scoped Span<byte> bytes)
    {
        if (!RequireString(what)) return false;
        if (_reader.TryGetFixed(bytes, out var why)) return true;
        Fail($"{why}; expected {what}");
        return false;
    }
}
