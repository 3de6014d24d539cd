using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Tests;

/// <summary>A chain in memory with two rich accounts, for tests that build and import blocks.</summary>
sealed class TestChain : IDisposable
{
    public static readonly byte[] AliceSecret = [.. Enumerable.Repeat((byte)0x11, 32)];
    public static readonly byte[] BobSecret = [.. Enumerable.Repeat((byte)0x22, 32)];
    public static readonly Address Alice = TransactionSigning.AddressOf(AliceSecret);
    public static readonly Address Bob = TransactionSigning.AddressOf(BobSecret);
    public static readonly Address Carol = Address.FromNumber(0xCA201);
    public static readonly UInt256 Ether = UInt256.Parse("1000000000000000000");

    readonly GenesisBlock _genesis;
    readonly IConsensusRules _consensus;

    public TestChain(Fork fork = Fork.Cancun, bool followsImports = true, IKeyValueStore? store = null, WorldStateOptions? options = null)
        : this(ForkSchedule.Always(fork, chainId: 1337), followsImports, store, options) { }

    public TestChain(ForkSchedule forks, bool followsImports = true, IKeyValueStore? store = null, WorldStateOptions? options = null)
    {
        Forks = forks;
        Store = store ?? new MemoryStore();
        _genesis = GenesisFor(forks);
        _consensus = forks.TerminalTotalDifficulty is { IsZero: true } ? new ProofOfStake() : new ProofOfWork(null);
        Chain = Blockchain.Open(Store, _genesis, forks, _consensus, followsImports, options ?? WorldStateOptions.InMemory);
    }

    public ForkSchedule Forks { get; }
    public IKeyValueStore Store { get; }
    public Blockchain Chain { get; private set; }

    public static GenesisBlock GenesisFor(ForkSchedule forks)
    {
        var genesis = new Genesis
        {
            Schedule = forks,
            GasLimit = 30_000_000,
            Difficulty = forks.TerminalTotalDifficulty is { IsZero: true } ? UInt256.Zero : Difficulty.Minimum,
            Alloc = AllocFor(forks),
        };
        return new GenesisBlock(genesis.ToBlock(), genesis.ToStateDiff());
    }

    // From Prague on a block needs the contracts that it asks for requests; these two have none.
    static Dictionary<Address, GenesisAccount> AllocFor(ForkSchedule forks)
    {
        var alloc = new Dictionary<Address, GenesisAccount>
        {
            [Alice] = new() { Balance = Ether * 1000UL },
            [Bob] = new() { Balance = Ether * 1000UL },
        };
        if (!forks.ByTime.Any(entry => entry.Rules.Has(Eip.GeneralRequests))) return alloc;
        alloc[SystemContracts.WithdrawalRequests] = new() { Nonce = 1, Code = new byte[] { 0 } };
        alloc[SystemContracts.ConsolidationRequests] = new() { Nonce = 1, Code = new byte[] { 0 } };
        return alloc;
    }

    /// <summary>Opens the same store again, as a new process would.</summary>
    public void Reopen()
    {
        Chain.Dispose();
        Chain = Blockchain.Open(Store, _genesis, Forks, _consensus, followsImports: true, WorldStateOptions.InMemory);
    }

    public Transaction Transfer(byte[] secret, ulong nonce, Address to, UInt256 value, ulong gasPrice = 10_000_000_000) =>
        TransactionSigning.Sign(new LegacyTransaction { Nonce = nonce, GasPrice = gasPrice, GasLimit = 21_000, To = to, Value = value, V = 1337 * 2 + 35 }, secret);

    public ExecutedBlock Build(Hash256 parent, ulong secondsLater = 12, Address beneficiary = default, params Transaction[] transactions)
    {
        var header = Chain.Blocks.HeaderOf(parent)!;
        var attributes = new BlockAttributes { Timestamp = header.Timestamp + secondsLater, Beneficiary = beneficiary };
        return Chain.Build(parent, attributes, new TransactionList([.. transactions.Select(transaction => (transaction, SenderOf(transaction)))]));
    }

    /// <summary>Builds a block and imports it in the form it would come from outside.</summary>
    public Block Extend(Hash256 parent, ulong secondsLater = 12, Address beneficiary = default, params Transaction[] transactions)
    {
        var block = Build(parent, secondsLater, beneficiary, transactions).Block;
        var result = Chain.Import(block.Encode());
        Xunit.Assert.True(result.IsAccepted, result.Refusal?.ToString());
        return block;
    }

    public UInt256 BalanceOf(Address address) =>
        Chain.StateAt(Chain.Head.Hash)!.TryGetAccount(address, out var account) ? account.Balance : UInt256.Zero;

    public Address SenderOf(Transaction transaction) =>
        SenderRecovery.TryRecover(transaction, Forks.RulesOf(Chain.Head.Head), out var sender) ? sender : throw new ArgumentException("not signed", nameof(transaction));

    public void Dispose() => Chain.Dispose();
}
