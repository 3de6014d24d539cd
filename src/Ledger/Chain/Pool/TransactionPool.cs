using System.Buffers.Binary;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>What became of a transaction offered to the pool.</summary>
/// <param name="Refusal">Why it was not taken; null where it waits now.</param>
/// <param name="IsReady">Whether it could run next, as far as its nonce is concerned.</param>
public readonly record struct PoolAnswer(Hash256 Hash, Refusal? Refusal, bool IsReady = false);

/// <summary>
/// The transactions that wait to enter a block. Many threads offer and ask; a short lock keeps the order, since an offer is a few dictionary
/// look-ups once signature and blobs have been checked outside it.
/// </summary>
public sealed class TransactionPool : IDisposable
{
    // What one thread checks at a time of what is offered together.
    const int Share = 16;

    // Blobs of included transactions are kept this long, in case a reorganisation brings the transactions back.
    const int SidecarsRemembered = 64;

    // Whoever asks for what arrived less often than this many transactions misses some.
    const int ArrivalsRemembered = 8192;

    readonly Lock _lock = new();
    readonly PoolOptions _options;
    readonly Admission _admission;
    readonly TimeProvider _clock;
    readonly PoolJournal? _journal;
    readonly Dictionary<Hash256, PooledTransaction> _byHash = [];
    readonly Dictionary<Address, SenderQueue> _senders = [];
    readonly EvictionOrder _eviction;
    readonly Dictionary<Hash256, BlobSidecar> _included = [];
    readonly Queue<Hash256> _includedOrder = [];
    readonly BlobIndex _blobs = new();

    // Of what waits: how many transactions carry an authorization of each account.
    readonly Dictionary<Address, int> _authorized = [];
    readonly Hash256[] _arrived = new Hash256[ArrivalsRemembered];
    volatile PoolHead _head;
    long _arrivals;
    long _bytes;

    public TransactionPool(PoolOptions options, ulong chainId, PoolHead head, TimeProvider? clock = null)
    {
        (_options, _head, _clock) = (options, head, clock ?? TimeProvider.System);
        _admission = new Admission(options, chainId);
        _eviction = new EvictionOrder(options.FairShare);
        if (options.JournalFile is null) return;

        var waiting = new List<ReadOnlyMemory<byte>>();
        var journal = PoolJournal.Open(options.JournalFile, record => waiting.Add(record));
        if (options.HasImpersonation) foreach (var form in waiting) AddKept(form);
        else AddMany(waiting);
        if (waiting.Count > 0) journal.Rewrite(Records());
        _journal = journal;
    }

    /// <summary>Told, on the thread that offered it, that a transaction is ready to run.</summary>
    public event Action? BecameReady;

    /// <summary>Told, on the thread that offered them, which transactions the pool has taken, in order. Whoever listens must not hold that thread up.</summary>
    public event Action<IReadOnlyList<PooledTransaction>>? Arrived;

    public PoolHead Head => _head;

    /// <summary>How many could run now, and how many wait for a missing nonce.</summary>
    public (int Ready, int Gapped) Count
    {
        get
        {
            lock (_lock)
            {
                var ready = _senders.Values.Sum(queue => queue.ReadyCount);
                return (ready, _byHash.Count - ready);
            }
        }
    }

    public bool HasReady
    {
        get
        {
            lock (_lock) return _senders.Values.Any(queue => queue.ReadyCount > 0);
        }
    }

    /// <summary>Offers a transaction in the form it is sent in: see <see cref="NetworkForm"/>.</summary>
    public PoolAnswer Add(ReadOnlyMemory<byte> networkForm) => AddMany([networkForm])[0];

    public PoolAnswer Add(Transaction transaction, BlobSidecar? sidecar = null) => Enter([Check(transaction, sidecar)])[0];

    /// <summary>Offers many at once, in order: their signatures are recovered on all cores. Answers stand in the same order.</summary>
    public PoolAnswer[] AddMany(IReadOnlyList<ReadOnlyMemory<byte>> networkForms)
    {
        var offers = new Offer[networkForms.Count];
        if (offers.Length <= Share) Check(networkForms, offers, 0);
        else Parallel.For(0, (offers.Length + Share - 1) / Share, share => Check(networkForms, offers, share * Share));
        return Enter(offers);
    }

