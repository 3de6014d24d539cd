using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// Follows the chain and keeps the tables of all projections in step with it: a block's events and the number of the block are written in one commit, so
/// a process that is killed goes on where it was. Blocks the chain leaves behind are taken back. Made from zero, the tables come out the same.
/// </summary>
public sealed class EventIndex
{
    // Far behind the head, blocks are asked for in ranges, and are taken to stay.
    const ulong RangeBlocks = 2_000;

    internal static readonly Table State = new("index_state", "id number key", "block number", "hash text", "timestamp number", "projections text", "origin text");
    internal static readonly Table Blocks = new("index_block", "number number key", "hash text", "parent text", "timestamp number");

    readonly ChainClient _chain;
    readonly Database _database;
    readonly IReadOnlyList<Projection> _projections;
    readonly IReadOnlyDictionary<string, Table> _tables;
    readonly EventIndexOptions _options;
    readonly Lock _gate = new();
    readonly List<(ulong Block, TaskCompletionSource Done)> _waiting = [];
    volatile IndexedBlock? _reached;
    Dictionary<Address, (string Name, Projection[] Hearers)> _contracts = [];

    public EventIndex(ChainClient chain, Database database, IReadOnlyList<Projection> projections, EventIndexOptions? options = null)
    {
        (_chain, _database, _projections, _options) = (chain, database, projections, options ?? new EventIndexOptions());
        _tables = projections.SelectMany(projection => projection.Tables).ToDictionary(table => table.Name);
    }

    /// <summary>The last block whose events are in the tables; null before the first.</summary>
    public IndexedBlock? Reached => _reached;

    /// <summary>Every table that is made from events.</summary>
    public IReadOnlyCollection<Table> Tables => [.. _tables.Values];

    /// <summary>Told after each block that was taken in or taken back.</summary>
    public event Action? Moved;

