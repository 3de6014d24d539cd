using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>
/// What a validator has signed, as its disk keeps it: nothing is sent before this is safe. With it a validator that crashes never signs two things for one height, round
/// and kind, never goes back to an earlier round, and still knows what it prepared: who forgot that could help commit a second block.
/// </summary>
public sealed record SigningRecord
{
    /// <summary>Nothing was ever signed: the record that is kept with a key from the moment it is made.</summary>
    public static readonly SigningRecord Empty = new();

    // The clock of whoever made the parent may be ahead of ours by as much as a block may be in the future, and as much again.
    const long ClockTolerance = 2000;

    /// <summary>A record that begins with this run: what was signed before is not known, because the disk is new or was lost.</summary>
    public static readonly SigningRecord Blank = new() { ForgottenFrom = 1 };

    /// <summary>The first height for which something may have been signed that is not in the record; null where all is.</summary>
    public ulong? ForgottenFrom { get; init; }

    public ulong Height { get; init; }
    public uint Round { get; init; }
    public Hash256? Proposal { get; init; }
    public Hash256? Prepare { get; init; }
    public Hash256? Commit { get; init; }
    public Hash256? RoundChange { get; init; }

    /// <summary>The certificate of the latest commit at this height.</summary>
    public PreparedCertificate? Prepared { get; init; }

    /// <summary>
    /// How long to say nothing at a height, because something may have been signed for it that is forgotten: until the next height, which began after the record did, or until
    /// what the others heard has had time to decide it. Who lost its disk so never contradicts itself where the others go on without it.
    /// </summary>
    /// <param name="running">For how long this run has lasted. Counted back from the present time it gives the start even where the clock was set meanwhile.</param>
    public TimeSpan Caution(QbftHeight at, long nowMilliseconds, TimeSpan running)
    {
        if (ForgottenFrom is not { } first || at.Height < first) return TimeSpan.Zero;
        var started = nowMilliseconds - (long)running.TotalMilliseconds;
        return (long)at.Parent.Timestamp * 1000 > started + ClockTolerance ? TimeSpan.Zero : 2 * at.Times.LongestRound;
    }

    /// <summary>The record with the draft in it; false where signing it would contradict what was signed.</summary>
    public bool TryNote(QbftDraft draft, [NotNullWhen(true)] out SigningRecord? noted)
    {
        noted = null;
        if (draft.Height < Height || (draft.Height == Height && draft.Round < Round)) return false;
        var at = draft.Height == Height && draft.Round == Round ? this
            : new SigningRecord { Height = draft.Height, Round = draft.Round, Prepared = draft.Height == Height ? Prepared : null };
        var content = draft.Content;
        if (at.Of(draft.Code) is { } signed && signed != content) return false;
        noted = draft.Code switch
        {
            QbftCode.Proposal => at with { Proposal = content },
            QbftCode.Prepare => at with { Prepare = content },
            QbftCode.Commit => at with { Commit = content, Prepared = ((CommitDraft)draft).Certificate },
            _ => at with { RoundChange = content },
        };
        return true;
    }

    Hash256? Of(QbftCode code) => code switch
    {
        QbftCode.Proposal => Proposal,
        QbftCode.Prepare => Prepare,
        QbftCode.Commit => Commit,
        _ => RoundChange,
    };

    public byte[] Encode()
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(Height);
        writer.Write((ulong)Round);
        Write(writer, Proposal);
        Write(writer, Prepare);
        Write(writer, Commit);
        Write(writer, RoundChange);
        var certificate = writer.StartList();
        if (Prepared is not null)
        {
            Prepared.Block.Block.Write(writer);
            foreach (var prepare in Prepared.Prepares) writer.Write(prepare.Encoded.Span);
        }
        writer.EndList(certificate);
        writer.EndList(list);
        // A torn write shows: the bytes end in their own hash.
        writer.WriteRaw(Keccak256.Hash(writer.Written).Bytes);
        return writer.ToArray();
    }

    /// <summary>Null for bytes that are not whole.</summary>
    public static SigningRecord? Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length <= Hash256.Size) return null;
        var content = bytes[..^Hash256.Size];
        if (!Keccak256.Hash(content.Span).Bytes.SequenceEqual(bytes[^Hash256.Size..].Span)) return null;

        var reader = new RlpReader(content);
        var end = reader.EnterList();
        var record = new SigningRecord
        {
            Height = reader.ReadUInt64(),
            Round = (uint)reader.ReadUInt64(),
            Proposal = ReadHash(ref reader),
            Prepare = ReadHash(ref reader),
            Commit = ReadHash(ref reader),
            RoundChange = ReadHash(ref reader),
            Prepared = ReadCertificate(ref reader),
        };
        reader.LeaveList(end);
        reader.ExpectEnd();
        return reader.Failed ? null : record;
    }

    static PreparedCertificate? ReadCertificate(ref RlpReader reader)
    {
        var end = reader.EnterList();
        if (!reader.HasMore(end))
        {
            reader.LeaveList(end);
            return null;
        }
        if (!QbftBlock.TryMake(Block.Read(ref reader), out var block)) reader.Fail("no QBFT block");
        var prepares = new List<Prepare>();
        while (reader.HasMore(end))
        {
            if (QbftMessage.TryDecode((byte)QbftCode.Prepare, reader.ReadMemory(), out var message, out _)) prepares.Add((Prepare)message);
            else reader.Fail("no Prepare");
        }
        reader.LeaveList(end);
        return reader.Failed ? null : new PreparedCertificate(block!, prepares);
    }

    static void Write(RlpWriter writer, Hash256? hash) => writer.Write(hash is { } some ? some.Bytes : []);

    static Hash256? ReadHash(ref RlpReader reader)
    {
        var bytes = reader.ReadBytes();
        return bytes.Length == Hash256.Size ? Hash256.FromBytes(bytes) : null;
    }
}