    /// <summary>Follows the chain to a new head: drops what was included or cannot run any more, and takes back what a reorganisation set free.</summary>
    public void MoveTo(PoolHead head, IEnumerable<Transaction>? setFree = null)
    {
        lock (_lock)
        {
            var rulesChanged = head.NextRules != _head.NextRules;
            _head = head;
            var removed = new List<PooledTransaction>();
            foreach (var queue in _senders.Values.ToArray())
            {
                if (!head.State.TryGetAccount(queue.Sender, out var account)) account = Account.Empty;
                queue.MoveTo(account, (transaction, isGapped) => IsStale(transaction, isGapped, rulesChanged), removed);
                Settle(queue);
            }
            foreach (var transaction in removed) Forget(transaction);
            if (_journal?.IsWorthCompacting(_bytes) == true) _journal.Rewrite(Records());
        }
        if (setFree is not null) TakeBack(setFree);
    }

    /// <summary>What could run on the head, best first, at the fees of the block to be built.</summary>
    public BestTransactions Best(in UInt256 baseFee, in UInt256 blobBaseFee)
    {
        List<PooledTransaction[]> ready;
        lock (_lock)
        {
            ready = new List<PooledTransaction[]>(_senders.Count);
            foreach (var queue in _senders.Values)
                if (queue.ReadyCount > 0) ready.Add(queue.Ready);
        }
        return new BestTransactions(ready, baseFee, blobBaseFee);
    }

    public PooledTransaction? Find(in Hash256 hash)
    {
        lock (_lock) return _byHash.GetValueOrDefault(hash);
    }

    /// <summary>The transactions that wait and whose hashes begin with these eight bytes (big-endian), in the same order; null for what is not here. Looks at the whole pool.</summary>
    public IReadOnlyList<Transaction?> FindByPrefixes(IReadOnlyList<ulong> prefixes)
    {
        var places = new Dictionary<ulong, int>(prefixes.Count);
        for (var i = 0; i < prefixes.Count; i++) places[prefixes[i]] = i;
        var found = new Transaction?[prefixes.Count];
        lock (_lock)
            foreach (var (hash, waiting) in _byHash)
                if (places.TryGetValue(BinaryPrimitives.ReadUInt64BigEndian(hash.Bytes), out var place)) found[place] = waiting.Transaction;
        return found;
    }

    /// <summary>Tells the transactions of a block who sent them, where they wait here: whose signature was checked on the way in is not asked for again.</summary>
    public void RecallSenders(Block block)
    {
        foreach (var transaction in block.Transactions)
            if (Find(transaction.Hash) is { } waiting) SenderRecovery.Recall(transaction, waiting.Transaction);
    }

    /// <summary>The blobs of a transaction that waits, or that a late block included.</summary>
    public BlobSidecar? SidecarOf(in Hash256 transaction)
    {
        lock (_lock) return _byHash.GetValueOrDefault(transaction)?.Sidecar ?? _included.GetValueOrDefault(transaction);
    }

    /// <summary>The sidecar that holds the blob with this versioned hash, and the blob's place in it; null where it is not here.</summary>
    public (BlobSidecar Sidecar, int Index)? FindBlob(in Hash256 versionedHash)
    {
        lock (_lock) return _blobs.Find(versionedHash);
    }

    /// <summary>The nonce that the sender's next transaction should have: after those that are ready.</summary>
    public ulong NextNonce(in Address sender)
    {
        lock (_lock)
        {
            if (_senders.TryGetValue(sender, out var queue)) return queue.NextNonce;
            return _head.State.TryGetAccount(sender, out var account) ? account.Nonce : 0;
        }
    }

    /// <summary>Everything that waits, by sender: first the ready ones, then those that wait for a nonce; each by nonce.</summary>
    public IReadOnlyList<(Address Sender, PooledTransaction[] Ready, PooledTransaction[] Gapped)> Content(Address? only = null)
    {
        lock (_lock)
            return [.. _senders.Values.Where(queue => only is null || queue.Sender == only)
                .Select(queue => (queue.Sender, queue.Ready, queue.All.Skip(queue.ReadyCount).ToArray()))];
    }

    /// <summary>How many transactions the pool has taken so far.</summary>
    public long Arrivals
    {
        get
        {
            lock (_lock) return _arrivals;
        }
    }

    /// <summary>What the pool has taken since <see cref="Arrivals"/> was the number given, in order and whatever became of it, and how many there are now.</summary>
    public (IReadOnlyList<Hash256> Hashes, long Arrivals) ArrivedSince(long arrivals)
    {
        lock (_lock)
        {
            var hashes = new List<Hash256>();
            for (var at = Math.Max(arrivals, _arrivals - ArrivalsRemembered); at < _arrivals; at++) hashes.Add(_arrived[at % ArrivalsRemembered]);
            return (hashes, _arrivals);
        }
    }

