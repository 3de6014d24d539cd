using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>
/// A network as its members agree on it: the genesis file, every member's card, and every member's signature over both. Nobody needs to trust who carried it: a
/// changed byte is refused with the name of what was changed, and a network that not all have signed does not start.
/// </summary>
sealed class NetworkFile
{
    static readonly JsonSerializerOptions Form = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly JsonNode _genesisJson;
    readonly Dictionary<Address, byte[]> _signatures = [];

    NetworkFile(JsonNode genesisJson, Genesis genesis, IReadOnlyList<MemberCard> members) => (_genesisJson, Genesis, Members) = (genesisJson, genesis, members);

    public Genesis Genesis { get; }

    /// <summary>By their addresses, as the genesis block names them.</summary>
    public IReadOnlyList<MemberCard> Members { get; }

    public Hash256 GenesisHash => Genesis.ToBlock().Hash;

    public byte[] GenesisFile => Encoding.UTF8.GetBytes(_genesisJson.ToJsonString(Form));

    /// <summary>The members whose signature is missing.</summary>
    public IReadOnlyList<MemberCard> Unsigned => [.. Members.Where(member => !_signatures.ContainsKey(member.Address))];

    /// <summary>A network that nobody has signed yet.</summary>
    public static bool TryDraft(byte[] genesisFile, IReadOnlyList<MemberCard> members, [NotNullWhen(true)] out NetworkFile? network, [NotNullWhen(false)] out Refusal? refusal) =>
        TryMake(JsonNode.Parse(genesisFile), [.. members.OrderBy(member => member.Address)], out network, out refusal);

    /// <summary>What a member signs: everything but the signatures.</summary>
    public string SignedText => $"Hufu: I agree to be a validator of this network\ngenesis block: {GenesisHash}\ngenesis file and members: {Keccak256.Hash(Encoding.UTF8.GetBytes(Content().ToJsonString(Form)))}";

    /// <summary>Takes a member's signature; a signature of nobody here, or over another network, is refused.</summary>
    public Refusal? Add(Address member, byte[] signature, string where)
    {
        if (Members.FirstOrDefault(card => card.Address == member) is not { } card) return new Refusal($"{where} is of {member}", "that is no member of this network", "give the signatures of the members alone");
        if (!Cli.SignedText.IsBy(member, SignedText, signature))
            return new Refusal($"'{card.Name}' has not signed this network", $"its signature ({where}) is over another genesis file or other members, or was changed", "compare the files: a byte was changed after it signed, here or there; let all sign the same file");
        _signatures[member] = signature;
        return null;
    }

    public byte[] Encode()
    {
        var json = Content();
        json["signatures"] = new JsonArray([.. Members.Where(member => _signatures.ContainsKey(member.Address)).Select(member => (JsonNode)new JsonObject { ["address"] = member.Address.ToString(), ["signature"] = Hex.Encode(_signatures[member.Address]) })]);
        return Encoding.UTF8.GetBytes(json.ToJsonString(Form) + "\n");
    }

    public static bool TryRead(byte[] file, string name, [NotNullWhen(true)] out NetworkFile? network, [NotNullWhen(false)] out Refusal? refusal)
    {
        network = null;
        try
        {
            // The strict form: no member twice, no comment, nothing behind.
            if (JsonNode.Parse(file, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) is not JsonObject json || json["members"] is not JsonArray cards || json["signatures"] is not JsonArray signatures || json["genesis"] is not JsonObject genesis)
            {
                refusal = new Refusal($"{name} is no network file", "it needs genesis, members and signatures", "make it with hufu network draft");
                return false;
            }
            var members = new List<MemberCard>();
            foreach (var item in cards)
            {
                if (!MemberCard.TryRead(item, $"{name}, member {members.Count + 1},", out var card, out refusal)) return false;
                members.Add(card);
            }
            if (!TryMake(genesis.DeepClone(), members, out network, out refusal)) return false;
            foreach (var item in signatures)
            {
                if (item is not JsonObject signed || !signed.TryText("address", out var text) || !Address.TryParse(text, out var address) || !signed.TryText("signature", out var hex) || !Hex.TryDecode(hex, out var signature))
                    refusal = new Refusal($"{name}: a signature cannot be read", "it needs address and signature", "seal the network again");
                else refusal = network.Add(address, signature, $"in {name}");
                if (refusal is not null) break;
            }
            if (refusal is null && !network.Encode().AsSpan().SequenceEqual(file))
                refusal = new Refusal($"{name} was changed", $"byte {file.AsSpan().CommonPrefixLength(network.Encode())} is not as Hufu writes it", "take the file as it was sealed");
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or InvalidOperationException)
        {
            refusal = new Refusal($"{name} cannot be read as JSON", malformed.Message, "take the file as it was sealed");
        }
        if (refusal is not null) network = null;
        return network is not null;
    }

