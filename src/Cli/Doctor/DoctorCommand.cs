using System.CommandLine;
using Spectre.Console;

namespace Hufu.Cli;

/// <summary>`hufu doctor`: whether program, machine and data are well.</summary>
static class DoctorCommand
{
    static readonly Option<string> Data = ChainOptions.Data();
    static readonly Option<int> RpcPort = new("--rpc-port") { Description = "The port that `hufu up` would listen on.", HelpName = "PORT", DefaultValueFactory = _ => 8545 };
    static readonly Option<bool> VerifyState = new("--verify-state") { Description = "Compute the state root anew from every account: reads the whole state." };
    static readonly Option<bool> Json = ChainOptions.Json();

    public static Command Create()
    {
        var command = new Command("doctor", """
            Look at the program, the machine and a data folder, and tell what is well and what is not. Changes nothing.
            The exit code is 0 where nothing is bad.

            Example:
              hufu doctor --data ./chain --verify-state
            """)
        { Data, RpcPort, VerifyState, Settings.ConfigFile, Json };
        command.SetAction((parsed, stop) => Task.FromResult(Run(parsed, stop)));
        return command;
    }

    static int Run(ParseResult parsed, CancellationToken stop)
    {
        var settings = Settings.Of(parsed);
        var json = settings.Get(Json);
        var examination = new Examination(Path.GetFullPath(settings.Get(Data) ?? ""), settings.Get(RpcPort), settings.Get(VerifyState), stop);
        if (settings.Refusal is { } wrong) return Outcome.Refuse(wrong, json);

        var findings = new List<Finding>();
        foreach (var finding in examination.Run())
        {
            findings.Add(finding);
            if (!json) Show(finding);
        }
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
