using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>What somebody has more or less of after a transaction, all its transfers taken together.</summary>
/// <param name="What">A <see cref="TokenAmount"/> or an <see cref="EtherAmount"/>, without its sign.</param>
/// <param name="Pieces">Of collectibles: their numbers.</param>
public sealed record BalanceChange(Address Who, bool IsMore, object What, IReadOnlyList<UInt256> Pieces);

/// <summary>Reckons what a transaction changed for whom. The fee is not in it: that is told by itself.</summary>
public static class BalanceChanges
{
    /// <param name="trace">The calls, where the node tells them: coin that contracts sent on is seen by these alone.</param>
    public static async Task<IReadOnlyList<BalanceChange>> OfAsync(TransactionView transaction, TransactionReading reading, CallTree? trace, ChainExplorer explorer, CancellationToken stop = default)
    {
        if (transaction.Receipt is not { Succeeded: true }) return [];
        // A token's zero address is where coins come from and go to: nobody's balance.
        var changes = new Changes();
        IEnumerable<(Address, Address, UInt256)> moves = trace is not null ? trace.Moves : transaction is { To: { } to, Value.IsZero: false } ? [(transaction.From, to, transaction.Value)] : [];
        foreach (var (from, to2, wei) in moves)
        {
            changes.Add(from, null, wei, isMore: false);
            changes.Add(to2, null, wei, isMore: true);
        }
        var pieces = new Dictionary<(Address Who, Address Token, bool IsMore), List<UInt256>>();
        foreach (var one in reading.Events.Where(one => one.Event?.Signature == StandardAbis.Transfer.Signature))
        {
            var (token, from, receiver, third) = (one.Log.Log.Address, (Address)one.Values[0].Value, (Address)one.Values[1].Value, (UInt256)one.Values[2].Value);
            var isPiece = one.Log.Log.Topics.Count == 4;
            foreach (var (who, isMore) in new[] { (from, false), (receiver, true) })
            {
                if (who.IsZero) continue;
                changes.Add(who, token, isPiece ? UInt256.One : third, isMore);
                if (!isPiece) continue;
                if (!pieces.TryGetValue((who, token, isMore), out var list)) pieces[(who, token, isMore)] = list = [];
                list.Add(third);
            }
        }
        var found = new List<BalanceChange>();
        foreach (var (who, token, more, less) in changes.All.Where(one => one.More != one.Less))
        {
            var (isMore, units) = more > less ? (true, more - less) : (false, less - more);
            found.Add(new BalanceChange(who, isMore, token is { } contract ? new TokenAmount(units, contract, await explorer.Tokens.OfAsync(contract, stop).ConfigureAwait(false)) : new EtherAmount(units),
                token is { } address ? pieces.GetValueOrDefault((who, address, isMore)) ?? [] : []));
        }
        // Who gave stands before who got.
        return [.. found.OrderBy(one => one.IsMore)];
    }

    sealed class Changes
    {
        readonly Dictionary<(Address Who, Address? Token), (UInt256 More, UInt256 Less)> _sums = [];
        readonly List<(Address Who, Address? Token)> _order = [];

        public void Add(Address who, Address? token, in UInt256 units, bool isMore)
        {
            if (!_sums.TryGetValue((who, token), out var sum)) _order.Add((who, token));
            _sums[(who, token)] = isMore ? (sum.More + units, sum.Less) : (sum.More, sum.Less + units);
        }

        public IEnumerable<(Address Who, Address? Token, UInt256 More, UInt256 Less)> All => _order.Select(key => (key.Who, key.Token, _sums[key].More, _sums[key].Less));
    }
}
