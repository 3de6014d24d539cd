using System.Collections.Concurrent;
using System.Security.Cryptography;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Filters that a caller makes once and asks for changes: new blocks, new logs, new transactions in the pool. One that is not asked for five minutes is gone.</summary>
sealed class EthFilters(Ledger ledger, EthLogs logs, TimeProvider clock)
{
    const int MostFilters = 1000;

    // A filter asked so seldom that more blocks came is better begun anew.
    const int MostBlocksBehind = 10_000;

    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    static readonly RpcError NotFound = RpcError.Server("filter not found");

    readonly ConcurrentDictionary<ulong, Filter> _filters = [];

    sealed class Filter
    {
        public LogQuestion? Logs { get; init; }
        public bool IsPool { get; init; }
        public required Header Seen { get; set; }
        public long SeenArrival { get; set; }
        public DateTimeOffset LastAsked { get; set; }
    }

    public RpcError? NewFilter(ref Parameters parameters, Answer answer)
    {
        var question = LogQuestion.Read(ref parameters);
        return parameters.Failed ? parameters.Error : Add(new Filter { Logs = question, Seen = ledger.Chain.Head.Head }, answer);
    }

    public RpcError? NewBlockFilter(ref Parameters parameters, Answer answer) => Add(new Filter { Seen = ledger.Chain.Head.Head }, answer);

    public RpcError? NewPendingTransactionFilter(ref Parameters parameters, Answer answer) =>
        Add(new Filter { IsPool = true, Seen = ledger.Chain.Head.Head, SeenArrival = ledger.Pool.Arrivals }, answer);

    public RpcError? Uninstall(ref Parameters parameters, Answer answer)
    {
        var id = parameters.UInt64();
        if (parameters.Failed) return parameters.Error;
        answer.Result.WriteBooleanValue(_filters.TryRemove(id, out _));
        return null;
    }

    public RpcError? GetLogs(ref Parameters parameters, Answer answer)
    {
        var id = parameters.UInt64();
        if (parameters.Failed) return parameters.Error;
        return Find(id) is { Logs: { } question } ? logs.Write(question, answer) : NotFound;
    }

    public RpcError? GetChanges(ref Parameters parameters, Answer answer)
    {
        var id = parameters.UInt64();
        if (parameters.Failed) return parameters.Error;
        if (Find(id) is not { } filter) return NotFound;
        // Two questions at once for one filter would tell the same news twice.
        lock (filter) return filter.IsPool ? WritePool(filter, answer) : WriteMoves(id, filter, answer);
    }

    RpcError? Add(Filter filter, Answer answer)
    {
        var now = clock.GetUtcNow();
        foreach (var (old, one) in _filters)
            if (now - one.LastAsked > Lifetime) _filters.TryRemove(old, out _);
        if (_filters.Count >= MostFilters) return new RpcError(RpcError.LimitExceededCode, $"too many filters: at most {MostFilters} at a time");
        filter.LastAsked = now;
        var id = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) >> 1;
        _filters[id] = filter;
        answer.Result.WriteQuantity(id);
        return null;
    }

    Filter? Find(ulong id)
    {
        if (!_filters.TryGetValue(id, out var filter)) return null;
        filter.LastAsked = clock.GetUtcNow();
        return filter;
    }

    RpcError? WritePool(Filter filter, Answer answer)
    {
        var (hashes, arrivals) = ledger.Pool.ArrivedSince(filter.SeenArrival);
        filter.SeenArrival = arrivals;
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var hash in hashes) writer.WriteData(hash.Bytes);
        writer.WriteEndArray();
        return null;
    }

    RpcError? WriteMoves(ulong id, Filter filter, Answer answer)
    {
        var head = ledger.Chain.Head.Head;
        if (head.Number > filter.Seen.Number + MostBlocksBehind)
        {
            _filters.TryRemove(id, out _);
            return new RpcError(RpcError.LimitExceededCode, $"filter not found: more than {MostBlocksBehind} blocks came since it was asked; make a new one");
        }
        var path = ledger.Queries.PathFrom(filter.Seen);

        var writer = answer.Result;
        writer.WriteStartArray();
        if (filter.Logs is { } question)
            foreach (var gone in path.Reverted)
                foreach (var log in ledger.Queries.LogsOf(gone, question.Filter).Reverse()) ReceiptJson.WriteLog(writer, log, isRemoved: true);
        foreach (var header in path.Committed)
        {
            if (filter.Logs is null) writer.WriteData(header.Hash.Bytes);
            else
                foreach (var log in ledger.Queries.LogsOf(header, filter.Logs.Filter)) ReceiptJson.WriteLog(writer, log);
        }
        writer.WriteEndArray();
        filter.Seen = path.Head;
        return null;
    }
}
