using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Hufu.Primitives;

/// <summary>What a block's proposer says about a validator: take it in, or let it go.</summary>
public readonly record struct QbftVote(Address Recipient, bool Adds);

/// <summary>
/// The extra data of a QBFT header (EEA QBFT, block header): <c>[vanity, validators, vote, round, commit seals]</c>. A header has three hashes that differ in it alone:
/// the block hash leaves out round and seals, the digest that validators sign leaves out the seals, and the bytes on the wire are never hashed.
/// </summary>
public sealed record QbftExtraData
{
    public const int SealSize = 65;

    // No network has more validators than this; it bounds what a hostile header makes us keep.
    public const int MaxValidators = 4096;

    /// <summary>The mix hash of every QBFT header: the first 32 bytes of "ctical byzantine fault tolerance", as Istanbul chose them.</summary>
    public static readonly Hash256 MixHash = Hash256.Parse("0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365");

    public ReadOnlyMemory<byte> Vanity { get; init; } = new byte[32];

    /// <summary>In ascending order; empty where a contract names them.</summary>
    public IReadOnlyList<Address> Validators { get; init; } = [];
    public QbftVote? Vote { get; init; }
    public uint Round { get; init; }

    /// <summary>
    /// Whether this is written as the published vectors (and IBFT 2) have it: the round in four bytes, no vote as the empty string, a vote to drop as the byte 0x00.
    /// Headers of a chain have a scalar, an empty list and the empty string there.
    /// </summary>
    public bool IsEarlyForm { get; init; }

    /// <summary>Signatures over the digest, 65 bytes each: r, s, recovery id.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Seals { get; init; } = [];

    public static bool TryDecode(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out QbftExtraData? extraData)
    {
        var reader = new RlpReader(bytes);
        var end = reader.EnterList();
        var vanity = reader.ReadMemory();
        var validators = ReadValidators(ref reader);
        var vote = ReadVote(ref reader, out var isEarlyVote);
        var round = ReadRound(ref reader, out var isWide);
        var seals = ReadSeals(ref reader);
        // Later versions may add items; what we know of stands before them.
        while (reader.HasMore(end)) reader.ReadItem();
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (isEarlyVote && !isWide) reader.Fail("an early form of vote beside a round that is a scalar");
        extraData = reader.Failed || vanity.Length != 32 ? null
            : new QbftExtraData { Vanity = vanity, Validators = validators, Vote = vote, Round = round, IsEarlyForm = isWide, Seals = seals };
        return extraData is not null;
    }

    public byte[] Encode()
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(Vanity.Span);
        var validators = writer.StartList();
        foreach (var validator in Validators) writer.Write(validator);
        writer.EndList(validators);
        if (Vote is null && IsEarlyForm) writer.Write([]);
        else WriteVote(writer);
        if (IsEarlyForm)
        {
            Span<byte> wide = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(wide, Round);
            writer.Write(wide);
        }
        else writer.Write((ulong)Round);
        var seals = writer.StartList();
        foreach (var seal in Seals) writer.Write(seal.Span);
        writer.EndList(seals);
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>The extra data that the block hash covers.</summary>
    public byte[] EncodeForBlockHash() => (this with { Round = 0, IsEarlyForm = false, Seals = [] }).Encode();

    /// <summary>The extra data that commit seals, prepares and round changes name the block by.</summary>
    public byte[] EncodeForDigest() => (this with { Seals = [] }).Encode();

    void WriteVote(RlpWriter writer)
    {
        var list = writer.StartList();
        if (Vote is { } vote)
        {
            writer.Write(vote.Recipient);
            writer.Write(vote.Adds ? [0xFF] : IsEarlyForm ? [0x00] : []);
        }
        writer.EndList(list);
    }

    static Address[] ReadValidators(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var count = Bounded(ref reader, end, 1 + Address.Size);
        var validators = count == 0 ? [] : new Address[count];
        for (var i = 0; i < count && !reader.Failed; i++) validators[i] = reader.ReadAddress();
        reader.LeaveList(end);
        return validators;
    }

    static QbftVote? ReadVote(ref RlpReader reader, out bool isEarly)
    {
        isEarly = reader is { Failed: false, NextIsList: false };
        if (isEarly)
        {
            reader.ReadBytes(0);
            return null;
        }
        var end = reader.EnterList();
        QbftVote? vote = null;
        if (reader.HasMore(end))
        {
            var recipient = reader.ReadAddress();
            var kind = reader.ReadBytes();
            if (kind is [0xFF]) vote = new QbftVote(recipient, Adds: true);
            else if (kind.IsEmpty || (isEarly = kind is [0])) vote = new QbftVote(recipient, Adds: false);
            else reader.Fail("a vote is 0xff to add or empty to drop");
        }
        reader.LeaveList(end);
        return vote;
    }

    static uint ReadRound(ref RlpReader reader, out bool isWide)
    {
        var bytes = reader.ReadBytes();
        isWide = bytes.Length == sizeof(uint) && bytes[0] == 0;
        if (bytes.Length > sizeof(uint) || (!isWide && bytes is [0, ..])) reader.Fail("a round is a number of at most four bytes");
        uint round = 0;
        if (!reader.Failed) foreach (var digit in bytes) round = (round << 8) | digit;
        return round;
    }

    static ReadOnlyMemory<byte>[] ReadSeals(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var count = Bounded(ref reader, end, 2 + SealSize);
        var seals = count == 0 ? [] : new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            seals[i] = reader.ReadMemory();
            if (seals[i].Length != SealSize) reader.Fail($"a commit seal has {SealSize} bytes");
        }
        reader.LeaveList(end);
        return seals;
    }

    static int Bounded(ref RlpReader reader, int end, int leastBytes)
    {
        var count = reader.CountItems(end, leastBytes);
        if (count > MaxValidators) reader.Fail($"more than {MaxValidators} validators");
        return reader.Failed ? 0 : count;
    }
}
