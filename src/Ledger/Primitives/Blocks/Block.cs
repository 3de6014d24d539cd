using System.Diagnostics.CodeAnalysis;

namespace Hufu.Primitives;

/// <summary>A block of any fork: header and body. Decoded is not verified: whether header and body agree is the chain's to say.</summary>
public sealed record Block(Header Header, IReadOnlyList<Transaction> Transactions, IReadOnlyList<Header> Ommers, IReadOnlyList<Withdrawal>? Withdrawals)
{
    public Hash256 Hash => Header.Hash;
    public ulong Number => Header.Number;

    public byte[] Encode()
    {
        using var writer = RlpWriter.Rent();
        Write(writer);
        return writer.ToArray();
    }

    public void Write(RlpWriter writer)
    {
        var list = writer.StartList();
        Header.Write(writer);
        WriteBody(writer);
        writer.EndList(list);
    }

    /// <summary>Appends the items of the body, without a list around them: transactions, ommers and, where the fork has them, withdrawals.</summary>
    public void WriteBody(RlpWriter writer)
    {
        var transactions = writer.StartList();
        foreach (var transaction in Transactions) transaction.WriteInBlock(writer);
        writer.EndList(transactions);
        var ommers = writer.StartList();
        foreach (var ommer in Ommers) ommer.Write(writer);
        writer.EndList(ommers);
        if (Withdrawals is null) return;
        var withdrawals = writer.StartList();
        foreach (var withdrawal in Withdrawals) withdrawal.Write(writer);
        writer.EndList(withdrawals);
    }

    public static bool TryDecode(ReadOnlySpan<byte> rlp, [NotNullWhen(true)] out Block? block, [NotNullWhen(false)] out Refusal? refusal)
    {
        var reader = new RlpReader(rlp);
        block = Read(ref reader);
        reader.ExpectEnd();
        if (reader.Error is not { } why)
        {
            refusal = null;
            return true;
        }
        block = null;
        refusal = new Refusal("rlp: the block cannot be decoded", why);
        return false;
    }

    public static Block Read(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var header = Header.Read(ref reader);
        var block = ReadBody(ref reader, end, header);
        reader.LeaveList(end);
        return block;
    }

    /// <summary>Reads the items of a body inside a list that ends at <paramref name="end"/>.</summary>
    public static Block ReadBody(ref RlpReader reader, int end, Header header)
    {
        var transactions = new List<Transaction>();
        var transactionsEnd = reader.EnterList();
        while (reader.HasMore(transactionsEnd))
        {
            if (Transaction.ReadInBlock(ref reader) is { } transaction) transactions.Add(transaction);
        }
        reader.LeaveList(transactionsEnd);

        var ommers = new List<Header>();
        var ommersEnd = reader.EnterList();
        while (reader.HasMore(ommersEnd)) ommers.Add(Header.Read(ref reader));
        reader.LeaveList(ommersEnd);

        List<Withdrawal>? withdrawals = null;
        if (reader.HasMore(end))
        {
            withdrawals = [];
            var withdrawalsEnd = reader.EnterList();
            while (reader.HasMore(withdrawalsEnd)) withdrawals.Add(Withdrawal.Read(ref reader));
            reader.LeaveList(withdrawalsEnd);
        }
        return new Block(header, transactions, ommers, withdrawals);
    }
}
