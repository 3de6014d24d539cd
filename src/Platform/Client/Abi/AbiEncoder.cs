using System.Buffers.Binary;
using System.Collections;
using System.Numerics;
using System.Text;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>A generated struct: its members in the order of the ABI.</summary>
public interface IAbiTuple
{
    object[] ToAbi();
}

/// <summary>Writes values in the one encoding that Solidity writes. A value that does not fit its type is the caller's mistake and throws <see cref="ArgumentException"/>.</summary>
public static class AbiEncoder
{
    /// <summary>The encoding of an argument list, without selector.</summary>
    public static byte[] Encode(IReadOnlyList<AbiParameter> parameters, IReadOnlyList<object> values) =>
        Encode(AbiType.Tuple(parameters), values);

    /// <summary>The encoding of one value alone: an argument list is the encoding of its tuple.</summary>
    public static byte[] Encode(AbiType type, object value)
    {
        var output = new AbiOutput();
        Write(output, type, value, type.ToString());
        return output.ToArray();
    }

    static void Write(AbiOutput output, AbiType type, object value, string where)
    {
        switch (type.Kind)
        {
            case AbiKind.UInt: output.Write(ToUnsigned(type, value, where)); break;
            case AbiKind.Int: output.Write(ToSigned(type, value, where)); break;
            case AbiKind.Address: output.Write((value is Address address ? address : throw Unfit(type, value, where)).ToUInt256()); break;
            case AbiKind.Bool: output.Write((value is bool flag ? flag : throw Unfit(type, value, where)) ? UInt256.One : UInt256.Zero); break;
            case AbiKind.FixedBytes:
                var exact = ToBytes(type, value, where);
                if (exact.Length != type.Size) throw new ArgumentException($"{where}: {type} takes {type.Size} bytes, not {exact.Length}");
                output.WritePadded(exact.Span);
                break;
            case AbiKind.Bytes: output.WriteWithLength(ToBytes(type, value, where).Span); break;
            case AbiKind.String: output.WriteWithLength(Encoding.UTF8.GetBytes(value as string ?? throw Unfit(type, value, where))); break;
            case AbiKind.Array: WriteArray(output, type, value, where); break;
            case AbiKind.Tuple: WriteTuple(output, type, value, where); break;
        }
    }

    static void WriteArray(AbiOutput output, AbiType type, object value, string where)
    {
        if (value is string or not IEnumerable) throw Unfit(type, value, where);
        var items = ((IEnumerable)value).Cast<object>().ToArray();
        if (type.Length is { } length && items.Length != length) throw new ArgumentException($"{where}: {type} takes {length} elements, not {items.Length}");
        if (type.Length is null) output.Write((ulong)items.Length);
        WriteSequence(output, items, _ => type.Element!, at => $"{where}[{at}]");
    }

    static void WriteTuple(AbiOutput output, AbiType type, object value, string where)
    {
        var members = value switch
        {
            IAbiTuple tuple => tuple.ToAbi(),
            IReadOnlyList<object> list => list,
            _ => throw Unfit(type, value, where),
        };
        if (members.Count != type.Components.Count) throw new ArgumentException($"{where}: {type.Components.Count} values are wanted, {members.Count} were given");
        WriteSequence(output, members, at => type.Components[at].Type, at => type.Components[at].Name is { Length: > 0 } name ? name : $"{where}.{at}");
    }

    // Heads first; what is dynamic follows them, and its head is the distance from the first head.
    static void WriteSequence(AbiOutput output, IReadOnlyList<object> items, Func<int, AbiType> typeOf, Func<int, string> nameOf)
    {
        var start = output.Length;
        var waiting = new List<(int Item, int Head)>();
        for (var i = 0; i < items.Count; i++)
        {
            if (!typeOf(i).IsDynamic) Write(output, typeOf(i), items[i], nameOf(i));
            else
            {
                waiting.Add((i, output.Length));
                output.Write(UInt256.Zero);
            }
        }
        foreach (var (item, head) in waiting)
        {
            output.SetOffset(head, output.Length - start);
            Write(output, typeOf(item), items[item], nameOf(item));
        }
    }

    internal static UInt256 ToUnsigned(AbiType type, object value, string where)
    {
        var number = value switch
        {
            UInt256 wide => wide,
            byte or ushort or uint or ulong => Convert.ToUInt64(value, null),
            sbyte or short or int or long => Convert.ToInt64(value, null) is >= 0 and var positive ? (ulong)positive : throw Unfit(type, value, where),
            BigInteger big when big.Sign >= 0 && big.GetBitLength() <= 256 => (UInt256)big,
            Enum one => Convert.ToUInt64(one, null),
            _ => throw Unfit(type, value, where),
        };
        return number.BitLength <= type.Size ? number : throw new ArgumentException($"{where}: {number} does not fit {type}");
    }

    /// <summary>In two's complement.</summary>
    internal static UInt256 ToSigned(AbiType type, object value, string where)
    {
        var number = value switch
        {
            BigInteger big => big,
            byte or ushort or uint or ulong => new BigInteger(Convert.ToUInt64(value, null)),
            sbyte or short or int or long => new BigInteger(Convert.ToInt64(value, null)),
            UInt256 wide => (BigInteger)wide,
            _ => throw Unfit(type, value, where),
        };
        var limit = BigInteger.One << (type.Size - 1);
        if (number >= limit || number < -limit) throw new ArgumentException($"{where}: {number} does not fit {type}");
        return (UInt256)(number.Sign >= 0 ? number : number + (BigInteger.One << 256));
    }

    internal static ReadOnlyMemory<byte> ToBytes(AbiType type, object value, string where) => value switch
    {
        byte[] bytes => bytes,
        ReadOnlyMemory<byte> memory => memory,
        Hash256 hash => hash.ToArray(),
        _ => throw Unfit(type, value, where),
    };

    static ArgumentException Unfit(AbiType type, object? value, string where) => new($"{where}: {type} cannot hold {value ?? "null"} ({value?.GetType().Name ?? "nothing"})");
}

/// <summary>Words that grow.</summary>
sealed class AbiOutput
{
    byte[] _bytes = new byte[256];

    public int Length { get; private set; }

    public byte[] ToArray() => _bytes[..Length];

    public void Write(in UInt256 word) => word.WriteBigEndian(Grow(32));

    public void WritePadded(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Grow((bytes.Length + 31) / 32 * 32));

    public void WriteWithLength(ReadOnlySpan<byte> bytes)
    {
        Write((ulong)bytes.Length);
        WritePadded(bytes);
    }

    public void SetOffset(int head, int offset) => BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(head + 28), offset);

    // What is handed out is zero: the array is new, and written once.
    Span<byte> Grow(int count)
    {
        if (_bytes.Length - Length < count) Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, Length + count));
        var room = _bytes.AsSpan(Length, count);
        Length += count;
        return room;
    }
}
