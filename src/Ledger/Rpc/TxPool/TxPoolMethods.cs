using System.Globalization;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>txpool_: what waits to enter a block.</summary>
sealed class TxPoolMethods(Ledger ledger)
{
    public RpcError? Status(ref Parameters parameters, Answer answer)
    {
        var (ready, gapped) = ledger.Pool.Count;
        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WriteQuantity("pending"u8, (ulong)ready);
        writer.WriteQuantity("queued"u8, (ulong)gapped);
        writer.WriteEndObject();
        return null;
    }

    public RpcError? Content(ref Parameters parameters, Answer answer)
    {
        var content = ledger.Pool.Content();
        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WriteStartObject("pending"u8);
        foreach (var (sender, ready, _) in content) WriteSender(writer, sender, ready);
        writer.WriteEndObject();
        writer.WriteStartObject("queued"u8);
        foreach (var (sender, _, gapped) in content) WriteSender(writer, sender, gapped);
        writer.WriteEndObject();
        writer.WriteEndObject();
        return null;
    }

    public RpcError? ContentFrom(ref Parameters parameters, Answer answer)
    {
        var address = parameters.Address();
        if (parameters.Failed) return parameters.Error;
        var (_, ready, gapped) = ledger.Pool.Content(address).FirstOrDefault((address, [], []));
        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WritePropertyName("pending"u8);
        WriteByNonce(writer, ready);
        writer.WritePropertyName("queued"u8);
        WriteByNonce(writer, gapped);
        writer.WriteEndObject();
        return null;
    }

    /// <summary>Everything in one line each, for people.</summary>
    public RpcError? Inspect(ref Parameters parameters, Answer answer)
    {
        var content = ledger.Pool.Content();
        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WriteStartObject("pending"u8);
        foreach (var (sender, ready, _) in content) WriteLines(writer, sender, ready);
        writer.WriteEndObject();
        writer.WriteStartObject("queued"u8);
        foreach (var (sender, _, gapped) in content) WriteLines(writer, sender, gapped);
        writer.WriteEndObject();
        writer.WriteEndObject();
        return null;
    }

    static void WriteLines(Utf8JsonWriter writer, in Address sender, PooledTransaction[] transactions)
    {
        if (transactions.Length == 0) return;
        writer.WriteStartObject(sender.ToChecksumString());
        foreach (var one in transactions)
        {
            var to = one.Transaction.To?.ToChecksumString() ?? "contract creation";
            writer.WriteString(one.Nonce.ToString(CultureInfo.InvariantCulture), $"{to}: {one.Transaction.Value} wei + {one.Transaction.GasLimit} gas × {one.Transaction.MaxFeePerGas} wei");
        }
        writer.WriteEndObject();
    }

    static void WriteSender(Utf8JsonWriter writer, in Address sender, PooledTransaction[] transactions)
    {
        if (transactions.Length == 0) return;
        writer.WritePropertyName(sender.ToChecksumString());
        WriteByNonce(writer, transactions);
    }

    static void WriteByNonce(Utf8JsonWriter writer, PooledTransaction[] transactions)
    {
        writer.WriteStartObject();
        foreach (var one in transactions)
        {
            writer.WritePropertyName(one.Nonce.ToString(CultureInfo.InvariantCulture));
            TransactionJson.Write(writer, one.Transaction, one.Sender, null);
        }
        writer.WriteEndObject();
    }
}
