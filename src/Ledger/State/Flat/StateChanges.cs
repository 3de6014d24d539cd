using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// A difference between two states, by hashed keys and complete with storage roots. Values are absolute, so one form serves both directions:
/// what a block made of its parent, and what undoes it. Once built it is only read.
/// </summary>
sealed class StateChanges
{
    public Dictionary<Hash256, AccountChange> Accounts { get; } = [];

    public Dictionary<Hash256, byte[]> Codes { get; } = [];

    /// <summary>A rough measure of the memory held.</summary>
    public long SizeBytes
    {
        get
        {
            var size = 0L;
            foreach (var (_, change) in Accounts) size += 256 + 96L * (change.Storage?.Count ?? 0);
            foreach (var (_, code) in Codes) size += 64 + code.Length;
            return size;
        }
    }

    /// <summary>Lays later changes over these: afterwards this has the effect of both in turn. The later ones stay as they are.</summary>
    public void Append(StateChanges later)
    {
        foreach (var (account, change) in later.Accounts)
        {
            if (!Accounts.TryGetValue(account, out var merged)) Accounts.Add(account, merged = new AccountChange());
            merged.Append(change);
        }
        foreach (var (hash, code) in later.Codes) Codes[hash] = code;
    }
}

/// <summary>One account after a change.</summary>
sealed class AccountChange
{
    /// <summary>Null where the account is gone, and all it had stored with it.</summary>
    public Account? Account { get; set; }

    /// <summary>All that was stored before the change is gone, but for what <see cref="Storage"/> writes.</summary>
    public bool StorageCleared { get; set; }

    /// <summary>Slots by hash, with their new value; zero removes.</summary>
    public Dictionary<Hash256, UInt256>? Storage { get; set; }

    public void Append(AccountChange later)
    {
        Account = later.Account;
        if (later.StorageCleared || later.Account is null)
        {
            StorageCleared = true;
            Storage = null;
        }
        if (later.Storage is null) return;
        Storage ??= [];
        foreach (var (slot, value) in later.Storage) Storage[slot] = value;
    }
}
