namespace Hufu.Primitives;

/// <summary>What a transaction left behind, as the receipts root commits to it (yellow paper, section 4.3.1; EIP-2718).</summary>
public sealed class Receipt
{
    public TransactionType Type { get; init; }

    /// <summary>The state root after the transaction, before Byzantium; null from EIP-658 on.</summary>
    public Hash256? PostState { get; init; }

    /// <summary>Whether the outermost call succeeded (EIP-658); true before Byzantium.</summary>
    public bool Succeeded { get; init; } = true;

    public ulong CumulativeGasUsed { get; init; }
    public Bloom LogsBloom { get; init; }
    public IReadOnlyList<Log> Logs { get; init; } = [];

    /// <summary>The envelope that the receipts trie holds.</summary>
    public byte[] Encode()
    {
        using var writer = RlpWriter.Rent();
        WriteEnvelope(writer);
        return writer.ToArray();
    }

    public void WriteEnvelope(RlpWriter writer)
    {
        if (Type != TransactionType.Legacy) writer.WriteRaw((byte)Type);
        var list = writer.StartList();
        if (PostState is { } root) writer.Write(root);
        else writer.Write(Succeeded ? 1UL : 0UL);
        writer.Write(CumulativeGasUsed);
        writer.Write(LogsBloom.Bytes);
        var logs = writer.StartList();
        for (var i = 0; i < Logs.Count; i++) Logs[i].Write(writer);
        writer.EndList(logs);
        writer.EndList(list);
    }

    /// <summary>Decodes an envelope; null with the reader's error set where it is malformed.</summary>
    public static Receipt? Read(ref RlpReader reader)
    {
        var type = TransactionType.Legacy;
        ReadOnlySpan<byte> payload;
        if (reader.NextIsList) payload = reader.ReadItem();
        else
        {
            var envelope = reader.ReadBytes();
            if (envelope.Length == 0 || envelope[0] is 0 or > (byte)TransactionType.SetCode) { reader.Fail("a receipt of unknown type"); return null; }
            type = (TransactionType)envelope[0];
            payload = envelope[1..];
        }
        if (reader.Failed) return null;
        var inner = new RlpReader(payload);
        var receipt = ReadPayload(ref inner, type);
        inner.ExpectEnd();
        if (inner.Error is { } why) { reader.Fail(why); return null; }
        return receipt;
    }

    static Receipt ReadPayload(ref RlpReader reader, TransactionType type)
    {
        var end = reader.EnterList();
        var outcome = reader.ReadBytes();
        Hash256? postState = null;
        if (outcome.Length == Hash256.Size) postState = Hash256.FromBytes(outcome);
        else if (outcome.Length > 1 || (outcome.Length == 1 && outcome[0] != 1)) reader.Fail("a receipt's status is neither 0, 1 nor a state root");
        var succeeded = postState is not null || outcome.Length == 1;
        var gas = reader.ReadUInt64();
        var bloomBytes = reader.ReadBytes(Bloom.Size);
        var bloom = reader.Failed ? default : Bloom.FromBytes(bloomBytes);
        var logs = new List<Log>();
        var logsEnd = reader.EnterList();
        while (reader.HasMore(logsEnd)) logs.Add(Log.Read(ref reader));
        reader.LeaveList(logsEnd);
        reader.LeaveList(end);
        return new Receipt { Type = type, PostState = postState, Succeeded = succeeded, CumulativeGasUsed = gas, LogsBloom = bloom, Logs = logs };
    }
}
