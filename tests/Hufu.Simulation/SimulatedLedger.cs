using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Simulation;

/// <summary>
/// The chain of one validator where something falls due by itself (decisions/0031): the real one, with its state and its rules, in memory. Its contract says that a job is due
/// every three seconds, and counts how often it ran.
/// </summary>
sealed class SimulatedLedger : IDisposable
{
    static readonly Address Contract = Address.FromNumber(0x6666);

    // run() writes down its time and three seconds, and counts; whatever else is asked gets the time when the next job is due.
    static readonly byte[] Code = Convert.FromHexString("600035" + "60e01c" + "63c0406226" + "14" + "601a57" + "600054" + "600052" + "60206000f3" + "5b" + "42600301600055" + "600154600101600155" + "00");

    readonly MemoryStore _store = new();
    readonly Blockchain _chain;
    readonly QbftRules _rules;

    public SimulatedLedger(QbftConfig config, IEnumerable<Address> validators)
    {
        var genesis = GenesisOf(validators);
        _rules = new QbftRules(config);
        if (!Blockchain.TryOpen(_store, new GenesisBlock(genesis.ToBlock(), genesis.ToStateDiff()), genesis.Schedule, _rules, followsImports: false, WorldStateOptions.InMemory, out var chain, out var refusal))
            throw new InvalidOperationException(refusal.ToString());
        _chain = chain;
        chain.Jobs = Jobs;
        if (!QbftBlock.TryMake(chain.Blocks.BlockOf(chain.Genesis.Hash)!, out var first)) throw new InvalidOperationException("genesis is no block of QBFT");
        Genesis = first;
    }

    static InBlockJobs Jobs { get; } = new(Contract, InBlockJobs.LeastGas);

    public QbftBlock Genesis { get; }

    /// <summary>How often jobs ran on the chain to the head.</summary>
    public ulong Runs => _chain.StateAt(_chain.Head.Hash)!.GetStorage(Contract, UInt256.One).Low64;

    /// <param name="isLawful">Whether what is due is run; a liar leaves it out.</param>
    public Block Build(Header parent, ulong timestamp, Address proposer, byte[] extraData, bool isLawful)
    {
        _chain.Jobs = isLawful ? Jobs : null;
        var built = _chain.Build(parent.Hash, new BlockAttributes { Timestamp = timestamp, Beneficiary = proposer, PrevRandao = QbftExtraData.MixHash, ExtraData = extraData }, new TransactionList([]));
        _chain.Jobs = Jobs;
        return built.Block;
    }

    public bool IsValid(Block proposed) => _chain.Examine(proposed, _rules.Unsealed, out _) is null;

    /// <summary>What is wrong with a decided block; null where it is the head now.</summary>
    public string? Import(Block block) => (_chain.Import(block).Refusal as object ?? _chain.Choose(block.Hash, block.Hash, block.Hash))?.ToString();

    public void Dispose()
    {
        _chain.Dispose();
        _store.Dispose();
    }

    static Genesis GenesisOf(IEnumerable<Address> validators) => new()
    {
        Schedule = ForkSchedule.Always(Fork.Berlin),
        Alloc = new Dictionary<Address, GenesisAccount>
        {
            [Contract] = new() { Nonce = 1, Code = Code, Storage = new Dictionary<UInt256, UInt256> { [UInt256.Zero] = 4 } },
            [ChainClock.Address] = new() { Balance = ChainClock.Endowment },
        },
        ExtraData = new QbftExtraData { Validators = [.. validators.Order()] }.Encode(),
        PrevRandao = QbftExtraData.MixHash,
        Difficulty = UInt256.One,
        GasLimit = 30_000_000,
    };
}
