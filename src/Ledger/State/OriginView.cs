using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// The state of a chain that forks another: what the other chain holds, changed by what was done here. Kept here is only the difference. An account
/// stands here whole from its first change on, a destroyed one as an empty account; a slot is kept as what has to be added to the other chain's value
/// (modulo 2^256), so that one never written needs no mark, and one set to zero is not taken for one never written.
/// </summary>
sealed class OriginView(IStateView here, IStateView origin) : IStateView
{
    public bool TryGetAccount(in Address address, out Account account) =>
        here.TryGetAccount(address, out account) ? !account.IsEmpty : origin.TryGetAccount(address, out account);

    public UInt256 GetStorage(in Address address, in UInt256 slot) => here.GetStorage(address, slot) + origin.GetStorage(address, slot);

    public bool HasStorage(in Address address) => here.HasStorage(address) || origin.HasStorage(address);

    public byte[] GetCode(in Hash256 codeHash) => CodeOf(codeHash, origin, here);

    internal static byte[] CodeOf(in Hash256 codeHash, IStateView origin, IStateView here)
    {
        if (codeHash == Account.EmptyCodeHash) return [];
        return origin.GetCode(codeHash) is { Length: > 0 } code ? code : here.GetCode(codeHash);
    }
}
