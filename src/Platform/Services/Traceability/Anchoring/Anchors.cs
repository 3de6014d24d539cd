using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>A batch of events whose root is, or will be, on the ledger.</summary>
/// <param name="Transaction">Null until it is in a block.</param>
public sealed record AnchoredBatch(long Number, long First, long Last, Hash256 Root, uint Events, uint Day, Hash256? Transaction, DateTimeOffset MadeAt);

/// <summary>What leads from an event to the root of its batch.</summary>
public sealed record EventPath(AnchoredBatch Batch, Hash256 Salt, IReadOnlyList<Hash256> Path);

/// <summary>
/// Puts the hashes of events on the ledger, batch by batch, in the order they were recorded: one Merkle root for up to <see cref="MostEvents"/> of them. The bounds of a batch
/// are kept before its root is sent, and its command's key is its number, so that a process that is killed anchors nothing twice and leaves nothing out.
/// </summary>
public sealed class Anchors(Rooms rooms)
{
    /// <summary>The platform's account in whose name events are anchored.</summary>
    public const string Recorder = "trace-recorder";

    public const int MostEvents = 65_536;

    /// <summary>Leaves under one kept node of a batch's tree. A proof makes the tree below it anew, of so many events and no more, and takes the rest from what is kept.</summary>
    internal const int Branch = 64;

    internal static readonly Table Batches = new("trace_batch", "number number key", "first number", "last number index", "root text", "events number", "day number", "tx text", "made_at number");
    internal static readonly Table Trees = new("trace_tree", "number number key", "branches text");
    internal static readonly Table Secret = new("trace_secret", "id number key", "secret text");

    readonly ConcurrentDictionary<Hash256, byte[]> _tallies = new();
    // One at a time: whoever has put a token in is the one.
    readonly Channel<bool> _one = Channel.CreateBounded<bool>(1);
    byte[]? _secret;

    /// <summary>Anchors what is not anchored yet; ends when all of it is in a block.</summary>
    /// <returns>How many events were anchored.</returns>
    public async Task<long> AnchorAsync(CancellationToken stop = default)
    {
        await _one.Writer.WriteAsync(true, stop).ConfigureAwait(false);
        try
        {
            var anchored = 0L;
            while (Open() is { } batch || (batch = await NextAsync().ConfigureAwait(false)) is not null)
            {
                await SendAsync(batch, stop).ConfigureAwait(false);
                anchored += batch.Events;
            }
            return anchored;
        }
        finally
        {
            _one.Reader.TryRead(out _);
        }
    }

    /// <summary>How many events wait to be anchored.</summary>
    public long Waiting => rooms.Database.Read(session =>
        session.Count($"SELECT COALESCE(MAX(seq), 0) FROM {EventStore.Events}") - session.Count($"SELECT COALESCE(MAX(last), 0) FROM {Batches} WHERE tx IS NOT NULL"));

    public IReadOnlyList<AnchoredBatch> Latest(int most) => rooms.Database.Read(session => session.Query($"SELECT number, first, last, root, events, day, tx, made_at FROM {Batches} ORDER BY number DESC LIMIT {most}", Read));

    /// <summary>The batch of an event; null where it is not anchored yet.</summary>
    public AnchoredBatch? BatchOf(long sequence) => BatchesOf([sequence]).Values.FirstOrDefault();

    /// <summary>The batches of events by the events' numbers; those that are not anchored yet are left out.</summary>
    public IReadOnlyDictionary<long, AnchoredBatch> BatchesOf(IReadOnlyCollection<long> sequences)
    {
        var found = new Dictionary<long, AnchoredBatch>();
        AnchoredBatch? batch = null;
        // In their order a batch is asked for once, however many of the events are in it.
        rooms.Database.Read(session =>
        {
            foreach (var sequence in sequences.Order())
            {
                if (batch is null || sequence > batch.Last) batch = session.Find($"SELECT number, first, last, root, events, day, tx, made_at FROM {Batches} WHERE last >= {sequence} ORDER BY last LIMIT 1", Read);
                if (batch is null) break;
                if (batch.Transaction is not null && batch.First <= sequence) found[sequence] = batch;
            }
            return true;
        });
        return found;
    }

