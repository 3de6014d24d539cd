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

    public RpcError? Content(ref Parameters parameters, Answer answer) => WriteAll(answer.Result, WriteByNonce);

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
    public RpcError? Inspect(ref Parameters parameters, Answer answer) => WriteAll(answer.Result, WriteLines);

    /// <summary>What can run and what waits for an earlier nonce, by sender.</summary>
    RpcError? WriteAll(Utf8JsonWriter writer, Action<Utf8JsonWriter, PooledTransaction[]> write)
    {
        var content = ledger.Pool.Content();
        writer.WriteStartObject();
        WriteSenders("pending", static one => one.Ready);
        WriteSenders("queued", static one => one.Gapped);
        writer.WriteEndObject();
        return null;

        void WriteSenders(string name, Func<(Address Sender, PooledTransaction[] Ready, PooledTransaction[] Gapped), PooledTransaction[]> pick)
        {
            writer.WriteStartObject(name);
            foreach (var one in content)
            {
                if (pick(one) is not { Length: > 0 } transactions) continue;
                writer.WritePropertyName(one.Sender.ToChecksumString());
                write(writer, transactions);
            }
            writer.WriteEndObject();
        }
    }

    static void WriteLines(Utf8JsonWriter writer, PooledTransaction[] transactions)
    {
        writer.WriteStartObject();
        foreach (var one in transactions)
        {
            var to = one.Transaction.To?.ToChecksumString() ?? "contract creation";
            writer.WriteString(one.Nonce.ToString(CultureInfo.InvariantCulture), $"{to}: {one.Transaction.Value} wei + {one.Transaction.GasLimit} gas × {one.Transaction.MaxFeePerGas} wei");
        }
        writer.WriteEndObject();
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
