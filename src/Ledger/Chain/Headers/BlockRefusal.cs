using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>A block that cannot be part of the chain: which one, and the first rule it breaks.</summary>
/// <param name="Number">The block's own claim; 0 where it could not be decoded.</param>
/// <param name="Why">The values that disagree.</param>
public sealed record BlockRefusal(BlockRule Rule, ulong Number, string Why)
{
    /// <summary>Why the machine would not admit the transaction, where <see cref="BlockRule.Transaction"/> is broken.</summary>
    public AdmissionRefusal? Admission { get; init; }

    /// <summary>The rule that an ommer breaks by itself, where that is why <see cref="BlockRule.Ommers"/> is broken.</summary>
    public BlockRule? OmmerRule { get; init; }

    public Refusal ToRefusal() => new($"block {Number} refused: {Rule}", Why);

    public override string ToString() => ToRefusal().ToString();

    public static BlockRefusal Mismatch<T>(BlockRule rule, Header header, string what, T stated, T expected) =>
        new(rule, header.Number, $"the header states {what} {stated}, expected is {expected}");
}