    /// <summary>What leads from events to the roots of their batches, by the events' numbers; of those that are anchored.</summary>
    public IReadOnlyDictionary<long, EventPath> PathsOf(IReadOnlyCollection<StoredEvent> events)
    {
        var (secret, paths) = (OpenSecret(), new Dictionary<long, EventPath>());
        var batches = BatchesOf([.. events.Select(one => one.Sequence)]);
        foreach (var ofBatch in events.Where(one => batches.ContainsKey(one.Sequence)).GroupBy(one => batches[one.Sequence]))
        {
            var (batch, branches) = (ofBatch.Key, BranchesOf(ofBatch.Key));
            var upper = EventTree.LevelsOf(branches);
            foreach (var ofBranch in ofBatch.GroupBy(one => (one.Sequence - batch.First) / Branch))
            {
                var first = batch.First + ofBranch.Key * Branch;
                var lower = EventTree.LevelsOf(Leaves(first, Math.Min(first + Branch - 1, batch.Last)));
                foreach (var one in ofBranch) paths[one.Sequence] = new EventPath(batch, EventTree.SaltOf(secret, one.Hash.Bytes), [.. EventTree.PathOf(lower, (int)(one.Sequence - first)), .. EventTree.PathOf(upper, (int)ofBranch.Key)]);
            }
        }
        return paths;
    }

    /// <summary>The whole proof of an event, for a file (<see cref="TraceProof"/>); null where it is not anchored yet.</summary>
    public async Task<byte[]?> ProveAsync(StoredEvent stored, CancellationToken stop = default)
    {
        if (!PathsOf([stored]).TryGetValue(stored.Sequence, out var way)) return null;
        var tally = await TallyAsync(way.Batch.Transaction!.Value, stop).ConfigureAwait(false);
        return TraceProof.Write(System.Text.Encoding.UTF8.GetBytes(stored.Json), way.Salt, way.Path, tally);
    }

    /// <summary>The tally of an anchor.</summary>
    public async Task<byte[]> TallyAsync(Hash256 transaction, CancellationToken stop = default)
    {
        if (_tallies.TryGetValue(transaction, out var tally)) return tally;
        tally = await rooms.Tallies.OfLogAsync(transaction, 0, [Artifacts.Of("TraceAnchor")], stop).ConfigureAwait(false);
        if (_tallies.Count > 256) _tallies.Clear();
        return _tallies[transaction] = tally;
    }

    // ---- batches ----

    AnchoredBatch? Open() => rooms.Database.Read(session => session.Find($"SELECT number, first, last, root, events, day, tx, made_at FROM {Batches} WHERE tx IS NULL ORDER BY number LIMIT 1", Read));

    async Task<AnchoredBatch?> NextAsync()
    {
        var (after, number) = rooms.Database.Read(session => (session.Count($"SELECT COALESCE(MAX(last), 0) FROM {Batches}"), session.Count($"SELECT COALESCE(MAX(number), 0) FROM {Batches}") + 1));
        var leaves = Leaves(after + 1, after + MostEvents);
        if (leaves.Length == 0) return null;
        var levels = EventTree.LevelsOf(leaves);
        var now = DateTimeOffset.UtcNow;
        var batch = new AnchoredBatch(number, after + 1, after + leaves.Length, levels[^1][0], (uint)leaves.Length, (uint)(now.ToUnixTimeSeconds() / 86_400), null, now);
        await rooms.Database.WriteAsync(session =>
        {
            session.Execute(Batches.Insert([number, batch.First, batch.Last, batch.Root, batch.Events, batch.Day, null, now], replaces: false));
            session.Execute(Trees.Insert([number, Text(EventTree.BranchesOf(levels, Branch))], replaces: true));
        }).ConfigureAwait(false);
        return batch;
    }

