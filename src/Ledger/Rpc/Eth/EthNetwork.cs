namespace Hufu.Rpc;

/// <summary>Which network this is and how far this node is with it.</summary>
sealed class EthNetwork(Ledger ledger)
{
    public RpcError? ChainId(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteQuantity(ledger.ChainId);
        return null;
    }

    public RpcError? Syncing(ref Parameters parameters, Answer answer)
    {
        var writer = answer.Result;
        if (ledger.Sync.Progress is { } progress)
        {
            writer.WriteStartObject();
            SyncJson.WriteMembers(writer, progress);
            writer.WriteEndObject();
        }
        else writer.WriteBooleanValue(false);
        return null;
    }

    public RpcError? NetVersion(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteStringValue(ledger.ChainId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return null;
    }

    /// <summary>What a caller can ask of this node, and from which block on.</summary>
    public RpcError? Capabilities(ref Parameters parameters, Answer answer)
    {
        var head = ledger.Chain.Head;
        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WriteStartObject("head"u8);
        writer.WriteQuantity("number"u8, head.Number);
        writer.WriteHash("hash"u8, head.Hash);
        writer.WriteEndObject();
        foreach (var name in (ReadOnlySpan<string>)["state", "tx", "logs", "receipts", "blocks", "stateproofs"])
        {
            writer.WriteStartObject(name);
            writer.WriteBoolean("disabled"u8, false);
            writer.WriteQuantity("oldestBlock"u8, name is "state" or "stateproofs" ? ledger.Chain.OldestState : 0);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        return null;
    }
}
