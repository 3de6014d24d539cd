using System.Collections.Concurrent;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Network;

/// <summary>The peers do not serve the state that is being fetched: its block has become too old.</summary>
sealed class StateOutdated : Exception;

/// <summary>Fetches the state of one block from the peers into an intake. What came stays when the block has to be another; the slots of large contracts too.</summary>
/// <param name="reached">Slots of accounts that are on their way: the first that has not come. Shared by the downloads of one intake.</param>
sealed class StateDownload(SnapProtocol protocol, StateIntake intake, Hash256 root, ConcurrentDictionary<Hash256, Hash256> reached)
{
    const int Workers = 4, AccountsAtOnce = 128, CodesAtOnce = 80, NodesAtOnce = 384;
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    readonly ConcurrentDictionary<SnapSession, byte> _without = new();
    readonly ConcurrentDictionary<Hash256, byte> _taken = new();

    /// <summary>Fetches all accounts that are missing, with their slots and codes.</summary>
    /// <exception cref="StateOutdated">Nobody serves this state any more.</exception>
    public async Task FetchAsync(CancellationToken stop)
    {
        using var failing = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
        {
            try
            {
                while (intake.Missing.FirstOrDefault(range => _taken.TryAdd(range.Last, 0)) is { } range && range != default) await FetchAsync(range, failing.Token).ConfigureAwait(false);
            }
            catch
            {
                await failing.CancelAsync().ConfigureAwait(false);
                throw;
            }
        })).ConfigureAwait(false);
    }

    /// <summary>Makes one state of what came, and counts it through.</summary>
    /// <returns>How many nodes had to be fetched.</returns>
    public async Task<int> HealAsync(CancellationToken stop)
    {
        // Counting takes the processor for as long as the state is large.
        var healing = await Task.Run(() => new StateHealing(intake, root), stop).ConfigureAwait(false);
        while (true)
        {
            var wanted = await Task.Run(() => healing.Next(NodesAtOnce), stop).ConfigureAwait(false);
            if (healing.IsComplete) return healing.Taken;
            if (wanted.Count > 0) await FetchNodesAsync(healing, wanted, stop).ConfigureAwait(false);
            if (healing.WantedCodes.Count > 0)
                foreach (var code in await FetchCodesAsync([.. healing.WantedCodes.Take(CodesAtOnce)], stop).ConfigureAwait(false)) healing.TryTakeCode(code);
        }
    }

    async Task FetchAsync(KeyRange range, CancellationToken stop)
    {
        while (true)
        {
            var session = await PickAsync(stop).ConfigureAwait(false);
            var (answer, isServed) = await session.GetAccountsAsync(root, range.First, range.Last, stop).ConfigureAwait(false);
            if (!isServed) _without[session] = 0;
            if (answer is null) continue;

            // The last one may lie beyond the end: it shows that nothing is left before it.
            var within = answer.Accounts.Where(entry => entry.Key <= range.Last).ToList();
            var isWhole = !answer.HasMore || within.Count < answer.Accounts.Count;
            await FetchCodesOfAsync(within, stop).ConfigureAwait(false);
            await FetchStorageAsync([.. within.Where(entry => entry.Account.StorageRoot != Account.EmptyTrieRoot).Select(entry => (entry.Key, entry.Account.StorageRoot))], stop).ConfigureAwait(false);
            var next = isWhole || within.Count == 0 ? null : KeyRange.After(within[^1].Key);
            intake.TakeAccounts(range, within, next);
            foreach (var (key, _) in within) reached.TryRemove(key, out _);
            if (next is not { } from || from > range.Last) return;
            range = range with { First = from };
        }
    }

    async Task FetchCodesOfAsync(List<(Hash256 Key, Account Account)> accounts, CancellationToken stop)
    {
        var missing = accounts.Select(entry => entry.Account.CodeHash).Distinct().Where(hash => !intake.HasCode(hash)).ToHashSet();
        while (missing.Count > 0)
        {
            var codes = await FetchCodesAsync([.. missing.Take(CodesAtOnce)], stop).ConfigureAwait(false);
            intake.TakeCodes(codes);
            foreach (var code in codes) missing.Remove(Keccak256.Hash(code));
        }
    }

    async Task<IReadOnlyList<byte[]>> FetchCodesAsync(Hash256[] hashes, CancellationToken stop)
    {
        while (true)
        {
            var session = await PickAsync(stop).ConfigureAwait(false);
            if (await session.GetCodesAsync(hashes, stop).ConfigureAwait(false) is not { } codes) continue;
            if (codes.Count > 0) return codes;
            _without[session] = 0;
        }
    }

    /// <summary>Fetches all slots of accounts, many small ones at once and large ones in stretches.</summary>
    async Task FetchStorageAsync(List<(Hash256 Account, Hash256 StorageRoot)> accounts, CancellationToken stop)
    {
        for (var at = 0; at < accounts.Count;)
        {
            var session = await PickAsync(stop).ConfigureAwait(false);
            // One that has come in part, perhaps of another block, goes on where it is.
            var isBegun = reached.TryGetValue(accounts[at].Account, out var from);
            var some = isBegun ? [accounts[at]] : accounts.Skip(at).TakeWhile(entry => !reached.ContainsKey(entry.Account)).Take(AccountsAtOnce).ToList();
            var (answer, isServed) = await session.GetStorageAsync(root, some, from, stop).ConfigureAwait(false);
            if (!isServed) _without[session] = 0;
            if (answer is null) continue;

            for (var i = 0; i < answer.Slots.Count; i++)
            {
                var (account, slots) = (some[i].Account, answer.Slots[i]);
                if (!intake.TakeStorage(account, slots, isFirst: !isBegun)) throw new InvalidDataException($"the storage of account {account} holds what is no value, and is proven");
                var goesOn = i == answer.Slots.Count - 1 && answer.LastHasMore && slots.Count > 0;
                if (goesOn && KeyRange.After(slots[^1].Key) is { } next) reached[account] = next;
                else at++;
            }
        }
    }

    async Task FetchNodesAsync(StateHealing healing, IReadOnlyList<WantedNode> wanted, CancellationToken stop)
    {
        var session = await PickOrGiveBackAsync(healing, wanted, stop).ConfigureAwait(false);
        var came = await session.GetNodesAsync(root, wanted, stop).ConfigureAwait(false);
        if (came is not null && came.All(node => node is null)) _without[session] = 0;
        for (var i = wanted.Count - 1; i >= 0; i--)
            if (came?[i] is not { } node || !healing.TryTake(wanted[i], node)) healing.GiveBack(wanted[i]);
    }

    async Task<SnapSession> PickOrGiveBackAsync(StateHealing healing, IReadOnlyList<WantedNode> wanted, CancellationToken stop)
    {
        try
        {
            return await PickAsync(stop).ConfigureAwait(false);
        }
        catch
        {
            foreach (var node in wanted) healing.GiveBack(node);
            throw;
        }
    }

    /// <summary>A peer that may have the state; waits where there is none at all.</summary>
    async Task<SnapSession> PickAsync(CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var sessions = protocol.Sessions.ToArray();
            var with = sessions.Where(session => !_without.ContainsKey(session)).ToArray();
            if (with.Length > 0) return with[Random.Shared.Next(with.Length)];
            if (sessions.Length > 0) throw new StateOutdated();
            await Task.Delay(Pause, stop).ConfigureAwait(false);
        }
    }
}
