using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Nodes;
using Hufu.Consensus;
using Hufu.Network;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>What an organisation brings to the ceremony: its name, the public half of the key it made itself, and where its node is reached, signed by that key.</summary>
/// <param name="Controller">The account that is to decide about the organisation's validator, where a contract names the validators; null where they vote.</param>
sealed record MemberCard(string Name, NodeId Id, string Reachable, Address? Controller, ReadOnlyMemory<byte> Signature)
{
    const int LongestName = 64;

    public Address Address => Id.Address;

    public Enode Enode => Enode.TryParse($"enode://{Id}@{Reachable}", out var enode, out _) ? enode : throw new InvalidOperationException($"{Reachable} was checked when the card was read");

    public static MemberCard Make(string name, NodeKey key, string reachable, Address? controller) => new(name, key.Id, reachable, controller, SignedText.Sign(key, TextOf(name, key.Id, reachable, controller)));

    /// <summary>Why a card with these words would not do; null where it does.</summary>
    public static Refusal? WhyNot(string name, NodeId id, string reachable)
    {
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl) || name != name.Trim())
            return new Refusal($"'{name}' cannot be the name of a member", $"it has from 1 to {LongestName} characters in one line", "give the organisation's name");
        return Enode.TryParse($"enode://{id}@{reachable}", out _, out _) && !reachable.Contains('?') ? null
            : new Refusal($"'{reachable}' is no place where a node is reached", Mend: "write it as HOST:PORT, as the other members can reach it: validator.bank-a.example:30303");
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["name"] = Name,
            ["address"] = Address.ToString(),
            ["nodeId"] = Id.ToString(),
            ["reachable"] = Reachable,
        };
        if (Controller is { } controller) json["controller"] = controller.ToString();
        json["signature"] = Hex.Encode(Signature.Span);
        return json;
    }

    /// <param name="where">How errors call the card: the file it came in, or its place among others.</param>
    public static bool TryRead(JsonNode? json, string where, [NotNullWhen(true)] out MemberCard? card, [NotNullWhen(false)] out Refusal? refusal)
    {
        card = null;
        if (json is not JsonObject fields || !fields.TryText("name", out var name) || !fields.TryText("nodeId", out var node) || !fields.TryText("reachable", out var reachable)
            || !fields.TryText("address", out var address) || !fields.TryText("signature", out var hex) || !NodeId.TryParse(node, out var id) || !Hex.TryDecode(hex, out var signature))
        {
            refusal = new Refusal($"{where} is no member's card", "it needs name, address, nodeId, reachable and signature", "have the member make it with hufu network member");
            return false;
        }
        refusal = WhyNot(name, id, reachable);
        if (refusal is not null) return false;
        Address? controller = null;
        if (fields.ContainsKey("controller"))
        {
            if (!fields.TryText("controller", out var account) || !Address.TryParse(account, out var named))
            {
                refusal = new Refusal($"the card of '{name}' was changed", "its controller is no address", "ask the member for its card again");
                return false;
            }
            controller = named;
        }
        var read = new MemberCard(name, id, reachable, controller, signature);
        if (read.Address.ToString() != address) refusal = new Refusal($"the card of '{name}' was changed", $"its node id belongs to {read.Address}, not to {address}", "ask the member for its card again");
        else if (!SignedText.IsBy(read.Address, TextOf(name, id, reachable, controller), signature)) refusal = new Refusal($"the card of '{name}' was changed", "its signature is not over what it says", "ask the member for its card again");
        else card = read;
        return card is not null;
    }

    static string TextOf(string name, NodeId id, string reachable, Address? controller) =>
        $"Hufu: I join a network of validators\nname: {name}\nnode id: {id}\nreachable: {reachable}{(controller is { } account ? $"\ncontroller: {account}" : "")}";
}

/// <summary>Texts signed by node keys in the form of EIP-191, so that no such signature can be one of consensus or of a transaction.</summary>
static class SignedText
{
    public static byte[] Sign(NodeKey key, string text)
    {
        var signature = new byte[QbftExtraData.SealSize];
        key.Sign(HashOf(text).Bytes, signature);
        return signature;
    }

    public static bool IsBy(Address signer, string text, ReadOnlySpan<byte> signature) => QbftKey.TryRecover(HashOf(text), signature, out var found) && found == signer;

    static Hash256 HashOf(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Keccak256.Hash([.. Encoding.UTF8.GetBytes($"\u0019Ethereum Signed Message:\n{bytes.Length}"), .. bytes]);
    }

    public static bool TryText(this JsonObject fields, string name, [NotNullWhen(true)] out string? text)
    {
        text = fields[name] is JsonValue value && value.TryGetValue<string>(out var found) ? found : null;
        return text is not null;
    }
}
