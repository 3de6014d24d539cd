using Hufu.Client;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;
using Xunit;

namespace Hufu.ServiceTests;

/// <summary>Contracts on the machine alone: no node, no blocks, a clock that tests turn. Millions of calls take minutes.</summary>
sealed class ContractWorld
{
    public const ulong ChainId = 31337;

    static readonly ForkRules Rules = ForkRules.Of(Fork.Osaka);

    readonly StateTransition _state = WorldState.BeginEmpty();

    /// <summary>Seconds since 1970.</summary>
    public ulong Now { get; private set; } = 1_800_000_000;

    public void Pass(TimeSpan time) => Now += (ulong)time.TotalSeconds;

    /// <summary>In Wei; zero for tests in which gas costs nothing.</summary>
    public UInt256 BaseFee { get; set; }

    public UInt256 BalanceOf(Address account) => _state.TryGetAccount(account, out var found) ? found.Balance : UInt256.Zero;

    public void Give(Address account, UInt256 wei)
    {
        var had = _state.TryGetAccount(account, out var found) ? found : Account.Empty;
        var diff = new StateDiff();
        diff.Accounts[account] = new AccountDiff { Exists = true, Nonce = had.Nonce, Balance = had.Balance + wei, CodeHash = had.CodeHash };
        _state.Apply(diff);
    }

    /// <param name="artifact">Relative to the repository, without its ending.</param>
    public DeployedContract Deploy(Address from, string artifact, params object[] arguments)
    {
        var json = File.ReadAllBytes(SharedFolder.Repository(artifact + ".json"));
        if (!ContractAbi.TryParse(json, out var abi, out var refusal)) throw new InvalidDataException($"{artifact}: {refusal}");
        var result = Run(new CallRequest { From = from, Input = (byte[])[.. abi.InitCode.Span, .. AbiEncoder.Encode(abi.Constructor, arguments)], GasLimit = 30_000_000 });
        if (!result.Succeeded) throw new InvalidOperationException($"{artifact} was not deployed: {result.Halt} {Hex.Encode(result.Output)}");
        _state.Apply(result.Diff);
        return new DeployedContract(this, abi, result.ContractAddress!.Value);
    }

    public ExecutionResult Run(CallRequest request) => new TransactionExecution(_state, new BlockContext
    {
        Number = 1,
        Timestamp = Now,
        GasLimit = 100_000_000,
        ChainId = ChainId,
        BaseFeePerGas = BaseFee,
    }, Rules).Call(request);

    public void Apply(StateDiff diff) => _state.Apply(diff);
}

/// <summary>A contract in the world, called by the names of its functions.</summary>
sealed class DeployedContract(ContractWorld world, ContractAbi abi, Address address)
{
    public Address Address => address;
    public ContractAbi Abi => abi;

    /// <summary>Sends a call; what it changed stays.</summary>
    public CallOutcome Send(Address from, string function, params object[] arguments)
    {
        var outcome = Try(from, function, arguments);
        if (outcome.Succeeded) world.Apply(outcome.Result.Diff);
        return outcome;
    }

    /// <summary>Sends a call with coin.</summary>
    public CallOutcome SendPaying(Address from, UInt256 wei, string function, params object[] arguments) => Send(from, wei, 30_000_000, function, arguments);

    /// <summary>Sends a call with so much gas and no more.</summary>
    public CallOutcome SendWithGas(Address from, ulong gas, string function, params object[] arguments) => Send(from, UInt256.Zero, gas, function, arguments);

    CallOutcome Send(Address from, UInt256 wei, ulong gas, string function, object[] arguments)
    {
        var called = Function(function, arguments.Length);
        var outcome = new CallOutcome(this, called, world.Run(new CallRequest { From = from, To = address, Input = called.EncodeCall(arguments), GasLimit = gas, Value = wei }));
        if (outcome.Succeeded) world.Apply(outcome.Result.Diff);
        return outcome;
    }

    /// <summary>Runs a call and forgets what it would have changed.</summary>
    public CallOutcome Try(Address from, string function, params object[] arguments)
    {
        var called = Function(function, arguments.Length);
        var result = world.Run(new CallRequest { From = from, To = address, Input = called.EncodeCall(arguments), GasLimit = 30_000_000 });
        return new CallOutcome(this, called, result);
    }

    /// <summary>Sends a call that must succeed.</summary>
    public CallOutcome Do(Address from, string function, params object[] arguments)
    {
        var outcome = Send(from, function, arguments);
        Assert.True(outcome.Succeeded, $"{function}: {outcome.Error}");
        return outcome;
    }

    /// <summary>The single value that a view answers.</summary>
    public T Read<T>(string function, params object[] arguments) => (T)Do(default, function, arguments).Values[0];

    public byte[] Encode(string function, params object[] arguments) => Function(function, arguments.Length).EncodeCall(arguments);

    AbiFunction Function(string name, int arguments) => abi.Functions.First(one => one.Name == name && one.Inputs.Count == arguments);
}

/// <summary>What a call did.</summary>
sealed class CallOutcome(DeployedContract contract, AbiFunction function, ExecutionResult result)
{
    public ExecutionResult Result => result;
    public bool Succeeded => result.Succeeded;

    public object[] Values => function.TryDecodeAnswer(result.Output, out var values, out var refusal) ? values : throw new InvalidDataException(refusal.ToString());

    /// <summary>The name of the error it reverted with (of its contract's own), or what else stopped it; null where it succeeded.</summary>
    public string? Error => result.Succeeded ? null : contract.Abi.Errors.FirstOrDefault(error => error.TryDecode(result.Output, out _))?.Name ?? $"{result.Halt} {Hex.Encode(result.Output)}";

    /// <summary>The values of all its events of one name.</summary>
    public IEnumerable<object[]> Events(string name)
    {
        var wanted = contract.Abi.Events.First(one => one.Name == name);
        foreach (var log in result.Logs)
            if (log.Address == contract.Address && wanted.TryDecode(log, out var values, out _)) yield return values;
    }
}
