using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>
/// Which messages of a height a validator has, in the order of the validators. Two that tell each other this know what either lacks, and nothing is sent that is there already.
/// A message is named by a byte of what was signed, 0 where there is none: two that differ show both sides that somebody said two things.
/// </summary>
/// <param name="Round">Of the proposal and the votes.</param>
/// <param name="RoundChanges">Of the latest round change of each validator.</param>
public sealed record QbftHoldings(ulong Height, uint Round, byte Proposal, IReadOnlyList<byte> Prepares, IReadOnlyList<byte> Commits, IReadOnlyList<HeldRoundChange> RoundChanges)
{
    /// <summary>The name of a message; 0 for none.</summary>
    public static byte NameOf(QbftMessage? message) => message is null ? (byte)0 : Math.Max((byte)1, message.SigningHash.Bytes[0]);

    /// <summary>Whether the other has anything of use that is not here. Both speak of the same height, round and number of validators.</summary>
    /// <param name="round">Round changes for earlier rounds are of no use.</param>
    public bool Lacks(QbftHoldings other, uint round)
    {
        if (Differs(Proposal, other.Proposal)) return true;
        for (var i = 0; i < RoundChanges.Count; i++)
            if (Differs(Prepares[i], other.Prepares[i]) || Differs(Commits[i], other.Commits[i]) || (other.RoundChanges[i].Round >= round && RoundChanges[i].IsBehind(other.RoundChanges[i]))) return true;
        return false;
    }

    /// <summary>What is here and what the other has beside it; of two that differ, the other's.</summary>
    public QbftHoldings With(QbftHoldings other) => this with
    {
        Proposal = Joined(Proposal, other.Proposal),
        Prepares = [.. Prepares.Zip(other.Prepares, Joined)],
        Commits = [.. Commits.Zip(other.Commits, Joined)],
        RoundChanges = [.. RoundChanges.Zip(other.RoundChanges, static (one, two) => one.IsBehind(two) ? two : one)],
    };

    /// <summary>Whether the second names a message that the first does not.</summary>
    internal static bool Differs(byte here, byte there) => there != 0 && there != here;

    static byte Joined(byte one, byte two) => two != 0 ? two : one;
}

/// <summary>A validator's latest round change, by its round and a byte of what was signed; both 0 where there is none.</summary>
public readonly record struct HeldRoundChange(uint Round, byte Name)
{
    public bool IsBehind(HeldRoundChange other) => other.Round > Round || (other.Round == Round && QbftHoldings.Differs(Name, other.Name));
}

/// <summary>
/// What validators tell each other while a block is late, beside `istanbul/100`: "this is what I have", and the answer of whoever lacks some of it, "this is what I have, send the
/// rest". It is not signed: it moves nothing but messages that are.
/// </summary>
/// <param name="Asks">Whether what is not among it shall be sent.</param>
/// <param name="Unjoined">Whose messages the asker cannot get from themselves, in the order of the validators: they are passed on to it from now on.</param>
public sealed record QbftExchange(QbftHoldings Holdings, bool Asks, IReadOnlyList<bool> Unjoined)
{
    public byte[] Encode()
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(Holdings.Height);
        writer.Write((ulong)Holdings.Round);
        writer.Write(Asks ? 1UL : 0UL);
        writer.Write((ulong)Holdings.Proposal);
        writer.Write([.. Holdings.Prepares]);
        writer.Write([.. Holdings.Commits]);
        var changes = writer.StartList();
        foreach (var change in Holdings.RoundChanges) writer.Write((ulong)change.Round << 8 | change.Name);
        writer.EndList(changes);
        writer.Write(Pack(Unjoined));
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>Null for what is none. Further items are for later versions, and passed over.</summary>
    public static QbftExchange? TryRead(ReadOnlySpan<byte> bytes)
    {
        var reader = new RlpReader(bytes);
        var end = reader.EnterList();
        var (height, round, asks, proposal) = (reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64());
        var prepares = reader.ReadBytes();
        var commits = reader.ReadBytes();
        var changes = new List<HeldRoundChange>();
        var changesEnd = reader.EnterList();
        while (reader.HasMore(changesEnd) && changes.Count <= QbftExtraData.MaxValidators)
        {
            var held = reader.ReadUInt64();
            changes.Add(new HeldRoundChange((uint)Math.Min(held >> 8, int.MaxValue), (byte)held));
        }
        reader.LeaveList(changesEnd);
        var unjoined = reader.ReadBytes();
        while (reader.HasMore(end)) reader.ReadItem();
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (reader.Failed || round > int.MaxValue || prepares.Length != changes.Count || commits.Length != changes.Count || unjoined.Length != (changes.Count + 7) / 8) return null;
        return new QbftExchange(new QbftHoldings(height, (uint)round, (byte)proposal, prepares.ToArray(), commits.ToArray(), changes), (asks & 1) != 0, Unpack(unjoined, changes.Count));
    }

    static byte[] Pack(IReadOnlyList<bool> bits)
    {
        var bytes = new byte[(bits.Count + 7) / 8];
        for (var i = 0; i < bits.Count; i++)
            if (bits[i]) bytes[i / 8] |= (byte)(1 << (i % 8));
        return bytes;
    }

    static bool[] Unpack(ReadOnlySpan<byte> bytes, int count)
    {
        var bits = new bool[count];
        for (var i = 0; i < count; i++) bits[i] = (bytes[i / 8] & 1 << (i % 8)) != 0;
        return bits;
    }
}
