using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>What the explorer asks a chain, in the forms its pages show. Everything throws <see cref="ChainException"/> where the node cannot be reached or says no.</summary>
public sealed class ChainExplorer(ChainClient chain, ContractBook contracts, TokenBook tokens)
{
    const int LogsLookedBack = 5_000;
    const int BlocksLookedBack = 48;

    public ChainClient Chain => chain;
    public ContractBook Contracts => contracts;
    public TokenBook Tokens => tokens;

    /// <summary>Null where there is no such block.</summary>
    public async Task<BlockView?> BlockAsync(BlockId block, bool withTransactions = false, CancellationToken stop = default)
    {
        var name = block.ToString();
        var json = await chain.AskAsync(name.Length == 66 ? "eth_getBlockByHash" : "eth_getBlockByNumber", [name, withTransactions], stop).ConfigureAwait(false);
        return json.ValueKind == JsonValueKind.Object ? BlockView.Read(json) : null;
    }

    /// <summary>Blocks downward from one, asked at once.</summary>
    public async Task<IReadOnlyList<BlockView>> BlocksAsync(ulong from, int count, bool withTransactions = false, CancellationToken stop = default)
    {
        var numbers = Enumerable.Range(0, (int)Math.Min((ulong)count, from + 1)).Select(down => from - (ulong)down);
        var blocks = await Task.WhenAll(numbers.Select(number => BlockAsync(BlockId.At(number), withTransactions, stop))).ConfigureAwait(false);
        return [.. blocks.OfType<BlockView>()];
    }

    /// <summary>A block's transactions, each with what came of it.</summary>
    public async Task<IReadOnlyList<TransactionView>> WithReceiptsAsync(BlockView block, CancellationToken stop = default)
    {
        if (block.Transactions.Count == 0) return [];
        var asked = new ChainBlock(block.Hash, new Header()) { TransactionHashes = [.. block.Transactions.Select(one => one.Hash)] };
        var receipts = await chain.GetBlockReceiptsAsync(asked, stop).ConfigureAwait(false);
        return [.. block.Transactions.Select((one, at) => one with { Receipt = at < receipts.Count && receipts[at].TransactionHash == one.Hash ? receipts[at] : null })];
    }

    /// <summary>Null where the node knows no such transaction.</summary>
    public async Task<TransactionView?> TransactionAsync(Hash256 hash, CancellationToken stop = default)
    {
        var json = await chain.AskAsync("eth_getTransactionByHash", [hash.ToString()], stop).ConfigureAwait(false);
        if (json.ValueKind != JsonValueKind.Object) return null;
        var transaction = TransactionView.Read(json);
        if (transaction.BlockNumber is not { } number) return transaction;
        var receipt = chain.GetReceiptAsync(hash, stop);
        var block = await BlockAsync(BlockId.At(number), stop: stop).ConfigureAwait(false);
        return transaction with { Receipt = await receipt.ConfigureAwait(false), Time = block?.Time };
    }

    /// <summary>The calls that a transaction led to: it is run again where it stood. Null where the node does not trace for everyone, and few do.</summary>
    public async Task<CallTree?> TraceAsync(TransactionView transaction, CancellationToken stop = default)
    {
        // A plain transfer leads to nothing else.
        if (transaction.BlockNumber is null || transaction.GasLimit == 21_000) return null;
        try
        {
            return CallTree.Read(await chain.AskAsync("debug_traceTransaction", [transaction.Hash.ToString(), new JsonObject { ["tracer"] = "callTracer" }], stop).ConfigureAwait(false), contracts);
        }
        catch (ChainException error) when (error.Code is not null)
        {
            return null;
        }
    }

    /// <summary>Why a transaction failed, by its trace; without one, it is run again as near to where it stood as the node can. Null where that gives no reason.</summary>
    public async Task<string?> WhyItFailedAsync(TransactionView transaction, CallTree? trace, CancellationToken stop = default)
    {
        if (transaction.BlockNumber is not { } number) return null;
        if (transaction.Receipt?.GasUsed == transaction.GasLimit && transaction.Data.Length == 0) return null;
        if (trace?.Failure is { } told && told != "execution reverted") return told;
        try
        {
            var request = new TransactionRequest { To = transaction.To, Data = transaction.Data, Value = transaction.Value, GasLimit = transaction.GasLimit, Errors = contracts.ErrorsOf(transaction.To) };
            await chain.CallAsync(request, BlockId.At(number == 0 ? 0 : number - 1), transaction.From, stop).ConfigureAwait(false);
            return null;
        }
        catch (ChainException error) when (error.Code is not null)
        {
            return error.Revert?.Words ?? error.Refusal.Why;
        }
    }

    /// <summary>What an account did and what was done to it lately, the newest first.</summary>
    /// <returns>The transactions, and the first block that was looked at.</returns>
    public async Task<(IReadOnlyList<TransactionView> Transactions, ulong Since)> HistoryAsync(Address address, CancellationToken stop = default)
    {
        var head = await chain.GetBlockNumberAsync(stop).ConfigureAwait(false);
        var since = head >= BlocksLookedBack ? head - BlocksLookedBack + 1 : 0;
        var blocks = await BlocksAsync(head, BlocksLookedBack, withTransactions: true, stop).ConfigureAwait(false);
        return ([.. blocks.SelectMany(block => block.Transactions.Reverse()).Where(one => one.From == address || one.To == address)], since);
    }

