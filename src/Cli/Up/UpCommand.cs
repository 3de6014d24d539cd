using System.CommandLine;

namespace Hufu.Cli;

/// <summary>`hufu up`: a chain in one process, its data kept in a folder.</summary>
static class UpCommand
{
    public static Command Create()
    {
        var command = new Command("up", "Start a chain in one process; its data is kept in a folder.");
        command.SetAction(static (_, _) => Task.FromResult(0));
        return command;
    }
}
