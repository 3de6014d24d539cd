using Hufu.State;

namespace Hufu.Chain;

/// <summary>The tables that the chain keeps beside those of the state; both are opened together, so that a block and its state land in one write.</summary>
public static class ChainTables
{
    /// <summary>Block hash → number, 8 bytes · total difficulty, the digits.</summary>
    public static readonly Table Blocks = new(32, "blocks");

    /// <summary>Number · block hash → the RLP of the header.</summary>
    public static readonly Table Headers = new(33, "headers");

    /// <summary>Number · block hash → the RLP of a list with the items of the body.</summary>
    public static readonly Table Bodies = new(34, "bodies", Bulk: true);

    /// <summary>Number · block hash → the RLP of the list of receipts.</summary>
    public static readonly Table Receipts = new(35, "receipts", Bulk: true);

    /// <summary>Number → the hash of the block that the chain to the head has there.</summary>
    public static readonly Table Canonical = new(36, "canonical");

    /// <summary>Transaction hash → number, 8 bytes · index in its block, 4 bytes; of the chain to the head only.</summary>
    public static readonly Table Transactions = new(37, "transactions");

    /// <summary>Name → block hash: the genesis, the head, the safe and the finalised block.</summary>
    public static readonly Table Marks = new(38, "chain-marks");

    /// <summary>Block hash → the RLP of the changes by hand that the block was built on; of development chains only.</summary>
    public static readonly Table Edits = new(39, "edits");

    /// <summary>Digest of what a log holds, 8 bytes · block number, 8 bytes → nothing: see <see cref="LogIndex"/>.</summary>
    public static readonly Table LogPostings = new(40, "log-postings");

    public static IReadOnlyList<Table> All { get; } = [Blocks, Headers, Bodies, Receipts, Canonical, Transactions, Marks, Edits, LogPostings];
}
