using System.Collections;
using System.Text;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>Solidity's non-standard packed mode (<c>abi.encodePacked</c>): values side by side without padding, the elements of arrays padded. For hashing only: it cannot be read back.</summary>
public static class PackedEncoder
{
    public static byte[] Encode(IReadOnlyList<AbiType> types, IReadOnlyList<object> values)
    {
        if (types.Count != values.Count) throw new ArgumentException($"{types.Count} values are wanted, {values.Count} were given", nameof(values));
        var output = new MemoryStream();
        for (var i = 0; i < types.Count; i++) Write(output, types[i], values[i], padded: false);
        return output.ToArray();
    }

    /// <summary>What the topic of an indexed value wider than a word is the hash of: in place, without lengths, the members of arrays and structs padded.</summary>
    internal static byte[] EncodeForTopic(AbiType type, object value)
    {
        var output = new MemoryStream();
        Write(output, type, value, padded: false);
        return output.ToArray();
    }

    static void Write(MemoryStream output, AbiType type, object value, bool padded)
    {
        switch (type.Kind)
        {
            case AbiKind.Array:
                foreach (var item in (IEnumerable)value) Write(output, type.Element!, item, padded: true);
                break;
            case AbiKind.Tuple:
                var members = value is IAbiTuple tuple ? tuple.ToAbi() : (IReadOnlyList<object>)value;
                for (var i = 0; i < members.Count; i++) Write(output, type.Components[i].Type, members[i], padded: true);
                break;
            case AbiKind.Bytes or AbiKind.String:
                var bytes = value is string text ? Encoding.UTF8.GetBytes(text) : AbiEncoder.ToBytes(type, value, type.ToString()).Span;
                output.Write(bytes);
                if (padded && bytes.Length % 32 != 0) output.Write(new byte[32 - bytes.Length % 32]);
                break;
            default:
                var word = AbiEncoder.Encode(type, value);
                output.Write(padded ? word : type.Kind switch
                {
                    AbiKind.FixedBytes => word.AsSpan(0, type.Size),
                    AbiKind.Address => word.AsSpan(32 - Address.Size),
                    AbiKind.Bool => word.AsSpan(31),
                    _ => word.AsSpan(32 - type.Size / 8),
                });
                break;
        }
    }
}