    /// <summary>Ends when the tables hold the events of a block.</summary>
    public async Task ReachAsync(ulong block, CancellationToken stop = default)
    {
        TaskCompletionSource done;
        lock (_gate)
        {
            if (_reached?.Number >= block) return;
            done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((block, done));
        }
        await done.Task.WaitAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Follows without end.</summary>
    /// <param name="contracts">The contracts by name, as the registry has them.</param>
    /// <param name="from">The first block that may have an event of theirs.</param>
    /// <exception cref="ChainException">The chain left behind more blocks than are remembered, twice.</exception>
    public async Task RunAsync(IReadOnlyDictionary<string, Address> contracts, ulong from, CancellationToken stop)
    {
        _contracts = contracts.ToDictionary(one => one.Value, one => (one.Key, _projections.Where(projection => projection.Contracts.Contains(one.Key)).ToArray()));
        await BelongToAsync(string.Join(' ', contracts.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}"))).ConfigureAwait(false);
        while (true)
        {
            try
            {
                await CatchUpAsync(from, stop).ConfigureAwait(false);
                await FollowAsync(from, stop).ConfigureAwait(false);
            }
            catch (ChainException error) when (error.Code is null && error.Refusal.What.StartsWith("the chain left behind more", StringComparison.Ordinal))
            {
                await RebuildAsync().ConfigureAwait(false);
            }
            catch (ChainException)
            {
                // The node is away, or busy: nothing was written that is not so.
                await Task.Delay(_options.PauseAfterFault, stop).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Empties every table of the index: the next steps make them again from the first block.</summary>
    public async Task RebuildAsync()
    {
        await _database.WriteAsync(session =>
        {
            foreach (var table in _tables.Values) session.Execute($"DELETE FROM {table}");
            session.Execute($"DELETE FROM {IndexChange.Undo}");
            session.Execute($"DELETE FROM {Blocks}");
            session.Execute($"UPDATE {State} SET block = NULL, hash = NULL, timestamp = NULL");
        }).ConfigureAwait(false);
        _reached = null;
    }

    /// <summary>Makes the tables; those of another version of the code are worth nothing, and are made anew.</summary>
    public async Task OpenAsync()
    {
        await _database.CreateAsync([State, Blocks, IndexChange.Undo]).ConfigureAwait(false);
        var versions = string.Join(' ', _projections.Select(projection => $"{projection.GetType().Name}={projection.Version}"));
        var known = _database.Read(session => session.Find($"SELECT projections FROM {State} WHERE id = 1", row => row.Text(0)));
        if (known != versions)
        {
            await _database.WriteAsync(session =>
            {
                foreach (var table in _tables.Values) session.Execute($"DROP TABLE IF EXISTS {table}");
                foreach (var table in new[] { State, Blocks, IndexChange.Undo }) session.Execute($"DELETE FROM {table}");
                session.Execute(State.Insert([1, null, null, null, versions, ""], replaces: true));
            }).ConfigureAwait(false);
        }
        await _database.CreateAsync([.. _tables.Values]).ConfigureAwait(false);
        _reached = _database.Read(session => session.Find($"SELECT block, hash, timestamp FROM {State} WHERE id = 1 AND block IS NOT NULL", row => new IndexedBlock(row.Block(0), row.Hash(1), (ulong)row.Number(2))));
    }

    // What was made of other contracts' events is not of these.
    async Task BelongToAsync(string origin)
    {
        if (_database.Read(session => session.Find($"SELECT origin FROM {State} WHERE id = 1", row => row.Text(0))) == origin) return;
        await RebuildAsync().ConfigureAwait(false);
        await _database.WriteAsync(session => session.Execute($"UPDATE {State} SET origin = {origin} WHERE id = 1")).ConfigureAwait(false);
    }

    // The long way from the beginning: only blocks with events are looked at.
    async Task CatchUpAsync(ulong from, CancellationToken stop)
    {
        while (true)
        {
            var head = await _chain.GetBlockNumberAsync(stop).ConfigureAwait(false);
            var next = _reached is { } reached ? reached.Number + 1 : from;
            if (head < next + (ulong)_options.KeptBlocks) return;
            // A block that may still be left behind is never taken in by a range.
            var last = Math.Min(next + RangeBlocks - 1, head - (ulong)_options.KeptBlocks);
            var logs = await _chain.GetLogsAsync(new LogQuery { From = next, To = last, Addresses = [.. _contracts.Keys] }, stop).ConfigureAwait(false);
            var blocks = new Dictionary<ulong, IndexedBlock>();
            foreach (var number in logs.Select(log => log.BlockNumber).Append(last).Distinct())
            {
                var block = await _chain.GetBlockAsync(number, stop: stop).ConfigureAwait(false) ?? throw new ChainException(new Refusal($"the node has no block {number}", $"it said its head is {head}", "wait until it is in step"), code: 0);
                blocks[number] = new IndexedBlock(number, block.Hash, block.Header.Timestamp);
            }
            var end = blocks[last];
            await _database.WriteAsync(session =>
            {
                foreach (var group in logs.GroupBy(log => log.BlockNumber).OrderBy(group => group.Key)) Apply(session, blocks[group.Key], group, canBeUndone: false);
                Reach(session, end);
            }).ConfigureAwait(false);
            MoveTo(end);
        }
    }

    async Task FollowAsync(ulong from, CancellationToken stop)
    {
        var follower = new BlockFollower(_chain, new BlockFollowerOptions { PollEvery = _options.PollEvery, Confirmations = _options.Confirmations, KeptBlocks = _options.KeptBlocks });
        await foreach (var step in follower.FollowAsync(from, Seen(), stop).ConfigureAwait(false))
        {
            var block = new IndexedBlock(step.Block.Header.Number, step.Block.Hash, step.Block.Header.Timestamp);
            if (step.IsRemoved) await TakeBackAsync(block).ConfigureAwait(false);
            else await TakeInAsync(block, step.Block.Header, stop).ConfigureAwait(false);
        }
    }

    async Task TakeInAsync(IndexedBlock block, Header header, CancellationToken stop)
    {
        var logs = _contracts.Keys.Any(address => header.LogsBloom.MayContain(address.Bytes))
            ? await _chain.GetLogsAsync(new LogQuery { BlockHash = block.Hash, Addresses = [.. _contracts.Keys] }, stop).ConfigureAwait(false) : [];
        await _database.WriteAsync(session =>
        {
            Apply(session, block, logs, canBeUndone: true);
            session.Execute(Blocks.Insert([block.Number, block.Hash, header.ParentHash, block.Timestamp], replaces: true));
            Reach(session, block);
            if (block.Number < (ulong)_options.KeptBlocks) return;
            session.Execute($"DELETE FROM {Blocks} WHERE number <= {block.Number - (ulong)_options.KeptBlocks}");
            session.Execute($"DELETE FROM {IndexChange.Undo} WHERE block <= {block.Number - (ulong)_options.KeptBlocks}");
        }).ConfigureAwait(false);
        MoveTo(block);
    }

    async Task TakeBackAsync(IndexedBlock block)
    {
        var before = await _database.WriteAsync(session =>
        {
            IndexChange.TakeBack(session, block.Number, _tables);
            session.Execute($"DELETE FROM {Blocks} WHERE number = {block.Number}");
            var parent = session.Find($"SELECT number, hash, timestamp FROM {Blocks} ORDER BY number DESC LIMIT 1", row => new IndexedBlock(row.Block(0), row.Hash(1), (ulong)row.Number(2)));
            session.Execute($"UPDATE {State} SET block = {parent?.Number}, hash = {parent?.Hash}, timestamp = {parent?.Timestamp} WHERE id = 1");
            return parent;
        }).ConfigureAwait(false);
        MoveTo(before);
    }

    void Apply(SqlSession session, IndexedBlock block, IEnumerable<ChainLog> logs, bool canBeUndone)
    {
        var change = new IndexChange(session, block, canBeUndone);
        foreach (var log in logs.OrderBy(log => log.LogIndex))
        {
            if (!_contracts.TryGetValue(log.Log.Address, out var contract)) continue;
            var told = new IndexedEvent(contract.Name, log.Log, log.TransactionHash, log.LogIndex, block);
            foreach (var hearer in contract.Hearers) hearer.Apply(change, told);
        }
    }

    static void Reach(SqlSession session, IndexedBlock block) =>
        session.Execute($"UPDATE {State} SET block = {block.Number}, hash = {block.Hash}, timestamp = {block.Timestamp} WHERE id = 1");

    // What is compared with the chain at a start: the blocks that may still be left behind, or the last one of a range.
    List<ChainBlock> Seen() => _database.Read(session =>
    {
        var blocks = session.Query($"SELECT number, hash, parent, timestamp FROM {Blocks} ORDER BY number", row => new ChainBlock(row.Hash(1), new Header { Number = row.Block(0), ParentHash = row.Hash(2), Timestamp = (ulong)row.Number(3) }));
        if (blocks.Count > 0 || _reached is not { } reached) return [.. blocks];
        return new List<ChainBlock> { new(reached.Hash, new Header { Number = reached.Number, Timestamp = reached.Timestamp }) };
    });

    void MoveTo(IndexedBlock? block)
    {
        TaskCompletionSource[] ready;
        lock (_gate)
        {
            _reached = block;
            ready = [.. _waiting.Where(one => one.Block <= block?.Number).Select(one => one.Done)];
            _waiting.RemoveAll(one => one.Block <= block?.Number);
        }
        foreach (var one in ready) one.TrySetResult();
        Moved?.Invoke();
    }
}

public sealed record EventIndexOptions
{
    /// <summary>How often the chain is asked for news.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many blocks below the head are waited for; 0 takes every block at once, and takes it back where it is left behind.</summary>
    public int Confirmations { get; init; }

    /// <summary>How many blocks can be taken back; a chain that leaves behind more makes the index begin anew.</summary>
    public int KeptBlocks { get; init; } = 256;
    public TimeSpan PauseAfterFault { get; init; } = TimeSpan.FromSeconds(1);
}
