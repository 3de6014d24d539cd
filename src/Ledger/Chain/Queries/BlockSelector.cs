using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>How a question names the block it is about: by number, by hash, or by the names that the chain gives.</summary>
public abstract record BlockSelector
{
    BlockSelector() { }

    public sealed record ByNumber(ulong Number) : BlockSelector;

    /// <param name="MustBeCanonical">A block beside the chain to the head is then as good as unknown (EIP-1898).</param>
    public sealed record ByHash(Hash256 Hash, bool MustBeCanonical = false) : BlockSelector;

    public sealed record ByMark(ChainMark Mark) : BlockSelector;

    public static readonly BlockSelector Earliest = new ByMark(ChainMark.Genesis);
    public static readonly BlockSelector Latest = new ByMark(ChainMark.Head);
    public static readonly BlockSelector Safe = new ByMark(ChainMark.Safe);
    public static readonly BlockSelector Finalised = new ByMark(ChainMark.Finalised);
}
