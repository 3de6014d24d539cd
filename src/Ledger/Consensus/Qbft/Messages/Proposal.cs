using System.Buffers.Binary;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>How Proposal and RoundChange are written. Both are read; a verifier hashes the payload's bytes as they came.</summary>
public enum QbftDialect
{
    /// <summary>Besu before 26.1 and GoQuorum.</summary>
    Legacy,

    /// <summary>Besu from 26.1 on: a block access list, or the empty string, beside the block.</summary>
    WithAccessList,
}

/// <summary>A proposer's block, with what justifies it in a round above 0: a quorum of round changes, and the Prepares of the highest prepared round among them.</summary>
public sealed class Proposal : QbftMessage
{
    Proposal(ulong height, uint round, QbftBlock block, IReadOnlyList<RoundChange> roundChanges, IReadOnlyList<Prepare> prepares, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> signature)
        : base(height, round, payload, signature) => (Block, RoundChanges, Prepares) = (block, roundChanges, prepares);

    public override QbftCode Code => QbftCode.Proposal;
    public QbftBlock Block { get; }
    public IReadOnlyList<RoundChange> RoundChanges { get; }
    public IReadOnlyList<Prepare> Prepares { get; }

    /// <summary>That in which it was signed; null where the payload carries what this program does not make.</summary>
    public QbftDialect? Dialect { get; private init; }

    public static Proposal Sign(QbftKey key, ulong height, uint round, QbftBlock block, IReadOnlyList<RoundChange> roundChanges, IReadOnlyList<Prepare> prepares, QbftDialect dialect)
    {
        var payload = PayloadOf(height, round, block.Block, dialect);
        return Join(height, round, block, roundChanges, prepares, payload, key.Sign(SigningHashOf(QbftCode.Proposal, payload)), dialect);
    }

    static Proposal Join(ulong height, uint round, QbftBlock block, IReadOnlyList<RoundChange> roundChanges, IReadOnlyList<Prepare> prepares, byte[] payload, ReadOnlyMemory<byte> signature, QbftDialect dialect)
    {
        var proposal = new Proposal(height, round, block, roundChanges, prepares, payload, signature) { Dialect = dialect };
        proposal.Encoded = proposal.Encode();
        return proposal;
    }