    static bool TryMake(JsonNode? genesisJson, IReadOnlyList<MemberCard> members, [NotNullWhen(true)] out NetworkFile? network, [NotNullWhen(false)] out Refusal? refusal)
    {
        network = null;
        if (members.Count == 0) refusal = new Refusal("a network needs members", Mend: "give each member's card with --member");
        else if (Twice(members, member => member.Address.ToString()) is { } address) refusal = new Refusal($"two cards are of {address}", "a validator has a key of its own", "let each member make its own key");
        else if (Twice(members, member => member.Name) is { } name) refusal = new Refusal($"two members are called '{name}'", "nobody could tell them apart", "let one of them choose another name");
        else if (GenesisJson.TryParse(Encoding.UTF8.GetBytes(genesisJson!.ToJsonString(Form)), out var genesis, out refusal))
        {
            if (TryControllers(members, out var controllers, out refusal))
                refusal = WhyOthers(genesisJson, genesis, members, controllers);
            if (refusal is null) network = new NetworkFile(genesisJson, genesis, members);
        }
        return network is not null;
    }

    /// <summary>The accounts that decide about the validators, in the order of the members; none where validators vote. Either all members name one, or none does.</summary>
    public static bool TryControllers(IReadOnlyList<MemberCard> members, out IReadOnlyList<Address> controllers, [NotNullWhen(false)] out Refusal? refusal)
    {
        controllers = [.. members.Select(member => member.Controller).OfType<Address>()];
        refusal = null;
        if (controllers.Count > 0 && members.FirstOrDefault(member => member.Controller is null) is { } without)
            refusal = new Refusal($"'{without.Name}' names no account that decides about its validator", "others do, and a contract needs one of each", "have it make its card again with --controller, or all the others without");
        else if (controllers.Distinct().Count() != controllers.Count) refusal = new Refusal("two members name the same controller", "each decides about its own validator", "have one of them name another account with --controller");
        return refusal is null;
    }

    /// <summary>Why the genesis block begins with other validators than the members; null where it does not.</summary>
    static Refusal? WhyOthers(JsonNode genesisJson, Genesis genesis, IReadOnlyList<MemberCard> members, IReadOnlyList<Address> controllers)
    {
        const string Mend = "make the network again from the members' cards with hufu network draft";
        IReadOnlyList<Address> named = QbftExtraData.TryDecode(genesis.ExtraData, out var extraData) ? extraData.Validators : [];
        if (controllers.Count == 0)
            return named.SequenceEqual(members.Select(member => member.Address)) ? null
                : new Refusal("the genesis block names other validators than the members", $"its extraData has {string.Join(", ", named)}", Mend);
        return named.Count == 0 && MembershipContracts.NamesValidators(genesisJson.AsObject(), controllers, [.. members.Select(member => member.Address)]) ? null
            : new Refusal("the genesis block names other validators than the members", "its contract of validators is not the one that the members' cards give", Mend);
    }

    static string? Twice(IReadOnlyList<MemberCard> members, Func<MemberCard, string> of) => members.GroupBy(of).FirstOrDefault(group => group.Count() > 1)?.Key;

    JsonObject Content() => new()
    {
        ["genesis"] = _genesisJson.DeepClone(),
        ["members"] = new JsonArray([.. Members.Select(member => (JsonNode)member.ToJson())]),
    };
}
