using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests;

/// <summary>Refusals in the reader's language.</summary>
public sealed partial class RefusalLanguageTests
{
    [Fact]
    public void Every_reason_has_words_in_both_languages()
    {
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(SharedFolder.Repository("src/Platform"), "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal)))
            foreach (Match match in Code().Matches(File.ReadAllText(file))) used.Add(match.Groups[1].Value);
        Assert.True(used.Count > 20, string.Join(' ', used));
        Assert.Empty(used.Except(ReasonWords.Codes));
        foreach (var code in ReasonWords.Codes)
        {
            var (title, mend) = ReasonWords.Of(code);
            foreach (var words in new[] { title, mend })
            {
                Assert.DoesNotContain(words.English, one => one > 0x2E80);
                Assert.Contains(words.Chinese, one => one is >= '\u4E00' and <= '\u9FFF');
            }
        }
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_language_that_is_asked_for()
    {
        await using var platform = await TestPlatform.StartAsync();
        await platform.Fund(("alice", "1"));
        await platform.Account("shop");
        foreach (var (languages, title, word) in new[] { ("zh-CN,zh;q=0.9,en;q=0.8", "合约拒绝执行", "余额不足"), ("en-US,zh;q=0.5", "the contract refused", "the account has less than that") })
        {
            using var http = new HttpClient { BaseAddress = platform.Platform.Url };
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/payments") { Content = new StringContent("""{"payer":"alice","payee":"shop","amount":"5","reference":"r"}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString("N"));
            request.Headers.Add("Accept-Language", languages);
            using var answer = await http.SendAsync(request);
            var problem = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
            Assert.Equal((HttpStatusCode.UnprocessableEntity, title), (answer.StatusCode, problem.GetProperty("title").GetString()));
            Assert.Contains(word, problem.GetProperty("detail").GetString());
            Assert.Equal(title[0] > 'z' ? "zh-CN" : "en", answer.Content.Headers.ContentLanguage.Single());
        }
    }

    [GeneratedRegex("""ProblemException\([^"]{0,120}?,\s*"([a-z]+(?:-[a-z]+)*)",""")]
    private static partial Regex Code();
}
