using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>`hufu tally`: a proof file for something on a chain, from any node of it.</summary>
static class TallyCommand
{
    static readonly Option<string> Rpc = new("--rpc") { Description = "The node to ask: http://, https://, ws:// or wss://.", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:8545" };
    static readonly Option<string?> Transaction = new("--transaction") { Description = "The transaction that is meant.", HelpName = "HASH" };
    static readonly Option<int?> Log = new("--log") { Description = "With --transaction: only this one of its events, counted from 0.", HelpName = "N" };
    static readonly Option<string?> Account = new("--account") { Description = "The account that is meant.", HelpName = "ADDRESS" };
    static readonly Option<string?> Slot = new("--slot") { Description = "With --account: this storage slot of the contract.", HelpName = "SLOT" };
    static readonly Option<string?> Block = new("--block") { Description = "With --account: as of this block (a number, or latest).", HelpName = "BLOCK" };
    static readonly Option<string[]> Abi = new("--abi") { Description = "ABI files of contracts whose events shall read in words.", HelpName = "FILE", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    static readonly Option<string?> Out = new("--out") { Description = "Where to write the tally; without it, to the output.", HelpName = "FILE" };

    public static Command Create()
    {
        var command = new Command("tally", """
            Make a tally: a file that proves a transaction, an event, an account or a storage value to anyone, without this node.

            Example:
              hufu tally --rpc http://127.0.0.1:8545 --transaction 0x5c50… --out payment.tally.json
              hufu tally --account 0xf39F… --slot 0x0 --out slot.tally.json
              hufu verify payment.tally.json
            """)
        { Rpc, Transaction, Log, Account, Slot, Block, Abi, Out };
        command.SetAction((parsed, stop) => RunAsync(parsed, stop));
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        if (!Uri.TryCreate(parsed.GetValue(Rpc), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https" or "ws" or "wss"))
            return Outcome.Refuse(new Refusal($"--rpc {parsed.GetValue(Rpc)} is no URL of a node", Mend: "write it as http://127.0.0.1:8545"));
        try
        {
            if (!TryReadAbis(parsed.GetValue(Abi) ?? [], out var known, out var refusal)) return Outcome.Refuse(refusal);
            await using var chain = await ChainClient.ConnectAsync(url, stop).ConfigureAwait(false);
            var (file, cannot) = await MakeAsync(new TallyMaker(chain), parsed, known, stop).ConfigureAwait(false);
            if (file is null) return Outcome.Refuse(cannot!);
            if (parsed.GetValue(Out) is { } path) await File.WriteAllBytesAsync(path, file, stop).ConfigureAwait(false);
            else await Console.OpenStandardOutput().WriteAsync(file, stop).ConfigureAwait(false);
            return Outcome.Success;
        }
        catch (ChainException error)
        {
            return Outcome.Refuse(error.Refusal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Outcome.Refuse(new Refusal("cannot read or write a file", error.Message, "check the paths"));
        }
    }

    static async Task<(byte[]? File, Refusal? Refusal)> MakeAsync(TallyMaker maker, ParseResult parsed, IReadOnlyList<ContractAbi> known, CancellationToken stop)
    {
        var (transaction, account) = (parsed.GetValue(Transaction), parsed.GetValue(Account));
        if ((transaction is null) == (account is null)) return (null, new Refusal("a tally is of one thing", "give either --transaction or --account", "see hufu tally --help"));
        if (transaction is not null)
        {
            if (!Hash256.TryParse(transaction, out var hash)) return (null, new Refusal($"--transaction {transaction} is no hash", "a hash is 0x and 64 hexadecimal digits"));
            return (parsed.GetValue(Log) is { } position
                ? await maker.OfLogAsync(hash, position, known, stop).ConfigureAwait(false)
                : await maker.OfTransactionAsync(hash, known, stop).ConfigureAwait(false), null);
        }
        if (!Address.TryParse(account, out var address)) return (null, new Refusal($"--account {account} is no address", "an address is 0x and 40 hexadecimal digits"));
        if (!TryReadBlock(parsed.GetValue(Block), out var block)) return (null, new Refusal($"--block {parsed.GetValue(Block)} is no block", "give a number, or one of latest, safe, finalized, earliest"));
        if (parsed.GetValue(Slot) is not { } text) return (await maker.OfAccountAsync(address, block, stop).ConfigureAwait(false), null);
        return UInt256.TryParse(text, out var slot)
            ? (await maker.OfStorageAsync(address, slot, block, stop).ConfigureAwait(false), null)
            : (null, new Refusal($"--slot {text} is no number", "a slot is a number, decimal or 0x and hexadecimal digits"));
    }

    static bool TryReadBlock(string? text, out BlockId block)
    {
        block = text switch { "safe" => BlockId.Safe, "finalized" => BlockId.Finalized, "earliest" => BlockId.Earliest, _ => BlockId.Latest };
        if (text is null or "latest" or "safe" or "finalized" or "earliest") return true;
        if (!UInt256.TryParse(text, out var number) || !number.FitsUInt64) return false;
        block = BlockId.At(number.Low64);
        return true;
    }

    static bool TryReadAbis(IEnumerable<string> files, out IReadOnlyList<ContractAbi> known, [NotNullWhen(false)] out Refusal? refusal)
    {
        var read = new List<ContractAbi>();
        (known, refusal) = (read, null);
        foreach (var file in files)
        {
            if (!ContractAbi.TryParse(File.ReadAllBytes(file), out var abi, out refusal)) return false;
            read.Add(abi);
        }
        return true;
    }
}
