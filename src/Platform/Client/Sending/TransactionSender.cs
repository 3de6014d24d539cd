using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>
/// Sends the transactions of one account, each exactly once. Nonces are given out one after another; a transaction that is not taken up is offered again
/// for a higher fee under the same nonce, so that at most one of its forms ever counts. One sender an account: two that do not know of each other
/// only cost each other retries, but the order of their transactions is chance. May be used by many at once.
/// </summary>
public sealed class TransactionSender(ChainClient chain, Signer signer, SendOptions? options = null) : IDisposable
{
    // How often a nonce that another program took is given up for the next.
    const int MostLostNonces = 5;

    readonly SendOptions _options = options ?? new SendOptions();
    readonly SemaphoreSlim _lane = new(1);
    ulong? _next;

    public Address Address => signer.Address;
    public ChainClient Chain => chain;

    /// <summary>Signs and broadcasts. When it returns, the node has the transaction, or could not be reached and will be offered the same bytes again while someone waits (<see cref="SentTransaction.WaitAsync"/>).</summary>
    /// <exception cref="ChainException">The contract would refuse, or the node refused: then nothing was sent, and the nonce is free again.</exception>
    public async Task<SentTransaction> SendAsync(TransactionRequest request, CancellationToken stop = default)
    {
        // Estimating tells a refusal before anything is signed, and needs no place in the lane.
        var gas = request.GasLimit ?? await EstimateAsync(request, stop).ConfigureAwait(false);
        var fees = request.Fees ?? await chain.SuggestFeesAsync(stop).ConfigureAwait(false);
        var chainId = await chain.GetChainIdAsync(stop).ConfigureAwait(false);

        await _lane.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            for (var lost = 0; ; lost++)
            {
                var nonce = _next ?? await chain.GetNonceAsync(signer.Address, BlockId.Pending, stop).ConfigureAwait(false);
                var sent = new SentTransaction(chain, _options, signer.Address, offered => signer.Sign(Compose(request, chainId, nonce, gas, offered)), fees);
                // From here on the transaction may be out, whatever happens: no cancellation takes the nonce back.
                _next = nonce + 1;
                var refusal = await sent.BroadcastAsync(CancellationToken.None).ConfigureAwait(false);
                if (refusal is null) return sent;

                // Nothing was sent under this nonce.
                _next = null;
                if (!IsNonceTaken(refusal) || lost == MostLostNonces) throw refusal;
            }
        }
        finally
        {
            _lane.Release();
        }
    }

    /// <summary>Sends, and waits until the transaction is so many blocks deep.</summary>
    /// <exception cref="ChainException">Also where the contract refused in the block: the fee is spent, nothing else has changed.</exception>
    public async Task<TransactionReceipt> ExecuteAsync(TransactionRequest request, int confirmations = 1, CancellationToken stop = default)
    {
        var sent = await SendAsync(request, stop).ConfigureAwait(false);
        var receipt = await sent.WaitAsync(confirmations, stop).ConfigureAwait(false);
        return receipt.Succeeded ? receipt
            : throw new ChainException(new Refusal("the contract refused", await WhyAsync(request, receipt, stop).ConfigureAwait(false), $"see transaction {receipt.TransactionHash} in block {receipt.BlockNumber}"));
    }

    async Task<ulong> EstimateAsync(TransactionRequest request, CancellationToken stop)
    {
        var gas = await chain.EstimateGasAsync(request, signer.Address, stop: stop).ConfigureAwait(false);
        // 21000 is exact for a plain transfer; what code needs can change until it runs.
        return gas == 21_000 ? gas : gas + gas / 5;
    }

    // Run again on the state before its block: the reason is not kept anywhere.
    async Task<string> WhyAsync(TransactionRequest request, TransactionReceipt receipt, CancellationToken stop)
    {
        try
        {
            await chain.CallAsync(request with { GasLimit = null }, BlockId.At(receipt.BlockNumber - 1), signer.Address, stop).ConfigureAwait(false);
            return "it ran out of gas, or depended on what came before it in its block";
        }
        catch (ChainException error)
        {
            return error.Refusal.Why;
        }
    }

    static Transaction Compose(TransactionRequest request, ulong chainId, ulong nonce, ulong gas, Fees fees)
    {
        if (!fees.IsLegacy)
            return new DynamicFeeTransaction { ChainId = chainId, Nonce = nonce, GasLimit = gas, To = request.To, Value = request.Value, Data = request.Data, AccessList = request.AccessList, MaxFeePerGas = fees.MaxFeePerGas, MaxPriorityFeePerGas = fees.MaxPriorityFeePerGas };
        return request.AccessList.Count > 0
            ? new AccessListTransaction { ChainId = chainId, Nonce = nonce, GasLimit = gas, To = request.To, Value = request.Value, Data = request.Data, AccessList = request.AccessList, GasPrice = fees.MaxFeePerGas }
            : new LegacyTransaction { V = LegacyTransaction.UnsignedV(chainId), Nonce = nonce, GasLimit = gas, To = request.To, Value = request.Value, Data = request.Data, GasPrice = fees.MaxFeePerGas };
    }

    // The nonce was used, or a waiting transaction holds it: by another program with the same key.
    static bool IsNonceTaken(ChainException refusal) =>
        refusal.Refusal.Why.Contains("nonce too low", StringComparison.OrdinalIgnoreCase) || refusal.Refusal.Why.Contains("underpriced", StringComparison.OrdinalIgnoreCase)
        || refusal.Refusal.Why.Contains("OldNonce", StringComparison.OrdinalIgnoreCase) || refusal.Refusal.Why.Contains("nonce has already been used", StringComparison.OrdinalIgnoreCase);

    public void Dispose() => _lane.Dispose();
}

public sealed record SendOptions
{
    /// <summary>How long a transaction may wait before it is offered for a higher fee.</summary>
    public TimeSpan RaiseAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The most it is ever offered for, in Wei for one gas; null: eight times the first offer.</summary>
    public UInt256? MostFeePerGas { get; init; }

    /// <summary>The longest pause between two looks at the chain; the first ones are shorter.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>When waiting is given up. The transaction may still come.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromMinutes(10);
}
