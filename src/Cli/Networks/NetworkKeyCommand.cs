using System.CommandLine;
using Hufu.Node;

namespace Hufu.Cli;

/// <summary>`hufu network key`: an organisation's own key, and the public half that it brings to the ceremony.</summary>
static class NetworkKeyCommand
{
    public static Command Create()
    {
        var command = new Command("key", """
            Make the key of a validator in its data folder, or read the one there, and print what others may know: its address and its node id.
            The secret stays in the file `nodekey`, which only this user can read.

            Example:
              hufu network key --data ./mine
            """)
        { LedgerOptions.Data, LedgerOptions.Json };
        command.SetAction(parsed => Run(Settings.Of(parsed)));
        return command;
    }

    static int Run(Settings settings)
    {
        var (folder, json) = (Path.GetFullPath(settings.Get(LedgerOptions.Data)), settings.Get(LedgerOptions.Json));
        if (!DataFolder.TryReadOrMakeKey(folder, out var key, out var refusal)) return Outcome.Refuse(refusal, json);
        if (json) Outcome.WriteJson(writer =>
        {
            writer.WriteString("address"u8, key.Id.Address.ToString());
            writer.WriteString("nodeId"u8, key.Id.ToString());
        });
        else
        {
            Console.WriteLine($"address  {key.Id.Address}");
            Console.WriteLine($"node id  {key.Id}");
        }
        return Outcome.Success;
    }
}
