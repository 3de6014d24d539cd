using Xunit;

namespace Hufu.EndToEnd;

/// <summary>The console in a real browser: Chromium, driven by the scripts in `browser/`.</summary>
public sealed class ConsoleTests
{
    static readonly string Command = Path.Combine(AppContext.BaseDirectory, "hufu.dll");

    [Theory]
    [InlineData("en", "desktop", "scripts")]
    [InlineData("zh-CN", "phone", "plain")]
    public async Task A_newcomer_issues_a_coin_pays_clears_traces_mangoes_and_takes_the_proof_home(string language, string size, string scripts)
    {
        using var data = new TemporaryFolder();
        var port = HufuProcess.FreePort();
        await using var hufu = await HufuProcess.Up(data.Path, "--console-port", $"{port}");

        await BrowserScripts.Run("newcomer.mjs", $"http://127.0.0.1:{port}", language, size, scripts, Command);
    }

    [Fact]
    public async Task Every_page_is_accessible_light_fits_the_screen_and_keeps_to_its_language()
    {
        using var data = new TemporaryFolder();
        var port = HufuProcess.FreePort();
        await using var hufu = await HufuProcess.Up(data.Path, "--console-port", $"{port}");
        var url = $"http://127.0.0.1:{port}";

        await BrowserScripts.Run("newcomer.mjs", url, "en", "desktop", "plain", Command);
        await BrowserScripts.Run("pages.mjs", url);
        TestContext.Current.TestOutputHelper!.WriteLine(await BrowserScripts.Run("weight.mjs", url));
    }

    [Fact]
    public async Task With_keys_the_console_acts_with_the_rights_of_whoever_signed_in()
    {
        using var data = new TemporaryFolder();
        var (port, file, owner, till) = (HufuProcess.FreePort(), Path.Combine(data.Path, "keys.json"), new string('o', 40), new string('t', 40));
        await File.WriteAllTextAsync(file, $$"""{ "keys": [ { "name": "owner", "key": "{{owner}}", "acts": ["*"] }, { "name": "till", "key": "{{till}}", "acts": ["accounts.open", "payments.pay"] } ] }""");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var hufu = await HufuProcess.Up(Path.Combine(data.Path, "chain"), "--console-port", $"{port}", "--service-keys", file);

        await BrowserScripts.Run("keys.mjs", $"http://127.0.0.1:{port}", owner, till);
    }

    [Fact]
    public async Task A_wallet_of_the_browser_signs_what_the_page_told_before()
    {
        using var data = new TemporaryFolder();
        var port = HufuProcess.FreePort();
        await using var hufu = await HufuProcess.Up(data.Path, "--no-services");
        var sender = (await hufu.Call("eth_accounts"))[0].GetString()!;
        // TestToken gives its whole supply to whoever deploys it.
        using var artifact = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(SharedFolder.Repository("tests/Contracts/artifacts/TestToken.json")));
        var code = artifact.RootElement.GetProperty("bytecode").GetString()! + "ff".PadLeft(64, '0');
        var hash = (await hufu.Call("eth_sendTransaction", new { from = sender, data = code.StartsWith("0x", StringComparison.Ordinal) ? code : "0x" + code })).GetString()!;
        var token = (await hufu.Call("eth_getTransactionReceipt", hash)).GetProperty("contractAddress").GetString()!;
        // The console alone, before a chain of another process: as it stands before any Ethereum chain.
        using var console = HufuProcess.Begin(["console", "--rpc", hufu.Url, "--console-port", $"{port}", "--node-accounts"]);
        try
        {
            await BrowserScripts.Run("wallet.mjs", await Answering($"http://127.0.0.1:{port}"), hufu.Url, token);
        }
        finally
        {
            console.Kill();
        }
    }

    static async Task<string> Answering(string url)
    {
        using var http = new HttpClient();
        for (var round = 0; ; round++)
        {
            try
            {
                await http.GetStringAsync(url + "/live/head");
                return url;
            }
            catch (HttpRequestException) when (round < 600)
            {
                await Task.Delay(100);
            }
        }
    }
}
