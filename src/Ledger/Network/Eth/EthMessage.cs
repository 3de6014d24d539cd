using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>The messages of `eth` by their id (devp2p, caps/eth.md), and the limits that everybody keeps.</summary>
static class EthMessage
{
    public const int Status = 0, NewBlockHashes = 1, Transactions = 2, GetBlockHeaders = 3, BlockHeaders = 4, GetBlockBodies = 5, BlockBodies = 6, NewBlock = 7,
        NewPooledTransactionHashes = 8, GetPooledTransactions = 9, PooledTransactions = 10, GetReceipts = 15, Receipts = 16, BlockRangeUpdate = 17;

    public const int MostHeaders = 1024, MostBodies = 1024, MostReceipts = 1024, MostPooledAsked = 256, MostAnnounced = 4096, MostAnsweredBytes = 2 << 20, MostHashesRead = 4096, MostTransactions = 16_384;

    /// <summary>A request or an answer: the id that ties them, and what the message holds.</summary>
    public static byte[] Write(ulong requestId, Action<RlpWriter> content)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(requestId);
        content(writer);
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>A request for things by their hashes.</summary>
    public static byte[] Write(ulong requestId, IReadOnlyList<Hash256> hashes) => Write(requestId, writer => WriteHashes(writer, hashes));

    public static void WriteHashes(RlpWriter writer, IReadOnlyList<Hash256> hashes)
    {
        var list = writer.StartList();
        for (var i = 0; i < hashes.Count; i++) writer.Write(hashes[i]);
        writer.EndList(list);
    }

    /// <summary>Reads a request for things by their hashes; null where it is malformed.</summary>
    public static Hash256[]? ReadHashRequest(ReadOnlySpan<byte> body, out ulong requestId)
    {
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        requestId = reader.ReadUInt64();
        var hashes = reader.ReadHashes();
        reader.LeaveList(end);
        reader.ExpectEnd();
        return reader.Failed || hashes.Length > MostHashesRead ? null : hashes;
    }
}
