using System.Text.RegularExpressions;
using Hufu.WebConsole;
using Xunit;

namespace Hufu.Tests;

/// <summary>Refusals are told in English, where they arise; a reader of Chinese pages reads them in Chinese.</summary>
public sealed partial class RefusalWordsTests
{
    // What is told of a form: the first and the last of its three parts, which are its own words.
    [GeneratedRegex("""ProblemException\.Invalid\((\$?"(?:[^"\\]|\\.)*"), .+?, ("(?:[^"\\]|\\.)*")\)""")]
    private static partial Regex Told();

    [GeneratedRegex(@"\{[^{}]*(\{[^{}]*\}[^{}]*)*\}")]
    private static partial Regex Hole();

    [Fact]
    public void What_a_form_is_refused_with_is_known_in_Chinese()
    {
        string[] folders = ["Console", "Services/Payments", "Services/Stablecoin", "Services/Commands", "Services/Notices"];
        var told = folders.SelectMany(folder => Directory.EnumerateFiles(SharedFolder.Repository("src/Platform/" + folder), "*.*", SearchOption.AllDirectories))
            .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".razor", StringComparison.Ordinal)).Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.EndsWith("Api.cs", StringComparison.Ordinal) && !path.EndsWith("CaptureEndpoints.cs", StringComparison.Ordinal))
            .SelectMany(path => Told().Matches(File.ReadAllText(path))).SelectMany(match => new[] { match.Groups[1].Value, match.Groups[2].Value }).Select(Example).Distinct().ToList();

        Assert.True(told.Count > 60, $"only {told.Count} were found");
        Assert.Equal("", string.Join('\n', told.Where(said => RefusalWords.In(Tongue.Chinese, said) is null)));
    }

    [Theory]
    [InlineData("there is no deal 7", "没有第 7 号托管")]
    [InlineData("amount is no amount", "“金额”不是有效金额")]
    [InlineData("payer 'bob' is unknown", "“付款人”一栏的“bob”不存在")]
    [InlineData("write it as \"12.50\", with at most 6 decimals", "请写成 12.50 的形式，小数不超过 6 位")]
    public void A_refusal_keeps_what_it_names(string said, string chinese) => Assert.Equal(chinese, RefusalWords.In(Tongue.Chinese, said));

    [Fact]
    public void What_is_told_to_a_program_is_told_otherwise_to_a_person()
    {
        Assert.DoesNotContain("/api/", RefusalWords.In(Tongue.English, "open it with POST /api/v1/accounts, or give an address"), StringComparison.Ordinal);
        Assert.Null(RefusalWords.In(Tongue.English, "the account's name cannot be used"));
    }

    // A literal as it might come out: "it has {count} bytes" is it has 7 bytes.
    static string Example(string literal)
    {
        var text = literal.TrimStart('$')[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal);
        return literal.StartsWith('$') ? Hole().Replace(text, "7") : text;
    }
}
