using System.Net;
using DnsClient;
using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>How node lists in DNS are read.</summary>
public sealed record DnsNodeListOptions
{
    public IReadOnlyList<NodeListUrl> Lists { get; init; } = [];

    /// <summary>The server that is asked; null: those of this machine.</summary>
    public IPEndPoint? Server { get; init; }

    /// <summary>How long between two questions: resolvers are shared with others.</summary>
    public TimeSpan QuestionPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often a root is looked at for changes.</summary>
    public TimeSpan RootPause { get; init; } = TimeSpan.FromMinutes(30);
}

/// <summary>What one reading of a list gave.</summary>
/// <param name="Faults">What was not as it should be, in words; the rest counts nevertheless.</param>
public sealed record NodeListReading(ulong Sequence, IReadOnlyList<NodeRecord> Records, IReadOnlyList<NodeListUrl> Links, IReadOnlyList<Refusal> Faults);

/// <summary>
/// Reads lists of nodes out of DNS (EIP-1459). Answers are anybody's until the hash of their text is the name they were asked under, and the root's signature
/// is by the key of the list's address; sizes are bounded, so that the owner of a list can do no more harm than name useless nodes.
/// </summary>
public sealed class DnsNodeLists
{
    const int MostEntries = 10_000, MostLists = 8, MostFaults = 16, MostKept = 4096;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), FirstRetry = TimeSpan.FromSeconds(5);

    readonly DnsNodeListOptions _options;
    readonly Func<ForkId, bool> _isCompatible;
    readonly ILogger _log;
    readonly LookupClient _dns;
    readonly Lock _lock = new();
    readonly Dictionary<NodeId, NodeRecord> _nodes = [];
    readonly Queue<Enode> _candidates = new();

    /// <param name="isCompatible">Whether a node whose record names this fork id is worth connecting with.</param>
    public DnsNodeLists(DnsNodeListOptions options, Func<ForkId, bool> isCompatible, ILogger log)
    {
        (_options, _isCompatible, _log) = (options, isCompatible, log);
        // Without the library's cache: the names never change what they stand for, and the root must be seen anew.
        var lookup = options.Server is { } server ? new LookupClientOptions(server) : new LookupClientOptions();
        (lookup.UseCache, lookup.Timeout, lookup.Retries, lookup.ThrowDnsErrors) = (false, Patience, 2, false);
        _dns = new LookupClient(lookup);
    }

    /// <summary>A node to connect with; null where the lists name none.</summary>
    public Enode? NextCandidate()
    {
        lock (_lock)
        {
            if (_candidates.Count == 0)
            {
                var all = _nodes.Values.Where(record => record.Eth is { } fork && _isCompatible(fork)).Select(record => record.ToEnode()).OfType<Enode>().ToArray();
                Random.Shared.Shuffle(all);
                foreach (var node in all.Take(64)) _candidates.Enqueue(node);
            }
            return _candidates.TryDequeue(out var next) ? next : null;
        }
    }

    /// <summary>Reads the lists, and what they link to, again and again.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(_options.Lists.Select(list => Loop.RunAsync("a node list", token => FollowAsync(list, token), _log, stop)));

    /// <summary>Reads one list whole.</summary>
    public async Task<(NodeListReading? Reading, Refusal? Refusal)> ReadAsync(NodeListUrl list, CancellationToken stop)
    {
        var (root, refusal) = await ReadRootAsync(list, stop).ConfigureAwait(false);
        return root is null ? (null, refusal) : (await ReadTreeAsync(list, root, stop).ConfigureAwait(false), null);
    }

    async Task FollowAsync(NodeListUrl first, CancellationToken stop)
    {
        var whole = new Dictionary<NodeListUrl, NodeListReading>();
        var retry = FirstRetry;
        while (!stop.IsCancellationRequested)
        {
            var failed = false;
            try
            {
                var lists = new List<NodeListUrl> { first };
                for (var i = 0; i < lists.Count && lists.Count <= MostLists; i++)
                {
                    var (root, refusal) = await ReadRootAsync(lists[i], stop).ConfigureAwait(false);
                    if (root is null) _log.NodeListFault(refusal!.ToString());
                    failed |= root is null;
                    var reading = whole.GetValueOrDefault(lists[i]);
                    if (root is not null && (reading is null || root.Sequence > reading.Sequence))
                    {
                        reading = await ReadTreeAsync(lists[i], root, stop).ConfigureAwait(false);
                        foreach (var fault in reading.Faults) _log.NodeListFault(fault.ToString());
                        Keep(reading);
                        // What is incomplete is read again at the next round.
                        if (reading.Faults.Count == 0) whole[lists[i]] = reading;
                    }
                    lists.AddRange(reading?.Links.Where(link => !lists.Contains(link)) ?? []);
                }
                retry = failed ? retry * 2 : FirstRetry;
                await Task.Delay(failed && retry < _options.RootPause ? retry : _options.RootPause, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    void Keep(NodeListReading reading)
    {
        lock (_lock)
        {
            if (_nodes.Count + reading.Records.Count > MostKept) _nodes.Clear();
            foreach (var record in reading.Records.Take(MostKept))
                if (!_nodes.TryGetValue(record.Id, out var known) || known.Sequence < record.Sequence) _nodes[record.Id] = record;
            _candidates.Clear();
        }
    }

    async Task<(NodeTreeEntry.Root? Root, Refusal? Refusal)> ReadRootAsync(NodeListUrl list, CancellationToken stop)
    {
        var (texts, why) = await AskAsync(list.Domain, stop).ConfigureAwait(false);
        if (texts is null) return (null, new Refusal($"the node list at {list.Domain} cannot be read", why!, "see whether the name server is reachable and has the list's root"));
        var roots = texts.Select(NodeTreeEntry.Parse).OfType<NodeTreeEntry.Root>().ToList();
        if (roots.Count == 0) return (null, new Refusal($"{list.Domain} holds no node list", "no TXT record there is a root", "publish the list that hufu network dns sign makes"));
        return roots.FirstOrDefault(root => root.IsSignedBy(list.Key)) is { } signed ? (signed, null)
            : (null, new Refusal($"the node list at {list.Domain} is not its owner's", "its root is not signed by the key in the list's address", "compare the address with the one its owner gives"));
    }

    async Task<NodeListReading> ReadTreeAsync(NodeListUrl list, NodeTreeEntry.Root root, CancellationToken stop)
    {
        var (records, links, faults) = (new List<NodeRecord>(), new List<NodeListUrl>(), new List<Refusal>());
        var pending = new Stack<(string Name, bool IsLinks)>([(root.Links, true), (root.Records, false)]);
        var met = new HashSet<string>();
        while (pending.TryPop(out var next) && faults.Count < MostFaults)
        {
            if (!met.Add(next.Name)) continue;
            if (met.Count > MostEntries)
            {
                faults.Add(new Refusal($"the node list at {list.Domain} is too long", $"only its first {MostEntries} entries are read", "split it into several lists"));
                break;
            }
            var name = $"{next.Name}.{list.Domain}";
            var (texts, why) = await AskAsync(name, stop).ConfigureAwait(false);
            switch (texts?.Find(text => NodeTreeEntry.IsNamed(text, next.Name)) is { } text ? NodeTreeEntry.Parse(text) : null)
            {
                case NodeTreeEntry.Branch branch: foreach (var child in branch.Children) pending.Push((child, next.IsLinks)); break;
                case NodeTreeEntry.Leaf leaf when !next.IsLinks: records.Add(leaf.Record); break;
                case NodeTreeEntry.Link link when next.IsLinks: links.Add(link.Url); break;
                default: faults.Add(new Refusal($"{name} is no entry of the node list", why ?? "its text is not the one that its name is the hash of, or none of its place in the tree", "publish the list whole, as it was signed")); break;
            }
            await Task.Delay(_options.QuestionPause, stop).ConfigureAwait(false);
        }
        return new NodeListReading(root.Sequence, records, links, faults);
    }

    async Task<(List<string>? Texts, string? Why)> AskAsync(string name, CancellationToken stop)
    {
        try
        {
            var answer = await _dns.QueryAsync(name, QueryType.TXT, cancellationToken: stop).ConfigureAwait(false);
            if (answer.HasError) return (null, $"{name}: {answer.ErrorMessage}");
            return ([.. answer.Answers.TxtRecords().Select(record => string.Concat(record.Text))], null);
        }
        catch (Exception error) when (error is DnsResponseException or System.Net.Sockets.SocketException or OperationCanceledException && !stop.IsCancellationRequested)
        {
            return (null, $"{name}: {error.Message}");
        }
    }
}
