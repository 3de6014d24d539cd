using Hufu.Cli;
using Hufu.Client;
using Hufu.Consensus;
using Hufu.Crypto;
using Hufu.Evm;
using Hufu.Network;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.State;
using Xunit;

namespace Hufu.Tests.Cli;

/// <summary>The contracts of membership, as `hufu network genesis` and `draft` put them into a genesis file.</summary>
public sealed class MembershipContractTests
{
    static readonly Address[] People = [.. DevAccounts.Secrets(6).Select(secret => Address.FromPublicKey(Secp256k1.PublicKey(secret)))];
    static readonly Address[] Keys = [.. Enumerable.Range(0, 5).Select(_ => NodeKey.Random().Id.Address)];
    static readonly string[] Nodes = [.. Enumerable.Range(0, 3).Select(_ => NodeKey.Random().Id.ToString())];

    [Fact]
    public void Accounts_send_as_the_contract_says_and_administrators_always_may()
    {
        var accounts = Contract("AccountPermissions", "0x0000000000000000000000000000000000008888", new Membership { Administrators = [People[0], People[1]], Accounts = [People[2]] });
        bool Allows(Address sender, Address to) => accounts.Read<bool>("transactionAllowed", sender, to, UInt256.Zero, UInt256.Zero, UInt256.Zero, Array.Empty<byte>());

        Assert.True(Allows(People[0], default) && Allows(People[1], default) && Allows(People[2], default));
        Assert.False(Allows(People[3], People[0]));
        accounts.Do(People[1], "setPermission", People[3], (UInt256)1);
        Assert.True(Allows(People[3], People[0]));
        Assert.False(Allows(People[3], default), "it may send, and make no contract");
        Assert.Equal("NotAdministrator", accounts.Fail(People[3], "setPermission", People[4], (UInt256)1));

        accounts.Do(People[0], "addAdministrator", People[3]);
        accounts.Do(People[3], "removeAdministrator", People[0]);
        accounts.Do(People[3], "removeAdministrator", People[1]);
        Assert.Equal("LastAdministrator", accounts.Fail(People[3], "removeAdministrator", People[3]));
        Assert.Equal([People[3]], accounts.Read<object[]>("administrators").Cast<Address>());
        Assert.False(Allows(People[0], People[1]));
    }

    [Fact]
    public void Nodes_connect_as_the_contract_says()
    {
        var nodes = Contract("NodePermissions", "0x0000000000000000000000000000000000009999", new Membership { Administrators = [People[0]], Nodes = Nodes[..2] });
        bool Allows(string node) => nodes.Read<bool>("connectionAllowed", node, "10.0.0.1", (UInt256)30303);

        Assert.Equal([true, true, false], Nodes.Select(Allows));
        nodes.Do(People[0], "addNode", Nodes[2]);
        nodes.Do(People[0], "removeNode", Nodes[0]);
        Assert.Equal([false, true, true], Nodes.Select(Allows));
        Assert.Equal([Nodes[2], Nodes[1]], nodes.Read<object[]>("nodes").Cast<string>());
        Assert.Equal("NotANode", nodes.Fail(People[0], "addNode", Nodes[0].ToUpperInvariant()));
        Assert.Equal("NothingToChange", nodes.Fail(People[0], "addNode", Nodes[1]));
        Assert.Equal("NotAdministrator", nodes.Fail(People[1], "addNode", Nodes[0]));
    }

    [Fact]
    public void Members_decide_by_majority_and_each_gives_its_validator_a_new_key()
    {
        var contract = Contract("Validators", "0x0000000000000000000000000000000000007777", new Membership { Controllers = People[..3] });
        Address[] Validators() => [.. contract.Read<object[]>("getValidators").Cast<Address>()];

        Assert.Equal(Keys[..3], Validators());
        contract.Do(People[0], "setValidator", Keys[3]);
        Assert.Equal(new[] { Keys[3], Keys[1], Keys[2] }.Order(), Validators().Order());
        Assert.Equal("ValidatorTaken", contract.Fail(People[0], "setValidator", Keys[1]));
        Assert.Equal("NotMember", contract.Fail(People[4], "setValidator", Keys[4]));

        contract.Do(People[0], "vote", People[3], true);
        Assert.Equal("NothingToDecide", contract.Fail(People[0], "vote", People[1], true));
        contract.Do(People[0], "vote", People[3], true);
        Assert.Equal(3, contract.Read<object[]>("members").Length);
        contract.Do(People[1], "vote", People[3], true);
        Assert.Equal(4, contract.Read<object[]>("members").Length);
        contract.Do(People[3], "setValidator", Keys[0]);
        Assert.Equal(4, Validators().Length);

        foreach (var member in People[1..4]) contract.Do(member, "vote", People[0], false);
        Assert.Equal(new[] { Keys[0], Keys[1], Keys[2] }.Order(), Validators().Order());
        // Old votes count for nothing when the question comes again.
        contract.Do(People[1], "vote", People[0], true);
        Assert.Equal(3, contract.Read<object[]>("members").Length);
        foreach (var member in People[1..3]) contract.Do(member, "setValidator", Address.Parse("0x0000000000000000000000000000000000000000"));
        Assert.Equal("LastValidator", contract.Fail(People[3], "setValidator", Address.Parse("0x0000000000000000000000000000000000000000")));
    }

