using System.Reflection;
using System.Text.Json.Nodes;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>Who takes part in a new network, and who may change that, where contracts say so (networks/contracts). They are there from the first block on.</summary>
sealed record Membership
{
    /// <summary>Whoever may change which accounts and nodes take part; where there is none, all may.</summary>
    public IReadOnlyList<Address> Administrators { get; init; } = [];

    /// <summary>Accounts that may send transactions and make contracts from the beginning, beside the administrators.</summary>
    public IReadOnlyList<Address> Accounts { get; init; } = [];

    /// <summary>Nodes that may connect, as 128 hexadecimal digits; where there is none, all may.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];

    /// <summary>The accounts that decide about the validators, each about the one at its place in the list; where there is none, validators vote.</summary>
    public IReadOnlyList<Address> Controllers { get; init; } = [];
}

/// <summary>The contracts of membership in a genesis file.</summary>
static class MembershipContracts
{
    // Where Besu's examples have them.
    static readonly Address ValidatorsAt = Address.Parse("0x0000000000000000000000000000000000007777"), AccountsAt = Address.Parse("0x0000000000000000000000000000000000008888"), NodesAt = Address.Parse("0x0000000000000000000000000000000000009999");
    // What AccountPermissions calls SendAndDeploy.
    const ulong SendAndDeploy = 2;

    public static void AddTo(JsonObject genesis, Membership membership, IReadOnlyList<Address> validators)
    {
        var config = genesis["config"]!.AsObject();
        if (membership.Controllers.Count > 0)
        {
            PutValidators(genesis, membership.Controllers, validators);
            config["qbft"]!["validatorcontractaddress"] = ValidatorsAt.ToString();
            config["qbft"]!["validatorselectionmode"] = "contract";
        }
        if (membership.Administrators.Count == 0) return;
        var permissioning = new JsonObject { ["accountsContract"] = AccountsAt.ToString() };
        Put(genesis, AccountsAt, "AccountPermissions", [Boxed(membership.Administrators)], membership.Accounts.Count == 0 ? null : ("setPermissions", membership.Administrators[0], [Boxed(membership.Accounts), (UInt256)SendAndDeploy]));
        if (membership.Nodes.Count > 0)
        {
            Put(genesis, NodesAt, "NodePermissions", [Boxed(membership.Administrators), membership.Nodes.Select(node => (object)node).ToArray()]);
            permissioning["nodesContract"] = NodesAt.ToString();
        }
        config["permissioning"] = permissioning;
    }

    /// <summary>Whether a genesis file lets the contract of validators name these, each under the controller at its place in the list.</summary>
    public static bool NamesValidators(JsonObject genesis, IReadOnlyList<Address> controllers, IReadOnlyList<Address> validators)
    {
        if (genesis["config"]?["qbft"]?["validatorcontractaddress"]?.ToString() != ValidatorsAt.ToString()) return false;
        var expected = new JsonObject { ["alloc"] = new JsonObject() };
        PutValidators(expected, controllers, validators);
        return JsonNode.DeepEquals(expected["alloc"]![ValidatorsAt.ToString()], genesis["alloc"]?[ValidatorsAt.ToString()]);
    }

    static void PutValidators(JsonObject genesis, IReadOnlyList<Address> controllers, IReadOnlyList<Address> validators) => Put(genesis, ValidatorsAt, "Validators", [Boxed(controllers), Boxed(validators)]);

    static object[] Boxed(IReadOnlyList<Address> addresses) => [.. addresses.Select(address => (object)address)];

    static void Put(JsonObject genesis, Address at, string name, object[] arguments, (string Function, Address From, object[] Arguments)? then = null)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream($"contracts.{name}.json")!;
        var artifact = new byte[resource.Length];
        resource.ReadExactly(artifact);
        if (!ContractAbi.TryParse(artifact, out var abi, out var refusal)) throw new InvalidDataException($"{name}: {refusal}");
        GenesisContracts.Put(genesis, at, abi, arguments, then);
    }
}
