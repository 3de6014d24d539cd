using System.Text.RegularExpressions;
using Hufu.Primitives;
using Hufu.WebConsole;
using Xunit;

namespace Hufu.Tests;

/// <summary>Both languages of the console are complete. Texts stand in the code in pairs, so that what is left to check is that each half is what it should be, and that no text goes past.</summary>
public sealed partial class ConsoleWordsTests
{
    // Say("…", "…"), with or without interpolation.
    [GeneratedRegex("""Say\(\$?"((?:[^"\\]|\\.)*)",\s*\$?"((?:[^"\\]|\\.)*)"\)""")]
    private static partial Regex Pair();

    [GeneratedRegex(@"[\u4e00-\u9fff]")]
    private static partial Regex Hanzi();

    // Words between tags: what a reader would see without anybody having said it in two languages.
    [GeneratedRegex(@">\s*([A-Z][a-z]+ [a-z]+[^<@{}]*)<")]
    private static partial Regex BareWords();

    static IEnumerable<string> Pages => Directory.EnumerateFiles(SharedFolder.Repository("src/Platform/Console"), "*.razor", SearchOption.AllDirectories).Where(path => !path.Contains("/obj/", StringComparison.Ordinal));

    [Fact]
    public void Every_text_has_an_English_and_a_Chinese_half()
    {
        var pairs = Pages.SelectMany(path => Pair().Matches(File.ReadAllText(path)).Select(match => (Path.GetFileName(path), English: match.Groups[1].Value, Chinese: match.Groups[2].Value))).ToList();

        Assert.True(pairs.Count > 300, $"only {pairs.Count} texts were found");
        Assert.DoesNotContain(pairs, pair => Hanzi().IsMatch(pair.English));
        // A half without a Chinese character is one that both languages write alike.
        Assert.DoesNotContain(pairs, pair => !Hanzi().IsMatch(pair.Chinese) && pair.Chinese.Any(char.IsLetter) && pair.English != pair.Chinese && !pair.Chinese.Contains('{'));
    }

    [Fact]
    public void No_page_has_words_that_are_not_said_in_both_languages() =>
        Assert.Empty(Pages.SelectMany(path => BareWords().Matches(string.Join('\n', File.ReadLines(path).Where(line => !line.TrimStart().StartsWith("///", StringComparison.Ordinal)))).Select(match => $"{Path.GetFileName(path)}: {match.Groups[1].Value}")));

    [Fact]
    public void Every_act_and_every_role_is_told_in_both_languages()
    {
        var told = ActList.All.SelectMany(act => act.Fields.Select(field => (field.English, field.Chinese)).Append((act.English, act.Chinese)).Append(act.Signer)
            .Append((act.Will(new ActValues(_ => "7")).English, act.Will(new ActValues(_ => "7")).Chinese)))
            .Concat(Role.Always.SelectMany(role => role.Steps.SelectMany(step => new[] { (step.English, step.Chinese), (step.EnglishMore, step.ChineseMore) }).Append((role.English, role.Chinese))));

        Assert.All(told, one => Assert.True(one.Item1.Length > 0 && !Hanzi().IsMatch(one.Item1) && Hanzi().IsMatch(one.Item2), $"{one}"));
    }

    [Theory]
    [InlineData("1234500000", 6, "1,234.5")]
    [InlineData("1", 18, "0.000000000000000001")]
    [InlineData("1000000000000000000000000", 18, "1,000,000")]
    [InlineData("0", 6, "0")]
    public void Money_is_written_whole_and_read_back(string units, int decimals, string text)
    {
        Assert.Equal(text, Text.Amount(UInt256.Parse(units), decimals));
        Assert.True(Text.TryReadAmount(text, decimals, out var read));
        Assert.Equal(UInt256.Parse(units), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("1.2.3")]
    [InlineData("-1")]
    [InlineData("1e6")]
    [InlineData("0.0000001")]
    public void What_is_no_amount_is_not_read_as_one(string text) => Assert.False(Text.TryReadAmount(text, 6, out _));
}
