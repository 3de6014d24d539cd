using System.Text.Json.Nodes;
using Hufu.Chain;
using Hufu.Client;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.Services;
using Hufu.State;

namespace Hufu.Cli;

/// <summary>Puts contracts into a genesis file: each constructor is run once on our own machine, and what it left is what the chain begins with.</summary>
static class GenesisContracts
{
    static readonly Address Maker = Address.Parse("0x0000000000000000000000000000000000000001");

    const ulong MostGas = 10_000_000_000;

    /// <summary>Makes a chain run jobs by itself: the contract of jobs, the clock's coin, and the rule. Blocks too small for it leave the file as it is.</summary>
    public static void AddJobs(JsonObject genesis)
    {
        var limit = UInt256.Parse(genesis["gasLimit"]!.GetValue<string>()).Low64;
        var gas = Math.Min(InBlockJobs.UsualGas, limit / 2);
        if (gas < InBlockJobs.LeastGas) return;
        Put(genesis, ChainJobs.At, Artifacts.Of("Jobs"), [ChainClock.Address, (UInt256)gas]);
        genesis["alloc"]!.AsObject()[ChainClock.Address.ToString()] = new JsonObject { ["balance"] = ChainClock.Endowment.ToHexQuantity() };
        genesis["config"]!["jobs"] = new JsonObject { ["contract"] = ChainJobs.At.ToString(), ["gas"] = gas };
    }

    /// <param name="then">A call that is made at once, by somebody who may.</param>
    public static void Put(JsonObject genesis, Address at, ContractAbi abi, object[] arguments, (string Function, Address From, object[] Arguments)? then = null)
    {
        var world = WorldState.BeginEmpty();
        var made = Run(world, at, new CallRequest { From = Maker, Input = (byte[])[.. abi.InitCode.Span, .. AbiEncoder.Encode(abi.Constructor, arguments)], GasLimit = MostGas });
        var address = made.ContractAddress!.Value;
        var (change, storage) = (made.Diff.Accounts[address], new SortedDictionary<UInt256, UInt256>(made.Diff.Accounts[address].Storage ?? []));
        var code = made.Diff.Codes[change.CodeHash];
        world.Apply(made.Diff);
        if (then is { } call)
        {
            var called = abi.Functions.Single(function => function.Name == call.Function);
            foreach (var (slot, value) in Run(world, at, new CallRequest { From = call.From, To = address, Input = called.EncodeCall(call.Arguments), GasLimit = MostGas }).Diff.Accounts[address].Storage ?? []) storage[slot] = value;
        }
        var slots = new JsonObject();
        foreach (var (slot, value) in storage)
            if (!value.IsZero) slots[Hash256.FromUInt256(slot).ToString()] = Hash256.FromUInt256(value).ToString();
        genesis["alloc"]!.AsObject()[at.ToString()] = new JsonObject { ["balance"] = "0x0", ["nonce"] = "0x1", ["code"] = Hex.Encode(code), ["storage"] = slots };
    }

    static ExecutionResult Run(StateTransition world, Address at, CallRequest request)
    {
        var result = new TransactionExecution(world, new BlockContext { GasLimit = MostGas, ChainId = LocalNetwork.ChainId, BlobBaseFee = UInt256.One }, ForkRules.Of(Fork.Cancun)).Call(request);
        return result.Succeeded ? result : throw new InvalidOperationException($"{at}: {result.Halt.Describe()} {Hex.Encode(result.Output)}");
    }
}
