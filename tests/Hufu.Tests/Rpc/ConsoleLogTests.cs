using System.Text;
using Hufu.Primitives;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Rpc;

public sealed class ConsoleLogTests
{
    static byte[] Selector(string signature) => Keccak256.Hash(Encoding.ASCII.GetBytes(signature)).Bytes[..4].ToArray();

    static byte[] Word(ulong value) => Hash256.FromUInt256(value).Bytes.ToArray();

    static byte[] Text(string text) => [.. Word((ulong)text.Length), .. Encoding.UTF8.GetBytes(text.PadRight((text.Length + 31) / 32 * 32, '\0'))];

    [Fact]
    public void Formats_take_the_values_that_follow_and_the_rest_stands_after_them()
    {
        byte[] input = [.. Selector("log(string,uint256,bool)"), .. Word(96), .. Word(7), .. Word(1), .. Text("%d of 100%%")];
        Assert.Equal("7 of 100% true", ConsoleLog.Read(input));
    }

    [Fact]
    public void The_names_of_early_versions_are_understood() =>
        Assert.Equal("12 34", ConsoleLog.Read([.. Selector("log(uint,uint)"), .. Word(12), .. Word(34)]));

    [Fact]
    public void Nonsense_says_nothing()
    {
        Assert.Null(ConsoleLog.Read([1, 2, 3]));
        Assert.Null(ConsoleLog.Read([.. Selector("log(string)"), .. Word(ulong.MaxValue)]));
        Assert.Null(ConsoleLog.Read([.. Selector("log(string)"), .. Word(32), .. Word(1_000_000)]));
        Assert.Equal("", ConsoleLog.Read(Selector("log()")));
    }
}
