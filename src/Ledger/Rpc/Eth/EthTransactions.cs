using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Sending transactions, and asking what became of them.</summary>
/// <param name="afterPooled">Completes when the chain has had the chance to include what the pool has just taken; null where nothing hurries.</param>
sealed class EthTransactions(Ledger ledger, Func<Task>? afterPooled)
{
    /// <summary>eth_sendRawTransaction, many of one batch together: one hand-over to the pool, one wait for the block.</summary>
    public async ValueTask<HashOrError[]> SendRaw(IReadOnlyList<ReadOnlyMemory<byte>> parametersOfEach)
    {
        var outcomes = new HashOrError[parametersOfEach.Count];
        var forms = new List<ReadOnlyMemory<byte>>(outcomes.Length);
        var places = new List<int>(outcomes.Length);
        for (var i = 0; i < outcomes.Length; i++)
        {
            var parameters = new Parameters(parametersOfEach[i].Span);
            var form = parameters.Data();
            if (parameters.Failed)
            {
                outcomes[i] = new HashOrError(default, parameters.Error);
                continue;
            }
            forms.Add(form);
            places.Add(i);
        }

        var answers = ledger.Pool.AddMany(forms);
        var anyReady = false;
        for (var i = 0; i < answers.Length; i++)
        {
            anyReady |= answers[i].IsReady;
            outcomes[places[i]] = answers[i].Refusal is { } refusal ? new HashOrError(default, RpcError.Of(refusal)) : new HashOrError(answers[i].Hash, null);
        }
        if (anyReady && afterPooled is not null) await afterPooled().ConfigureAwait(false);
        return outcomes;
    }

    /// <summary>Hands over one transaction that was signed here.</summary>
    public async ValueTask<RpcError?> SendAsync(Transaction transaction, Answer answer)
    {
        var sent = ledger.Pool.Add(transaction);
        if (sent.Refusal is { } refusal) return RpcError.Of(refusal);
        if (sent.IsReady && afterPooled is not null) await afterPooled().ConfigureAwait(false);
        answer.Result.WriteData(sent.Hash.Bytes);
        return null;
    }

    public RpcError? GetByHash(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        if (parameters.Failed) return parameters.Error;
        if (ledger.Queries.OutcomeOf(hash) is { } outcome) WriteFrom(answer.Result, outcome.Block, outcome.Index);
        else if (ledger.Pool.Find(hash) is { } waiting) TransactionJson.Write(answer.Result, waiting.Transaction, waiting.Sender, null);
        return null;
    }

    public RpcError? GetByBlockHash(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        return WriteAt(ref parameters, new BlockReference(BlockReferenceKind.Hash, Hash: hash), answer);
    }

    public RpcError? GetByBlockNumber(ref Parameters parameters, Answer answer)
    {
        var block = parameters.Block();
        return WriteAt(ref parameters, block, answer);
    }

    public RpcError? GetRawByHash(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        if (parameters.Failed) return parameters.Error;
        if (ledger.Queries.OutcomeOf(hash) is { } outcome) answer.Result.WriteData(outcome.Transaction.Encoded.Span);
        else if (ledger.Pool.Find(hash) is { } waiting) answer.Result.WriteData(waiting.Transaction.Encoded.Span);
        return null;
    }

    public RpcError? GetReceipt(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        if (parameters.Failed) return parameters.Error;
        if (ledger.Queries.OutcomeOf(hash) is { } outcome) ReceiptJson.Write(answer.Result, outcome, ledger.RulesOf(outcome.Block.Header));
        return null;
    }

    RpcError? WriteAt(ref Parameters parameters, in BlockReference reference, Answer answer)
    {
        var index = parameters.UInt64();
        if (parameters.Failed) return parameters.Error;
        if (ledger.FindBlock(reference) is { } block && index < (ulong)block.Transactions.Count) WriteFrom(answer.Result, block, (int)index);
        return null;
    }

    void WriteFrom(Utf8JsonWriter writer, Block block, int index)
    {
        var transaction = block.Transactions[index];
        var sender = BlockJson.SenderOf(transaction, ledger.RulesOf(block.Header));
        TransactionJson.Write(writer, transaction, sender, new TransactionPlace(block.Header, index));
    }
}
