using Hufu.Primitives;

namespace Hufu.State;

/// <summary>A state that is read by hashed keys; outsiders read it by address and slot.</summary>
abstract class StateView : IStateView
{
    public bool TryGetAccount(in Address address, out Account account) => TryGetAccount(KeyHash.Of(address), out account);

    public UInt256 GetStorage(in Address address, in UInt256 slot) => GetStorage(KeyHash.Of(address), KeyHash.Of(slot));

    public bool HasStorage(in Address address) => TryGetAccount(address, out var account) && account.StorageRoot != Account.EmptyTrieRoot;

    public abstract byte[] GetCode(in Hash256 codeHash);

    public abstract bool TryGetAccount(in Hash256 key, out Account account);

    public abstract UInt256 GetStorage(in Hash256 account, in Hash256 slot);

    /// <summary>All slots of an account that are not zero.</summary>
    public abstract IEnumerable<KeyValuePair<Hash256, UInt256>> StorageOf(Hash256 account);
}

/// <summary>A state told by how it differs from another.</summary>
sealed class LayeredView(StateView below, StateChanges changes) : StateView
{
    public override bool TryGetAccount(in Hash256 key, out Account account)
    {
        if (!changes.Accounts.TryGetValue(key, out var change)) return below.TryGetAccount(key, out account);
        account = change.Account.GetValueOrDefault();
        return change.Account.HasValue;
    }

    public override UInt256 GetStorage(in Hash256 account, in Hash256 slot)
    {
        if (!changes.Accounts.TryGetValue(account, out var change)) return below.GetStorage(account, slot);
        if (change.Storage is { } storage && storage.TryGetValue(slot, out var value)) return value;
        return change.StorageCleared || change.Account is null ? UInt256.Zero : below.GetStorage(account, slot);
    }

    public override byte[] GetCode(in Hash256 codeHash) => changes.Codes.TryGetValue(codeHash, out var code) ? code : below.GetCode(codeHash);

    public override IEnumerable<KeyValuePair<Hash256, UInt256>> StorageOf(Hash256 account)
    {
        if (!changes.Accounts.TryGetValue(account, out var change))
        {
            foreach (var slot in below.StorageOf(account)) yield return slot;
            yield break;
        }
        var storage = change.Storage;
        if (!change.StorageCleared && change.Account is not null)
        {
            foreach (var slot in below.StorageOf(account))
                if (storage is null || !storage.ContainsKey(slot.Key)) yield return slot;
        }
        if (storage is null) yield break;
        foreach (var slot in storage)
            if (!slot.Value.IsZero) yield return slot;
    }
}
