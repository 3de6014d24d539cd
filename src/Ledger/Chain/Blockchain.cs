using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Chain;

/// <summary>
/// The single writer of blocks, state and head, with the three verbs of every consensus: build, import, choose.
/// Its methods are synchronous and belong to one thread at a time; <see cref="Head"/> may be read from any.
/// </summary>
public sealed class Blockchain : IDisposable
{
    Blockchain() { }

    /// <summary>Opens the chain kept in <paramref name="store"/>, or begins it with <paramref name="genesis"/> where the store is empty. A store of another genesis is refused.</summary>
    /// <param name="followsImports">After proof of stake began nobody but a driver chooses the head. True lets every accepted block become it: for tools that import files.</param>
    public static Blockchain Open(IKeyValueStore store, GenesisBlock genesis, ForkSchedule forks, IConsensusRules consensus, bool followsImports = false) => throw new NotImplementedException();

    /// <summary>The state after a kept block; null where the block or its state is not kept.</summary>
    public IStateView? StateAt(Hash256 block) => throw new NotImplementedException();

    public void Dispose() { }

    /// <summary>Where the chain stands now.</summary>
    public ChainHead Head => throw new NotImplementedException();

    /// <summary>Decodes, verifies, executes and keeps a block. Refused blocks leave no trace.</summary>
    public ImportResult Import(ReadOnlySpan<byte> rlp) => throw new NotImplementedException();

    public ImportResult Import(Block block) => throw new NotImplementedException();

    /// <summary>Makes a kept block the head, and names the safe and the finalised block (null leaves them as they are).</summary>
    public Refusal? Choose(Hash256 head, Hash256? safe = null, Hash256? finalised = null) => throw new NotImplementedException();
}
