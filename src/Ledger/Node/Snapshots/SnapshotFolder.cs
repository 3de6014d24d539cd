using Hufu.Primitives;

namespace Hufu.Node;

/// <summary>Begins the chain of a data folder with a snapshot file. It is built beside what the folder holds and takes its place when it is whole, so that a file that proves wrong, and a kill at any moment, leave the folder as it was.</summary>
public static class SnapshotFolder
{
    /// <param name="path">The data folder; made where it is absent.</param>
    /// <param name="genesisFile">Null: the one that the folder has.</param>
    /// <param name="trustedEnd">The hash of the snapshot's last block, where the chain's seals do not prove it.</param>
    /// <param name="head">Where the chain stands afterwards.</param>
    public static Refusal? Import(string path, string? genesisFile, Stream file, Hash256? trustedEnd, Action<SnapshotProgress> report, out Header? head, CancellationToken stop)
    {
        head = null;
        var isNew = !Directory.Exists(path);
        try
        {
            if (!DataFolder.TryHold(path, out var folder, out var refusal)) return refusal;
            using (folder) refusal = Import(folder, genesisFile, file, trustedEnd, report, out head, stop);
            if (refusal is not null && isNew) Directory.Delete(path, recursive: true);
            return refusal;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal($"cannot read or write in {path}", error.Message, "check the folder, the disk and the files named");
        }
    }

    static Refusal? Import(DataFolder folder, string? genesisFile, Stream file, Hash256? trustedEnd, Action<SnapshotProgress> report, out Header? head, CancellationToken stop)
    {
        head = null;
        var kept = File.Exists(folder.GenesisFile);
        if (genesisFile is null && !kept) return new Refusal($"no chain is kept in {folder.Path}", "nothing tells with which genesis block it begins", "give the genesis file with --genesis");
        var bytes = File.ReadAllBytes(genesisFile ?? folder.GenesisFile);
        if (!GenesisJson.TryParse(bytes, out var genesis, out var refusal)) return refusal;
        if (Directory.Exists(folder.Store) && CheckEmpty(folder, genesis) is { } occupied) return occupied;

        var (beside, before) = (folder.Store + ".importing", folder.Store + ".before");
        if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
        try
        {
            if (Build(beside, genesis, file, trustedEnd, report, out head, stop) is { } wrong) return wrong;
            if (!kept)
            {
                File.WriteAllBytes(folder.GenesisFile + ".new", bytes);
                File.Move(folder.GenesisFile + ".new", folder.GenesisFile);
            }
            // A kill between the two leaves no chain, and the next start begins with genesis, which is all there was.
            if (Directory.Exists(before)) Directory.Delete(before, recursive: true);
            if (Directory.Exists(folder.Store)) Directory.Move(folder.Store, before);
            Directory.Move(beside, folder.Store);
            if (Directory.Exists(before)) Directory.Delete(before, recursive: true);
            return null;
        }
        finally
        {
            if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
        }
    }

    static Refusal? CheckEmpty(DataFolder folder, Genesis genesis)
    {
        if (!Ledgers.TryOpen(folder, genesis, followsImports: false, out var store, out var chain, out var refusal)) return refusal;
        using (store)
        using (chain)
            return chain.Head.Number == 0 ? null
                : new Refusal($"the folder holds a chain already, up to block {chain.Head.Number}", "a snapshot begins a chain; it is not laid over one", "give an empty folder with --data");
    }

    static Refusal? Build(string beside, Genesis genesis, Stream file, Hash256? trustedEnd, Action<SnapshotProgress> report, out Header? head, CancellationToken stop)
    {
        head = null;
        if (!Ledgers.TryOpenAt(beside, genesis, out var store, out var chain, out var refusal)) return refusal;
        using (store)
        using (chain)
        {
            if (trustedEnd is null && (!chain.Consensus.ProvesFinality || chain.Consensus.NeedsStateToCheck))
                return new Refusal("nothing in the file proves that its last block is final",
                    chain.Consensus.NeedsStateToCheck ? "a contract names the validators of this chain, so that seals cannot be checked without its states" : "the blocks of this chain carry no seals of validators",
                    "ask somebody you trust for the hash of its last block, and give it with --trusted-hash");
            refusal = new SnapshotImport(chain, trustedEnd, report).Run(file, stop);
            head = chain.Head.Head;
            return refusal;
        }
    }
}
