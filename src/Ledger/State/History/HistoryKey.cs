using System.Buffers.Binary;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>Keys of the history tables: what changed, then the number of the block that changed it, big-endian so that blocks stand in order.</summary>
static class HistoryKey
{
    public const int AccountLength = Hash256.Size + sizeof(ulong);
    public const int SlotLength = 2 * Hash256.Size + sizeof(ulong);

    public static ReadOnlySpan<byte> Write(Span<byte> buffer, in Hash256 account, ulong block)
    {
        account.Bytes.CopyTo(buffer);
        BinaryPrimitives.WriteUInt64BigEndian(buffer[Hash256.Size..], block);
        return buffer[..AccountLength];
    }

    public static ReadOnlySpan<byte> Write(Span<byte> buffer, in Hash256 account, in Hash256 slot, ulong block)
    {
        WriteSlot(buffer, account, slot);
        BinaryPrimitives.WriteUInt64BigEndian(buffer[(2 * Hash256.Size)..], block);
        return buffer[..SlotLength];
    }

    /// <summary>The key of a slot in the flat storage table.</summary>
    public static ReadOnlySpan<byte> WriteSlot(Span<byte> buffer, in Hash256 account, in Hash256 slot)
    {
        account.Bytes.CopyTo(buffer);
        slot.Bytes.CopyTo(buffer[Hash256.Size..]);
        return buffer[..(2 * Hash256.Size)];
    }

    public static ReadOnlySpan<byte> Write(Span<byte> buffer8, ulong block)
    {
        BinaryPrimitives.WriteUInt64BigEndian(buffer8, block);
        return buffer8[..sizeof(ulong)];
    }
}
