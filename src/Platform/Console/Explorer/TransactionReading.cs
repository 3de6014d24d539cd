using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>A value with the name its contract gives it.</summary>
public sealed record NamedValue(string Name, AbiType Type, object Value);

/// <summary>An event in words.</summary>
/// <param name="Position">Among the transaction's events, counted from 0.</param>
/// <param name="Event">Null where nothing known fits it.</param>
public sealed record EventReading(int Position, ChainLog Log, AbiEvent? Event, Sentence Words, IReadOnlyList<NamedValue> Values);

/// <summary>What a call asks for.</summary>
/// <param name="IsGuess">Only the four bytes of the selector say so; the contract itself is not known.</param>
public sealed record CallReading(AbiFunction Function, IReadOnlyList<NamedValue> Values, bool IsGuess);

/// <summary>A transaction in words: what it is, what it asks for, what it left behind.</summary>
public sealed record TransactionReading(Sentence Summary, CallReading? Call, IReadOnlyList<EventReading> Events)
{
    /// <summary>The events that say what it was about. What moved and what was allowed for it are parts of that, unless there is nothing else.</summary>
    public IReadOnlyList<EventReading> Telling { get; } = TellingOf(Events);

    static IReadOnlyList<EventReading> TellingOf(IReadOnlyList<EventReading> events)
    {
        var worded = events.Where(one => one.Event is { } known && EventWords.HasWords(known)).ToArray();
        var about = worded.Where(one => one.Event!.Name is not ("Transfer" or "Approval" or "AuthorizationUsed")).ToArray();
        return about.Length > 0 ? about : worded;
    }

    public static async Task<TransactionReading> OfAsync(TransactionView transaction, ChainExplorer explorer, CancellationToken stop = default)
    {
        var events = new List<EventReading>();
        foreach (var log in transaction.Receipt?.Logs ?? []) events.Add(await EventAsync(log, events.Count, explorer, stop).ConfigureAwait(false));
        var call = CallOf(transaction.To, transaction.Data, explorer.Contracts);
        var token = call is not null && events.Count == 0 ? await explorer.Tokens.OfAsync(transaction.To!.Value, stop).ConfigureAwait(false) : null;
        return new TransactionReading(SummaryOf(transaction, call, events, token, explorer.Contracts.Sponsor), call, events);
    }

    public static CallReading? CallOf(Address? to, byte[] data, ContractBook contracts) =>
        to is { } contract && contracts.TryReadCall(contract, data, out var function, out var arguments, out var isGuess)
            ? new CallReading(function, [.. arguments.Select((value, at) => new NamedValue(function.Inputs[at].Name, function.Inputs[at].Type, value))], isGuess) : null;

    public static async Task<EventReading> EventAsync(ChainLog log, int position, ChainExplorer explorer, CancellationToken stop = default)
    {
        if (!explorer.Contracts.TryReadEvent(log.Log, out var found, out var values))
            return new EventReading(position, log, null, new Sentence("{0} recorded an event that is not known here", "{0} 记录了一个此处未知的事件", log.Log.Address), []);
        var named = values.Select((value, at) => new NamedValue(found.Inputs[at].Name, found.Inputs[at].Type, value)).ToArray();
        return new EventReading(position, log, found, await EventWords.OfAsync(log.Log, found, values, explorer, stop).ConfigureAwait(false), named);
    }

    static Sentence SummaryOf(TransactionView transaction, CallReading? call, List<EventReading> events, TokenFacts? token, Address? sponsor)
    {
        var (from, value) = (transaction.From, new EtherAmount(transaction.Value));
        if (transaction.To is not { } to)
            return transaction.Receipt?.ContractAddress is { } made ? new Sentence("{0} deployed the contract {1}", "{0} 部署了合约 {1}", from, made) : new Sentence("{0} deploys a contract", "{0} 部署一个合约", from);
        // So that nobody else needs coin.
        if (transaction.Data.Length == 0 && from == sponsor) return new Sentence("{0} put {1} on the account of {2}, for its fees", "{0}为 {2} 备付手续费 {1}", from, value, to);
        if (transaction.Data.Length == 0) return new Sentence("{0} sent {1} to {2}", "{0} 向 {2} 转账 {1}", from, value, to);
        // One event that reads as a sentence of its own says more than the name of a function.
        if (events.Count == 1 && events[0].Event is { } only && EventWords.HasWords(only)) return events[0].Words;
        // Of many, the one that tells what it was about: the only one, or the only one of its kind beside many of another.
        if (TellingOf(events).GroupBy(one => one.Event!.Signature).Where(kind => kind.Count() == 1).ToArray() is [var kind]) return kind.First().Words;
        // Nothing came of it, or not yet: then what it asks for is told.
        if (call is { Function.Signature: "transfer(address,uint256)" } && token is { IsCollectible: false })
            return new Sentence("{0} asks to send {1} to {2}", "{0} 请求向 {2} 转账 {1}", from, new TokenAmount((UInt256)call.Values[1].Value, to, token), call.Values[0].Value);
        var word = new ProgramWord(call?.Function.Name ?? Hex.Encode(transaction.Data.AsSpan(0, Math.Min(4, transaction.Data.Length))));
        return transaction.Value.IsZero ? new Sentence("{0} called {1} of {2}", "{0} 调用了 {2} 的 {1}", from, word, to)
            : new Sentence("{0} called {1} of {2} and paid {3}", "{0} 调用了 {2} 的 {1}，并支付 {3}", from, word, to, value);
    }
}
