using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Node;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>`hufu bench chain`: a chain of many blocks, imported from a file into an empty folder: gas a second, and what a transaction takes of the disk.</summary>
static class WholeChainBench
{
    const int Senders = 200;
    const ulong GasLimit = 30_000_000;

    // storage[calldata]++: one slot that did not exist.
    static readonly byte[] CounterCode = Convert.FromHexString("5f3580546001019055");
    static readonly Address Counter = Address.FromBytes(Keccak256.Hash("counter"u8).Bytes[12..]);

    public static int Run(int blocks, int transactions, ChainKeeping keeping)
    {
        var folder = Directory.CreateTempSubdirectory("hufu-bench").FullName;
        try
        {
            var secrets = Enumerable.Range(1, Senders).Select(i => Keccak256.Hash(BitConverter.GetBytes(i)).Bytes.ToArray()).ToArray();
            var alloc = secrets.ToDictionary(secret => TransactionSigning.AddressOf(secret), _ => new GenesisAccount { Balance = UInt256.Parse("1000000000000000000000000") });
            alloc[Counter] = new GenesisAccount { Code = CounterCode };
            var genesis = new Genesis { Schedule = ForkSchedule.Always(Fork.Cancun), GasLimit = GasLimit, Alloc = alloc };
            var path = Path.Combine(folder, "chain.rlp");
            var fault = InFolder(Path.Combine(folder, "made"), genesis, keeping, chain =>
            {
                Write(path, chain, secrets, blocks, transactions);
                return null;
            });
            return (fault ?? Measure(path, genesis, Path.Combine(folder, "data"), keeping, (long)blocks * transactions)) is { } refusal ? Outcome.Refuse(refusal) : Outcome.Success;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static Refusal? InFolder(string folder, Genesis genesis, ChainKeeping keeping, Func<Blockchain, Refusal?> use)
    {
        if (!DataFolder.TryHold(folder, out var data, out var refusal)) return refusal;
        using var held = data;
        if (!Ledgers.TryOpen(data, genesis, followsImports: true, out var store, out var chain, out refusal, keeping: keeping)) return refusal;
        using (store)
        using (chain) return use(chain);
    }

    static void Write(string path, Blockchain chain, byte[][] secrets, int blocks, int transactions)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        Address[] senders = [.. secrets.Select(secret => TransactionSigning.AddressOf(secret))];
        var sent = 0;
        for (var i = 0; i < blocks; i++)
        {
            var first = sent;
            var signed = new (Transaction, Address)[transactions];
            Parallel.For(0, transactions, at => signed[at] = (Make(first + at, secrets[(first + at) % Senders]), senders[(first + at) % Senders]));
            sent += transactions;
            var parent = chain.Head.Head;
            var built = chain.Build(parent.Hash, new BlockAttributes { Timestamp = parent.Timestamp + 1, GasLimitTarget = GasLimit }, new TransactionList(signed));
            if (built.Block.Transactions.Count != transactions) throw new InvalidOperationException($"a block of {transactions} transactions took {built.Block.Transactions.Count}: ask for fewer");
            chain.Import(built);
            using var writer = RlpWriter.Rent();
            built.Block.Write(writer);
            file.Write(writer.Written);
        }
    }

    // In turns a transfer to an account that did not exist, and a call that writes a slot that did not exist.
    static Transaction Make(int number, byte[] secret)
    {
        var name = Keccak256.Hash(BitConverter.GetBytes(number));
        var calls = number / Senders % 2 == 1;
        return TransactionSigning.Sign(new DynamicFeeTransaction
        {
            ChainId = 1,
            Nonce = (ulong)(number / Senders),
            MaxFeePerGas = 100_000_000_000,
            GasLimit = calls ? 60_000UL : 21_000,
            To = calls ? Counter : Address.FromBytes(name.Bytes[12..]),
            Value = calls ? 0UL : 1,
            Data = calls ? name.Bytes.ToArray() : default,
        }, secret);
    }

    static Refusal? Measure(string path, Genesis genesis, string folder, ChainKeeping keeping, long transactions)
    {
        if (!BlockFile.TryOpen(path, out var file, out var refusal)) return refusal;
        using var opened = file;
        var last = new ImportProgress(0, 0, 0, 0, 0, 0);
        Timings? timings = null;
        var memory = 0L;
        var fault = InFolder(folder, genesis, keeping, chain =>
        {
            Refusal? fault = null;
            // What making the chain left behind is not this import's.
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            timings = Timings.Once(() => fault = new ChainImport(chain).Run(file, progress => last = progress, CancellationToken.None));
            memory = Environment.WorkingSet;
            return fault;
        });
        if (fault is not null) return fault;
        var disk = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(one => one.Length);
        timings!.Report("chain", transactions, writer =>
        {
            writer.WriteNumber("blocks", last.Imported);
            writer.WriteNumber("gas", last.GasUsed);
            writer.WriteNumber("mgas_per_second", Math.Round(last.GasUsed * 1000.0 / timings.MedianNs, 2));
            writer.WriteNumber("memory_bytes", memory);
            writer.WriteNumber("disk_bytes", disk);
            writer.WriteNumber("disk_bytes_per_transaction", disk / transactions);
            writer.WriteNumber("file_bytes_per_transaction", file.Length / transactions);
        });
        return null;
    }
}
