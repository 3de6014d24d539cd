using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>A block that could be decoded and broke a rule.</summary>
public sealed record RefusedBlock(Block Block, BlockRefusal Refusal);