    static byte[] PayloadOf(ulong height, uint round, Block block, QbftDialect dialect)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(height);
        writer.Write((ulong)round);
        block.Write(writer);
        if (dialect == QbftDialect.WithAccessList) writer.Write([]);
        writer.EndList(list);
        return writer.ToArray();
    }

    // The first eight bytes of a hash stand for a transaction that waits everywhere. Two that share them make the signature not fit, and the whole is asked for.
    const int PrefixSize = sizeof(ulong);

    /// <summary>
    /// The proposal for those who have its transactions: header, signature and certificates whole, of transactions the beginnings of their hashes. What the signature covers is put
    /// together again by whoever gets it, so that nothing is taken on trust.
    /// </summary>
    /// <param name="waits">Whether a transaction has come by itself, so that the others will have it too.</param>
    /// <returns>Null where the block has what this form does not know.</returns>
    public byte[]? EncodeCompact(Func<Hash256, bool> waits)
    {
        if (Dialect is not { } dialect || Block.Block.Ommers.Count > 0 || Block.Block.Withdrawals?.Count > 0) return null;
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(Height);
        writer.Write((ulong)Round);
        writer.Write((dialect == QbftDialect.WithAccessList ? 1UL : 0UL) | (Block.Block.Withdrawals is null ? 0UL : 2UL));
        Block.Header.Write(writer);
        var transactions = writer.StartList();
        foreach (var transaction in Block.Block.Transactions)
        {
            var hash = transaction.Hash;
            if (waits(hash)) writer.Write(hash.Bytes[..PrefixSize]);
            else transaction.WriteInBlock(writer);
        }
        writer.EndList(transactions);
        writer.Write(Signature.Span);
        WriteList(writer, RoundChanges);
        WriteList(writer, Prepares);
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>What a compact proposal says of its place, before anything costly is done with it; null where it is none.</summary>
    public static (ulong Height, uint Round)? PlaceOfCompact(ReadOnlyMemory<byte> bytes)
    {
        var reader = new RlpReader(bytes);
        reader.EnterList();
        var (height, round) = (reader.ReadUInt64(), reader.ReadUInt64());
        return reader.Failed || round > int.MaxValue ? null : (height, (uint)round);
    }

    /// <summary>Puts a proposal together again.</summary>
    /// <param name="find">The transactions whose hashes begin so; null for what is not here.</param>
    /// <param name="malformed">Whether no honest validator sends this.</param>
    /// <returns>Null where it is malformed or something is missing. Who signed it is to be looked at: other transactions than were meant give another author.</returns>
    public static Proposal? TryReadCompact(ReadOnlyMemory<byte> bytes, Func<IReadOnlyList<ulong>, IReadOnlyList<Transaction?>> find, out bool malformed)
    {
        var reader = new RlpReader(bytes);
        var end = reader.EnterList();
        var (height, round, flags) = (reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64());
        var header = Header.Read(ref reader);
        var (transactions, prefixes, places) = (new List<Transaction?>(), new List<ulong>(), new List<int>());
        var transactionsEnd = reader.EnterList();
        while (reader.HasMore(transactionsEnd))
        {
            if (IsPrefix(reader))
            {
                places.Add(transactions.Count);
                prefixes.Add(BinaryPrimitives.ReadUInt64BigEndian(reader.ReadBytes()));
                transactions.Add(null);
            }
            else transactions.Add(Transaction.ReadInBlock(ref reader));
        }
        reader.LeaveList(transactionsEnd);
        var signature = reader.ReadMemory();
        var roundChanges = ReadList<RoundChange>(ref reader, bytes, RoundChange.ReadSigned);
        var prepares = ReadList<Prepare>(ref reader, bytes, Prepare.Read);
        reader.LeaveList(end);
        reader.ExpectEnd();
        malformed = reader.Failed || round > int.MaxValue || signature.Length != QbftExtraData.SealSize;
        if (malformed) return null;

        var found = prefixes.Count == 0 ? [] : find(prefixes);
        long size = bytes.Length;
        for (var i = 0; i < found.Count; i++)
        {
            if ((transactions[places[i]] = found[i]) is not { } transaction) return null;
            if ((size += transaction.Encoded.Length) > MaxSizeBytes) return null;
        }
        var block = new Block(header, [.. transactions!], [], (flags & 2) != 0 ? [] : null);
        if (!QbftBlock.TryMake(block, out var made))
        {
            malformed = true;
            return null;
        }
        var dialect = (flags & 1) != 0 ? QbftDialect.WithAccessList : QbftDialect.Legacy;
        return Join(height, (uint)round, made, roundChanges, prepares, PayloadOf(height, (uint)round, block, dialect), signature, dialect);
    }

    static bool IsPrefix(RlpReader ahead) => !ahead.NextIsList && ahead.ReadBytes().Length == PrefixSize;

    byte[] Encode()
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        WriteSigned(writer);
        var justification = writer.StartList();
        WriteList(writer, RoundChanges);
        WriteList(writer, Prepares);
        writer.EndList(justification);
        writer.EndList(list);
        return writer.ToArray();
    }

    internal static Proposal? Read(ref RlpReader reader, ReadOnlyMemory<byte> bytes)
    {
        var end = reader.EnterList();
        var at = EnterSigned(ref reader, out var height, out var round);
        var block = ReadBlock(ref reader);
        QbftDialect? dialect = QbftDialect.Legacy;
        if (reader.HasMore(at.PayloadEnd)) dialect = reader.ReadBytes().IsEmpty ? QbftDialect.WithAccessList : null;
        LeaveSigned(ref reader, bytes, at, out var payload, out var signature);
        var justification = reader.EnterList();
        var roundChanges = ReadList<RoundChange>(ref reader, bytes, RoundChange.ReadSigned);
        var prepares = ReadList<Prepare>(ref reader, bytes, Prepare.Read);
        reader.LeaveList(justification);
        reader.LeaveList(end);
        return reader.Failed || block is null ? null : new Proposal(height, round, block, roundChanges, prepares, payload, signature) { Dialect = dialect };
    }
}
