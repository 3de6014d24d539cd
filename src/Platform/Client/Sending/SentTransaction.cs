using System.Diagnostics;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>A transaction on its way: one nonce, and the forms it was offered in, which differ in nothing but their fees. At most one of them is ever in the chain.</summary>
public sealed class SentTransaction
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    readonly ChainClient _chain;
    readonly SendOptions _options;
    readonly Func<Fees, Transaction> _sign;
    readonly UInt256 _mostFee;
    readonly List<Transaction> _forms = [];
    readonly Address _sender;
    Fees _fees;
    bool _isKnown;

    internal SentTransaction(ChainClient chain, SendOptions options, Address sender, Func<Fees, Transaction> sign, Fees fees)
    {
        (_chain, _options, _sender, _sign, _fees) = (chain, options, sender, sign, fees);
        _mostFee = options.MostFeePerGas ?? fees.MaxFeePerGas * 8;
        _forms.Add(sign(fees));
    }

    /// <summary>The hash of the latest form; a receipt may come for an earlier one.</summary>
    public Hash256 Hash => _forms[^1].Hash;
    public ulong Nonce => _forms[0].Nonce;

    /// <summary>What was signed, oldest first: what has to be kept to offer it again after a restart.</summary>
    public IReadOnlyList<Transaction> Forms => _forms;

    /// <summary>Offers the latest form. Null: the node has it, or did not answer, so that it may have it. Otherwise why the node refused.</summary>
    internal async Task<ChainException?> BroadcastAsync(CancellationToken stop)
    {
        try
        {
            await _chain.SendRawAsync(_forms[^1].Encoded, stop).ConfigureAwait(false);
            _isKnown = true;
            return null;
        }
        catch (ChainException error) when (error.Code is null)
        {
            return null;
        }
        catch (ChainException error)
        {
            // An answer that was lost may have been a yes: then the second offer of the same bytes meets a nonce that is used, by itself.
            return await IsThereAsync(stop).ConfigureAwait(false) is false ? error : null;
        }
    }

    // Null: nobody can tell now. Whoever takes that for a no, and signs again under the next nonce, pays twice.
    async Task<bool?> IsThereAsync(CancellationToken stop)
    {
        try
        {
            return _isKnown = await _chain.GetTransactionAsync(_forms[^1].Hash, stop).ConfigureAwait(false) is not null;
        }
        catch (ChainException)
        {
            return null;
        }
    }

    /// <summary>Waits until one of the forms is so many blocks deep (1: in a block). Survives nodes that cannot be reached for a while, and reorganisations: a transaction that fell out of its block is offered again.</summary>
    /// <exception cref="ChainException">Another transaction took the nonce, so this one never counts; or patience ended, and it may still come.</exception>
    public async Task<TransactionReceipt> WaitAsync(int confirmations = 1, CancellationToken stop = default)
    {
        var waited = Stopwatch.StartNew();
        var sinceOffer = Stopwatch.StartNew();
        var pause = FirstPause;
        var taken = 0;
        while (true)
        {
            try
            {
                if (await FindReceiptAsync(stop).ConfigureAwait(false) is { } receipt)
                {
                    taken = 0;
                    var head = await _chain.GetBlockNumberAsync(stop).ConfigureAwait(false);
                    if (head + 1 >= receipt.BlockNumber + (ulong)confirmations && await IsCanonicalAsync(receipt, confirmations, stop).ConfigureAwait(false)) return receipt;
                }
                else if (await _chain.GetNonceAsync(_sender, BlockId.Latest, stop).ConfigureAwait(false) > Nonce)
                {
                    // Between the two questions a block may have come, or a node behind a balancer lags: believe it the third time.
                    if (++taken == 3) throw new ChainException(new Refusal("the transaction was replaced", $"nonce {Nonce} of {_sender.ToChecksumString()} was used by another transaction", "find out who else signs for this account"), code: 0);
                }
                else if (!_isKnown || sinceOffer.Elapsed >= _options.RaiseAfter)
                {
                    if (_isKnown) Raise();
                    await BroadcastAsync(stop).ConfigureAwait(false);
                    sinceOffer.Restart();
                }
            }
            catch (ChainException error) when (error.Code is null)
            {
                // Not reached; patience decides.
            }
            if (waited.Elapsed > _options.GiveUpAfter)
                throw new ChainException(new Refusal("the transaction is not in a block yet", $"{Hash} was last offered {sinceOffer.Elapsed.TotalSeconds:0} s ago for at most {_fees.MaxFeePerGas} Wei a gas", "wait again: it may still come"));
            await Task.Delay(pause, stop).ConfigureAwait(false);
            if (pause < _options.PollEvery) pause *= 2;
        }
    }

    // The same in everything but its fees, so whichever form is taken, the same has happened once.
    void Raise()
    {
        var raised = _fees.Raised();
        if (raised.MaxFeePerGas > _mostFee) return;
        _fees = raised;
        _forms.Add(_sign(raised));
    }

    async Task<TransactionReceipt?> FindReceiptAsync(CancellationToken stop)
    {
        for (var i = _forms.Count - 1; i >= 0; i--)
            if (await _chain.GetReceiptAsync(_forms[i].Hash, stop).ConfigureAwait(false) is { } receipt) return receipt;
        return null;
    }

    // A receipt of a block that was left behind is no receipt.
    async Task<bool> IsCanonicalAsync(TransactionReceipt receipt, int confirmations, CancellationToken stop) =>
        confirmations <= 1 || (await _chain.GetBlockAsync(receipt.BlockNumber, stop: stop).ConfigureAwait(false))?.Hash == receipt.BlockHash;
}
