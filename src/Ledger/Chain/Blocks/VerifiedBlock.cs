using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>A block whose header follows from its parent's and whose body is the one the header commits to, with the sender of every transaction. Only <see cref="BlockVerification"/> makes one.</summary>
public sealed class VerifiedBlock
{
    internal VerifiedBlock(Block block, Header parent, ForkRules rules, IReadOnlyList<Address> senders, BlockAccessList? accessList) =>
        (Block, Parent, Rules, Senders, AccessList) = (block, parent, rules, senders, accessList);

    public Block Block { get; }
    public Header Header => Block.Header;
    public Header Parent { get; }
    public ForkRules Rules { get; }

    /// <summary>Who signed each transaction, in the order of the block.</summary>
    public IReadOnlyList<Address> Senders { get; }

    /// <summary>The access list that came beside the block: the one the header commits to, but whether it tells the truth only execution shows. Null where none came.</summary>
    public BlockAccessList? AccessList { get; }
}
