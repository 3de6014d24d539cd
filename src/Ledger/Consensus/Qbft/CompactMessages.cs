using System.Collections.Concurrent;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>What a validator needs to send and to read messages without what both sides have.</summary>
public sealed record QbftKnowledge
{
    /// <summary>Whether a transaction has come by itself and waits.</summary>
    public Func<Hash256, bool> Waits { get; init; } = static _ => false;

    /// <summary>The transactions that wait, by the first eight bytes of their hashes.</summary>
    public Func<IReadOnlyList<ulong>, IReadOnlyList<Transaction?>> Find { get; init; } = static prefixes => new Transaction?[prefixes.Count];
}

/// <summary>
/// Blocks travel between Hufu's validators without the transactions that wait on both sides, and round changes without the block that both have seen: else a block would go over
/// the wires as often as there are validators, and in a round change as often as there are pairs of them. Whoever cannot put a message together asks for the whole. What it was
/// made of needs no trust: the signature covers all of it.
/// </summary>
sealed class CompactMessages(QbftKnowledge knowledge, QbftDialect dialect)
{
    // Less than a few transactions are not worth the second form.
    const int WorthIt = 4;
    const uint MostAhead = 10;

    readonly ConcurrentDictionary<Hash256, Block> _blocks = new();
    readonly ConcurrentDictionary<Address, (ulong Height, uint Round)> _latest = new();
    readonly ConcurrentDictionary<(Address, QbftCode, Address), (ulong Height, uint Round)> _givenWhole = new();
    readonly ConcurrentDictionary<(QbftCode, Address), QbftMessage> _sent = new();

    /// <summary>Remembers a block of the height being decided, which round changes may name.</summary>
    public void Note(Block block) => _blocks[block.Hash] = block;

    /// <summary>Another height begins: what was sent for the last one nobody can use any more.</summary>
    public void Forget()
    {
        _blocks.Clear();
        _sent.Clear();
        _givenWhole.Clear();
    }

    /// <summary>The form for those who understand it, with its code; null where the message goes whole to all.</summary>
    public (BesideCode Code, byte[] Bytes)? Of(QbftMessage message)
    {
        (BesideCode, byte[])? form = message switch
        {
            Proposal proposal when proposal.Block.Block.Transactions.Count >= WorthIt && proposal.EncodeCompact(knowledge.Waits) is { } bytes => (BesideCode.CompactProposal, bytes),
            RoundChange change when change.Block?.Block.Transactions.Count >= WorthIt && change.EncodeCompact() is { } bytes => (BesideCode.CompactRoundChange, bytes),
            _ => null,
        };
        if (form is not null && message.Author is { } author) _sent[(message.Code, author)] = message;
        return form;
    }

    /// <summary>Puts together what came; where that cannot be done, gives the question for the whole.</summary>
    /// <param name="at">The height being decided, and the round there.</param>
    public QbftMessage? Read(Address from, BesideCode code, ReadOnlyMemory<byte> bytes, QbftHeight at, uint round, out byte[]? question, out Refusal? refusal)
    {
        (question, refusal) = (null, null);
        if (code == BesideCode.CompactProposal)
        {
            if (Proposal.PlaceOfCompact(bytes) is not { } place) return Malformed(out refusal);
            if (!IsWorthReading(from, place, at, round)) return null;
            var proposal = Proposal.TryReadCompact(bytes, knowledge.Find, out var malformed);
            if (malformed) return Malformed(out refusal);
            // At the next height nobody knows yet whose turn it is: there only the proposer itself sends it.
            var author = place.Height == at.Height ? at.Proposer(place.Round) : from;
            if (proposal is not null && proposal.Author == author) return proposal;
            question = Question(QbftCode.Proposal, place, author);
            return null;
        }
        var change = RoundChange.TryReadCompact(bytes, hash => _blocks.GetValueOrDefault(hash), dialect, out var named);
        if (named is null) return Malformed(out refusal);
        if (change is null && named.Height == at.Height && named.Author is { } changer && at.Validators.Contains(changer)) question = Question(QbftCode.RoundChange, (named.Height, named.Round), changer);
        return change;

        static QbftMessage? Malformed(out Refusal? refusal)
        {
            refusal = new Refusal("a compact message of QBFT cannot be decoded");
            return null;
        }
    }

    /// <summary>The message sent from here that somebody could not put together, once for each; null where it is another, or none.</summary>
    public QbftMessage? Whole(Address from, ReadOnlySpan<byte> question)
    {
        var reader = new RlpReader(question);
        var end = reader.EnterList();
        var (code, height, round, author) = ((QbftCode)Math.Min(reader.ReadUInt64(), byte.MaxValue), reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadAddress());
        reader.LeaveList(end);
        if (reader.Failed || round > int.MaxValue || !_sent.TryGetValue((code, author), out var message) || message.Height != height || message.Round != (uint)round) return null;
        if (_givenWhole.TryGetValue((from, code, author), out var given) && given == (height, (uint)round)) return null;
        _givenWhole[(from, code, author)] = (height, (uint)round);
        return message;
    }

    // To put one together costs a look at the whole pool: each sender's each place once, and none far ahead.
    bool IsWorthReading(Address from, (ulong Height, uint Round) place, QbftHeight at, uint round)
    {
        if (place.Height < at.Height || place.Height > at.Height + 1) return false;
        if (place.Height == at.Height ? place.Round < round || place.Round - round > MostAhead : place.Round > 1) return false;
        if (_latest.TryGetValue(from, out var latest) && (latest.Height > place.Height || (latest.Height == place.Height && latest.Round >= place.Round))) return false;
        _latest[from] = place;
        return true;
    }

    static byte[] Question(QbftCode code, (ulong Height, uint Round) place, in Address author)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write((ulong)code);
        writer.Write(place.Height);
        writer.Write((ulong)place.Round);
        writer.Write(author);
        writer.EndList(list);
        return writer.ToArray();
    }
}
