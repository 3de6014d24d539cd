using System.Diagnostics.CodeAnalysis;

namespace Hufu.Primitives;

/// <summary>A block of any fork: header and body. Decoded is not verified: whether header and body agree is the chain's to say.</summary>
public sealed record Block(Header Header, IReadOnlyList<Transaction> Transactions, IReadOnlyList<Header> Ommers, IReadOnlyList<Withdrawal>? Withdrawals)
{
    // The shortest forms there are: a list of nine numbers; six hashes and a seal, an address and a bloom; three numbers and an address.
    const int LeastTransactionBytes = 1 + 9, LeastHeaderBytes = 6 * 33 + 21 + Bloom.Size, LeastWithdrawalBytes = 1 + 3 + 21;

    public Hash256 Hash => Header.Hash;
    public ulong Number => Header.Number;

    /// <summary>Whether the header states exactly this body: its transactions, ommers and withdrawals.</summary>
    public bool HasStatedBody =>
        TrieRoot.OfTransactions(Transactions) == Header.TransactionsRoot
        && OmmersHashOf(Ommers) == Header.OmmersHash
        && (Withdrawals is null ? null as Hash256? : TrieRoot.OfWithdrawals(Withdrawals)) == Header.WithdrawalsRoot;

    public static Hash256 OmmersHashOf(IReadOnlyList<Header> ommers)
    {
        if (ommers.Count == 0) return Header.EmptyOmmersHash;
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        foreach (var ommer in ommers) ommer.Write(writer);
        writer.EndList(list);
        return Keccak256.Hash(writer.Written);
    }

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
        var transactionsEnd = reader.EnterList();
        var count = reader.CountItems(transactionsEnd, LeastTransactionBytes);
        var transactions = count == 0 ? [] : new Transaction[count];
        for (var i = 0; i < count && !reader.Failed; i++) transactions[i] = Transaction.ReadInBlock(ref reader)!;
        reader.LeaveList(transactionsEnd);

        var ommersEnd = reader.EnterList();
        count = reader.CountItems(ommersEnd, LeastHeaderBytes);
        var ommers = count == 0 ? [] : new Header[count];
        for (var i = 0; i < count && !reader.Failed; i++) ommers[i] = Header.Read(ref reader);
        reader.LeaveList(ommersEnd);

        Withdrawal[]? withdrawals = null;
        if (reader.HasMore(end))
        {
            var withdrawalsEnd = reader.EnterList();
            count = reader.CountItems(withdrawalsEnd, LeastWithdrawalBytes);
            withdrawals = count == 0 ? [] : new Withdrawal[count];
            for (var i = 0; i < count && !reader.Failed; i++) withdrawals[i] = Withdrawal.Read(ref reader);
            reader.LeaveList(withdrawalsEnd);
        }
        return new Block(header, transactions, ommers, withdrawals);
    }
}
