using System.Numerics;
using CsCheck;
using Hufu.Client;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Client;

public sealed class AbiTests
{
    static readonly Gen<AbiType> GenWord = Gen.OneOf(
        Gen.Const(AbiType.Address), Gen.Const(AbiType.Bool), Gen.Const(AbiType.Bytes), Gen.Const(AbiType.String),
        Gen.Int[1, 32].Select(bytes => AbiType.UInt(8 * bytes)), Gen.Int[1, 32].Select(bytes => AbiType.Int(8 * bytes)), Gen.Int[1, 32].Select(AbiType.FixedBytes));

    static readonly Gen<AbiType> GenType = Types(3);

    static Gen<AbiType> Types(int depth) => depth == 0 ? GenWord : Gen.OneOf(
        GenWord,
        Gen.Select(Types(depth - 1), Gen.Int[0, 3]).Select((element, length) => AbiType.Array(element, length == 0 ? null : length)),
        Types(depth - 1).Array[1, 4].Select(AbiType.Tuple));

    static Gen<object> Values(AbiType type) => type.Kind switch
    {
        AbiKind.UInt => Gen.Byte.Array[0, type.Size / 8].Select(bytes => (object)UInt256.FromBigEndian(bytes)),
        AbiKind.Int => Gen.Byte.Array[0, type.Size / 8].Select(bytes => (object)new BigInteger(bytes)),
        AbiKind.Address => Gen.Byte.Array[20].Select(bytes => (object)Address.FromBytes(bytes)),
        AbiKind.Bool => Gen.Bool.Select(flag => (object)flag),
        AbiKind.FixedBytes => Gen.Byte.Array[type.Size].Select(bytes => (object)bytes),
        AbiKind.Bytes => Gen.Byte.Array[0, 70].Select(bytes => (object)bytes),
        AbiKind.String => Gen.String[Gen.Char['一', '丏'], 0, 30].Select(text => (object)text),
        AbiKind.Array => Values(type.Element!).Array[type.Length ?? 0, type.Length ?? 4].Select(items => (object)items),
        _ => type.Components.Aggregate(Gen.Const(Array.Empty<object>()), (before, component) => Gen.Select(before, Values(component.Type)).Select((list, value) => (object[])[.. list, value])).Select(list => (object)list),
    };

    static readonly Gen<(AbiType Type, object Value)> GenTyped = GenType.SelectMany(type => Values(type).Select(value => (type, value)));

    [Fact]
    public void Whatever_is_encoded_decodes_to_itself() => GenTyped.Sample(typed =>
    {
        var encoded = AbiEncoder.Encode(typed.Type, typed.Value);
        return AbiDecoder.TryDecode(typed.Type, encoded, out var decoded, out _, canonical: true) && AbiJson.Text(decoded) == AbiJson.Text(typed.Value);
    });

    [Fact]
    public void A_type_is_read_from_its_own_name() => GenType.Sample(type => AbiType.Parse(type.ToString()).ToString() == type.ToString());

    [Fact]
    public void Damaged_data_is_refused_or_read_as_another_value_and_never_throws() => Gen.Select(GenTyped, Gen.Int, Gen.Byte[1, 255], Gen.Int[0, 40]).Sample((typed, at, flip, cut) =>
    {
        var encoded = AbiEncoder.Encode(typed.Type, typed.Value);
        if (encoded.Length > 0) encoded[(uint)at % (uint)encoded.Length] ^= flip;
        var data = encoded.AsSpan(0, Math.Max(0, encoded.Length - (cut > 30 ? cut : 0)));
        if (AbiDecoder.TryDecode(typed.Type, data, out var decoded, out _, canonical: true)) return AbiEncoder.Encode(typed.Type, decoded).AsSpan().SequenceEqual(data);
        return true;
    }, iter: 20_000);

