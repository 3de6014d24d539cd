using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Network;
using Hufu.Primitives;
using Hufu.Rpc;

namespace Hufu.Node;

/// <summary>
/// Who may take part: which accounts may send transactions and which nodes may connect. Contracts say so for the whole network, where its genesis file names them in
/// <c>config.permissioning</c>; a file says so for this node alone, and can only allow less.
/// </summary>
sealed class Permissions
{
    static readonly byte[] ConnectionAllowed = Keccak256.Hash(Encoding.ASCII.GetBytes("connectionAllowed(string,string,uint16)")).Bytes[..4].ToArray();

    readonly Blockchain _chain;
    readonly AccountPermissions? _accounts;
    readonly IReadOnlyList<PermissionPhase> _nodes;
    readonly PermissionLists? _lists;

    Permissions(Blockchain chain, AccountPermissions? accounts, IReadOnlyList<PermissionPhase> nodes, PermissionLists? lists) => (_chain, _accounts, _nodes, _lists) = (chain, accounts, nodes, lists);

    /// <summary>The lists of this node's own file; null where it has none.</summary>
    public PermissionLists? Lists => _lists;

    /// <summary>Whether a change in the chain can change who may connect.</summary>
    public bool HasNodesContract => _nodes.Count > 0;

    /// <summary>Makes what the genesis file says a rule of the chain, and reads the file of this node.</summary>
    /// <param name="permissions">Null where all may take part.</param>
    public static bool TryRead(Genesis genesis, Blockchain chain, string? file, out Permissions? permissions, [NotNullWhen(false)] out Refusal? refusal)
    {
        permissions = null;
        PermissionLists? own = null;
        if (!TryPhases(genesis, "accountsContract", out var accounts, out refusal) || !TryPhases(genesis, "nodesContract", out var nodes, out refusal)) return false;
        if (file is not null && !PermissionLists.TryRead(file, out own, out refusal)) return false;
        if (accounts.Count > 0) chain.Permissions = new AccountPermissions(accounts);
        if (accounts.Count > 0 || nodes.Count > 0 || own is not null) permissions = new Permissions(chain, chain.Permissions, nodes, own);
        return true;
    }

    /// <summary>Why the pool does not take a transaction; null where it does.</summary>
    public Refusal? OfTransaction(Transaction transaction, Address sender)
    {
        if (_lists?.Allows(sender) == false) return new Refusal($"sender not permitted: {sender}", "the permissions file of this node does not name it", "send through a node that does, or ask its operator");
        return _accounts is null || _accounts.Allows(_chain, _chain.Head.Head, transaction, sender) ? null
            : new Refusal($"sender not permitted: {sender}", $"the network's permissions contract {_accounts.ContractAfter(_chain.Head.Head)} does not allow it to send this", "ask the administrators of the network");
    }

    /// <summary>Why a node may not connect; null where it may.</summary>
    public string? OfNode(NodeId id, IPEndPoint at)
    {
        if (_lists?.Allows(id) == false) return $"the permissions file does not name node {id.ToShortString()}";
        return PermissionPhase.ContractAt(_nodes, _chain.Head.Number + 1) is not { } contract || AccountPermissions.IsTrue(_chain.Ask(_chain.Head.Head, contract, Question(id, at))) ? null : $"the network's permissions contract does not allow node {id.ToShortString()}";
    }

    // Two strings by their offsets, a port, then each string as its length and its bytes in words.
    static byte[] Question(NodeId id, IPEndPoint at)
    {
        const int word = 32;
        var (node, host) = (Encoding.ASCII.GetBytes(id.ToString()), Encoding.ASCII.GetBytes(at.Address.ToString()));
        var hostAt = (3 + 1) * word + Padded(node.Length);
        var question = new byte[4 + hostAt + word + Padded(host.Length)];
        ConnectionAllowed.CopyTo(question, 0);
        var body = question.AsSpan(4);
        Put(body, 3 * word);
        Put(body[word..], (uint)hostAt);
        Put(body[(2 * word)..], (uint)at.Port);
        Put(body[(3 * word)..], (uint)node.Length);
        node.CopyTo(body[(4 * word)..]);
        Put(body[hostAt..], (uint)host.Length);
        host.CopyTo(body[(hostAt + word)..]);
        return question;

        static int Padded(int length) => (length + word - 1) / word * word;
        static void Put(Span<byte> to, uint value) => ((UInt256)value).WriteBigEndian(to[..word]);
    }

    /// <summary>The contract of <c>config.permissioning</c>, and those that take its place by <c>config.transitions.permissioning</c>; none where there are neither.</summary>
    static bool TryPhases(Genesis genesis, string name, out List<PermissionPhase> phases, [NotNullWhen(false)] out Refusal? refusal)
    {
        (phases, refusal) = ([], null);
        if (genesis.Config is not { ValueKind: JsonValueKind.Object } config) return true;
        if (config.TryGetProperty("permissioning", out var section)) refusal = Read(section, 0, "config.permissioning", phases);
        if (refusal is null && config.TryGetProperty("transitions", out var transitions) && transitions.TryGetProperty("permissioning", out var list))
            foreach (var transition in list.EnumerateArray())
            {
                const string where = "config.transitions.permissioning";
                if (!transition.TryGetProperty("block", out var block) || block.ValueKind != JsonValueKind.Number || !block.TryGetUInt64(out var number) || (phases.Count > 0 && number <= phases[^1].FromBlock && number > 0))
                    refusal = new Refusal($"the genesis file's {where} cannot be read", "each names the block it begins with, in ascending order", "write \"block\": NUMBER");
                else refusal = Read(transition, number, where, phases);
                if (refusal is not null) break;
            }
        return refusal is null;

        // What is left out holds on; null lets all take part again.
        Refusal? Read(JsonElement from, ulong number, string where, List<PermissionPhase> into)
        {
            if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(name, out var value)) return null;
            if (value.ValueKind == JsonValueKind.Null) into.Add(new PermissionPhase(number, null));
            else if (value.ValueKind == JsonValueKind.String && Address.TryParse(value.GetString(), out var contract)) into.Add(new PermissionPhase(number, contract));
            else return new Refusal($"the genesis file's {where}.{name} is no address", Mend: "write 0x and 40 hexadecimal digits");
            return null;
        }
    }
}
