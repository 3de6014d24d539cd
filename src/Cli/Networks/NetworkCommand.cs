using System.CommandLine;

namespace Hufu.Cli;

/// <summary>`hufu network`: networks of validators.</summary>
static class NetworkCommand
{
    public static Command Create()
    {
        var command = new Command("network", """
        Networks of validators: a whole one on this machine, or one whose members each keep their own key and all sign the same beginning.

        Example:
          hufu network up --validators 4
          hufu network member --data ./mine --name "Bank A" --at validator.bank-a.example:30303 --out bank-a.json
          hufu network draft --member bank-a.json --member bank-b.json ... --out network.json
          hufu network sign network.json --data ./mine --out bank-a.signature.json
          hufu network seal network.json --signature bank-a.signature.json ... --out network.json
          hufu node --consensus qbft --network network.json --data ./mine
        """)
        {
            NetworkUpCommand.Create(), NetworkKeyCommand.Create(), NetworkGenesisCommand.Create(), NodeListCommands.Create(),
        };
        foreach (var step in CeremonyCommands.All) command.Add(step);
        return command;
    }
}
