using System.CommandLine;
using Hufu.Client;
using Hufu.Primitives;
using Spectre.Console;

namespace Hufu.Cli;

/// <summary>`hufu doctor`: whether program, machine and data are well.</summary>
static class DoctorCommand
{
    static readonly Option<string> Data = ChainOptions.Data();
    static readonly Option<int> RpcPort = new("--rpc-port") { Description = "The port that `hufu up` would listen on.", HelpName = "PORT", DefaultValueFactory = _ => 8545 };
    static readonly Option<bool> VerifyState = new("--verify-state") { Description = "Compute the state root anew from every account: reads the whole state." };
    static readonly Option<string?> Rpc = new("--rpc") { Description = "Look at a running node instead: above all at why there is no block.", HelpName = "URL" };
    static readonly Option<bool> Json = ChainOptions.Json();

    public static Command Create()
    {
        var command = new Command("doctor", """
            Look at the program, the machine and a data folder, and tell what is well and what is not. With --rpc, look at a running node: where the chain stands still,
            this names the height, the round, each validator that is missing and why. Changes nothing. The exit code is 0 where nothing is bad.

            Example:
              hufu doctor --data ./chain --verify-state
              hufu doctor --rpc http://127.0.0.1:8545
            """)
        { Rpc, Data, RpcPort, VerifyState, Settings.ConfigFile, Json };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var settings = Settings.Of(parsed);
        var json = settings.Get(Json);
        if (settings.Get(Rpc) is { } node) return await LookAtAsync(node, json, stop).ConfigureAwait(false);
        var examination = new Examination(Path.GetFullPath(settings.Get(Data) ?? ""), settings.Get(RpcPort), settings.Get(VerifyState), stop);
        if (settings.Refusal is { } wrong) return Outcome.Refuse(wrong, json);

        var findings = new List<Finding>();
        foreach (var finding in examination.Run())
        {
            findings.Add(finding);
            if (!json) Show(finding);
        }
        return Conclude(findings, json);
    }

    static async Task<int> LookAtAsync(string node, bool json, CancellationToken stop)
    {
        if (!Uri.TryCreate(node, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https" or "ws" or "wss"))
            return Outcome.Refuse(new Refusal($"--rpc {node} is no URL of a node", Mend: "write it as http://127.0.0.1:8545"), json);
        var findings = new List<Finding>();
        try
        {
            await using var chain = await ChainClient.ConnectAsync(url, stop).ConfigureAwait(false);
            await foreach (var finding in new RemoteExamination(chain, url, stop).RunAsync().ConfigureAwait(false))
            {
                findings.Add(finding);
                if (!json) Show(finding);
            }
        }
        catch (ChainException error)
        {
            return Outcome.Refuse(error.Refusal, json);
        }
        return Conclude(findings, json);
    }

    static int Conclude(List<Finding> findings, bool json)
    {
        var isWell = findings.All(finding => finding.Health != Health.Bad);
        if (json) Outcome.WriteJson(writer =>
        {
            writer.WriteBoolean("well"u8, isWell);
            writer.WriteStartArray("findings"u8);
            foreach (var finding in findings)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, finding.Name);
                writer.WriteString("health"u8, finding.Health.ToString());
                writer.WriteString("detail"u8, finding.Detail);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        });
        return isWell ? Outcome.Success : Outcome.Failure;
    }

    static void Show(Finding finding)
    {
        var mark = finding.Health switch { Health.Good => "[green]ok  [/]", Health.Notable => "[yellow]note[/]", _ => "[red]BAD [/]" };
        AnsiConsole.Markup(mark);
        Console.WriteLine($" {finding.Name,-11}{finding.Detail}");
    }
}
