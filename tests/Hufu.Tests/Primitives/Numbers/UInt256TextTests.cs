using System.Globalization;
using System.Numerics;
using CsCheck;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Primitives;

public sealed class UInt256TextTests
{
    [Fact]
    public void Decimal_and_hexadecimal_come_back_as_the_same_number() => Words.Any.Sample(a =>
    {
        var big = (BigInteger)a;
        var digits = big.IsZero ? "0" : big.ToString("x", CultureInfo.InvariantCulture).TrimStart('0');
        return a.ToString() == big.ToString(CultureInfo.InvariantCulture) && UInt256.Parse(a.ToString()) == a
            && $"{a}" == a.ToString() && $"{a:x}" == digits
            && a.ToHexQuantity() == "0x" + digits && UInt256.Parse(a.ToHexQuantity()) == a && UInt256.Parse("0X000" + digits.ToUpperInvariant()) == a;
    }, iter: 20_000);

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1_000")]
    [InlineData("0xg")]
    [InlineData("ff")]
    [InlineData("１")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639936")] // 2^256
    [InlineData("999999999999999999999999999999999999999999999999999999999999999999999999999999")]
    [InlineData("0x10000000000000000000000000000000000000000000000000000000000000000")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(UInt256.TryParse(text, out var value));
        Assert.Equal(UInt256.Zero, value);
        Assert.Contains("256 bits", Assert.Throws<FormatException>(() => UInt256.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_number_is_accepted() =>
        Assert.Equal(UInt256.MaxValue, UInt256.Parse("115792089237316195423570985008687907853269984665640564039457584007913129639935"));

    [Fact]
    public void A_destination_too_short_is_left_alone()
    {
        Span<char> room = stackalloc char[77];
        Assert.False(UInt256.MaxValue.TryFormat(room, out var written));
        Assert.Equal(0, written);
    }
}
