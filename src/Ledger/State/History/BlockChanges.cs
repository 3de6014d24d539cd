using System.Buffers.Binary;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>Which keys a block changed; their values before it are in the history tables.</summary>
sealed class BlockChanges
{
    /// <summary>Accounts that changed, and of each the slots that did.</summary>
    public List<(Hash256 Account, IReadOnlyList<Hash256> Slots)> Accounts { get; } = [];

    /// <summary>For each account: its key, the number of slots (4 bytes, big-endian), the slots.</summary>
    public byte[] Encode()
    {
        var length = 0;
        foreach (var (_, slots) in Accounts) length = checked(length + Hash256.Size + 4 + slots.Count * Hash256.Size);
        var encoded = new byte[length];
        var rest = encoded.AsSpan();
        foreach (var (account, slots) in Accounts)
        {
            Take(ref rest, account);
            BinaryPrimitives.WriteInt32BigEndian(rest, slots.Count);
            rest = rest[4..];
            foreach (var slot in slots) Take(ref rest, slot);
        }
        return encoded;
    }

    /// <summary>The changes of a block of the chosen chain; null where none are kept.</summary>
    public static BlockChanges? Read(IKeyValueReader store, ulong block)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        HistoryKey.Write(key, block);
        var encoded = store.Get(StateTables.Changes, key);
        if (encoded is null) return null;
        return TryDecode(encoded) ?? throw StoreFailure.Damaged(StateTables.Changes, key, $"{encoded.Length} bytes that are not the changes of a block");
    }

    static BlockChanges? TryDecode(ReadOnlySpan<byte> rest)
    {
        var changes = new BlockChanges();
        while (!rest.IsEmpty)
        {
            if (rest.Length < Hash256.Size + 4) return null;
            var account = Take(ref rest);
            var count = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[4..];
            if (count < 0 || count > rest.Length / Hash256.Size) return null;
            var slots = new Hash256[count];
            for (var i = 0; i < count; i++) slots[i] = Take(ref rest);
            changes.Accounts.Add((account, slots));
        }
        return changes;
    }

    static void Take(ref Span<byte> rest, in Hash256 hash)
    {
        hash.Bytes.CopyTo(rest);
        rest = rest[Hash256.Size..];
    }

    static Hash256 Take(ref ReadOnlySpan<byte> rest)
    {
        var hash = Hash256.FromBytes(rest[..Hash256.Size]);
        rest = rest[Hash256.Size..];
        return hash;
    }
}
