namespace Hufu.Primitives;

/// <summary>A value that one step of a block left behind (EIP-7928: StorageChange, BalanceChange, NonceChange, CodeChange).</summary>
/// <param name="Index">The step: 0 before the transactions, 1 to n for the transactions, n + 1 after them.</param>
public readonly record struct IndexedChange<T>(uint Index, T Value);

/// <summary>One slot and what each step that changed it left in it.</summary>
public sealed record SlotChanges(UInt256 Slot, IReadOnlyList<IndexedChange<UInt256>> Changes);

/// <summary>What a block did to one account, or that it only looked at it (EIP-7928). Every list is in ascending order, each key once.</summary>
public sealed record AccountChanges(Address Address)
{
    // An index and a value take a list header and a byte each at least; a slot a list around that, and itself.
    const int LeastChangeBytes = 3, LeastSlotBytes = 3;

    public IReadOnlyList<SlotChanges> StorageChanges { get; init; } = [];

    /// <summary>Slots that were looked at and not changed.</summary>
    public IReadOnlyList<UInt256> StorageReads { get; init; } = [];

    /// <summary>In Wei.</summary>
    public IReadOnlyList<IndexedChange<UInt256>> BalanceChanges { get; init; } = [];
    public IReadOnlyList<IndexedChange<ulong>> NonceChanges { get; init; } = [];
    public IReadOnlyList<IndexedChange<ReadOnlyMemory<byte>>> CodeChanges { get; init; } = [];

    /// <summary>The account and its slots: what the list's limit counts.</summary>
    public int ItemCount => 1 + StorageChanges.Count + StorageReads.Count;

    public void Write(RlpWriter writer)
    {
        var list = writer.StartList();
        writer.Write(Address);
        var slots = writer.StartList();
        foreach (var slot in StorageChanges)
        {
            var entry = writer.StartList();
            writer.Write(slot.Slot);
            Write(writer, slot.Changes, static (writer, value) => writer.Write(value));
            writer.EndList(entry);
        }
        writer.EndList(slots);
        var reads = writer.StartList();
        foreach (var slot in StorageReads) writer.Write(slot);
        writer.EndList(reads);
        Write(writer, BalanceChanges, static (writer, value) => writer.Write(value));
        Write(writer, NonceChanges, static (writer, value) => writer.Write(value));
        Write(writer, CodeChanges, static (writer, value) => writer.Write(value.Span));
        writer.EndList(list);
    }

    public static AccountChanges Read(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var address = reader.ReadAddress();
        var storage = ReadStorageChanges(ref reader);
        var reads = ReadSlots(ref reader);
        var changes = new AccountChanges(address)
        {
            StorageChanges = storage,
            StorageReads = reads,
            BalanceChanges = ReadChanges(ref reader, static (ref RlpReader reader) => reader.ReadUInt256()),
            NonceChanges = ReadChanges(ref reader, static (ref RlpReader reader) => reader.ReadUInt64()),
            CodeChanges = ReadChanges(ref reader, static (ref RlpReader reader) => (ReadOnlyMemory<byte>)reader.ReadBytes().ToArray()),
        };
        reader.LeaveList(end);
        if (!reader.Failed && HasCommon(storage, reads)) reader.Fail("a slot is listed both as changed and as only read");
        return changes;
    }

    static SlotChanges[] ReadStorageChanges(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var slots = new SlotChanges[reader.CountItems(end, LeastSlotBytes)];
        for (var i = 0; i < slots.Length && !reader.Failed; i++)
        {
            var entryEnd = reader.EnterList();
            slots[i] = new SlotChanges(reader.ReadUInt256(), ReadChanges(ref reader, static (ref RlpReader reader) => reader.ReadUInt256()));
            reader.LeaveList(entryEnd);
            if (reader.Failed) break;
            if (slots[i].Changes.Count == 0) reader.Fail("a changed slot has no change");
            else if (i > 0 && slots[i].Slot <= slots[i - 1].Slot) reader.Fail("changed slots are not in ascending order");
        }
        reader.LeaveList(end);
        return reader.Failed ? [] : slots;
    }

    static UInt256[] ReadSlots(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var slots = new UInt256[reader.CountItems(end, leastBytes: 1)];
        for (var i = 0; i < slots.Length && !reader.Failed; i++)
        {
            slots[i] = reader.ReadUInt256();
            if (!reader.Failed && i > 0 && slots[i] <= slots[i - 1]) reader.Fail("slots that were read are not in ascending order");
        }
        reader.LeaveList(end);
        return slots;
    }

    delegate T ReadValue<T>(ref RlpReader reader);

    static IndexedChange<T>[] ReadChanges<T>(ref RlpReader reader, ReadValue<T> readValue)
    {
        var end = reader.EnterList();
        var changes = new IndexedChange<T>[reader.CountItems(end, LeastChangeBytes)];
        for (var i = 0; i < changes.Length && !reader.Failed; i++)
        {
            var entryEnd = reader.EnterList();
            var index = reader.ReadUInt64();
            changes[i] = new((uint)index, readValue(ref reader));
            reader.LeaveList(entryEnd);
            if (index > uint.MaxValue) reader.Fail("the index of a change is wider than 32 bits");
            else if (i > 0 && changes[i].Index <= changes[i - 1].Index) reader.Fail("changes are not in ascending order of their index");
        }
        reader.LeaveList(end);
        return changes;
    }

    static void Write<T>(RlpWriter writer, IReadOnlyList<IndexedChange<T>> changes, Action<RlpWriter, T> writeValue)
    {
        var list = writer.StartList();
        foreach (var change in changes)
        {
            var entry = writer.StartList();
            writer.Write(change.Index);
            writeValue(writer, change.Value);
            writer.EndList(entry);
        }
        writer.EndList(list);
    }

    // Both are in ascending order, so one walk along both finds any slot they share.
    static bool HasCommon(SlotChanges[] changed, UInt256[] read)
    {
        for (int i = 0, j = 0; i < changed.Length && j < read.Length;)
        {
            if (changed[i].Slot == read[j]) return true;
            if (changed[i].Slot < read[j]) i++;
            else j++;
        }
        return false;
    }
}