    [Fact]
    public void Arrays_that_point_at_each_other_do_not_make_little_data_large()
    {
        // Ten levels of arrays whose every element is the same next level: 64^10 values if believed.
        var type = AbiType.UInt256;
        for (var i = 0; i < 10; i++) type = AbiType.Array(type);
        var words = new List<UInt256>();
        for (var level = 0; level < 10; level++)
        {
            words.Add(64);
            for (var i = 0; i < 64; i++) words.Add(64 * 32);
        }
        var data = new byte[32 * words.Count];
        for (var i = 0; i < words.Count; i++) words[i].WriteBigEndian(data.AsSpan(32 * i));

        Assert.False(AbiDecoder.TryDecode(type, data, out _, out var refusal));
        Assert.Contains("overlap", refusal.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("uint256[]", "0x00000000000000000000000000000000000000000000000000000000ffffffff", "-")]
    [InlineData("uint256[0][]", "0x000000000000000000000000000000000000000000000000000000007fffffff", "claims")]
    [InlineData("uint8", "0x0000000000000000000000000000000000000000000000000000000000000100", "does not fit")]
    [InlineData("int8", "0x0000000000000000000000000000000000000000000000000000000000000080", "does not fit")]
    [InlineData("bool", "0x0000000000000000000000000000000000000000000000000000000000000002", "the bool")]
    [InlineData("address", "0x0000000000000000000000010000000000000000000000000000000000000000", "wider than an address")]
    [InlineData("bytes3", "0x0102030400000000000000000000000000000000000000000000000000000000", "padding")]
    [InlineData("string", "0x0000000000000000000000000000000000000000000000000000000000000001ff00000000000000000000000000000000000000000000000000000000000000", "UTF-8")]
    [InlineData("bytes", "0x0000000000000000000000000000000000000000000000000000000000000001ff00000000000000000000000000000000000000000000000000000000000001", "padding")]
    [InlineData("uint256", "0x00", "ends too early")]
    public void Data_that_means_nothing_is_refused_with_the_reason(string type, string data, string why)
    {
        Assert.False(AbiDecoder.TryDecode(AbiType.Parse(type), Hex.Decode(data), out _, out var refusal));
        Assert.True(why == "-" || refusal.Why.Contains(why, StringComparison.Ordinal), refusal.Why);
    }

    [Theory]
    [InlineData("")]
    [InlineData("uint7")]
    [InlineData("uint264")]
    [InlineData("bytes33")]
    [InlineData("bytes0")]
    [InlineData("(uint256")]
    [InlineData("uint256)")]
    [InlineData("uint256[")]
    [InlineData("uint256[01]")]
    [InlineData("uint256[-1]")]
    [InlineData("uint256[999999999][999999999]")]
    [InlineData("address payable nonsense here")]
    public void A_text_that_is_no_type_is_refused(string text) => Assert.False(AbiType.TryParse(text, out _, out _));

    [Fact]
    public void A_type_nested_without_end_is_refused()
    {
        Assert.False(AbiType.TryParse(new string('(', 10_000), out _, out _));
        Assert.False(AbiType.TryParse("uint256" + string.Concat(Enumerable.Repeat("[]", 5000)), out _, out _));
    }

    [Fact]
    public void The_selector_and_the_call_of_a_transfer_are_those_everybody_knows()
    {
        var transfer = AbiFunction.Parse("function transfer(address to, uint256 amount) returns (bool)");

        Assert.Equal(0xa9059cbbu, transfer.Selector);
        Assert.Equal("0xa9059cbb000000000000000000000000000000000000000000000000000000000000dead0000000000000000000000000000000000000000000000000000000000000007",
            Hex.Encode(transfer.EncodeCall(Address.FromNumber(0xdead), 7)));
    }

    [Fact]
    public void A_log_of_a_transfer_reads_as_from_to_and_value()
    {
        var transfer = AbiEvent.Parse("event Transfer(address indexed from, address indexed to, uint256 value)");
        var log = new Log(Address.FromNumber(1), [transfer.Topic, Word(0xa), Word(0xb)], Word(99).ToArray());

        Assert.Equal("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef", transfer.Topic.ToString());
        Assert.True(transfer.TryDecode(log, out var values, out _));
        Assert.Equal([Address.FromNumber(0xa), Address.FromNumber(0xb), (UInt256)99], values);
        Assert.Equal([transfer.Topic, null, Word(0xb)], transfer.Filter(null, Address.FromNumber(0xb)));
    }

    [Fact]
    public void A_value_that_does_not_fit_is_refused_by_the_name_of_its_parameter()
    {
        var pay = AbiFunction.Parse("pay(uint8 count)");

        Assert.Contains("count: 256 does not fit uint8", Assert.Throws<ArgumentException>(() => pay.EncodeCall(256)).Message, StringComparison.Ordinal);
    }

    static Hash256 Word(ulong number) => Hash256.FromUInt256(number);
}
