using System.CommandLine;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>`hufu network genesis`: the genesis file that all members begin with, made from their public keys alone.</summary>
static class NetworkGenesisCommand
{
    static readonly Option<string[]> Validators = new("--validator") { Description = "The address of a validator, as `hufu network key` prints it; once for each.", HelpName = "ADDRESS", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
    static readonly Option<string[]> Funded = new("--fund") { Description = "An account that begins with 10,000 Ether.", HelpName = "ADDRESS", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
    static readonly Option<ulong> ChainId = new("--chain-id") { Description = "The number that tells this chain from others.", HelpName = "ID", DefaultValueFactory = _ => 1981 };
    static readonly Option<uint> BlockPeriod = new("--block-period") { Description = "Seconds from block to block.", HelpName = "SECONDS", DefaultValueFactory = _ => 1 };
    public static readonly Option<string[]> Administrators = new("--administrator") { Description = "An account that may change which accounts (and nodes) take part. With one, contracts say who does, from the first block on; accounts of --fund may send from the beginning.", HelpName = "ADDRESS", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
    static readonly Option<string[]> Controllers = new("--controller") { Description = "The account that decides about the validator at the same place in the list. With these, a contract names the validators: their controllers vote, and each gives its own a new key by itself.", HelpName = "ADDRESS", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
    public static readonly Option<bool> NoJobs = new("--no-jobs") { Description = "Leave the rule out by which the chain runs jobs by itself: for networks with validators of other programs (Besu), which do not know it." };
    static readonly Option<string> Out = new("--out") { Description = "Where to write it.", HelpName = "FILE", DefaultValueFactory = _ => "genesis.json" };

    public static Command Create()
    {
        var command = new Command("genesis", """
            Make the genesis file of a QBFT network from its validators' addresses. Every member makes it from the same addresses, or gets it from one of them, and compares the hash.

            Example:
              hufu network genesis --validator 0x... --validator 0x... --validator 0x... --validator 0x... --out genesis.json
            """)
        { Validators, Controllers, Funded, Administrators, ChainId, BlockPeriod, NoJobs, Out, LedgerOptions.Json };
        command.SetAction(parsed => Run(Settings.Of(parsed)));
        return command;
    }

    static int Run(Settings settings)
    {
        var json = settings.Get(LedgerOptions.Json);
        if (Read(settings.Get(Validators), out var validators) is { } refusal || (refusal = Read(settings.Get(Funded), out var funded)) is not null || (refusal = Read(settings.Get(Administrators), out var administrators)) is not null || (refusal = Read(settings.Get(Controllers), out var controllers)) is not null) return Outcome.Refuse(refusal, json);
        if (validators.Distinct().Count() is var count && (count == 0 || count != validators.Count))
            return Outcome.Refuse(new Refusal(count == 0 ? "a network needs validators" : "a validator is named twice", Mend: "give --validator once for each validator"), json);
        if (WhyNot(administrators, funded) is { } wrong) return Outcome.Refuse(wrong, json);
        if (controllers.Count > 0 && (controllers.Count != validators.Count || controllers.Distinct().Count() != controllers.Count))
            return Outcome.Refuse(new Refusal($"{controllers.Count} controllers for {validators.Count} validators", "each validator has one of its own", "give --controller once for each --validator, in the same order"), json);
        var file = QbftGenesis.Make(validators, settings.Get(ChainId), Math.Max(1, settings.Get(BlockPeriod)), funded, membership: new Membership { Administrators = administrators, Accounts = funded, Controllers = controllers }, hasJobs: !settings.Get(NoJobs));
        if (!GenesisJson.TryParse(file, out var genesis, out refusal)) return Outcome.Refuse(refusal, json);
        var path = Path.GetFullPath(settings.Get(Out)!);
        File.WriteAllBytes(path, file);
        var hash = genesis.ToBlock().Hash.ToString();
        if (json) Outcome.WriteJson(writer =>
        {
            writer.WriteString("genesis"u8, hash);
            writer.WriteString("file"u8, path);
            writer.WriteNumber("validators"u8, validators.Count);
        });
        else Console.WriteLine($"genesis block  {hash}\nfile           {path}\nAll members must see this hash when their node starts.");
        return Outcome.Success;
    }

    /// <summary>Why these cannot be the administrators; null where they can.</summary>
    public static Refusal? WhyNot(IReadOnlyList<Address> administrators, IReadOnlyList<Address> funded) =>
        administrators.Distinct().Count() != administrators.Count ? new Refusal("an administrator is named twice", Mend: "give --administrator once for each")
        : administrators.Count > 0 && !administrators.Any(funded.Contains) ? new Refusal("no administrator could pay for a transaction", "none of them is among the accounts of --fund", "give --fund with the address of an administrator as well") : null;

    public static Refusal? Read(string[]? texts, out List<Address> addresses)
    {
        addresses = [];
        foreach (var text in texts ?? [])
        {
            if (!Address.TryParse(text, out var address)) return new Refusal($"'{text}' is not an address", Mend: "write 0x and 40 hexadecimal digits");
            addresses.Add(address);
        }
        return null;
    }
}
