using System.Diagnostics;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Cli;

/// <summary>`hufu bench growth`: what a block of a thousand transfers between random accounts costs the state, on disk, as the accounts become more.</summary>
static class GrowthBench
{
    const int Transfers = 1000;

    // What a state grows by between two writes while it is being made.
    const int Step = 50_000;

    public static int Run(IReadOnlyList<int> sizes, int repeat)
    {
        var folder = Directory.CreateTempSubdirectory("hufu-bench").FullName;
        try
        {
            if (!RocksStore.TryOpen(folder, StateTables.All, null, out var store, out var refusal)) return Outcome.Refuse(refusal);
            using (store)
            {
                var world = WorldState.Open(store, new WorldStateOptions { KeepBlocks = 128 });
                var made = 0;
                foreach (var size in sizes.Order())
                {
                    for (; made < size; made = Math.Min(size, made + Step)) Commit(world, Fresh(made, Math.Min(size, made + Step)), sync: false);
                    Settle();
                    Measure(world, size, repeat, folder);
                }
            }
            return Outcome.Success;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // What was written in a rush is still being sorted into files: that is the rush's work, not the transfers'.
    static void Settle()
    {
        var process = Process.GetCurrentProcess();
        for (var seconds = 0; seconds < 600; seconds++)
        {
            var before = process.TotalProcessorTime;
            Thread.Sleep(1000);
            process.Refresh();
            if (process.TotalProcessorTime - before < TimeSpan.FromMilliseconds(50)) return;
        }
    }

    static void Measure(WorldState world, int accounts, int repeat, string folder)
    {
        var random = new Random(1);
        var chosen = new (Address From, Address To)[Transfers];
        long reading = 0, rooting = 0, writing = 0;
        Timings.Of(repeat, () =>
        {
            var clock = Stopwatch.StartNew();
            var next = world.Begin(world.Head!.Value.Block) ?? throw new InvalidOperationException("the head cannot be begun");
            foreach (var (from, to) in chosen) next.Apply(Transfer(next, from, to));
            reading += Lap(clock);
            var root = next.Root();
            rooting += Lap(clock);
            world.Commit(next, After(world, root), new WriteBatch(), sync: true);
            writing += Lap(clock);
        }, prepare: () =>
        {
            for (var i = 0; i < chosen.Length; i++) chosen[i] = (AddressOf(random.Next(accounts)), AddressOf(random.Next(accounts)));
        }).Report("growth", Transfers, writer =>
        {
            var all = reading + rooting + writing;
            writer.WriteNumber("accounts", accounts);
            writer.WriteNumber("share_reading", Share(reading, all));
            writer.WriteNumber("share_root", Share(rooting, all));
            writer.WriteNumber("share_writing", Share(writing, all));
            writer.WriteNumber("disk_bytes", new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length));
            writer.WriteNumber("memory_bytes", Environment.WorkingSet);
        });
    }

    static long Lap(Stopwatch clock)
    {
        var ticks = clock.ElapsedTicks;
        clock.Restart();
        return ticks;
    }

    static double Share(long part, long all) => Math.Round((double)part / all, 3);

    static StateDiff Transfer(StateTransition state, Address from, Address to)
    {
        var diff = new StateDiff();
        if (from == to || !state.TryGetAccount(from, out var payer) || !state.TryGetAccount(to, out var payee)) return diff;
        diff.Accounts[from] = new AccountDiff { Nonce = payer.Nonce + 1, Balance = payer.Balance - UInt256.One };
        diff.Accounts[to] = new AccountDiff { Nonce = payee.Nonce, Balance = payee.Balance + UInt256.One };
        return diff;
    }

    static StateDiff Fresh(int from, int to)
    {
        var diff = new StateDiff();
        for (var i = from; i < to; i++) diff.Accounts[AddressOf(i)] = new AccountDiff { Balance = 1_000_000_000_000 };
        return diff;
    }

    static void Commit(WorldState world, StateDiff diff, bool sync)
    {
        var next = world.Head is { } head ? world.Begin(head.Block)! : WorldState.BeginEmpty();
        next.Apply(diff);
        world.Commit(next, After(world, next.Root()), new WriteBatch(), sync);
    }

    // No block stands behind it: the root, with the number, will do for a hash.
    static BlockId After(WorldState world, Hash256 root)
    {
        var number = world.Head is { } head ? head.Number + 1 : 0;
        return new BlockId(number, Keccak256.Hash([.. root.Bytes, .. BitConverter.GetBytes(number)]));
    }

    static Address AddressOf(int number) => Address.FromBytes(Keccak256.Hash(BitConverter.GetBytes(number)).Bytes[12..]);
}
