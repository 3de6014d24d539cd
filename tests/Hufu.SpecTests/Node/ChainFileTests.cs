using System.Text.Json;
using Hufu.Chain;
using Hufu.Node;
using Hufu.Primitives;
using Xunit;
using NetworkGenesis = Hufu.Primitives.Genesis;

namespace Hufu.SpecTests;

/// <summary>Chains made by others, brought from their files into a data folder on disk.</summary>
public sealed class ChainFileTests : IDisposable
{
    const string Exchange = "rpc/tests";
    static readonly bool RunsAll = Environment.GetEnvironmentVariable("HUFU_SHARE") == "1";

    readonly string _folder = Directory.CreateTempSubdirectory("hufu-chain-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_execution_apis_chain_ends_at_the_head_and_state_its_forkchoice_update_names()
    {
        var genesis = GenesisOf($"{Exchange}/genesis.json");
        var (refusal, _) = Import(genesis, SharedFolder.Fixture($"{Exchange}/chain.rlp"));

        Assert.Null(refusal);
        using var ledger = OpenedLedger.At(_folder, genesis);
        Assert.Equal(HeadOfForkchoiceUpdate(), ledger.Chain.Head.Hash);
        Assert.Null(ledger.Chain.VerifyState());
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_refused_with_block_and_rule_and_leaves_the_chain_where_it_was()
    {
        var genesis = GenesisOf($"{Exchange}/genesis.json");
        var whole = File.ReadAllBytes(SharedFolder.Fixture($"{Exchange}/chain.rlp"));
        var damaged = Path.Combine(_folder, "damaged.rlp");
        var random = new Random(RunsAll ? Environment.TickCount : 20_261_124);
        using var ledger = OpenedLedger.At(_folder, genesis);
        for (var i = 0; i < (RunsAll ? 2000 : 60); i++)
        {
            var bit = random.NextInt64(whole.Length * 8L);
            var copy = (byte[])whole.Clone();
            copy[bit / 8] ^= (byte)(1 << (int)(bit % 8));
            File.WriteAllBytes(damaged, copy);

            var before = ledger.Chain.Head.Hash;
            var refusal = ledger.Import(damaged, head: HeadOfForkchoiceUpdate());

            Assert.True(refusal is not null, $"bit {bit} was flipped and nobody saw it");
            Assert.Matches("^block [0-9]+ refused: [A-Za-z]+$", refusal.What);
            Assert.Equal(before, ledger.Chain.Head.Hash);
        }
        Assert.Null(ledger.Import(SharedFolder.Fixture($"{Exchange}/chain.rlp")));
        Assert.Equal(HeadOfForkchoiceUpdate(), ledger.Chain.Head.Hash);
    }

    [Fact]
    public void A_chain_cut_short_inside_a_block_is_refused_and_the_whole_one_imports_after_it()
    {
        var genesis = GenesisOf($"{Exchange}/genesis.json");
        var whole = File.ReadAllBytes(SharedFolder.Fixture($"{Exchange}/chain.rlp"));
        var cut = Path.Combine(_folder, "cut.rlp");
        File.WriteAllBytes(cut, whole[..^5]);
        using var ledger = OpenedLedger.At(_folder, genesis);
        var before = ledger.Chain.Head.Hash;

        Assert.Contains("fit into what is left", ledger.Import(cut)!.Why, StringComparison.Ordinal);
        Assert.Equal(before, ledger.Chain.Head.Hash);
        Assert.Null(ledger.Import(SharedFolder.Fixture($"{Exchange}/chain.rlp")));
    }

    /// <summary>The first blocks by default, with one stop between; all 8,192 to the total difficulty of the file with HUFU_SHARE=1.</summary>
    [Fact]
    public void Mainnets_first_blocks_import_from_era1_and_go_on_where_they_were_stopped()
    {
        var genesis = GenesisOf("era/mainnet-genesis.json");
        var file = SharedFolder.Fixture("era/mainnet-00000-5ec1ffb8.era1");

        var (refusal, first) = Import(genesis, file, stopAfter: 150);
        Assert.Null(refusal);
        Assert.Equal(150UL, first.Number);

        (refusal, var second) = Import(genesis, file, stopAfter: RunsAll ? null : 300);
        Assert.Null(refusal);
        // The file begins with the genesis block, which is as well known as the blocks of the first run.
        Assert.Equal(151UL, second.Known);
        if (!RunsAll) return;

        using var ledger = OpenedLedger.At(_folder, genesis);
        Assert.Equal(8191UL, ledger.Chain.Head.Number);
        Assert.Equal(UInt256.Parse("1344623723034024"), ledger.Chain.Head.TotalDifficulty);
    }

    [Fact]
    public void An_era1_file_whose_accumulator_lies_is_refused()
    {
        var bytes = File.ReadAllBytes(SharedFolder.Fixture("era/mainnet-00000-5ec1ffb8.era1"));
        var file = Path.Combine(_folder, "short.era1");
        // One whole block, then an accumulator of something else: type 7, 32 bytes.
        var end = EndOfFirstBlock(bytes);
        File.WriteAllBytes(file, [.. bytes[..end], 7, 0, 32, 0, 0, 0, 0, 0, .. new byte[32]]);

        using var ledger = OpenedLedger.At(_folder, GenesisOf("era/mainnet-genesis.json"));
        Assert.Contains("accumulator", ledger.Import(file)!.Why, StringComparison.Ordinal);
    }

    static int EndOfFirstBlock(byte[] era1)
    {
        for (var at = 0; ;)
        {
            var length = BitConverter.ToInt32(era1, at + 2);
            var isTotalDifficulty = BitConverter.ToUInt16(era1, at) == 6;
            at += 8 + length;
            if (isTotalDifficulty) return at;
        }
    }

    (Refusal? Refusal, ImportProgress Last) Import(NetworkGenesis genesis, string path, ulong? stopAfter = null)
    {
        using var ledger = OpenedLedger.At(_folder, genesis);
        using var stop = new CancellationTokenSource();
        var last = new ImportProgress(0, 0, 0, 0, 0, 0);
        var refusal = ledger.Import(path, progress =>
        {
            last = progress;
            if (progress.Number == stopAfter) stop.Cancel();
        }, stop: stop.Token);
        return (refusal, last);
    }

    static NetworkGenesis GenesisOf(string fixture)
    {
        Assert.True(GenesisJson.TryParse(File.ReadAllBytes(SharedFolder.Fixture(fixture)), out var genesis, out var refusal), refusal?.ToString());
        return genesis;
    }

    static Hash256 HeadOfForkchoiceUpdate()
    {
        using var update = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture($"{Exchange}/headfcu.json")));
        return Hash256.Parse(update.RootElement.GetProperty("params")[0].GetProperty("headBlockHash").GetString()!);
    }

    /// <summary>The chain of a folder, held as `hufu import` holds it.</summary>
    sealed class OpenedLedger(DataFolder folder, IDisposable store, Blockchain chain) : IDisposable
    {
        public Blockchain Chain => chain;

        public static OpenedLedger At(string path, NetworkGenesis genesis)
        {
            Assert.True(DataFolder.TryHold(Path.Combine(path, "data"), out var folder, out var refusal), refusal?.ToString());
            Assert.True(Ledgers.TryOpen(folder, genesis, followsImports: true, out var store, out var chain, out refusal), refusal?.ToString());
            chain.SyncsToDisk = false;
            return new OpenedLedger(folder, store, chain);
        }

        public Refusal? Import(string path, Action<ImportProgress>? report = null, Hash256? head = null, CancellationToken stop = default)
        {
            Assert.True(BlockFile.TryOpen(path, out var file, out var refusal), refusal?.ToString());
            using (file) return new ChainImport(chain) { ExpectedHead = head }.Run(file, report ?? (static _ => { }), stop);
        }

        public void Dispose()
        {
            chain.Dispose();
            store.Dispose();
            folder.Dispose();
        }
    }
}
