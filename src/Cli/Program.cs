using System.CommandLine;
using Hufu.Cli;

// The list of commands; each one lives in a file of its own.
var hufu = new RootCommand("Hufu: an Ethereum-compatible ledger, the services people run on it, and the console they run it from.")
{
    UpCommand.Create(),
    NodeCommand.Create(),
    ServicesCommand.Create(),
    NetworkCommand.Create(),
    ImportCommand.Create(),
    ExportCommand.Create(),
    SnapshotCommand.Create(),
    AccountCommand.Create(),
    ContractCommand.Create(),
    TallyCommand.Create(),
    VerifyCommand.Create(),
    EpcisCommand.Create(),
    IsoCommand.Create(),
    ConsoleCommand.Create(),
    DoctorCommand.Create(),
    EvmCommand.Create(),
    BenchCommand.Create(),
    DocsCommand.Create(),
};
// Commands that run on hear Ctrl-C and SIGTERM themselves and end with success; the others lose nothing by ending at once.
return await hufu.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
