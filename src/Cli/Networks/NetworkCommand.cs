using System.CommandLine;

namespace Hufu.Cli;

/// <summary>`hufu network`: networks of validators.</summary>
static class NetworkCommand
{
    public static Command Create() => new("network", """
        Networks of validators: a whole one on this machine, or the genesis file of one whose members each keep their own key.

        Example:
          hufu network up --validators 4
          hufu network key --data ./mine
          hufu network genesis --validator 0xADDRESS --validator 0xADDRESS ... --out genesis.json
        """)
    {
        NetworkUpCommand.Create(), NetworkKeyCommand.Create(), NetworkGenesisCommand.Create(),
    };
}
