using Hufu.Chain;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Tests;

/// <summary>A long chain written straight into a store, as if it had been imported: each block holds a log with a common topic, a few one of a rare contract.</summary>
static class SyntheticChain
{
    const int PerBatch = 2000;

    public static readonly Address RareContract = Address.FromNumber(0x4A4E);
    public static readonly Hash256 CommonTopic = Hash256.FromUInt256(7UL);

    public static IEnumerable<int> RareBlocks(int blocks) => Enumerable.Range(1, 25).Select(part => (int)((long)part * blocks / 26)).Where(number => number > 0).Distinct();

    public static Blockchain Open(IKeyValueStore store, int blocks)
    {
        var forks = ForkSchedule.Always(Fork.Cancun, chainId: 1337);
        var genesis = TestChain.GenesisFor(forks);
        Blockchain.Open(store, genesis, forks, new ProofOfStake()).Dispose();

        var rare = RareBlocks(blocks).ToHashSet();
        var batch = new WriteBatch();
        var parent = genesis.Block.Header;
        for (var number = 1; number <= blocks; number++)
        {
            IReadOnlyList<Log> logs = [new Log(Address.FromNumber((uint)(number % 1000) + 1), [CommonTopic, Hash256.FromUInt256((ulong)number)], default)];
            if (rare.Contains(number)) logs = [.. logs, new Log(RareContract, [CommonTopic], default)];
            var receipt = new Receipt { Type = TransactionType.Legacy, Succeeded = true, CumulativeGasUsed = 21_000, Logs = logs, LogsBloom = Bloom.Of(logs) };
            var header = new Header
            {
                ParentHash = parent.Hash,
                Number = (ulong)number,
                Timestamp = parent.Timestamp + 12,
                GasLimit = 30_000_000,
                StateRoot = parent.StateRoot,
                LogsBloom = receipt.LogsBloom,
                BaseFeePerGas = 7,
                WithdrawalsRoot = parent.WithdrawalsRoot,
                BlobGasUsed = 0,
                ExcessBlobGas = 0,
                ParentBeaconBlockRoot = Hash256.Zero,
            };
            var block = new Block(header, [Transaction], [], []);
            BlockStore.Put(batch, block, [receipt], UInt256.Zero);
            BlockStore.PutCanonical(batch, block);
            parent = header;
            if (number % PerBatch != 0 && number < blocks) continue;
            BlockStore.PutMark(batch, ChainMark.Head, header.Hash);
            store.Commit(batch, sync: false);
            batch.Clear();
        }
        return Blockchain.Open(store, genesis, forks, new ProofOfStake());
    }

    static readonly Transaction Transaction = new LegacyTransaction { GasLimit = 21_000, V = 27, R = UInt256.One, S = UInt256.One };
}
