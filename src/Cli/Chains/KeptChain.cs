using Hufu.Chain;
using Hufu.Node;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>The chain of a data folder, to be read by commands that write it out: as it stands now, also where a running node has it.</summary>
static class KeptChain
{
    /// <param name="read">Reads the chain; answers why it could not do what it was to.</param>
    public static Refusal? Read(string path, Func<Blockchain, Refusal?> read)
    {
        if (!GenesisFiles.TryFind(null, path, null, out var genesis, out _, out var refusal)) return refusal;
        if (!Ledgers.TryRead(path, genesis, out var store, out var chain, out refusal)) return refusal;
        using (store)
        using (chain) return read(chain);
    }
}
