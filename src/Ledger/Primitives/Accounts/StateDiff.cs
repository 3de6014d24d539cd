namespace Hufu.Primitives;

/// <summary>What the machine answers: how the state differs after it ran. Values are absolute (what is), not relative (by how much).</summary>
public sealed class StateDiff
{
    public Dictionary<Address, AccountDiff> Accounts { get; } = [];

    /// <summary>Code that appeared, by its hash.</summary>
    public Dictionary<Hash256, byte[]> Codes { get; } = [];

    public bool IsEmpty => Accounts.Count == 0 && Codes.Count == 0;

    /// <summary>Lays a later diff over this one: afterwards this diff has the effect of both in turn. The later diff must not be used again.</summary>
    public void Append(StateDiff later)
    {
        foreach (var (address, change) in later.Accounts)
        {
            if (Accounts.TryGetValue(address, out var earlier)) earlier.Append(change);
            else Accounts.Add(address, change);
        }
        foreach (var (hash, code) in later.Codes) Codes[hash] = code;
    }
}

/// <summary>One account after the change.</summary>
public sealed class AccountDiff
{
    /// <summary>False: the account is gone, with its storage; the other members then say nothing.</summary>
    public bool Exists { get; set; } = true;
    public ulong Nonce { get; set; }
    public UInt256 Balance { get; set; }
    public Hash256 CodeHash { get; set; } = Account.EmptyCodeHash;

    /// <summary>The account lost all it had stored before <see cref="Storage"/> was written (it was destroyed and made again).</summary>
    public bool StorageCleared { get; set; }

    /// <summary>Slots written, with their new value; zero removes. Null where none was.</summary>
    public Dictionary<UInt256, UInt256>? Storage { get; set; }

    public void Append(AccountDiff later)
    {
        if (!later.Exists)
        {
            (Exists, Nonce, Balance, CodeHash, StorageCleared, Storage) = (false, 0, UInt256.Zero, Account.EmptyCodeHash, true, null);
            return;
        }
        // What did not exist before the later change has nothing left to clear but what the earlier change says to clear.
        StorageCleared |= later.StorageCleared;
        if (later.StorageCleared) Storage = null;
        (Exists, Nonce, Balance, CodeHash) = (true, later.Nonce, later.Balance, later.CodeHash);
        if (later.Storage is null) return;
        if (Storage is null) Storage = later.Storage;
        else foreach (var (slot, value) in later.Storage) Storage[slot] = value;
    }
}
