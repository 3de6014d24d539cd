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

    static Address AddressOf(int number) => Address.FromBytes(Keccak256.Hash(BitConverter.GetBytes(number)).Bytes[12..]);
}
