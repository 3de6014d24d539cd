namespace Hufu.Primitives;

/// <summary>An address that a transaction says it will touch, with storage slots (EIP-2930).</summary>
public sealed record AccessListEntry(Address Address, IReadOnlyList<Hash256> StorageKeys)
{
    // [address, []]
    const int LeastBytes = 1 + 21 + 1;

    internal static void WriteList(RlpWriter writer, IReadOnlyList<AccessListEntry> entries)
    {
        var list = writer.StartList();
        foreach (var entry in entries)
        {
            var item = writer.StartList();
            writer.Write(entry.Address);
            var keys = writer.StartList();
            foreach (var key in entry.StorageKeys) writer.Write(key);
            writer.EndList(keys);
            writer.EndList(item);
        }
        writer.EndList(list);
    }

    internal static AccessListEntry[] ReadList(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var count = reader.CountItems(end, LeastBytes);
        var entries = count == 0 ? [] : new AccessListEntry[count];
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var itemEnd = reader.EnterList();
            var address = reader.ReadAddress();
            var keys = reader.ReadHashes();
            reader.LeaveList(itemEnd);
            entries[i] = new AccessListEntry(address, keys);
        }
        reader.LeaveList(end);
        return reader.Failed ? [] : entries;
    }
}
