using System.CommandLine;
using Hufu.Client;
using Hufu.Primitives;
using Hufu.WebConsole;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hufu.Cli;

/// <summary>`hufu console`: the console alone, before any Ethereum chain.</summary>
static class ConsoleCommand
{
    static readonly Option<string> Rpc = new("--rpc") { Description = "The chain's node: http://, https://, ws:// or wss://.", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:8545" };
    static readonly Option<string[]> Hosts = new("--console-hosts") { Description = "Names by which the console may be called besides localhost; * for all.", HelpName = "NAMES", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    static readonly Option<bool> NodeAccounts = new("--node-accounts") { Description = "Let whoever opens the console send from the accounts that the node signs for. For development chains only." };

    public static Command Create()
    {
        var command = new Command("console", """
            Serve the web console before any Ethereum chain: blocks, transactions in words, contracts, tallies, operations.

            Example:
              hufu console --rpc http://127.0.0.1:8545
              hufu console --rpc wss://node.example --console-port 9090 --host 0.0.0.0 --console-hosts console.example
            """)
        { Rpc, LedgerOptions.Host, ServiceOptions.ConsolePort, Hosts, NodeAccounts, LedgerOptions.Data, Settings.ConfigFile, LedgerOptions.Json };
        foreach (var option in LogSettings.All) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var settings = Settings.Of(parsed);
        var (json, rpc, port, host) = (settings.Get(LedgerOptions.Json), settings.Get(Rpc), settings.Get(ServiceOptions.ConsolePort), settings.Get(LedgerOptions.Host));
        var (names, nodeAccounts) = (settings.Get(Hosts) ?? [], settings.Get(NodeAccounts));
        using var log = LogSettings.Read(settings, "console");
        if (settings.Refusal is { } refusal) return Outcome.Refuse(refusal, json);
        if (!Uri.TryCreate(rpc, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https" or "ws" or "wss"))
            return Outcome.Refuse(new Refusal($"--rpc {rpc} is no URL of a node", Mend: "write it as http://127.0.0.1:8545"), json);
        if (port is < 0 or > 65535) return Outcome.Refuse(new Refusal($"--console-port {port} is not a port", "ports go from 0 to 65535", "use 8080, or 0 for any free port"), json);
        try
        {
            using var asked = new StopRequest(stop);
            await using var chain = await ChainClient.ConnectAsync(url, stop).ConfigureAwait(false);
            var builder = WebApplication.CreateSlimBuilder();
            builder.Services.AddSingleton<IHostLifetime, Services.OwnersLifetime>();
            log.Configure(builder.Logging.ClearProviders());
            builder.WebHost.UseUrls($"http://{(host.Contains(':') ? $"[{host}]" : host)}:{port}");
            builder.Services.AddConsole(chain, new ConsoleOptions { RpcUrl = url.UserInfo.Length > 0 || url.PathAndQuery.Length > 1 ? null : url.GetLeftPart(UriPartial.Authority), DataFolder = settings.Get(LedgerOptions.Data), Hosts = names, SendsFromNodeAccounts = nodeAccounts });
            await using var app = builder.Build();
            app.UseRouting();
            app.UseConsole().MapConsole();
            await app.StartAsync(stop).ConfigureAwait(false);
            Tell(app.Urls.First(), chain.Transport.Name, json);
            await asked.UntilAskedAsync(json).ConfigureAwait(false);
            return Outcome.Success;
        }
        catch (ChainException error)
        {
            return Outcome.Refuse(error.Refusal, json);
        }
        catch (IOException error)
        {
            return Outcome.Refuse(new Refusal($"cannot listen on {host}:{port}", error.Message, "choose another port with --console-port"), json);
        }
    }

    static void Tell(string url, string rpc, bool json)
    {
        if (json)
        {
            Outcome.WriteJson(writer => writer.WriteString("url"u8, url));
            return;
        }
        Console.WriteLine($"console  {url}");
        Console.WriteLine($"chain    {rpc}");
        Console.WriteLine();
        Console.WriteLine("Ctrl-C stops.");
    }
}
