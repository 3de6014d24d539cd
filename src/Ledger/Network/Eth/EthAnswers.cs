using System.Diagnostics;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// Answers what peers ask of the chain and the pool: always, in order, within the limits of size, number and time; what is not here is left out.
/// Null where the request is malformed.
/// </summary>
sealed class EthAnswers(Blockchain chain, TransactionPool pool)
{
    static readonly TimeSpan MostTime = TimeSpan.FromMilliseconds(500);

    public byte[]? Headers(ReadOnlySpan<byte> body)
    {
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        var requestId = reader.ReadUInt64();
        var inner = reader.EnterList();
        var origin = reader.ReadBytes();
        var limit = reader.ReadUInt64();
        var skip = reader.ReadUInt64();
        var reverse = reader.ReadUInt64();
        reader.LeaveList(inner);
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (reader.Failed || reverse > 1 || (origin.Length != Hash256.Size && (origin.Length > 8 || (origin.Length > 0 && origin[0] == 0)))) return null;

        Header? first;
        if (origin.Length == Hash256.Size) first = chain.Blocks.HeaderOf(Hash256.FromBytes(origin));
        else
        {
            ulong number = 0;
            foreach (var b in origin) number = number << 8 | b;
            first = HeaderAt(number);
        }
        return EthMessage.Write(requestId, writer =>
        {
            var list = writer.StartList();
            var budget = new Budget(writer);
            var at = first;
            for (var left = Math.Min(limit, EthMessage.MostHeaders); left > 0 && at is not null && budget.HasRoom; left--)
            {
                at.Write(writer);
                at = Next(at, skip, reverse == 1);
            }
            writer.EndList(list);
        });
    }

    public byte[]? Bodies(ReadOnlySpan<byte> body)
    {
        if (EthMessage.ReadHashRequest(body, out var requestId) is not { } hashes) return null;
        return EthMessage.Write(requestId, writer =>
        {
            var list = writer.StartList();
            var budget = new Budget(writer);
            foreach (var hash in hashes.Take(EthMessage.MostBodies))
            {
                if (!budget.HasRoom) break;
                if (chain.Blocks.BlockOf(hash) is not { } block) continue;
                var item = writer.StartList();
                block.WriteBody(writer);
                writer.EndList(item);
            }
            writer.EndList(list);
        });
    }

    public byte[]? Receipts(ReadOnlySpan<byte> body, int version)
    {
        if (EthMessage.ReadHashRequest(body, out var requestId) is not { } hashes) return null;
        return EthMessage.Write(requestId, writer =>
        {
            var list = writer.StartList();
            var budget = new Budget(writer);
            foreach (var hash in hashes.Take(EthMessage.MostReceipts))
            {
                if (!budget.HasRoom) break;
                if (chain.Blocks.ReceiptsOf(hash) is not { } receipts) continue;
                var item = writer.StartList();
                foreach (var receipt in receipts) ReceiptForm.Write(writer, receipt, version);
                writer.EndList(item);
            }
            writer.EndList(list);
        });
    }

    public byte[]? Pooled(ReadOnlySpan<byte> body)
    {
        if (EthMessage.ReadHashRequest(body, out var requestId) is not { } hashes) return null;
        return EthMessage.Write(requestId, writer =>
        {
            var list = writer.StartList();
            var budget = new Budget(writer);
            foreach (var hash in hashes.Take(EthMessage.MostPooledAsked))
            {
                if (!budget.HasRoom) break;
                if (pool.Find(hash) is { } waiting) WriteTransaction(writer, waiting);
            }
            writer.EndList(list);
        });
    }

    /// <summary>A transaction in a message: a legacy one as its list, another as a byte string.</summary>
    public static void WriteTransaction(RlpWriter writer, PooledTransaction waiting)
    {
        var form = NetworkForm.Encode(waiting.Transaction, waiting.Sidecar);
        if (waiting.Transaction.Type == TransactionType.Legacy) writer.WriteRaw(form);
        else writer.Write(form);
    }

    Header? HeaderAt(ulong number) => chain.Blocks.CanonicalHash(number) is { } hash ? chain.Blocks.HeaderOf(hash) : null;

    Header? Next(Header at, ulong skip, bool reverse)
    {
        if (skip == ulong.MaxValue) return null;
        var step = skip + 1;
        if (reverse && at.Number < step) return null;
        if (chain.Blocks.IsCanonical(at)) return reverse ? HeaderAt(at.Number - step) : at.Number > ulong.MaxValue - step ? null : HeaderAt(at.Number + step);
        // Beside the chain to the head only the way back is known, and only a short way is worth going.
        if (!reverse || step > 256) return null;
        Header? back = at;
        for (var i = 0UL; i < step && back is not null; i++) back = chain.Blocks.HeaderOf(back.ParentHash);
        return back;
    }

    /// <summary>What one answer may still cost.</summary>
    readonly struct Budget(RlpWriter writer)
    {
        readonly long _began = Stopwatch.GetTimestamp();

        public bool HasRoom => writer.Length < EthMessage.MostAnsweredBytes && Stopwatch.GetElapsedTime(_began) < MostTime;
    }
}
