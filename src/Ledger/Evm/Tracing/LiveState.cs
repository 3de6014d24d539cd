using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>The state as the running transaction has changed it so far. Reads leave no trace in the result: what is merely read is no part of a diff, stays cold, and no access list names it.</summary>
sealed class LiveState(Journal journal) : IStateView
{
    public bool TryGetAccount(in Address address, out Account account) => journal.TryPeek(address, out account);

    public UInt256 GetStorage(in Address address, in UInt256 slot) => journal.Peek(address, slot);

    public bool HasStorage(in Address address) => journal.HadStorage(address);

    public byte[] GetCode(in Hash256 codeHash) => journal.CodeOf(codeHash).Bytes.ToArray();
}
