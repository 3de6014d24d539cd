using System.Buffers;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>News as the JSON that stands in a notification's result.</summary>
static class News
{
    public static ReadOnlyMemory<byte> OfHead(Header header) => Write(writer => BlockJson.WriteHeaderAlone(writer, header));

    public static ReadOnlyMemory<byte> OfLog(FoundLog log, bool isRemoved) => Write(writer => ReceiptJson.WriteLog(writer, log, isRemoved));

    public static ReadOnlyMemory<byte> OfHash(Hash256 hash) => Write(writer => writer.WriteData(hash.Bytes));

    public static ReadOnlyMemory<byte> OfTransaction(PooledTransaction transaction) => Write(writer => TransactionJson.Write(writer, transaction.Transaction, transaction.Sender, null));

    public static ReadOnlyMemory<byte> OfSync(SyncProgress? progress) => Write(writer =>
    {
        if (progress is null)
        {
            writer.WriteBooleanValue(false);
            return;
        }
        writer.WriteStartObject();
        writer.WriteBoolean("syncing"u8, true);
        writer.WriteStartObject("status"u8);
        SyncJson.WriteMembers(writer, progress);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        write(writer);
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
