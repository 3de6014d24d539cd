using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Primitives;
using Hufu.Rpc;
using Hufu.State;

namespace Hufu.Node;

/// <summary>Opens the chain of a data folder, for the node and for tools that own the folder alone.</summary>
public static class Ledgers
{
    /// <param name="folder">Null keeps everything in memory.</param>
    /// <param name="fork">Where the chain leaves another, whose state is <paramref name="origin"/>; null where it forks none.</param>
    /// <param name="keeping">Null keeps it as is usual.</param>
    /// <param name="followsImports">Every accepted block becomes the head, as for tools that import files.</param>
    public static bool TryOpen(DataFolder? folder, Genesis genesis, bool followsImports,
        [NotNullWhen(true)] out IKeyValueStore? store, [NotNullWhen(true)] out Blockchain? chain, [NotNullWhen(false)] out Refusal? refusal,
        ForkPoint? fork = null, ForkOrigin? origin = null, ChainKeeping? keeping = null) => TryOpen(folder?.Store, genesis, followsImports, out store, out chain, out refusal, fork, origin, keeping: keeping);

    /// <summary>Opens or begins a chain in a store of its own, beside that of a data folder.</summary>
    internal static bool TryOpenAt(string storeFolder, Genesis genesis, [NotNullWhen(true)] out IKeyValueStore? store, [NotNullWhen(true)] out Blockchain? chain, [NotNullWhen(false)] out Refusal? refusal) =>
        TryOpen(storeFolder, genesis, followsImports: false, out store, out chain, out refusal, null, null);

    /// <summary>Opens the chain of a data folder to be read, as it stands at this moment: also that of a running node, which goes on and notices nothing.</summary>
    public static bool TryRead(string path, Genesis genesis, [NotNullWhen(true)] out IKeyValueStore? store, [NotNullWhen(true)] out Blockchain? chain, [NotNullWhen(false)] out Refusal? refusal)
    {
        (store, chain) = (null, null);
        var folder = DataFolder.StoreIn(path);
        if (!Directory.Exists(folder))
        {
            refusal = new Refusal($"no chain is kept in {path}", Mend: "give the folder of a node with --data");
            return false;
        }
        return TryOpen(folder, genesis, followsImports: false, out store, out chain, out refusal, null, null, isRead: true);
    }

    static bool TryOpen(string? folder, Genesis genesis, bool followsImports,
        [NotNullWhen(true)] out IKeyValueStore? store, [NotNullWhen(true)] out Blockchain? chain, [NotNullWhen(false)] out Refusal? refusal,
        ForkPoint? fork, ForkOrigin? origin, bool isRead = false, ChainKeeping? keeping = null)
    {
        (store, chain) = (null, null);
        keeping ??= new ChainKeeping();
        if (!TryFindConsensus(genesis, out var consensus, out refusal) || !InBlockJobs.TryRead(genesis, out var jobs, out refusal)) return false;
        if (!TryOpenStore(folder, keeping.Store with { IsReadOnly = isRead }, out store, out refusal)) return false;
        var options = origin is null ? keeping.State : WorldStateOptions.InMemory with { Origin = origin };
        try
        {
            var first = fork is null || origin is null ? new GenesisBlock(genesis.ToBlock(), genesis.ToStateDiff()) : ForkGenesis.BlockOf(fork, origin, genesis);
            if (Blockchain.TryOpen(store, first, genesis.Schedule, consensus, followsImports, options, out chain, out refusal))
            {
                chain.Jobs = jobs;
                if (origin is not null) chain.Blocks.Earlier = origin.HashOf;
                return true;
            }
        }
        catch (OriginUnavailable away)
        {
            refusal = new Refusal("the chain to be forked cannot be read", away.Message, "try again, or give another --fork-url");
        }
        catch (Exception damage) when (damage is StoreFailure or InvalidDataException)
        {
            refusal = new Refusal($"cannot open the chain in {Path.GetDirectoryName(folder)}", damage.Message, "restore the folder from a backup, or begin anew in another one with --data");
        }
        store.Dispose();
        return false;
    }

    static bool TryOpenStore(string? folder, RocksStoreOptions options, [NotNullWhen(true)] out IKeyValueStore? store, [NotNullWhen(false)] out Refusal? refusal)
    {
        (store, refusal) = (null, null);
        if (folder is null) store = new MemoryStore();
        else if (RocksStore.TryOpen(folder, [.. StateTables.All, .. ChainTables.All], options, out var opened, out refusal)) store = opened;
        return store is not null;
    }

    /// <summary>The consensus that a genesis file asks for: QBFT, proof of stake from the start, or proof of work with the seals that Ethash networks have.</summary>
    static bool TryFindConsensus(Genesis genesis, [NotNullWhen(true)] out IConsensusRules? consensus, [NotNullWhen(false)] out Refusal? refusal)
    {
        consensus = QbftConfig.Of(genesis, out refusal) is { } qbft ? new QbftRules(qbft)
            : refusal is not null ? null
            : genesis.Schedule.TerminalTotalDifficulty is { IsZero: true } ? new ProofOfStake()
            : FixedDifficulty(genesis, out refusal) is { } difficulty ? new ProofOfWork(Ethash.Shared, difficulty)
            : refusal is not null ? null
            : new ProofOfWork(HasSeals(genesis) ? Ethash.Shared : null);
        return consensus is not null;
    }

    /// <summary>The difficulty of a private network whose genesis file has <c>ethash.fixeddifficulty</c>, as Besu writes it; null where there is none.</summary>
    static UInt256? FixedDifficulty(Genesis genesis, out Refusal? refusal)
    {
        refusal = null;
        if (genesis.Config is not { } config || !config.TryGetProperty("ethash", out var section) || section.ValueKind != JsonValueKind.Object || !section.TryGetProperty("fixeddifficulty", out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var difficulty) && difficulty > 0) return difficulty;
        refusal = new Refusal("the genesis file's config.ethash.fixeddifficulty cannot be used", "it is a number above zero", "write for example \"fixeddifficulty\": 100");
        return null;
    }

    // Networks made for tests say "ethash": {} and carry no seals; a genesis difficulty of real networks is far above the least there is.
    static bool HasSeals(Genesis genesis) => genesis.Difficulty > Difficulty.Minimum;
}
