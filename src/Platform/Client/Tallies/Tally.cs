using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>What a tally is about.</summary>
public enum TallyKind
{
    /// <summary>A transaction, what came of it and the events it left.</summary>
    Transaction,

    /// <summary>One event.</summary>
    Log,

    /// <summary>What an account held when a block was done.</summary>
    Account,

    /// <summary>What a slot of a contract held when a block was done.</summary>
    Storage,
}

/// <summary>
/// The evidence of a tally: what stands in the file and cannot be worked out from the rest. The fact in words, and every other byte of the file,
/// follows from it (<see cref="TallyFile"/>), so that a file says nothing its evidence does not carry.
/// </summary>
public sealed record Tally
{
    /// <summary>The version of the format this library writes and reads.</summary>
    public const int Version = 1;

    public TallyKind Kind { get; init; }
    public ulong ChainId { get; init; }

    /// <summary>The hash of the chain's first block: with it the reader knows which chain is meant.</summary>
    public Hash256 Genesis { get; init; }
    public required Header Header { get; init; }

    /// <summary>Transaction and log: the place in the block.</summary>
    public int TransactionIndex { get; init; }

    /// <summary>The way from the header's transactions root to the transaction, which stands in its last node.</summary>
    public IReadOnlyList<byte[]> TransactionProof { get; init; } = [];

    /// <summary>The way from the header's receipts root to the receipt.</summary>
    public IReadOnlyList<byte[]> ReceiptProof { get; init; } = [];

    /// <summary>Log: which of the receipt's logs.</summary>
    public int LogPosition { get; init; }

    /// <summary>How the events read: <c>event Transfer(address indexed from, …)</c>. The hash of a signature stands in its log; names of values are as whoever made the tally gave them.</summary>
    public IReadOnlyList<string> Declarations { get; init; } = [];

    /// <summary>Account and storage: whose.</summary>
    public Address Address { get; init; }

    /// <summary>The way from the header's state root to the account, or to where it would be.</summary>
    public IReadOnlyList<byte[]> AccountProof { get; init; } = [];

    /// <summary>Storage: which slot.</summary>
    public UInt256 Slot { get; init; }

    /// <summary>The way from the account's storage root to the value, or to where it would be.</summary>
    public IReadOnlyList<byte[]> StorageProof { get; init; } = [];

    public Finality Finality { get; init; } = new UnprovenFinality("latest");
}

/// <summary>Why the block is believed to stay: what the chain gives.</summary>
public abstract record Finality
{
    private protected Finality() { }
}

/// <summary>Nothing but the word of the node that was asked.</summary>
/// <param name="Said">What the node called the block: finalized, safe or latest.</param>
public sealed record UnprovenFinality(string Said) : Finality;

/// <summary>The commit seals in QBFT headers, from the validators that the genesis block names to those that sealed the block. A single sealer is a validator set of one.</summary>
/// <param name="Genesis">The chain's first header.</param>
/// <param name="Steps">Headers between, in their order, each sealed by enough of those trusted before it to be believed about the validators it names.</param>
public sealed record QbftFinality(Header Genesis, IReadOnlyList<Header> Steps) : Finality;

/// <summary>What a reader knows already, and a tally has to agree with. What is null is not compared.</summary>
public sealed record TallyTrust
{
    public ulong? ChainId { get; init; }

    /// <summary>The hash of the first block of the chain the reader means.</summary>
    public Hash256? Genesis { get; init; }

    /// <summary>The hash of the block, known from elsewhere: from a node of one's own, or from a newspaper.</summary>
    public Hash256? Block { get; init; }
}

/// <summary>A tally that holds, and what it says.</summary>
public sealed record TallyFact
{
    public required Tally Tally { get; init; }

    /// <summary>The fact in words, English.</summary>
    public required string English { get; init; }

    /// <summary>The fact in words, Chinese.</summary>
    public required string Chinese { get; init; }

    /// <summary>What is left to trust, in words.</summary>
    public required IReadOnlyList<string> Trusts { get; init; }
    public Transaction? Transaction { get; init; }
    public Address? Sender { get; init; }
    public Receipt? Receipt { get; init; }

    /// <summary>The events that could be read, with their declaration: those of the transaction, or the one event.</summary>
    public IReadOnlyList<TallyEvent> Events { get; init; } = [];

    /// <summary>Account and storage: null where the chain holds no such account.</summary>
    public Account? Account { get; init; }

    /// <summary>Storage: zero where nothing is stored.</summary>
    public UInt256 Value { get; init; }
}

/// <param name="Position">Among the receipt's logs.</param>
/// <param name="Event">Null where no declaration fits.</param>
public sealed record TallyEvent(int Position, Log Log, AbiEvent? Event, IReadOnlyList<object> Arguments);