    /// <summary>Takes out what is not wanted; what the same senders sent after it then waits for its nonce.</summary>
    /// <returns>How many left.</returns>
    public int Drop(Func<PooledTransaction, bool> isUnwanted)
    {
        lock (_lock)
        {
            var dropped = TakeOut(isUnwanted);
            if (dropped > 0) _journal?.Rewrite(Records());
            return dropped;
        }
    }

    /// <summary>Empties the pool.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (var queue in _senders.Values.ToArray())
            {
                while (queue.Count > 0) Forget(queue.RemoveLast());
                Settle(queue);
            }
            _journal?.Rewrite([]);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _journal?.Rewrite(Records());
            _journal?.Dispose();
        }
    }

    int TakeOut(Func<PooledTransaction, bool> isUnwanted)
    {
        var dropped = 0;
        foreach (var queue in _senders.Values.Where(queue => queue.All.Any(isUnwanted)).ToArray())
        {
            var all = new List<PooledTransaction>(queue.Count);
            while (queue.Count > 0) all.Add(queue.RemoveLast());
            foreach (var transaction in all)
            {
                if (!isUnwanted(transaction))
                {
                    queue.Put(transaction);
                    continue;
                }
                Forget(transaction);
                dropped++;
            }
            Settle(queue);
        }
        return dropped;
    }

    // What a development chain took without a signature is that again after a restart.
    void AddKept(ReadOnlyMemory<byte> form)
    {
        if (!NetworkForm.TryDecode(form.Span, out var transaction, out var sidecar, out _)) return;
        transaction.RestoreImpersonation();
        Add(transaction, sidecar);
    }

    void TakeBack(IEnumerable<Transaction> setFree)
    {
        var offers = new List<Offer>();
        foreach (var transaction in setFree)
        {
            BlobSidecar? sidecar;
            lock (_lock) sidecar = _included.GetValueOrDefault(transaction.Hash);
            offers.Add(Check(transaction, sidecar));
        }
        if (offers.Count > 0) Enter([.. offers]);
    }

    readonly record struct Offer(Transaction? Transaction, BlobSidecar? Sidecar, Address Sender, IReadOnlyList<Address> Authorities, Refusal? Refusal);

    // A share of what was offered at once, its senders recovered together.
    void Check(IReadOnlyList<ReadOnlyMemory<byte>> networkForms, Offer[] offers, int start)
    {
        var head = _head;
        var signed = new List<Transaction>(Share);
        var end = Math.Min(offers.Length, start + Share);
        for (var i = start; i < end; i++)
        {
            offers[i] = NetworkForm.TryDecode(networkForms[i].Span, out var transaction, out var sidecar, out var refusal)
                ? new Offer(transaction, sidecar, default, [], _admission.CheckUnsigned(transaction, head)) : new Offer(null, null, default, [], refusal);
            if (offers[i].Refusal is null) signed.Add(offers[i].Transaction!);
        }
        SenderRecovery.Recover(signed, 0, signed.Count);
        for (var i = start; i < end; i++)
            if (offers[i].Refusal is null) offers[i] = CheckSigned(offers[i].Transaction!, offers[i].Sidecar, head);
    }

    Offer Check(Transaction transaction, BlobSidecar? sidecar) =>
        _admission.CheckUnsigned(transaction, _head) is { } refusal ? new Offer(transaction, sidecar, default, [], refusal) : CheckSigned(transaction, sidecar, _head);

    Offer CheckSigned(Transaction transaction, BlobSidecar? sidecar, PoolHead head)
    {
        var refusal = _admission.CheckSigned(transaction, sidecar, head, out var sender);
        return new Offer(transaction, sidecar, sender, refusal is null ? Admission.AuthoritiesOf(transaction) : [], refusal);
    }

    PoolAnswer[] Enter(Offer[] offers)
    {
        var answers = new PoolAnswer[offers.Length];
        var anyReady = false;
        var arrived = Arrived is null ? null : new List<PooledTransaction>(offers.Length);
        lock (_lock)
        {
            var journalled = _journal is null ? null : new List<byte[]>();
            for (var i = 0; i < offers.Length; i++)
            {
                var hash = offers[i].Transaction?.Hash ?? default;
                var refusal = offers[i].Refusal ?? Enter(offers[i]);
                var isReady = refusal is null && _senders[offers[i].Sender].NextNonce > offers[i].Transaction!.Nonce;
                answers[i] = new PoolAnswer(hash, refusal, isReady);
                anyReady |= isReady;
                if (refusal is null) arrived?.Add(_byHash[hash]);
                if (refusal is null) journalled?.Add(NetworkForm.Encode(offers[i].Transaction!, offers[i].Sidecar));
            }
            if (journalled?.Count > 0 && !TryJournal(journalled, answers)) anyReady = false;
        }
        if (arrived?.Count > 0) Arrived?.Invoke(arrived);
        if (anyReady) BecameReady?.Invoke();
        return answers;
    }

    /// <summary>Whoever is told that a transaction waits shall find it after a restart: what cannot be written down does not wait.</summary>
    bool TryJournal(List<byte[]> records, PoolAnswer[] answers)
    {
        try
        {
            _journal!.Append(records);
            return true;
        }
        catch (IOException problem)
        {
            var entered = answers.Where(answer => answer.Refusal is null).Select(answer => answer.Hash).ToHashSet();
            TakeOut(transaction => entered.Contains(transaction.Hash));
            for (var i = 0; i < answers.Length; i++)
                if (answers[i].Refusal is null) answers[i] = new PoolAnswer(answers[i].Hash, PoolRefusals.NotWritten(problem.Message));
            return false;
        }
    }

    Refusal? Enter(in Offer offer)
    {
        var transaction = offer.Transaction!;
        if (_byHash.ContainsKey(transaction.Hash)) return PoolRefusals.AlreadyKnown;
        _senders.TryGetValue(offer.Sender, out var queue);
        var account = queue?.Account ?? (_head.State.TryGetAccount(offer.Sender, out var found) ? found : Account.Empty);
        if (_admission.CheckAgainstAccount(transaction, offer.Sender, account, queue, _head) is { } refusal) return refusal;
        var isDelegated = (account.HasCode && !transaction.IsImpersonated) || _authorized.ContainsKey(offer.Sender);
        if (_admission.CheckDelegation(transaction, account, isDelegated, queue, offer.Authorities, CountOf) is { } tooMany) return tooMany;

        var entered = new PooledTransaction(transaction, offer.Sender, offer.Sidecar, offer.Authorities, _arrivals, _clock.GetUtcNow());
        _arrived[_arrivals++ % ArrivalsRemembered] = transaction.Hash;
        if (queue is null) _senders.Add(offer.Sender, queue = new SenderQueue(offer.Sender, account));
        if (queue.Put(entered) is { } replaced) Forget(replaced);
        _byHash.Add(entered.Hash, entered);
        foreach (var authority in entered.Authorities) _authorized[authority] = _authorized.GetValueOrDefault(authority) + 1;
        _blobs.Add(transaction, offer.Sidecar);
        _bytes += entered.SizeBytes;
        _eviction.Update(queue);
        return MakeRoom(entered) ? null : PoolRefusals.Full(transaction.MaxPriorityFeePerGas);
    }

    /// <summary>Lets the least wanted go until the limits hold; false where that is the one which has just come.</summary>
    bool MakeRoom(PooledTransaction newcomer)
    {
        var stays = true;
        while (_byHash.Count > _options.MaxTransactions || _bytes > _options.MaxBytes)
        {
            if (_eviction.First is not { } queue) break;
            var leaving = queue.RemoveLast();
            Forget(leaving);
            Settle(queue);
            stays &= leaving != newcomer;
        }
        return stays;
    }

    bool IsStale(PooledTransaction transaction, bool isGapped, bool rulesChanged) =>
        transaction.Transaction.GasLimit > _head.Header.GasLimit
        || (isGapped && _clock.GetUtcNow() - transaction.ArrivedAt > _options.GappedLifetime)
        || (rulesChanged && Check(transaction.Transaction, transaction.Sidecar).Refusal is not null);

    void Forget(PooledTransaction transaction)
    {
        if (!_byHash.Remove(transaction.Hash)) return;
        _bytes -= transaction.SizeBytes;
        foreach (var authority in transaction.Authorities)
            if (--_authorized[authority] == 0) _authorized.Remove(authority);
        if (transaction.Sidecar is not { } sidecar || !_included.TryAdd(transaction.Hash, sidecar)) return;
        _includedOrder.Enqueue(transaction.Hash);
        if (_includedOrder.Count > SidecarsRemembered && _included.Remove(_includedOrder.Dequeue(), out var oldest)) _blobs.Remove(oldest);
    }

    int CountOf(Address sender) => _senders.GetValueOrDefault(sender)?.Count ?? 0;

    void Settle(SenderQueue queue)
    {
        _eviction.Update(queue);
        if (queue.Count == 0) _senders.Remove(queue.Sender);
    }

    IEnumerable<byte[]> Records() =>
        _senders.Values.SelectMany(queue => queue.All).OrderBy(transaction => transaction.Arrival).Select(transaction => NetworkForm.Encode(transaction.Transaction, transaction.Sidecar));
}
