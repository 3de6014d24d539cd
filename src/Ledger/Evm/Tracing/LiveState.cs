using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>The state as the running transaction has changed it so far. Reads leave no trace in the result: what is merely read is no part of a diff, and stays cold.</summary>
sealed class LiveState(Journal journal) : IStateView
{
    public bool TryGetAccount(in Address address, out Account account)
    {
        var now = journal.Account(address);
        account = now.Exists ? new Account(now.Nonce, now.Balance, Account.EmptyTrieRoot, now.CodeHash) : Account.Empty;
        return now.Exists;
    }

    public UInt256 GetStorage(in Address address, in UInt256 slot) => journal.Slot(journal.SlotIndex(journal.Account(address), slot)).Current;

    public bool HasStorage(in Address address) => journal.HadStorage(address);

    public byte[] GetCode(in Hash256 codeHash) => journal.CodeOf(codeHash).Bytes.ToArray();
}
