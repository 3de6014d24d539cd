using System.CommandLine;

namespace Hufu.Cli;

/// <summary>`hufu evm`: the machine alone, with the flags and output of geth's `evm` tool, so that public test and fuzz tools work unchanged.</summary>
static class EvmCommand
{
    public static Command Create()
    {
        // geth's older spelling: `evm --json statetest FILE` traces; newer `evm statetest --trace FILE`.
        var json = new Option<bool>("--json") { Description = "Trace every step as a JSON line on standard error (before the subcommand, as older tools write it)." };
        return new Command("evm", "Run the machine alone: code, state tests, blockchain tests. Example: hufu evm run --code 600160020160005260206000f3")
        {
            json,
            RunCodeCommand.Create(json),
            FixtureCommand.Create("statetest", FixtureKind.State, "Run state tests. Example: hufu evm statetest state_tests.zip --fork Osaka", json),
            FixtureCommand.Create("blocktest", FixtureKind.Block, "Run blockchain tests. Example: hufu evm blocktest blockchain_osaka.zip", json),
            FixtureCommand.Create("enginetest", FixtureKind.Engine, "Run blockchain tests of proof of stake through the Engine API. Example: hufu evm enginetest blockchain_osaka.zip", json),
            FixtureCommand.Create("vmtest", FixtureKind.Machine, "Run the VMTests of old: bare code under Frontier's gas rules. Example: hufu evm vmtest constantinople_vm.zip", json),
        };
    }
}
