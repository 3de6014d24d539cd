using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>A block whose header follows from its parent's and whose body is the one the header commits to, with the sender of every transaction. Only <see cref="BlockVerification"/> makes one.</summary>
public sealed class VerifiedBlock
{
    internal VerifiedBlock(Block block, Header parent, ForkRules rules, IReadOnlyList<Address> senders) =>
        (Block, Parent, Rules, Senders) = (block, parent, rules, senders);

    public Block Block { get; }
    public Header Header => Block.Header;
    public Header Parent { get; }
    public ForkRules Rules { get; }

    /// <summary>Who signed each transaction, in the order of the block.</summary>
    public IReadOnlyList<Address> Senders { get; }
}
