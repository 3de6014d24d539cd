using System.Diagnostics;
using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Cli;

/// <summary>`hufu bench logs`: a long chain on disk, of which one block in a thousand holds a log, and searches through all of it.</summary>
static class LogBench
{
    const int Between = 1000;

    // PUSH1 2a PUSH1 0 PUSH1 0 LOG1, as the code of a creation.
    static readonly byte[] Logging = [0x60, 0x2a, 0x60, 0, 0x60, 0, 0xa1];

    public static int Run(int blocks, int repeat)
    {
        var folder = Directory.CreateTempSubdirectory("hufu-bench").FullName;
        try
        {
            if (!RocksStore.TryOpen(folder, [.. StateTables.All, .. ChainTables.All], null, out var store, out var refusal)) return Outcome.Refuse(refusal);
            using (store) Measure(store, blocks, repeat);
            return Outcome.Success;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Measure(IKeyValueStore store, int blocks, int repeat)
    {
        using var chain = Grow(store, blocks);
        var clock = Stopwatch.StartNew();
        chain.LogIndex.CatchUp(chain);
        var indexing = clock.Elapsed;

        var queries = new ChainQueries(chain);
        var filter = new LogFilter([], [[Hash256.FromUInt256(0x2aUL)]]);
        var found = 0;
        Timings.Of(repeat, () => found = queries.SearchLogs(0, (ulong)blocks, filter, int.MaxValue, () => false).Found.Count).Report("logs", 1, writer =>
        {
            writer.WriteNumber("blocks", blocks);
            writer.WriteNumber("found", found);
            writer.WriteNumber("indexing_ns_per_block", Math.Round(indexing.TotalNanoseconds / blocks, 1));
        });
    }

    static Blockchain Grow(IKeyValueStore store, int blocks)
    {
        var secret = new byte[32];
        secret[31] = 1;
        var sender = TransactionSigning.AddressOf(secret);
        var diff = new StateDiff();
        diff.Accounts[sender] = new AccountDiff { Balance = UInt256.Parse("1000000000000000000000000") };
        var genesisState = WorldState.BeginEmpty();
        genesisState.Apply(diff);
        var header = new Genesis { Schedule = ForkSchedule.Always(Fork.Cancun), GasLimit = 30_000_000 }.ToHeader(genesisState.Root());
        var chain = Blockchain.Open(store, new GenesisBlock(new Block(header, [], [], []), diff), ForkSchedule.Always(Fork.Cancun), new ProofOfStake(), followsImports: true);
        chain.SyncsToDisk = false;

        ulong nonce = 0;
        for (var number = 1; number <= blocks; number++)
        {
            List<(Transaction, Address)> transactions = number % Between == 0 ? [(Creation(nonce++, secret), sender)] : [];
            var parent = chain.Head.Head;
            chain.Import(chain.Build(parent.Hash, new BlockAttributes { Timestamp = parent.Timestamp + 1, GasLimitTarget = 30_000_000 }, new TransactionList(transactions)));
        }
        return chain;
    }

    static Transaction Creation(ulong nonce, byte[] secret) => TransactionSigning.Sign(
        new DynamicFeeTransaction { ChainId = 1, Nonce = nonce, GasLimit = 100_000, Data = Logging, MaxFeePerGas = 100_000_000_000 }, secret);
}
