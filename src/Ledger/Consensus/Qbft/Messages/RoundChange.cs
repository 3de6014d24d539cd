using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>A quorum's Prepares for one block in one round: proof that no other block can have been committed in it.</summary>
public sealed record PreparedCertificate(QbftBlock Block, IReadOnlyList<Prepare> Prepares)
{
    public uint Round => Block.Round;
    public Hash256 Digest => Block.Digest;
}

/// <summary>"Let us go to this round", with what its author prepared in the latest earlier round: <c>[height, round, []]</c> or <c>[height, round, [prepared round, digest]]</c>.</summary>
public sealed class RoundChange : QbftMessage
{
    RoundChange(ulong height, uint round, uint? preparedRound, in Hash256 preparedDigest, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> signature)
        : base(height, round, payload, signature) => (PreparedRound, PreparedDigest) = (preparedRound, preparedDigest);

    public override QbftCode Code => QbftCode.RoundChange;

    /// <summary>Null where nothing was prepared.</summary>
    public uint? PreparedRound { get; }
    public Hash256 PreparedDigest { get; }

    /// <summary>The prepared block; null where nothing was prepared, or where the payload travels inside a Proposal.</summary>
    public QbftBlock? Block { get; private set; }
    public IReadOnlyList<Prepare> Prepares { get; private set; } = [];

    public static RoundChange Sign(QbftKey key, ulong height, uint round, PreparedCertificate? prepared, QbftDialect dialect)
    {
        var payload = PayloadOf(height, round, prepared);
        var change = new RoundChange(height, round, prepared?.Round, prepared?.Digest ?? default, payload, key.Sign(SigningHashOf(QbftCode.RoundChange, payload)))
        {
            Block = prepared?.Block,
            Prepares = prepared?.Prepares ?? [],
        };
        change.Encoded = change.Encode(dialect);
        return change;
    }

    public static byte[] PayloadOf(ulong height, uint round, PreparedCertificate? prepared)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(height);
        writer.Write((ulong)round);
        var certificate = writer.StartList();
        if (prepared is not null)
        {
            writer.Write((ulong)prepared.Round);
            writer.Write(prepared.Digest);
        }
        writer.EndList(certificate);
        writer.EndList(list);
        return writer.ToArray();
    }

    byte[] Encode(QbftDialect dialect)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        WriteSigned(writer);
        if (Block is not null) Block.Block.Write(writer);
        else writer.EndList(writer.StartList());
        if (dialect == QbftDialect.WithAccessList) writer.Write([]);
        WriteList(writer, Prepares);
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>The round change for those who have the prepared block, which is named by its hash alone; null where nothing was prepared.</summary>
    public byte[]? EncodeCompact()
    {
        if (Block is null) return null;
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        WriteSigned(writer);
        writer.Write(Block.Hash);
        WriteList(writer, Prepares);
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>Puts a round change together again.</summary>
    /// <param name="find">A block of this height by its hash; null where it is not here.</param>
    /// <param name="named">The round change without its block; null where it is malformed.</param>
    public static RoundChange? TryReadCompact(ReadOnlyMemory<byte> bytes, Func<Hash256, Block?> find, QbftDialect dialect, out RoundChange? named)
    {
        var reader = new RlpReader(bytes);
        var end = reader.EnterList();
        var change = ReadSigned(ref reader, bytes);
        var hash = reader.ReadHash();
        var prepares = ReadList<Prepare>(ref reader, bytes, Prepare.Read);
        reader.LeaveList(end);
        reader.ExpectEnd();
        named = reader.Failed ? null : change;
        if (named?.PreparedRound is not { } prepared)
        {
            named = null;
            return null;
        }
        if (find(hash) is not { } block || !QbftBlock.TryMake(block, out var made)) return null;
        (named.Block, named.Prepares) = (made.InRound(prepared), prepares);
        named.Encoded = named.Encode(dialect);
        return named;
    }

    internal static RoundChange? Read(ref RlpReader reader, ReadOnlyMemory<byte> bytes)
    {
        var end = reader.EnterList();
        var change = ReadSigned(ref reader, bytes);
        var block = reader.NextIsList && !IsEmptyList(reader) ? ReadBlock(ref reader) : null;
        if (block is null) reader.ReadItem();
        // The later dialect puts the block's access list here, as bytes; the Prepares are a list in both.
        if (!reader.Failed && !reader.NextIsList) reader.ReadBytes();
        var prepares = ReadList<Prepare>(ref reader, bytes, Prepare.Read);
        reader.LeaveList(end);
        if (change is null || reader.Failed) return null;
        (change.Block, change.Prepares) = (block, prepares);
        return change;
    }

    internal static RoundChange? ReadSigned(ref RlpReader reader, ReadOnlyMemory<byte> bytes)
    {
        var at = EnterSigned(ref reader, out var height, out var round);
        var certificateEnd = reader.EnterList();
        uint? preparedRound = null;
        Hash256 preparedDigest = default;
        if (reader.HasMore(certificateEnd))
        {
            var wide = reader.ReadUInt64();
            if (wide > int.MaxValue) reader.Fail("a round beyond 31 bits");
            preparedRound = (uint)wide;
            preparedDigest = reader.ReadHash();
        }
        reader.LeaveList(certificateEnd);
        LeaveSigned(ref reader, bytes, at, out var payload, out var signature);
        return reader.Failed ? null : new RoundChange(height, round, preparedRound, preparedDigest, payload, signature);
    }

    static bool IsEmptyList(RlpReader ahead) => ahead.ReadItem() is [0xC0];
}
