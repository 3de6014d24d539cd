namespace Hufu.Primitives;

/// <summary>An address that a transaction says it will touch, with storage slots (EIP-2930).</summary>
public sealed record AccessListEntry(Address Address, IReadOnlyList<Hash256> StorageKeys)
{
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

    internal static List<AccessListEntry> ReadList(ref RlpReader reader)
    {
        var entries = new List<AccessListEntry>();
        var end = reader.EnterList();
        while (reader.HasMore(end))
        {
            var itemEnd = reader.EnterList();
            var address = reader.ReadAddress();
            var keys = new List<Hash256>();
            var keysEnd = reader.EnterList();
            while (reader.HasMore(keysEnd)) keys.Add(reader.ReadHash());
            reader.LeaveList(keysEnd);
            reader.LeaveList(itemEnd);
            entries.Add(new AccessListEntry(address, keys));
        }
        reader.LeaveList(end);
        return entries;
    }
}