    /// <summary>The tokens whose transfers reached an account lately, with what it holds of each.</summary>
    public async Task<IReadOnlyList<(TokenFacts Token, UInt256 Balance)>> HoldingsAsync(Address address, CancellationToken stop = default)
    {
        var head = await chain.GetBlockNumberAsync(stop).ConfigureAwait(false);
        var logs = await chain.GetLogsAsync(new LogQuery
        {
            From = BlockId.At(head > LogsLookedBack ? head - LogsLookedBack : 0),
            To = BlockId.At(head),
            Topics = [StandardAbis.Transfer.Topic, null, Hash256.FromUInt256(address.ToUInt256())],
        }, stop).ConfigureAwait(false);
        var found = new List<(TokenFacts, UInt256)>();
        foreach (var contract in logs.Select(log => log.Log.Address).Concat(contracts.Tokens).Distinct().Take(40))
            if (await tokens.OfAsync(contract, stop).ConfigureAwait(false) is { } token && await tokens.BalanceAsync(token, address, stop).ConfigureAwait(false) is { IsZero: false } balance)
                found.Add((token, balance));
        return found;
    }

    /// <summary>Tokens that came to an account or left it, the newest first, as far back as events are looked for.</summary>
    public async Task<IReadOnlyList<TokenTransfer>> TransfersAsync(Address address, int most, CancellationToken stop = default)
    {
        var head = await chain.GetBlockNumberAsync(stop).ConfigureAwait(false);
        var (from, party) = (BlockId.At(head > LogsLookedBack ? head - LogsLookedBack : 0), Hash256.FromUInt256(address.ToUInt256()));
        var (came, left) = (chain.GetLogsAsync(new LogQuery { From = from, To = BlockId.At(head), Topics = [StandardAbis.Transfer.Topic, null, party] }, stop), chain.GetLogsAsync(new LogQuery { From = from, To = BlockId.At(head), Topics = [StandardAbis.Transfer.Topic, party] }, stop));
        var found = new List<TokenTransfer>();
        // What an account sends to itself is told by both questions, and once here.
        foreach (var log in (await came.ConfigureAwait(false)).Concat(await left.ConfigureAwait(false)).DistinctBy(log => (log.BlockNumber, log.LogIndex)).OrderByDescending(log => log.BlockNumber).ThenByDescending(log => log.LogIndex).Take(most))
        {
            var (topics, data) = (log.Log.Topics, log.Log.Data);
            if (topics.Count < 3) continue;
            var token = await tokens.OfAsync(log.Log.Address, stop).ConfigureAwait(false);
            // A collectible is named by its third topic, and is one piece.
            var units = topics.Count == 3 && data.Length == 32 ? Hash256.FromBytes(data.Span).ToUInt256() : UInt256.One;
            var (sender, receiver) = (Address.FromBytes(topics[1].Bytes[12..]), Address.FromBytes(topics[2].Bytes[12..]));
            found.Add(new TokenTransfer(receiver == address, receiver == address ? sender : receiver, new TokenAmount(units, log.Log.Address, token), log.BlockNumber, log.TransactionHash));
        }
        return found;
    }

    /// <summary>How a token moved lately, the newest first.</summary>
    /// <returns>The transfers, and the first block that was looked at.</returns>
    public async Task<(IReadOnlyList<TokenMove> Moves, ulong Since)> MovesAsync(TokenFacts token, int most, CancellationToken stop = default)
    {
        var head = await chain.GetBlockNumberAsync(stop).ConfigureAwait(false);
        var since = head > LogsLookedBack ? head - LogsLookedBack : 0;
        var logs = await chain.GetLogsAsync(new LogQuery { From = BlockId.At(since), To = BlockId.At(head), Addresses = [token.Address], Topics = [StandardAbis.Transfer.Topic] }, stop).ConfigureAwait(false);
        return ([.. logs.Where(log => log.Log.Topics.Count >= 3).OrderByDescending(log => log.BlockNumber).ThenByDescending(log => log.LogIndex).Take(most).Select(log =>
        {
            var (topics, data) = (log.Log.Topics, log.Log.Data);
            var units = topics.Count == 4 ? topics[3].ToUInt256() : data.Length == 32 ? Hash256.FromBytes(data.Span).ToUInt256() : UInt256.Zero;
            return new TokenMove(Address.FromBytes(topics[1].Bytes[12..]), Address.FromBytes(topics[2].Bytes[12..]), units, topics.Count == 4, log.BlockNumber, log.TransactionHash);
        })], since);
    }

    /// <summary>A method that not every node offers: null where this one does not.</summary>
    public async Task<JsonElement?> TryAskAsync(string method, params JsonNode?[] parameters)
    {
        try
        {
            var answer = await chain.AskAsync(method, parameters).ConfigureAwait(false);
            return answer.ValueKind == JsonValueKind.Null ? null : answer;
        }
        catch (ChainException error) when (error.Code is not null)
        {
            return null;
        }
    }
}

/// <param name="Units">How much; of a collectible, its number.</param>
public sealed record TokenMove(Address From, Address To, UInt256 Units, bool IsPiece, ulong Block, Hash256 Transaction);

/// <param name="Came">To the account; else from it.</param>
public sealed record TokenTransfer(bool Came, Address Counterparty, TokenAmount Amount, ulong Block, Hash256 Transaction);