    async Task SendAsync(AnchoredBatch batch, CancellationToken stop)
    {
        var deployment = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        var recorder = await rooms.Custody.OpenAsync(Recorder).ConfigureAwait(false);
        var contract = new TraceAnchorContract(rooms.Chain, deployment["TraceAnchor"]);
        for (var attempt = 1; ; attempt++)
        {
            // The contract is in the key: on a chain that was set back, the same batch is anchored anew.
            var key = $"trace/anchor/{deployment["TraceAnchor"]}/{batch.Number}/{attempt}";
            if (rooms.Commands.Find("platform", key) is { State: CommandState.Failed }) continue;
            var command = await rooms.Commands.SubmitAsync(new NewCommand
            {
                Key = key,
                Caller = "platform",
                Kind = "trace.anchor",
                Subject = batch.Root.ToString(),
                Fingerprint = batch.Root,
                From = recorder.Address,
                Request = contract.Anchor(batch.Day, batch.Root, batch.Events),
            }, stop).ConfigureAwait(false);
            while (!command.IsOver) command = await rooms.Commands.FinishAsync(command, TimeSpan.FromSeconds(5), stop).ConfigureAwait(false);
            if (command.State != CommandState.Final) throw new ChainException(command.Refusal ?? new Refusal("the anchor was not taken"), code: 0);
            await rooms.Database.WriteAsync(session => session.Execute($"UPDATE {Batches} SET tx = {command.Transaction} WHERE number = {batch.Number}")).ConfigureAwait(false);
            return;
        }
    }

    static AnchoredBatch Read(SqlRow row) => new(row.Number(0), row.Number(1), row.Number(2), row.Hash(3), (uint)row.Number(4), (uint)row.Number(5), row.HashOrNull(6), row.Time(7));

    // ---- trees ----

    Hash256[] Leaves(long first, long last)
    {
        var secret = OpenSecret();
        return [.. rooms.Database.Read(session => session.Query($"SELECT hash FROM {EventStore.Events} WHERE seq BETWEEN {first} AND {last} ORDER BY seq", row => row.Hash(0))).Select(hash => EventTree.LeafOf(EventTree.SaltOf(secret, hash.Bytes), hash.Bytes))];
    }

    Hash256[] BranchesOf(AnchoredBatch batch)
    {
        if (rooms.Database.Read(session => session.Find($"SELECT branches FROM {Trees} WHERE number = {batch.Number}", row => row.Text(0))) is { } kept)
            return [.. Enumerable.Range(0, kept.Length / 64).Select(i => Hash256.FromBytes(Convert.FromHexString(kept.AsSpan(64 * i, 64))))];
        // A batch from before branches were kept.
        var made = EventTree.BranchesOf(EventTree.LevelsOf(Leaves(batch.First, batch.Last)), Branch);
        _ = rooms.Database.WriteAsync(session => session.Execute(Trees.Insert([batch.Number, Text(made)], replaces: true)));
        return made;
    }

    static string Text(Hash256[] nodes) => string.Concat(nodes.Select(node => Convert.ToHexStringLower(node.Bytes)));

    /// <summary>Made once; whoever has it and an event can tell its leaf, and nobody else.</summary>
    byte[] OpenSecret()
    {
        if (_secret is { } known) return known;
        var fresh = RandomNumberGenerator.GetBytes(32);
        return _secret = Hex.Decode(rooms.Database.WriteAsync(session =>
        {
            if (session.Find($"SELECT secret FROM {Secret} WHERE id = 1", row => row.Text(0)) is { } earlier) return earlier;
            session.Execute(Secret.Insert([1, fresh], replaces: false));
            return Hex.Encode(fresh);
        }).GetAwaiter().GetResult());
    }
}
