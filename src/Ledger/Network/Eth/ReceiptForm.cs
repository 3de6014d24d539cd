using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>Receipts as they travel: up to eth/68 as the receipts trie holds them, from eth/69 on without the bloom, which is made anew (EIP-7642).</summary>
static class ReceiptForm
{
    public static void Write(RlpWriter writer, Receipt receipt, int version)
    {
        if (version <= 68)
        {
            if (receipt.Type == TransactionType.Legacy) receipt.WriteEnvelope(writer);
            else writer.Write(receipt.Encode());
            return;
        }
        var list = writer.StartList();
        writer.Write((ulong)receipt.Type);
        if (receipt.PostState is { } root) writer.Write(root);
        else writer.Write(receipt.Succeeded ? 1UL : 0UL);
        writer.Write(receipt.CumulativeGasUsed);
        var logs = writer.StartList();
        foreach (var log in receipt.Logs) log.Write(writer);
        writer.EndList(logs);
        writer.EndList(list);
    }

    public static Receipt? Read(ref RlpReader reader, int version)
    {
        if (version <= 68) return Receipt.Read(ref reader);
        var end = reader.EnterList();
        var type = reader.ReadUInt64();
        if (type > (ulong)TransactionType.SetCode) reader.Fail("a receipt of unknown type");
        var outcome = reader.ReadBytes();
        Hash256? postState = outcome.Length == Hash256.Size ? Hash256.FromBytes(outcome) : null;
        if (postState is null && (outcome.Length > 1 || (outcome.Length == 1 && outcome[0] != 1))) reader.Fail("a receipt's status is neither 0, 1 nor a state root");
        var succeeded = postState is not null || outcome.Length == 1;
        var gas = reader.ReadUInt64();
        var logs = new List<Log>();
        var logsEnd = reader.EnterList();
        while (reader.HasMore(logsEnd)) logs.Add(Log.Read(ref reader));
        reader.LeaveList(logsEnd);
        reader.LeaveList(end);
        return reader.Failed ? null : new Receipt { Type = (TransactionType)type, PostState = postState, Succeeded = succeeded, CumulativeGasUsed = gas, LogsBloom = Bloom.Of(logs), Logs = logs };
    }
}
