using Xunit;

namespace Hufu.EndToEnd;

/// <summary>The console in a real browser: Chromium, driven by the scripts in `browser/`.</summary>
public sealed class ConsoleTests
{
    static readonly string Command = Path.Combine(AppContext.BaseDirectory, "hufu.dll");

    [Fact]
    public async Task A_newcomer_issues_a_coin_pays_clears_traces_mangoes_and_takes_the_proof_home_with_a_phone_and_without_scripts()
    {
        using var data = new TemporaryFolder();
        var port = HufuProcess.FreePort();
        await using var hufu = await HufuProcess.Up(data.Path, "--console-port", $"{port}");

        await BrowserScripts.Run("newcomer.mjs", $"http://127.0.0.1:{port}", "zh-CN", "phone", "plain", Command);
    }

    [Fact]
    public Task The_reader_of_codes_is_what_its_package_gives() => BrowserScripts.Run("reader.mjs", "--check");

    [Fact]
    public async Task The_console_and_the_services_stand_before_a_chain_of_another_program()
    {
        var program = NodeClients.Package("@foundry-rs/anvil-linux-amd64/bin/anvil");
        using var data = new TemporaryFolder();
        var (rpc, console, services) = (HufuProcess.FreePort(), HufuProcess.FreePort(), HufuProcess.FreePort());
        var chain = $"http://127.0.0.1:{rpc}";
        var (keystore, password) = (Path.Combine(data.Path, "operator.json"), Path.Combine(data.Path, "password"));
        await File.WriteAllTextAsync(password, "not a secret");
        await File.WriteAllTextAsync(keystore, Client.Signer.FromSecret(Node.DevAccounts.Secrets(1)[0]).ToKeystore("not a secret", Crypto.Keystore.LightCost));
        using var anvil = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, ["--port", $"{rpc}", "--silent"]))!;
        try
        {
            using var alone = HufuProcess.Begin(["console", "--rpc", chain, "--console-port", $"{console}", "--node-accounts"]);
            using var platform = HufuProcess.Begin(["services", "--rpc", chain, "--data", Path.Combine(data.Path, "services"), "--operator", keystore, "--password-file", password, "--console-port", $"{services}"]);
            try
            {
                await BrowserScripts.Run("other-chain.mjs", await Answering($"http://127.0.0.1:{console}"), await Answering($"http://127.0.0.1:{services}"), chain);
            }
            finally
            {
                alone.Kill();
                platform.Kill();
            }
        }
        finally
        {
            anvil.Kill();
        }
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
