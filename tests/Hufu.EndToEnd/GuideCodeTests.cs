using System.Diagnostics;
using System.Text.RegularExpressions;
using Hufu.Client;
using Hufu.Node;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>The code in the guides: whoever copies it has a program that compiles and does what the guide says.</summary>
public sealed partial class GuideCodeTests
{
    [GeneratedRegex("```(?<kind>sh|csharp|solidity)\n(?<text>.*?)```\n", RegexOptions.Singleline)]
    static partial Regex Blocks { get; }

    [Theory]
    [InlineData("client")]
    [InlineData("services")]
    public async Task Both_languages_show_the_same_code(string name)
    {
        // But for what is said in it.
        static string Bare(string code) => Regex.Replace(Regex.Replace(code, "(?m) *// .*$", ""), "SignMessage\\(\".*?\"\\)", "SignMessage()");
        Assert.Equal((await CodeOf("en", name)).Where(block => block.Kind != "sh").Select(block => Bare(block.Text)), (await CodeOf("zh", name)).Where(block => block.Kind != "sh").Select(block => Bare(block.Text)));
    }

    [Fact]
    public async Task A_service_is_added_by_one_folder_and_one_line()
    {
        var modules = SharedFolder.Repository("tests/Contracts/node_modules");
        if (!Directory.Exists(modules)) Assert.Skip("the contracts' compiler is not installed: npm ci in tests/Contracts");
        using var folder = new TemporaryFolder();
        var root = folder.Path;
        foreach (var part in new[] { "src/Platform/Services", "networks", "tests/Contracts" }) Copy(SharedFolder.Repository(part), Path.Combine(root, part));
        foreach (var file in new[] { "Directory.Build.props", "Directory.Packages.props", "global.json" }) File.Copy(SharedFolder.Repository(file), Path.Combine(root, file));
        Directory.CreateSymbolicLink(Path.Combine(root, "tests/Contracts/node_modules"), modules);

        // The folder, and the line.
        var blocks = await CodeOf("en", "services");
        foreach (var block in blocks.Where(block => block.Text.StartsWith("// src/", StringComparison.Ordinal)))
        {
            var (path, code) = (block.Text[3..block.Text.IndexOf('\n')], block.Text[(block.Text.IndexOf('\n') + 1)..]);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
            await File.WriteAllTextAsync(Path.Combine(root, path), code);
        }
        var catalog = Path.Combine(root, "src/Platform/Services/ServiceCatalog.cs");
        var line = blocks.Single(block => block.Text.StartsWith("// in src/Platform/Services/ServiceCatalog.cs", StringComparison.Ordinal)).Text.Split('\n')[1];
        await File.WriteAllTextAsync(catalog, (await File.ReadAllTextAsync(catalog)).Replace("        ];", $"{line}\n        ];", StringComparison.Ordinal));
        var commands = blocks.Where(block => block.Kind == "sh").Select(block => block.Text).ToArray();
        await Shell(root, commands.Single(text => text.Contains("contract generate", StringComparison.Ordinal)));

        // The services alone are compiled anew, over the other parts as they are.
        var project = Path.Combine(root, "src/Platform/Services/Services.csproj");
        var services = await File.ReadAllTextAsync(project);
        await File.WriteAllTextAsync(project, Regex.Replace(services, "<ProjectReference Include=\".*?/(\\w+)\\.csproj\" />", match => $"<Reference Include=\"{Path.Combine(AppContext.BaseDirectory, $"Hufu.{match.Groups[1].Value}.dll")}\" />"));
        await Run(root, "dotnet", "build", project, "-c", "Release", "--nologo", "-v", "quiet", "-p:RunAnalyzers=false", "-o", Path.Combine(root, "built"));
        var program = Path.Combine(root, "program");
        Copy(AppContext.BaseDirectory, program);
        File.Copy(Path.Combine(root, "built/Hufu.Services.dll"), Path.Combine(program, "Hufu.Services.dll"), overwrite: true);

        var port = HufuProcess.FreePort();
        await using var hufu = await HufuProcess.Start("up", Path.Combine(root, "data"), ["--console-port", port.ToString()], null, Path.Combine(program, "hufu.dll"));
        using (await ServiceApi.ConnectAsync(port)) { }
        var answer = await Shell(root, commands.Single(text => text.Contains("/loyalty/points", StringComparison.Ordinal)).Replace(":8080", $":{port}", StringComparison.Ordinal));
        Assert.Contains("\"points\":\"12\"", answer[answer.LastIndexOf('{')..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_of_the_client_guide_compiles_and_runs()
    {
        using var folder = new TemporaryFolder();
        var port = HufuProcess.FreePort();
        await using var hufu = await HufuProcess.Up(Path.Combine(folder.Path, "data"), "--console-port", port.ToString());
        var alice = Signer.FromSecret(DevAccounts.Secrets(1)[0]);
        string coin;
        using (var api = await ServiceApi.ConnectAsync(port))
        {
            await api.Post("stablecoin/reserve/attestations", new { amount = "1000", report = "first" }, "reserve");
            await api.Post("accounts", new { name = "shop" }, "shop");
            await api.Post("stablecoin/mints", new { to = alice.Address.ToString(), amount = "10" }, "mint");
            await api.Put("paid/prices", new { amount = "0.01", payTo = "shop", content = "mangoes 7.20" });
            coin = (await api.Get("stablecoin")).GetProperty("coin").GetString()!;
        }

        Directory.CreateDirectory(Path.Combine(folder.Path, "artifacts"));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "artifacts/Token.json"), (await File.ReadAllTextAsync(SharedFolder.Repository("tests/Contracts/artifacts/TestToken.json"))).Replace("\"contractName\": \"TestToken\"", "\"contractName\": \"Token\"", StringComparison.Ordinal));
        var blocks = await CodeOf("en", "client");
        await Shell(folder.Path, blocks.Single(block => block.Kind == "sh").Text);
        var code = blocks.Where(block => block.Kind == "csharp").Select(block => block.Text).ToArray();
        var keystore = alice.ToKeystore("a password", cost: 4096);
        // What the guide takes for given, before the block that first needs it.
        code[1] = $"""
            var (json, password, words) = ({Literal(keystore)}, "a password", "test test test test test test test test test test test junk");
            var typedDataJson = {Literal("""{"types":{"EIP712Domain":[{"name":"name","type":"string"}],"Mail":[{"name":"text","type":"string"}]},"primaryType":"Mail","domain":{"name":"Post"},"message":{"text":"hello"}}""")};
            var (shop, coin) = (Address.Parse("0x00000000000000000000000000000000000000aa"), Address.Parse("{coin}"));

            """ + code[1];
        code[3] = "var address = (await sender.ExecuteAsync(TokenContract.Deploy(1_000_000))).ContractAddress!.Value;\n" + code[3];
        var text = "using Shop;\n" + string.Join('\n', code).Replace(":8545", $":{hufu.Port}", StringComparison.Ordinal).Replace(":8080", $":{port}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "Program.cs"), text);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "Guide.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable><EnableDefaultCompileItems>false</EnableDefaultCompileItems></PropertyGroup>
              <ItemGroup><Compile Include="Program.cs;TokenContract.g.cs" /></ItemGroup>
              <ItemGroup>{string.Concat(new[] { "Client", "Crypto", "Primitives" }.Select(name => $"<Reference Include=\"{Path.Combine(AppContext.BaseDirectory, $"Hufu.{name}.dll")}\" />"))}</ItemGroup>
            </Project>
            """);
        await Run(folder.Path, "dotnet", "build", "Guide.csproj", "-c", "Release", "--nologo", "-v", "quiet", "-o", "built");
        // The native library and the packages that the three want.
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll"))
            if (!File.Exists(Path.Combine(folder.Path, "built", Path.GetFileName(file)))) File.Copy(file, Path.Combine(folder.Path, "built", Path.GetFileName(file)));
        var output = await Run(folder.Path, "dotnet", "built/Guide.dll");
        Assert.Contains("300", output, StringComparison.Ordinal);
        Assert.EndsWith("mangoes 7.20\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh")]
    public async Task Every_option_of_the_services_guide_is_one_of_the_command(string language)
    {
        var help = await Run(Path.GetTempPath(), "dotnet", Path.Combine(AppContext.BaseDirectory, "hufu.dll"), "services", "--help");
        foreach (var option in (await CodeOf(language, "services")).Where(block => block.Text.StartsWith("hufu services", StringComparison.Ordinal)).SelectMany(block => Regex.Matches(block.Text, "--[a-z-]+").Select(match => match.Value)))
            Assert.Contains(option + " ", help, StringComparison.Ordinal);
    }

    static async Task<List<(string Kind, string Text)>> CodeOf(string language, string name) =>
        [.. Blocks.Matches((await File.ReadAllTextAsync(SharedFolder.Repository($"docs/guide/{language}/{name}.md"))) + "\n").Select(match => (match.Groups["kind"].Value, match.Groups["text"].Value))];

    static string Literal(string text) => $"\"\"\"\n{text}\n\"\"\"";

    static Task<string> Shell(string folder, string commands) => Run(folder, "/bin/sh", "-c", $"set -e\nhufu() {{ dotnet \"{Path.Combine(AppContext.BaseDirectory, "hufu.dll")}\" \"$@\"; }}\n{commands}");

    static async Task<string> Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // A build of its own, that leaves no server behind.
        foreach (var (name, value) in new[] { ("MSBUILDDISABLENODEREUSE", "1"), ("UseSharedCompilation", "false"), ("DOTNET_CLI_TELEMETRY_OPTOUT", "1") }) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await process.WaitForExitAsync(patience.Token);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}:\n{await output}{await error}");
        return await output;
    }

    static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            if (entry.LinkTarget is not null || entry.Name is "bin" or "obj" or "node_modules") continue;
            if (entry is DirectoryInfo) Copy(entry.FullName, Path.Combine(to, entry.Name));
            else File.Copy(entry.FullName, Path.Combine(to, entry.Name), overwrite: true);
        }
    }
}
