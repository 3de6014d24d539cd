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

    public static Proposal Sign(QbftKey key, ulong height, uint round, QbftBlock block, IReadOnlyList<RoundChange> roundChanges, IReadOnlyList<Prepare> prepares, QbftDialect dialect)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(height);
        writer.Write((ulong)round);
        block.Block.Write(writer);
        if (dialect == QbftDialect.WithAccessList) writer.Write([]);
        writer.EndList(list);
        var payload = writer.ToArray();
        var proposal = new Proposal(height, round, block, roundChanges, prepares, payload, key.Sign(SigningHashOf(QbftCode.Proposal, payload)));
        proposal.Encoded = proposal.Encode();
        return proposal;
    }

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
        if (reader.HasMore(at.PayloadEnd)) reader.ReadBytes();
        LeaveSigned(ref reader, bytes, at, out var payload, out var signature);
        var justification = reader.EnterList();
        var roundChanges = ReadList<RoundChange>(ref reader, bytes, RoundChange.ReadSigned);
        var prepares = ReadList<Prepare>(ref reader, bytes, Prepare.Read);
        reader.LeaveList(justification);
        reader.LeaveList(end);
        return reader.Failed || block is null ? null : new Proposal(height, round, block, roundChanges, prepares, payload, signature);
    }
}
