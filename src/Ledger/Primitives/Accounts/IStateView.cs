namespace Hufu.Primitives;

/// <summary>What the machine may ask of the world: the state as of one moment. Reads only, no failure but a broken disk.</summary>
public interface IStateView
{
    /// <summary>False where no account exists at the address (absent, which is not the same as empty before EIP-161).</summary>
    bool TryGetAccount(in Address address, out Account account);

    /// <summary>Zero where nothing is stored.</summary>
    UInt256 GetStorage(in Address address, in UInt256 slot);

    /// <summary>Whether the account has any storage that is not zero (EIP-7610).</summary>
    bool HasStorage(in Address address);

    /// <summary>The code whose Keccak-256 is <paramref name="codeHash"/>; empty for <see cref="Account.EmptyCodeHash"/>. The caller must not change the array.</summary>
    byte[] GetCode(in Hash256 codeHash);
}
