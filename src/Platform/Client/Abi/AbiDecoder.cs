using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>
/// Reads values from bytes that may be hostile. Strict in all that has meaning: a number wider than its type, padding that is not zero, a text
/// that is no UTF-8 and an offset outside the data are refused. Parts may lie anywhere, as contracts written by hand place them, but the bytes read
/// never exceed <see cref="MaxOverlap"/> times the bytes given: arrays that point at each other cannot make little data large.
/// </summary>
public static class AbiDecoder
{
    public const int MaxOverlap = 2;

    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads an argument list. Bytes after its last part are allowed, as in Solidity; with <paramref name="canonical"/> they, and any other encoding than the one <see cref="AbiEncoder"/> writes, are refused.</summary>
    /// <param name="values"><see cref="UInt256"/>, <see cref="BigInteger"/>, <see cref="Address"/>, bool, byte[], string, and object[] for arrays and tuples.</param>
    public static bool TryDecode(IReadOnlyList<AbiParameter> parameters, ReadOnlySpan<byte> data, [NotNullWhen(true)] out object[]? values, [NotNullWhen(false)] out Refusal? refusal, bool canonical = false)
    {
        var type = AbiType.Tuple(parameters);
        values = TryDecode(type, data, out var value, out refusal, canonical) ? (object[])value : null;
        return values is not null;
    }

    /// <summary>Reads one value that stands alone.</summary>
    public static bool TryDecode(AbiType type, ReadOnlySpan<byte> data, [NotNullWhen(true)] out object? value, [NotNullWhen(false)] out Refusal? refusal, bool canonical = false)
    {
        var reader = new Reader(data);
        var read = reader.Read(type, 0);
        if (reader.Error is null && canonical && !AbiEncoder.Encode(type, read).AsSpan().SequenceEqual(data)) reader.Fail("it is not the canonical encoding");
        value = reader.Error is null ? read : null;
        refusal = reader.Error is { } why ? new Refusal($"the data is no {type}", why, "check that the ABI belongs to the contract") : null;
        return value is not null;
    }

    /// <summary>A word as the value of a type that takes one word: what an indexed parameter's topic holds.</summary>
    internal static bool TryReadWord(AbiType type, in Hash256 word, [NotNullWhen(true)] out object? value, [NotNullWhen(false)] out Refusal? refusal) =>
        TryDecode(type, word.Bytes, out value, out refusal);

    ref struct Reader(ReadOnlySpan<byte> data)
    {
        readonly ReadOnlySpan<byte> _data = data;
        long _budget = (long)MaxOverlap * data.Length;

        public string? Error { get; private set; }

        public object Fail(string why)
        {
            Error ??= why;
            return 0;
        }

        public object Read(AbiType type, int at)
        {
            if (Error is not null) return 0;
            switch (type.Kind)
            {
                case AbiKind.Array: return ReadArray(type, at);
                case AbiKind.Tuple:
                    var components = type.Components;
                    return ReadSequence(components.Count, at, type, static (type, i) => type.Components[i].Type);
                case AbiKind.Bytes: return ReadBytes(at).ToArray();
                case AbiKind.String: return ReadText(at);
                default: return ReadStatic(type, at);
            }
        }

        object ReadStatic(AbiType type, int at)
        {
            var bytes = Take(at, 32);
            if (Error is not null) return 0;
            if (type.Kind == AbiKind.FixedBytes)
                return bytes[type.Size..].ContainsAnyExcept((byte)0) ? Fail($"the padding of {type} at byte {at} is not zero") : bytes[..type.Size].ToArray();

            var word = UInt256.FromBigEndian(bytes);
            switch (type.Kind)
            {
                case AbiKind.UInt: return word.BitLength <= type.Size ? word : Fail($"{word} at byte {at} does not fit {type}");
                case AbiKind.Int:
                    var number = (BigInteger)word;
                    if (word.IsNegative) number -= BigInteger.One << 256;
                    var limit = BigInteger.One << (type.Size - 1);
                    return number < limit && number >= -limit ? number : Fail($"{number} at byte {at} does not fit {type}");
                case AbiKind.Address: return word.BitLength <= 160 ? Address.FromUInt256(word) : Fail($"the word at byte {at} is wider than an address");
                default: return word <= 1 ? !word.IsZero : Fail($"the bool at byte {at} is {word}");
            }
        }

        object ReadArray(AbiType type, int at)
        {
            var element = type.Element!;
            if (type.Length is { } length) return ReadSequence(length, at, element, static (element, _) => element);
            var count = ReadNumber(at);
            if (Error is not null) return 0;
            // What the heads alone would take; an element without bytes still costs one.
            return count * Math.Max(element.HeadSize, 1) > _data.Length - at - 32
                ? Fail($"an array at byte {at} claims {count} elements, more than the data can hold")
                : ReadSequence((int)count, at + 32, element, static (element, _) => element);
        }

        object ReadSequence(int count, int start, AbiType type, Func<AbiType, int, AbiType> typeOf)
        {
            // A claim of many elements is believed only as far as the budget goes.
            if (count > _budget && count > 1024) return Fail("parts of the data overlap too much");
            var items = new object[count];
            long head = start;
            for (var i = 0; i < count && Error is null; i++)
            {
                var item = typeOf(type, i);
                if (head > _data.Length) return Fail("the data ends too early");
                if (item.HeadSize == 0) _budget--;
                if (_budget < 0) return Fail("parts of the data overlap too much");
                var at = (int)head;
                if (item.IsDynamic)
                {
                    var offset = ReadNumber(at);
                    if (Error is null && offset > _data.Length - start) Fail($"the offset at byte {at} points outside the data");
                    at = start + (int)offset;
                }
                items[i] = Read(item, at);
                head += item.HeadSize;
            }
            return items;
        }

        ReadOnlySpan<byte> ReadBytes(int at)
        {
            var length = ReadNumber(at);
            if (Error is not null) return default;
            if (length > _data.Length - at - 32)
            {
                Fail($"the bytes at {at} claim to be {length} long, more than there are");
                return default;
            }
            var bytes = Take(at + 32, (int)length);
            var padded = (int)Math.Min((length + 31) / 32 * 32, _data.Length - at - 32);
            // Encoders that pack tightly leave the last padding out; what is there is zero.
            if (Error is null && _data.Slice(at + 32 + (int)length, padded - (int)length).ContainsAnyExcept((byte)0)) Fail($"the padding of the bytes at {at} is not zero");
            return bytes;
        }

        object ReadText(int at)
        {
            var bytes = ReadBytes(at);
            try
            {
                return StrictUtf8.GetString(bytes);
            }
            catch (DecoderFallbackException)
            {
                return Fail($"the text at byte {at} is no UTF-8");
            }
        }

        // A length or an offset: nothing in memory is longer than an int tells.
        long ReadNumber(int at)
        {
            var bytes = Take(at, 32);
            if (Error is not null) return 0;
            var word = UInt256.FromBigEndian(bytes);
            if (word <= int.MaxValue) return (long)word.Low64;
            Fail($"the length or offset at byte {at} is {word}");
            return 0;
        }

        ReadOnlySpan<byte> Take(int at, int count)
        {
            if (at > _data.Length || count > _data.Length - at)
            {
                Fail("the data ends too early");
                return default;
            }
            _budget -= count;
            if (_budget >= 0) return _data.Slice(at, count);
            Fail("parts of the data overlap too much");
            return default;
        }
    }
}
