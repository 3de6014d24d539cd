using System.Reflection;
using System.Text.Json.Nodes;
using Hufu.Client;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;

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

/// <summary>Puts the contracts of membership into a genesis file: each constructor is run once, and what it left is what the chain begins with.</summary>
static class MembershipContracts
{
    // Where Besu's examples have them.
    static readonly Address ValidatorsAt = Address.Parse("0x0000000000000000000000000000000000007777"), AccountsAt = Address.Parse("0x0000000000000000000000000000000000008888"), NodesAt = Address.Parse("0x0000000000000000000000000000000000009999");
    static readonly Address Maker = Address.Parse("0x0000000000000000000000000000000000000001");

    const ulong MostGas = 10_000_000_000;

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

        var world = WorldState.BeginEmpty();
        var made = Run(world, name, new CallRequest { From = Maker, Input = (byte[])[.. abi.InitCode.Span, .. AbiEncoder.Encode(abi.Constructor, arguments)], GasLimit = MostGas });
        var address = made.ContractAddress!.Value;
        var (change, storage) = (made.Diff.Accounts[address], new SortedDictionary<UInt256, UInt256>(made.Diff.Accounts[address].Storage ?? []));
        var code = made.Diff.Codes[change.CodeHash];
        world.Apply(made.Diff);
        if (then is { } call)
        {
            var called = abi.Functions.Single(function => function.Name == call.Function);
            foreach (var (slot, value) in Run(world, name, new CallRequest { From = call.From, To = address, Input = called.EncodeCall(call.Arguments), GasLimit = MostGas }).Diff.Accounts[address].Storage ?? []) storage[slot] = value;
        }
        var slots = new JsonObject();
        foreach (var (slot, value) in storage)
            if (!value.IsZero) slots[Hash256.FromUInt256(slot).ToString()] = Hash256.FromUInt256(value).ToString();
        genesis["alloc"]!.AsObject()[at.ToString()] = new JsonObject { ["balance"] = "0x0", ["nonce"] = "0x1", ["code"] = Hex.Encode(code), ["storage"] = slots };
    }

    static ExecutionResult Run(StateTransition world, string name, CallRequest request)
    {
        var result = new TransactionExecution(world, new BlockContext { GasLimit = MostGas, ChainId = LocalNetwork.ChainId, BlobBaseFee = UInt256.One }, ForkRules.Of(Fork.Cancun)).Call(request);
        return result.Succeeded ? result : throw new InvalidOperationException($"{name}: {result.Halt.Describe()} {Hex.Encode(result.Output)}");
    }
}
