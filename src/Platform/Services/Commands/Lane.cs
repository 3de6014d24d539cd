using System.Diagnostics;
using System.Threading.Channels;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// The one place where a signer's nonces are given out, one loop. It signs what waits, keeps the signed forms, offers them, and looks what is in a block. Order is
/// everything: kept before offered, so that after a crash the same bytes are offered again and no second transaction for the same command exists.
/// </summary>
sealed class Lane
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    const int MostTogether = 64;

    static readonly TimeSpan FeesLast = TimeSpan.FromSeconds(2);

    readonly CommandDesk _desk;
    readonly ChainClient _chain;
    readonly Database _database;
    readonly Custody _custody;
    readonly Address _address;
    readonly CommandOptions _options;
    // One signal is as good as many: what waits is in the database, and is read from there alone, so that nothing is ever taken twice.
    readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    readonly SortedList<ulong, InFlight> _inFlight = [];
    readonly Stopwatch _sinceFees = new();
    Fees _fees;
    bool _mayHaveMore = true;

    public Lane(CommandDesk desk, ChainClient chain, Database database, Custody custody, Address address, CommandOptions options) =>
        (_desk, _chain, _database, _custody, _address, _options) = (desk, chain, database, custody, address, options);

    public Task Running { get; private set; } = Task.CompletedTask;

    public void Start(CancellationToken stop) => Running = Task.Run(() => RunAsync(stop), CancellationToken.None);

    /// <summary>There is a command to send.</summary>
    public void Wake() => _signals.Writer.TryWrite(true);

    async Task RunAsync(CancellationToken stop)
    {
        var pause = FirstPause;
        try
        {
            Resume();
            while (true)
            {
                if (!_mayHaveMore && _inFlight.Count == 0) await _signals.Reader.WaitToReadAsync(stop).ConfigureAwait(false);
                if (_signals.Reader.TryRead(out _)) (_mayHaveMore, pause) = (true, FirstPause);
                try
                {
                    if (_mayHaveMore) await SignAndOfferAsync(stop).ConfigureAwait(false);
                    if (await SettleAsync(stop).ConfigureAwait(false))
                    {
                        pause = FirstPause;
                        continue;
                    }
                    await OfferAgainAsync(stop).ConfigureAwait(false);
                }
                catch (ChainException)
                {
                    // The node is away or busy. All that matters is kept; the next turn goes on.
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    // The database, most likely. What it holds is what counts.
                    _options.ReportFault(fault);
                    await Task.Delay(_options.PauseAfterFault, stop).ConfigureAwait(false);
                    _inFlight.Clear();
                    Resume();
                    _mayHaveMore = true;
                }
                if (_mayHaveMore || _inFlight.Count > 0) pause = await PauseAsync(pause, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What is under way is in the database, and goes on at the next start.
        }
    }

    // A little longer each time, unless there is news.
    async Task<TimeSpan> PauseAsync(TimeSpan pause, CancellationToken stop)
    {
        using var turn = CancellationTokenSource.CreateLinkedTokenSource(stop);
        turn.CancelAfter(pause);
        try
        {
            await _signals.Reader.WaitToReadAsync(turn.Token).ConfigureAwait(false);
            return pause;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return pause * 2 < _options.PollEvery ? pause * 2 : _options.PollEvery;
        }
    }

    // What an earlier process signed may be out, and counts as out.
    void Resume() => _database.Read(session =>
    {
        foreach (var command in CommandTable.Signed(session, _address))
            _inFlight[command.Nonce!.Value] = new InFlight(command, command.Nonce.Value, [.. CommandTable.FormsOf(session, command.Id).Select(Decode)], isFresh: false);
        return true;
    });

    async Task SignAndOfferAsync(CancellationToken stop)
    {
        var most = Math.Min(_options.MostInFlight - _inFlight.Count, MostTogether);
        if (most <= 0) return;
        var batch = _database.Read(session => CommandTable.Accepted(session, _address, most));
        if (batch.Count == 0)
        {
            _mayHaveMore = false;
            return;
        }
        var fees = await FeesAsync(stop).ConfigureAwait(false);
        var chainId = await _chain.GetChainIdAsync(stop).ConfigureAwait(false);
        var need = batch.Aggregate(UInt256.Zero, (sum, one) => sum + one.Request.Value + fees.MaxFeePerGas * (UInt256)one.Request.GasLimit!.Value);
        if (!fees.MaxFeePerGas.IsZero && await _desk.SponsorAsync(_address, need, batch[0].Id, stop).ConfigureAwait(false) is { } cannot)
        {
            await _database.WriteAsync(session => CommandTable.Note(session, batch[0].Id, cannot)).ConfigureAwait(false);
            return;
        }
        var nonce = _inFlight.Count > 0 ? _inFlight.GetKeyAtIndex(_inFlight.Count - 1) + 1 : await _chain.GetNonceAsync(_address, BlockId.Pending, stop).ConfigureAwait(false);
        var signer = _custody.SignerOf(_address);
        var signed = batch.Select((command, i) => new InFlight(command, nonce + (ulong)i, [signer.Sign(Compose(command.Request, chainId, nonce + (ulong)i, fees))], isFresh: true) { Fees = fees }).ToArray();
        await _database.WriteAsync(session =>
        {
            foreach (var one in signed) CommandTable.Sign(session, one.Command.Id, one.Nonce, 0, one.Latest, DateTimeOffset.UtcNow);
        }).ConfigureAwait(false);
        foreach (var one in signed) _inFlight.Add(one.Nonce, one);
        _mayHaveMore = batch.Count == most;
        // From here on they may be out: no cancellation, no failure takes a nonce back.
        await OfferAsync(signed).ConfigureAwait(false);
    }

    /// <summary>Offers the latest forms, all at once and in the order of their nonces.</summary>
    async Task OfferAsync(IReadOnlyList<InFlight> transactions)
    {
        var answers = transactions.Select(OfferOneAsync).ToArray();
        await Task.WhenAll(answers).ConfigureAwait(false);
        // The last one first: those that nobody stands behind can be taken back.
        for (var i = answers.Length - 1; i >= 0; i--)
            if (await answers[i].ConfigureAwait(false) is { } refusal) await RefusedAsync(transactions[i], refusal).ConfigureAwait(false);
    }

    // Null: the node has it, or may have it.
    async Task<ChainException?> OfferOneAsync(InFlight one)
    {
        one.SinceOffer.Restart();
        try
        {
            await _chain.SendRawAsync(one.Latest.Encoded, CancellationToken.None).ConfigureAwait(false);
            one.IsFresh = false;
            return null;
        }
        catch (ChainException error) when (error.Code is null)
        {
            one.IsFresh = false;
            return null;
        }
        catch (ChainException error)
        {
            try
            {
                return await _chain.GetTransactionAsync(one.Latest.Hash).ConfigureAwait(false) is null ? error : null;
            }
            catch (ChainException)
            {
                one.IsFresh = false;
                return null;
            }
        }
    }

    // The node answered no, and has it nowhere.
    async Task RefusedAsync(InFlight one, ChainException refusal)
    {
        var why = refusal.Refusal.Why;
        var isLast = _inFlight.GetKeyAtIndex(_inFlight.Count - 1) == one.Nonce;
        if (one.IsFresh && one.Forms.Count == 1 && why.Contains("nonce", StringComparison.OrdinalIgnoreCase) && why.Contains("low", StringComparison.OrdinalIgnoreCase))
        {
            // Another program with the same key was faster, and nobody has ours: it gets another nonce.
            await _database.WriteAsync(session => CommandTable.Unsign(session, one.Command.Id)).ConfigureAwait(false);
            _inFlight.Remove(one.Nonce);
            _mayHaveMore = true;
            return;
        }
        if (one.IsFresh && one.Forms.Count == 1 && !IsPassing(why))
        {
            // Nothing was sent under this nonce. Those behind it still need it to be used.
            var never = new Refusal("the node refused the transaction", why, refusal.Refusal.Mend);
            if (isLast) _inFlight.Remove(one.Nonce);
            else await FillAsync(one).ConfigureAwait(false);
            await EndAsync([(one, null, never)]).ConfigureAwait(false);
            return;
        }
        // The reason passes (no coin yet, a fee that is too low now): it is offered again and again.
        _sinceFees.Reset();
        await _database.WriteAsync(session => CommandTable.Note(session, one.Command.Id, refusal.Refusal)).ConfigureAwait(false);
    }

    // A transaction that does nothing, in the place of one that will never be.
    async Task FillAsync(InFlight refused)
    {
        var nothing = new PendingCommand { Id = Guid.CreateVersion7().ToString("N"), Request = new TransactionRequest { To = _address, GasLimit = 21_000 }, Nonce = refused.Nonce };
        var fees = refused.Fees ?? await FeesAsync(CancellationToken.None).ConfigureAwait(false);
        var filler = new InFlight(nothing, refused.Nonce, [_custody.SignerOf(_address).Sign(Compose(nothing.Request, await _chain.GetChainIdAsync().ConfigureAwait(false), refused.Nonce, fees))], isFresh: false) { Fees = fees };
        await _database.WriteAsync(session =>
        {
            CommandTable.Insert(session, nothing.Id, new NewCommand { Key = nothing.Id, Caller = "platform", Kind = "commands.fill", Subject = refused.Command.Id, Fingerprint = default, From = _address, Request = nothing.Request }, 21_000, DateTimeOffset.UtcNow);
            CommandTable.Sign(session, nothing.Id, filler.Nonce, 0, filler.Latest, DateTimeOffset.UtcNow);
        }).ConfigureAwait(false);
        _inFlight[refused.Nonce] = filler;
    }

    static bool IsPassing(string why) =>
        why.Contains("insufficient", StringComparison.OrdinalIgnoreCase) || why.Contains("fee", StringComparison.OrdinalIgnoreCase) || why.Contains("underpriced", StringComparison.OrdinalIgnoreCase)
        || why.Contains("pool", StringComparison.OrdinalIgnoreCase) || why.Contains("limit", StringComparison.OrdinalIgnoreCase);

    /// <summary>Looks which nonces have been used, and what came of them.</summary>
    async Task<bool> SettleAsync(CancellationToken stop)
    {
        if (_inFlight.Count == 0) return false;
        var used = await _chain.GetNonceAsync(_address, BlockId.Latest, stop).ConfigureAwait(false);
        var mined = _inFlight.Values.TakeWhile(one => one.Nonce < used).ToArray();
        if (mined.Length == 0) return false;
        var head = _options.Confirmations > 1 ? await _chain.GetBlockNumberAsync(stop).ConfigureAwait(false) : 0;
        var found = await Task.WhenAll(mined.Select(async one => (one, Receipt: await ReceiptAsync(one, stop).ConfigureAwait(false)))).ConfigureAwait(false);
        var ended = new List<(InFlight, TransactionReceipt?, Refusal?)>();
        foreach (var (one, receipt) in found)
        {
            if (receipt is null)
            {
                // Between the two questions a block may have come or been left behind, or a node behind a balancer lags: believed only when it stays so for a while. Who
                // is told too early that it was replaced, asks again and pays twice.
                if (!one.SinceMissing.IsRunning) one.SinceMissing.Restart();
                if (one.SinceMissing.Elapsed < _options.ReplacedAfter) continue;
                ended.Add((one, null, new Refusal("the transaction was replaced", $"nonce {one.Nonce} of {_address.ToChecksumString()} was used by another transaction", "find out who else signs for this account, then send the request under a new key")));
            }
            else if (_options.Confirmations <= 1 || head + 1 >= receipt.BlockNumber + (ulong)_options.Confirmations)
                ended.Add((one, receipt, receipt.Succeeded ? null : await WhyAsync(one.Command.Request, receipt, stop).ConfigureAwait(false)));
        }
        foreach (var (one, receipt) in found) if (receipt is not null) one.SinceMissing.Reset();
        foreach (var (one, _, _) in ended) _inFlight.Remove(one.Nonce);
        await EndAsync(ended).ConfigureAwait(false);
        return ended.Count > 0;
    }

    async Task<TransactionReceipt?> ReceiptAsync(InFlight one, CancellationToken stop)
    {
        for (var i = one.Forms.Count - 1; i >= 0; i--)
            if (await _chain.GetReceiptAsync(one.Forms[i].Hash, stop).ConfigureAwait(false) is { } receipt) return receipt;
        return null;
    }

    // Run again on the state before its block: the reason is not kept anywhere.
    async Task<Refusal> WhyAsync(TransactionRequest request, TransactionReceipt receipt, CancellationToken stop)
    {
        var why = "it ran out of gas, or depended on what came before it in its block";
        try
        {
            await _chain.CallAsync(request with { GasLimit = null, Errors = Artifacts.Errors }, BlockId.At(receipt.BlockNumber - 1), _address, stop).ConfigureAwait(false);
        }
        catch (ChainException error) when (error.Revert is not null)
        {
            if (ContractWords.Of(error.Revert) is { } words) return words;
            why = error.Refusal.Why;
        }
        return new Refusal("the contract refused", why, $"change what the reason names and send it under a new key; see transaction {receipt.TransactionHash} in block {receipt.BlockNumber}");
    }

    async Task EndAsync(IReadOnlyList<(InFlight One, TransactionReceipt? Receipt, Refusal? Refusal)> ended)
    {
        if (ended.Count == 0) return;
        await _database.WriteAsync(session =>
        {
            foreach (var (one, receipt, refusal) in ended) CommandTable.End(session, one.Command.Id, receipt, refusal, DateTimeOffset.UtcNow);
        }).ConfigureAwait(false);
        _desk.Tell([.. ended.Select(one => one.One.Command.Id)]);
    }

    // What nobody has taken up: the same bytes after a while, and for more after a longer one.
    async Task OfferAgainAsync(CancellationToken stop)
    {
        var idle = _inFlight.Values.Where(one => one.SinceOffer.Elapsed > (one.IsFresh ? _options.PollEvery : TimeSpan.FromSeconds(3)) || !one.SinceOffer.IsRunning).ToArray();
        if (idle.Length == 0) return;
        var raised = idle.Where(one => one.SinceRaise.Elapsed > _options.RaiseAfter).ToArray();
        if (raised.Length > 0)
        {
            var signer = _custody.SignerOf(_address);
            var chainId = await _chain.GetChainIdAsync(stop).ConfigureAwait(false);
            var now = await FeesAsync(stop).ConfigureAwait(false);
            foreach (var one in raised)
            {
                var fees = one.Fees is { } before ? before.Raised() : now.Raised();
                one.Raise(signer.Sign(Compose(one.Command.Request, chainId, one.Nonce, fees)), fees);
            }
            await _database.WriteAsync(session =>
            {
                foreach (var one in raised) CommandTable.Sign(session, one.Command.Id, one.Nonce, one.Forms.Count - 1, one.Latest, DateTimeOffset.UtcNow);
            }).ConfigureAwait(false);
        }
        await OfferAsync(idle).ConfigureAwait(false);
    }

    async Task<Fees> FeesAsync(CancellationToken stop)
    {
        if (_sinceFees.IsRunning && _sinceFees.Elapsed < FeesLast) return _fees;
        _fees = await _chain.SuggestFeesAsync(stop).ConfigureAwait(false);
        _sinceFees.Restart();
        return _fees;
    }

    static Transaction Compose(TransactionRequest request, ulong chainId, ulong nonce, Fees fees) => fees.IsLegacy
        ? new LegacyTransaction { V = LegacyTransaction.UnsignedV(chainId), Nonce = nonce, GasLimit = request.GasLimit!.Value, To = request.To, Value = request.Value, Data = request.Data, GasPrice = fees.MaxFeePerGas }
        : new DynamicFeeTransaction { ChainId = chainId, Nonce = nonce, GasLimit = request.GasLimit!.Value, To = request.To, Value = request.Value, Data = request.Data, MaxFeePerGas = fees.MaxFeePerGas, MaxPriorityFeePerGas = fees.MaxPriorityFeePerGas };

    static Transaction Decode(byte[] envelope) => Transaction.TryDecode(envelope, out var transaction, out var refusal) ? transaction : throw new InvalidDataException($"a transaction in the outbox cannot be read: {refusal}");

    /// <summary>A command with its nonce, and the forms of its transaction: at most one of them is ever in the chain.</summary>
    sealed class InFlight(PendingCommand command, ulong nonce, List<Transaction> forms, bool isFresh)
    {
        public PendingCommand Command => command;
        public ulong Nonce => nonce;
        public List<Transaction> Forms => forms;
        public Transaction Latest => forms[^1];

        /// <summary>Signed by this process, and every node that was offered it has answered no.</summary>
        public bool IsFresh { get; set; } = isFresh;
        public Fees? Fees { get; set; }

        /// <summary>Since its nonce has been used and it is in no block; stands still where that is not so.</summary>
        public Stopwatch SinceMissing { get; } = new();
        public Stopwatch SinceOffer { get; } = new();
        public Stopwatch SinceRaise { get; } = Stopwatch.StartNew();

        public void Raise(Transaction transaction, Fees fees)
        {
            forms.Add(transaction);
            Fees = fees;
            SinceRaise.Restart();
        }
    }
}
