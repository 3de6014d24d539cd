using CsCheck;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Primitives;

public sealed class HexTests
{
    [Fact]
    public void Bytes_come_back_as_they_were() => Gen.Byte.Array[0, 100].Sample(bytes =>
    {
        var text = Hex.Encode(bytes);
        Span<byte> room = stackalloc byte[100];
        return text == "0x" + Convert.ToHexString(bytes).ToLowerInvariant()
            && Hex.TryDecode(text, out var decoded) && decoded.AsSpan().SequenceEqual(bytes)
            && Hex.TryDecode(text.ToUpperInvariant(), room, out var written) && room[..written].SequenceEqual(bytes);
    });

    [Theory]
    [InlineData("", "begin with 0x")]
    [InlineData("12", "begin with 0x")]
    [InlineData("0x1", "odd number")]
    [InlineData("0x12g4", "character 4 is 'g'")]
    [InlineData("0x 1", "character 2 is ' '")]
    public void What_is_not_hexadecimal_is_refused_with_the_reason(string text, string reason)
    {
        Assert.False(Hex.TryDecode(text, out var bytes));
        Assert.Empty(bytes);
        Assert.Contains(reason, Assert.Throws<FormatException>(() => Hex.Decode(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_destination_too_short_is_refused() => Assert.False(Hex.TryDecode("0x010203", stackalloc byte[2], out _));

    [Theory]
    [InlineData("0x0", 0)]
    [InlineData("0x1f", 31)]
    [InlineData("0xFF", 255)]
    public void Quantities_are_read(string text, int value)
    {
        Assert.True(Hex.TryDecodeQuantity(text, out UInt256 wide));
        Assert.Equal(value, wide);
        Assert.True(Hex.TryDecodeQuantity(text, out ulong narrow));
        Assert.Equal((ulong)value, narrow);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0x")]
    [InlineData("0x01")]
    [InlineData("0x00")]
    [InlineData("0X1")]
    [InlineData("1")]
    [InlineData("0xg")]
    [InlineData("0x10000000000000000000000000000000000000000000000000000000000000000")]
    public void Quantities_are_read_strictly(string text) => Assert.False(Hex.TryDecodeQuantity(text, out UInt256 _));

    [Theory]
    [InlineData("0x", 0)]
    [InlineData("0x00", 0)]
    [InlineData("0x0001f", 31)]
    [InlineData("31", 31)]
    public void Genesis_files_are_read_leniently(string text, int value)
    {
        Assert.True(Hex.TryDecodeLenientQuantity(text, out var read));
        Assert.Equal(value, read);
    }

    [Fact]
    public void Quantities_of_more_than_64_bits_do_not_fit_a_ulong()
    {
        Assert.False(Hex.TryDecodeQuantity("0x10000000000000000", out ulong value));
        Assert.Equal(0UL, value);
        Assert.Equal("0x10000000000000000", Hex.EncodeQuantity(new UInt256(0, 1, 0, 0)));
        Assert.Equal("0xffffffffffffffff", Hex.EncodeQuantity(ulong.MaxValue));
    }
}
