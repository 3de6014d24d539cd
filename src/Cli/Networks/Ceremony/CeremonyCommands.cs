using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Network;
using Hufu.Node;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>The steps by which organisations that trust nobody's machine but their own begin a network: `hufu network member`, `draft`, `sign`, `seal`, `check`.</summary>
static class CeremonyCommands
{
    static readonly Option<string> Name = new("--name") { Description = "The organisation's name.", HelpName = "NAME", Required = true };
    static readonly Option<string> At = new("--at") { Description = "Where the others reach its node.", HelpName = "HOST:PORT", Required = true };
    static readonly Option<string?> Controller = new("--controller") { Description = "The account that is to decide about the organisation's validator. Where every member names one, a contract names the validators: their controllers vote, and each gives its own a new key by itself.", HelpName = "ADDRESS" };
    static readonly Option<string[]> Member = new("--member") { Description = "A member's card; once for each.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true, Required = true };
    static readonly Option<string[]> Funded = new("--fund") { Description = "An account that begins with 10,000 Ether.", HelpName = "ADDRESS", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
    static readonly Option<ulong> ChainId = new("--chain-id") { Description = "The number that tells this chain from others.", HelpName = "ID", DefaultValueFactory = _ => LocalNetwork.ChainId };
    static readonly Option<uint> BlockPeriod = new("--block-period") { Description = "Seconds from block to block.", HelpName = "SECONDS", DefaultValueFactory = _ => 1 };
    static readonly Option<string[]> Signature = new("--signature") { Description = "A member's signature; once for each.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
    static readonly Option<string> Out = new("--out") { Description = "Where to write it.", HelpName = "FILE", Required = true };
    static readonly Argument<string> Network = new("FILE") { Description = "The network file." };

    public static IEnumerable<Command> All =>
    [
        Step("member", """
            First, each organisation: make its own key in its own folder, where it stays, and a card for the others to see.

            Example:
              hufu network member --data ./mine --name "Bank A" --at validator.bank-a.example:30303 --out bank-a.json
            """, MakeCard, LedgerOptions.Data, Name, At, Controller, Out),
        Step("draft", """
            Second, anyone: join the members' cards to a network that nobody has signed yet.

            Example:
              hufu network draft --member bank-a.json --member bank-b.json --member bank-c.json --member bank-d.json --out network.json
            """, Draft, Member, Funded, NetworkGenesisCommand.Administrators, NetworkGenesisCommand.NoJobs, ChainId, BlockPeriod, Out),
        Step("sign", """
            Third, each organisation: look at the network, and sign it with the key in its folder.

            Example:
              hufu network sign network.json --data ./mine --out bank-a.signature.json
            """, Sign, Network, LedgerOptions.Data, Out),
        Step("seal", """
            Fourth, anyone: put the members' signatures into the network file.

            Example:
              hufu network seal network.json --signature bank-a.signature.json --signature bank-b.signature.json --out network.json
            """, Seal, Network, Signature, Out),
        Step("check", """
            Check a network file: that nothing in it was changed, and that all members have signed. `hufu node --network FILE` does so before it starts.

            Example:
              hufu network check network.json
            """, Check, Network),
    ];

    static Command Step(string name, string description, Func<Settings, bool, Refusal?> run, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
            if (symbol is Argument argument) command.Add(argument);
            else command.Add((Option)symbol);
        command.Add(LedgerOptions.Json);
        command.SetAction(parsed =>
        {
            var settings = Settings.Of(parsed);
            var json = settings.Get(LedgerOptions.Json);
            try
            {
                return run(settings, json) is { } refusal ? Outcome.Refuse(refusal, json) : Outcome.Success;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return Outcome.Refuse(new Refusal("cannot read or write a file", error.Message, "check the paths"), json);
            }
        });
        return command;
    }

    static Refusal? MakeCard(Settings settings, bool json)
    {
        if (!TryOwnKey(settings, isMade: true, out var key, out var refusal)) return refusal;
        var (name, at) = (settings.Get(Name)!, settings.Get(At)!);
        if (MemberCard.WhyNot(name, key.Id, at) is { } unfit) return unfit;
        Address? controller = null;
        if (settings.Get(Controller) is { } text)
        {
            if (!Address.TryParse(text, out var account)) return new Refusal($"--controller {text} is no address", Mend: "write 0x and 40 hexadecimal digits");
            controller = account;
        }
        var card = MemberCard.Make(name, key, at, controller);
        Write(settings, card.ToJson());
        if (json) Outcome.WriteJson(writer =>
        {
            writer.WriteString("address"u8, card.Address.ToString());
            writer.WriteString("file"u8, Path.GetFullPath(settings.Get(Out)!));
        });
        else Console.WriteLine($"address  {card.Address}\ncard     {Path.GetFullPath(settings.Get(Out)!)}\nGive the card to the others. The key stays in {Path.GetFullPath(settings.Get(LedgerOptions.Data))}.");
        return null;
    }

    static Refusal? Draft(Settings settings, bool json)
    {
        var cards = new List<MemberCard>();
        foreach (var file in settings.Get(Member) ?? [])
        {
            if (!TryParse(file, out var content) || !MemberCard.TryRead(content, file, out var card, out var refusal)) return MemberCard.TryRead(null, file, out _, out refusal) ? null : refusal;
            cards.Add(card);
        }
        if (NetworkGenesisCommand.Read(settings.Get(Funded), out var funded) is { } unread || (unread = NetworkGenesisCommand.Read(settings.Get(NetworkGenesisCommand.Administrators), out var administrators)) is not null
            || (unread = NetworkGenesisCommand.WhyNot(administrators, funded)) is not null) return unread;
        // The contract lists them as the members stand in the file.
        cards.Sort((left, right) => left.Address.CompareTo(right.Address));
        if (!NetworkFile.TryControllers(cards, out var controllers, out var divided)) return divided;
        var membership = new Membership { Administrators = administrators, Accounts = administrators.Count == 0 ? [] : funded, Nodes = administrators.Count == 0 ? [] : [.. cards.Select(card => card.Id.ToString())], Controllers = controllers };
        var genesis = QbftGenesis.Make([.. cards.Select(card => card.Address)], settings.Get(ChainId), Math.Max(1, settings.Get(BlockPeriod)), funded, membership: membership, hasJobs: !settings.Get(NetworkGenesisCommand.NoJobs));
        if (!NetworkFile.TryDraft(genesis, cards, out var network, out var cannot)) return cannot;
        File.WriteAllBytes(settings.Get(Out)!, network.Encode());
        Show(network, json);
        return null;
    }

    static Refusal? Sign(Settings settings, bool json)
    {
        if (!TryNetwork(settings, out var network, out var refusal) || !TryOwnKey(settings, isMade: false, out var key, out refusal)) return refusal;
        if (network.Members.FirstOrDefault(member => member.Address == key.Id.Address) is not { } own)
            return new Refusal($"{key.Id.Address} is no member of this network", "the key in this folder belongs to none of its cards", "bring your card to the draft, or give the folder of your key with --data");
        Write(settings, new JsonObject { ["address"] = own.Address.ToString(), ["signature"] = Hex.Encode(SignedText.Sign(key, network.SignedText)) });
        Show(network, json);
        if (!json) Console.WriteLine($"'{own.Name}' has signed: {Path.GetFullPath(settings.Get(Out)!)}");
        return null;
    }

    static Refusal? Seal(Settings settings, bool json)
    {
        if (!TryNetwork(settings, out var network, out var refusal)) return refusal;
        foreach (var file in settings.Get(Signature) ?? [])
        {
            if (!TryParse(file, out var content) || content is not JsonObject signed || !signed.TryText("address", out var text) || !Address.TryParse(text, out var member) || !signed.TryText("signature", out var hex) || !Hex.TryDecode(hex, out var signature))
                return new Refusal($"{file} is no signature", "it needs address and signature", "have the member make it with hufu network sign");
            if (network.Add(member, signature, file) is { } refused) return refused;
        }
        File.WriteAllBytes(settings.Get(Out)!, network.Encode());
        Show(network, json);
        return null;
    }

    static Refusal? Check(Settings settings, bool json)
    {
        if (!TryNetwork(settings, out var network, out var refusal)) return refusal;
        if (WhyNotWhole(network) is { } missing) return missing;
        Show(network, json);
        return null;
    }

    /// <summary>A network that may start: nothing in it was changed, and all have signed it.</summary>
    public static Refusal? TryReadWhole(string file, out NetworkFile? network)
    {
        network = null;
        try
        {
            return NetworkFile.TryRead(File.ReadAllBytes(file), Path.GetFileName(file), out network, out var refusal) ? WhyNotWhole(network) : refusal;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal($"cannot read {file}", error.Message, "check the path");
        }
    }

    static Refusal? WhyNotWhole(NetworkFile network) => network.Unsigned.Count == 0 ? null
        : new Refusal("not all members have signed", $"missing: {string.Join(", ", network.Unsigned.Select(member => $"'{member.Name}'"))}", "let them sign it with hufu network sign, and put their signatures in with hufu network seal");

    static bool TryNetwork(Settings settings, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out NetworkFile? network, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Refusal? refusal)
    {
        var file = settings.Parsed.GetRequiredValue(Network);
        return NetworkFile.TryRead(File.ReadAllBytes(file), Path.GetFileName(file), out network, out refusal);
    }

    static bool TryOwnKey(Settings settings, bool isMade, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out NodeKey? key, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Refusal? refusal)
    {
        var folder = Path.GetFullPath(settings.Get(LedgerOptions.Data));
        var file = Path.Combine(folder, "nodekey");
        key = null;
        if (!isMade && !File.Exists(file))
        {
            refusal = new Refusal($"there is no key in {folder}", "only who made the key can sign", "give the folder that hufu network member made with --data");
            return false;
        }
        return DataFolder.TryReadOrMakeKey(folder, out key, out refusal);
    }

    static bool TryParse(string file, out JsonNode? content)
    {
        content = null;
        try
        {
            content = JsonNode.Parse(File.ReadAllBytes(file));
            return content is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    static void Write(Settings settings, JsonObject content) =>
        File.WriteAllBytes(settings.Get(Out)!, Encoding.UTF8.GetBytes(content.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n"));

    static void Show(NetworkFile network, bool json)
    {
        var unsigned = network.Unsigned.Select(member => member.Address).ToHashSet();
        if (json) Outcome.WriteJson(writer =>
        {
            writer.WriteString("genesis"u8, network.GenesisHash.ToString());
            writer.WriteNumber("chainId"u8, network.Genesis.Schedule.ChainId);
            writer.WriteStartArray("members"u8);
            foreach (var member in network.Members)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, member.Name);
                writer.WriteString("address"u8, member.Address.ToString());
                writer.WriteString("enode"u8, member.Enode.ToString());
                if (member.Controller is { } controller) writer.WriteString("controller"u8, controller.ToString());
                writer.WriteBoolean("hasSigned"u8, !unsigned.Contains(member.Address));
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        });
        else
        {
            Console.WriteLine($"genesis block  {network.GenesisHash}");
            Console.WriteLine($"chain id       {network.Genesis.Schedule.ChainId}");
            foreach (var member in network.Members)
                Console.WriteLine($"validator      {member.Address}  {(unsigned.Contains(member.Address) ? "not signed" : "signed    ")}  {member.Name} at {member.Reachable}{(member.Controller is { } controller ? $", decided about by {controller}" : "")}");
        }
    }
}
