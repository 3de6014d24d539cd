using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Cli;

static class ChainBenches
{
    /// <summary>A state of so many accounts, of which so many change before each root: the reads, the trie and its hashes.</summary>
    public static void StateRoot(int accounts, int changed, int repeat)
    {
        var world = WorldState.InMemory();
        var genesis = new StateDiff();
        for (var i = 0; i < accounts; i++) genesis.Accounts[AddressOf(i)] = new AccountDiff { Balance = (ulong)i + 1 };
        var first = WorldState.BeginEmpty();
        first.Apply(genesis);
        var block = new BlockId(0, first.Root());
        world.Commit(first, block, new WriteBatch(), sync: false);

        var random = new Random(1);
        var diff = new StateDiff();
        Hash256 root = default;
        Timings.Of(repeat, () =>
        {
            var next = world.Begin(block) ?? throw new InvalidOperationException("the head cannot be begun");
            next.Apply(diff);
            root = next.Root();
        }, prepare: () =>
        {
            diff = new StateDiff();
            while (diff.Accounts.Count < changed) diff.Accounts[AddressOf(random.Next(accounts))] = new AccountDiff { Balance = (ulong)random.NextInt64() };
        }).Report("state-root", changed, writer =>
        {
            writer.WriteNumber("accounts", accounts);
            writer.WriteString("root", root.ToString());
        });
    }

    /// <summary>Blocks of plain transfers, each to an address that did not exist: execution, trie, receipts and the commit, in memory.</summary>
    public static void Transfers(int repeat)
    {
        const int perBlock = 1000;
        var secret = new byte[32];
        secret[31] = 1;
        var sender = TransactionSigning.AddressOf(secret);
        var diff = new StateDiff();
        diff.Accounts[sender] = new AccountDiff { Balance = UInt256.Parse("1000000000000000000000000") };
        var genesisState = WorldState.BeginEmpty();
        genesisState.Apply(diff);
        var header = new Genesis { Schedule = ForkSchedule.Always(Fork.Cancun), GasLimit = 30_000_000 }.ToHeader(genesisState.Root());
        using var store = new MemoryStore();
        using var chain = Blockchain.Open(store, new GenesisBlock(new Block(header, [], [], []), diff), ForkSchedule.Always(Fork.Cancun), new ProofOfStake(), followsImports: true);

        ulong nonce = 0;
        var source = new List<(Transaction, Address)>();
        var total = 0;
        Timings.Of(repeat, () =>
        {
            var parent = chain.Head.Head;
            var executed = chain.Build(parent.Hash, new BlockAttributes { Timestamp = parent.Timestamp + 1, GasLimitTarget = 30_000_000 }, new TransactionList(source));
            total = executed.Block.Transactions.Count;
            chain.Import(executed);
        }, prepare: () =>
        {
            source.Clear();
            for (var i = 0; i < perBlock; i++, nonce++)
            {
                source.Add((TransactionSigning.Sign(new DynamicFeeTransaction
                {
                    ChainId = 1,
                    Nonce = nonce,
                    GasLimit = 21_000,
                    To = AddressOf((int)nonce + 1),
                    Value = 1,
                    MaxFeePerGas = 100_000_000_000,
                }, secret), sender));
            }
        }).Report("transfers", perBlock, writer => writer.WriteNumber("included", total));
    }

    /// <summary>A block of calls that calculate, with its access list (EIP-7928): verified and executed in order, and side by side.</summary>
    public static void Blocks(int repeat)
    {
        const int calls = 200;
        var secrets = Enumerable.Range(1, calls).Select(i => Keccak256.Hash(BitConverter.GetBytes(i)).Bytes.ToArray()).ToArray();
        var alloc = secrets.ToDictionary(secret => TransactionSigning.AddressOf(secret), _ => new GenesisAccount { Balance = UInt256.Parse("1000000000000000000000") });
        var contract = AddressOf(-1);
        // for (i = 5000; i > 0; i--) memory[0] = keccak(memory[0..64]); then storage[caller] = memory[0]
        alloc[contract] = new GenesisAccount { Code = Convert.FromHexString("6113885b60406000206000526001900380600357600051335500") };
        alloc[SystemContracts.WithdrawalRequests] = alloc[SystemContracts.ConsolidationRequests] = new GenesisAccount { Nonce = 1, Code = new byte[] { 0 } };
        var forks = ForkSchedule.Always(Fork.Amsterdam);
        var genesis = new Genesis { Schedule = forks, GasLimit = 1_000_000_000, Alloc = alloc };
        var first = new GenesisBlock(genesis.ToBlock(), genesis.ToStateDiff());
        using var chain = Open();
        var signed = secrets.Select(secret => TransactionSigning.Sign(new DynamicFeeTransaction { ChainId = 1, GasLimit = 4_000_000, To = contract, MaxFeePerGas = 100_000_000_000 }, secret));
        var built = chain.Build(chain.Head.Hash, new BlockAttributes { Timestamp = 1, GasLimitTarget = 1_000_000_000 }, new TransactionList([.. signed.Zip(secrets, (transaction, secret) => (transaction, TransactionSigning.AddressOf(secret)))]));

        foreach (var accessList in (BlockAccessList?[])[null, built.AccessList])
        {
            Blockchain? fresh = null;
            var result = default(ImportResult);
            Timings.Of(repeat, () => result = fresh!.Import(DecodedBlock.Of(built.Block) with { AccessList = accessList }), prepare: () =>
            {
                fresh?.Dispose();
                fresh = Open();
            }).Report("blocks", calls, writer =>
            {
                writer.WriteBoolean("side_by_side", accessList is not null);
                writer.WriteNumber("gas", built.Header.GasUsed);
                writer.WriteBoolean("accepted", result.IsAccepted);
            });
            fresh!.Dispose();
        }

        Blockchain Open() => Blockchain.Open(new MemoryStore(), first, forks, new ProofOfStake(), followsImports: true);
    }

    static Address AddressOf(int number) => Address.FromBytes(Keccak256.Hash(BitConverter.GetBytes(number)).Bytes[12..]);
}