    [Fact]
    public async Task A_network_with_all_three_makes_blocks_and_keeps_strangers_out()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("hufu-key").FullName, "nodekey");
        Assert.True(NodeKey.TryReadOrMake(file, out var key, out _));
        var genesis = MakeGenesis([key.Id.Address], new Membership { Administrators = [People[0]], Accounts = [People[0]], Nodes = [key.Id.ToString()], Controllers = [People[0]] }, People[..2]);
        var (node, refusal) = await Hufu.Node.Node.StartAsync(new NodeOptions { Genesis = genesis, Rpc = new Hufu.Rpc.RpcServerOptions { Port = 0 }, Qbft = new QbftDriverOptions(), Network = new NetworkOptions { NodeKeyFile = file, HasDiscovery = false } });
        await using var running = node ?? throw new InvalidOperationException(refusal!.ToString());

        Assert.Contains("not permitted", running.Pool.Add(Transfer(1, 0)).Refusal!.What, StringComparison.Ordinal);
        Assert.Null(running.Pool.Add(Transfer(0, 0)).Refusal);
        for (var patience = 0; patience < 600 && running.Chain.Head.Number < 2; patience++) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.True(running.Chain.Head.Number >= 2, "the validator that the contract names makes no blocks");
    }

    static Transaction Transfer(int account, ulong nonce) => TransactionSigning.Sign(new DynamicFeeTransaction
    {
        ChainId = 1981,
        Nonce = nonce,
        GasLimit = 21_000,
        MaxFeePerGas = 10_000_000_000,
        MaxPriorityFeePerGas = 1_000_000_000,
        To = People[2],
        Value = UInt256.One,
    }, DevAccounts.Secrets(6)[account]);

    static Genesis MakeGenesis(IReadOnlyList<Address> validators, Membership membership, IReadOnlyList<Address> funded)
    {
        var file = QbftGenesis.Make(validators, 1981, 1, funded, membership: membership);
        return GenesisJson.TryParse(file, out var genesis, out var refusal) ? genesis : throw new InvalidOperationException(refusal.ToString());
    }

    static CalledContract Contract(string name, string at, Membership membership)
    {
        Assert.True(ContractAbi.TryParse(File.ReadAllBytes(SharedFolder.Repository($"networks/contracts/artifacts/{name}.json")), out var abi, out _));
        var world = WorldState.BeginEmpty();
        world.Apply(MakeGenesis(Keys[..3], membership, [People[0]]).ToStateDiff());
        return new CalledContract(world, abi, Address.Parse(at));
    }

    sealed class CalledContract(StateTransition world, ContractAbi abi, Address at)
    {
        public void Do(Address from, string function, params object[] arguments) => world.Apply(Run(from, function, arguments, succeeds: true).Diff);

        public T Read<T>(string function, params object[] arguments) => FunctionOf(function).TryDecodeAnswer(Run(default, function, arguments, succeeds: true).Output, out var values, out var refusal) ? (T)values[0] : throw new InvalidDataException(refusal.ToString());

        /// <summary>The custom error that a call ends with.</summary>
        public string Fail(Address from, string function, params object[] arguments)
        {
            var output = Run(from, function, arguments, succeeds: false).Output;
            return abi.Errors.Single(error => error.Selector == System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(output)).Name;
        }

        AbiFunction FunctionOf(string function) => abi.Functions.Single(known => known.Name == function);

        ExecutionResult Run(Address from, string function, object[] arguments, bool succeeds)
        {
            var result = new TransactionExecution(world, new BlockContext { GasLimit = 100_000_000, ChainId = 1981 }, ForkRules.Of(Fork.Cancun)).Call(new CallRequest { From = from, To = at, Input = FunctionOf(function).EncodeCall(arguments), GasLimit = 30_000_000 });
            Assert.True(result.Succeeded == succeeds, $"{function}: {Hex.Encode(result.Output)}");
            return result;
        }
    }
}
