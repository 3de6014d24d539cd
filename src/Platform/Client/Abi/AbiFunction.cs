using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>A function of a contract: what a call is made of, and how its answer reads.</summary>
public sealed class AbiFunction
{
    public AbiFunction(string name, IReadOnlyList<AbiParameter> inputs, IReadOnlyList<AbiParameter> outputs, bool isReadOnly = false, bool isPayable = false)
    {
        (Name, Inputs, Outputs, IsReadOnly, IsPayable) = (name, inputs, outputs, isReadOnly, isPayable);
        Signature = Signatures.Of(name, inputs);
        Selector = Signatures.SelectorOf(Signature);
    }

    public string Name { get; }
    public IReadOnlyList<AbiParameter> Inputs { get; }
    public IReadOnlyList<AbiParameter> Outputs { get; }

    /// <summary>view or pure: calling it changes nothing.</summary>
    public bool IsReadOnly { get; }
    public bool IsPayable { get; }

    /// <summary>transfer(address,uint256)</summary>
    public string Signature { get; }

    /// <summary>The first four bytes of the signature's hash.</summary>
    public uint Selector { get; }

    /// <summary>Selector and arguments.</summary>
    public byte[] EncodeCall(params IReadOnlyList<object> arguments) => Signatures.WithSelector(Selector, AbiEncoder.Encode(Inputs, arguments));

    public bool TryDecodeCall(ReadOnlySpan<byte> data, [NotNullWhen(true)] out object[]? arguments, [NotNullWhen(false)] out Refusal? refusal, bool canonical = false)
    {
        if (Signatures.TryReadSelector(data, out var selector) && selector == Selector) return AbiDecoder.TryDecode(Inputs, data[4..], out arguments, out refusal, canonical);
        (arguments, refusal) = (null, new Refusal($"the data is no call of {Signature}", $"it does not begin with 0x{Selector:x8}"));
        return false;
    }

    public bool TryDecodeAnswer(ReadOnlySpan<byte> data, [NotNullWhen(true)] out object[]? values, [NotNullWhen(false)] out Refusal? refusal) =>
        AbiDecoder.TryDecode(Outputs, data, out values, out refusal);

    /// <summary>Reads <c>function transfer(address to, uint256 amount) view returns (bool)</c>; the word function may be left out.</summary>
    /// <exception cref="FormatException">The text is no function.</exception>
    public static AbiFunction Parse(string text)
    {
        var reader = new SignatureReader(text);
        var name = Signatures.ReadName(reader, "function");
        var inputs = reader.ReadParameters(allowsIndexed: false);
        IReadOnlyList<AbiParameter> outputs = [];
        var (isReadOnly, isPayable) = (false, false);
        for (var word = reader.TakeWord(); word.Length > 0; word = reader.TakeWord())
        {
            if (word is "view" or "pure") isReadOnly = true;
            else if (word == "payable") isPayable = true;
            else if (word == "returns") outputs = reader.ReadParameters(allowsIndexed: false);
            else if (word is not ("external" or "public" or "nonpayable")) reader.Fail($"'{word}' is unknown here");
        }
        Signatures.RequireEnd(reader, text);
        return new AbiFunction(name, inputs, outputs, isReadOnly, isPayable);
    }

    public override string ToString() => Signature;
}

/// <summary>A custom error that a contract reverts with.</summary>
public sealed class AbiError
{
    public AbiError(string name, IReadOnlyList<AbiParameter> inputs)
    {
        (Name, Inputs) = (name, inputs);
        Signature = Signatures.Of(name, inputs);
        Selector = Signatures.SelectorOf(Signature);
    }

    public string Name { get; }
    public IReadOnlyList<AbiParameter> Inputs { get; }
    public string Signature { get; }
    public uint Selector { get; }

    public byte[] Encode(params IReadOnlyList<object> arguments) => Signatures.WithSelector(Selector, AbiEncoder.Encode(Inputs, arguments));

    public bool TryDecode(ReadOnlySpan<byte> data, [NotNullWhen(true)] out object[]? arguments)
    {
        arguments = null;
        return Signatures.TryReadSelector(data, out var selector) && selector == Selector && AbiDecoder.TryDecode(Inputs, data[4..], out arguments, out _);
    }

    /// <summary>Reads <c>error InsufficientBalance(address sender, uint256 balance)</c>.</summary>
    /// <exception cref="FormatException">The text is no error.</exception>
    public static AbiError Parse(string text)
    {
        var reader = new SignatureReader(text);
        var error = new AbiError(Signatures.ReadName(reader, "error"), reader.ReadParameters(allowsIndexed: false));
        Signatures.RequireEnd(reader, text);
        return error;
    }

    public override string ToString() => Signature;
}

static class Signatures
{
    public static string Of(string name, IReadOnlyList<AbiParameter> inputs) => $"{name}({string.Join(',', inputs.Select(input => input.Type))})";

    public static Hash256 HashOf(string signature) => Keccak256.Hash(Encoding.UTF8.GetBytes(signature));

    public static uint SelectorOf(string signature) => BinaryPrimitives.ReadUInt32BigEndian(HashOf(signature).Bytes);

    public static byte[] WithSelector(uint selector, byte[] arguments)
    {
        var data = new byte[4 + arguments.Length];
        BinaryPrimitives.WriteUInt32BigEndian(data, selector);
        arguments.CopyTo(data, 4);
        return data;
    }

    public static bool TryReadSelector(ReadOnlySpan<byte> data, out uint selector) => BinaryPrimitives.TryReadUInt32BigEndian(data, out selector);

    public static string ReadName(SignatureReader reader, string keyword)
    {
        var name = reader.TakeWord();
        return name == keyword ? reader.TakeWord() : name;
    }

    public static void RequireEnd(SignatureReader reader, string text)
    {
        reader.TryTake(';');
        if (reader.Error is null && !reader.AtEnd) reader.Fail("something follows the end");
        if (reader.Error is { } why) throw new FormatException($"'{text}': {why}");
    }
}
