namespace Hufu.State;

/// <summary>One ordered map of bytes to bytes inside a store.</summary>
/// <param name="Id">Distinct among all tables opened together; part of the format on disk. State uses 1 to 31, Chain 32 to 63.</param>
/// <param name="Name">The name of its column family; part of the format on disk.</param>
/// <param name="Prefix">The length of the leading part of every key that a search stays within; 0 where tables are read key by key.</param>
/// <param name="Bulk">Values are large and seldom read again (block bodies, receipts): worth compressing, not worth caching.</param>
public sealed record Table(byte Id, string Name, int Prefix = 0, bool Bulk = false)
{
    /// <summary>Ids are below this.</summary>
    public const int MaxCount = 64;
}

/// <summary>The tables that the state keeps; <see cref="All"/> is opened with those of the other parts.</summary>
public static class StateTables
{
    /// <summary>keccak(address) → the account, in <see cref="FlatValue"/>'s short form.</summary>
    public static readonly Table Accounts = new(1, "accounts");

    /// <summary>keccak(address) · keccak(slot) → the value's digits, big-endian without leading zeros.</summary>
    public static readonly Table Storage = new(2, "storage", Prefix: 32);

    /// <summary>Code by its Keccak-256. Never removed: another account, or an earlier block, may have the same.</summary>
    public static readonly Table Codes = new(3, "codes");

    /// <summary>Nibble count · packed path → the RLP of the branch or extension there, as of the block the trie is at. Leaves are not kept: the flat tables hold them.</summary>
    public static readonly Table AccountTrie = new(4, "account-trie");

    /// <summary>keccak(address) · nibble count · packed path → the RLP of the branch or extension there.</summary>
    public static readonly Table StorageTrie = new(5, "storage-trie", Prefix: 32);

    /// <summary>keccak(address) · block number → the account before that block; empty where there was none.</summary>
    public static readonly Table AccountHistory = new(6, "account-history", Prefix: 32);

    /// <summary>keccak(address) · keccak(slot) · block number → the value before that block; empty for zero.</summary>
    public static readonly Table StorageHistory = new(7, "storage-history", Prefix: 64);

    /// <summary>Block number → <see cref="BlockChanges"/>: the keys the block changed.</summary>
    public static readonly Table Changes = new(8, "changes", Bulk: true);

    /// <summary>Where the state stands: its head, the block the trie is at, the oldest block kept.</summary>
    public static readonly Table Marks = new(9, "marks");

    /// <summary>Block number → hash · state root of the block of the chosen chain.</summary>
    public static readonly Table Chosen = new(10, "chosen");

    public static IReadOnlyList<Table> All { get; } =
        [Accounts, Storage, Codes, AccountTrie, StorageTrie, AccountHistory, StorageHistory, Changes, Marks, Chosen];
}
