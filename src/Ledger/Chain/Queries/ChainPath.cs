using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>The way from a block that a reader knows to the head: the blocks to leave, newest first, and those to join, oldest first.</summary>
public sealed record ChainPath(IReadOnlyList<Header> Reverted, IReadOnlyList<Header> Committed, Header Head);
