using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// Keccak-256 of addresses and slots, the keys of the tries. Each thread remembers the last ones in a table with one place for each hash code;
/// whole keys are compared, so a hash is never wrong, only computed again.
/// </summary>
static class KeyHash
{
    const int Places = 1 << 12;

    [ThreadStatic] static (Address Address, Hash256 Hash)[]? _addresses;
    [ThreadStatic] static (UInt256 Slot, Hash256 Hash)[]? _slots;

    public static Hash256 Of(in Address address)
    {
        ref var place = ref (_addresses ??= new (Address, Hash256)[Places])[address.GetHashCode() & (Places - 1)];
        if (place.Address != address || place.Hash.IsZero) place = (address, Keccak256.Hash(address.Bytes));
        return place.Hash;
    }

    public static Hash256 Of(in UInt256 slot)
    {
        ref var place = ref (_slots ??= new (UInt256, Hash256)[Places])[slot.GetHashCode() & (Places - 1)];
        if (place.Slot == slot && !place.Hash.IsZero) return place.Hash;
        Span<byte> key = stackalloc byte[32];
        slot.WriteBigEndian(key);
        place = (slot, Keccak256.Hash(key));
        return place.Hash;
    }
}
