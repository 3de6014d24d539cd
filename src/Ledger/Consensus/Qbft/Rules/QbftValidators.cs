using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>Who the validators of each height are: fixed by the block before it, whether headers carry the votes or a contract keeps the list.</summary>
/// <param name="headers">A kept header by its block's hash.</param>
/// <param name="ask">What <c>getValidators()</c> of a contract answers after a block; null where it fails.</param>
public sealed class QbftValidators(QbftConfig config, Func<Hash256, Header?> headers, Func<Header, Address, IReadOnlyList<Address>?> ask)
{
    const int MaxKept = 2048;

    /// <summary>Zero but where the simulator proves that it would notice.</summary>
    internal int QuorumOffset { get; init; }

    readonly Dictionary<Hash256, VoteTally> _tallies = [];
    readonly Dictionary<Hash256, ValidatorSet> _sets = [];
    readonly Lock _lock = new();

    public QbftConfig Config => config;

    /// <summary>The validators of the block after <paramref name="parent"/>.</summary>
    /// <exception cref="InvalidOperationException">A contract names no validators, or an ancestor is not kept: no block can follow.</exception>
    public ValidatorSet After(Header parent)
    {
        lock (_lock)
        {
            if (_sets.TryGetValue(parent.Hash, out var known)) return known;
            var phase = config.At(parent.Number + 1, parent.Timestamp + 1);
            var set = phase.Contract is { } contract ? FromContract(parent, contract) : new ValidatorSet(TallyAfter(parent).Validators);
            if (QuorumOffset != 0) set = new ValidatorSet(set.Addresses) { Quorum = Math.Max(1, set.Quorum - QuorumOffset) };
            if (_sets.Count >= MaxKept) _sets.Clear();
            return _sets[parent.Hash] = set;
        }
    }

    /// <summary>The votes that stand after a block; none where a contract decides.</summary>
    public VoteTally? VotesAfter(Header parent)
    {
        if (config.At(parent.Number + 1, parent.Timestamp + 1).Contract is not null) return null;
        lock (_lock) return TallyAfter(parent);
    }

    ValidatorSet FromContract(Header parent, Address contract)
    {
        if (ask(parent, contract) is { Count: > 0 } named) return new ValidatorSet(named);
        throw new InvalidOperationException($"the validator contract {contract} names no validators after block {parent.Number}: no block can follow; correct the contract in the genesis file");
    }

    VoteTally TallyAfter(Header parent)
    {
        var path = new Stack<Header>();
        VoteTally? tally = null;
        for (var at = parent; !_tallies.TryGetValue(at.Hash, out tally) && (tally = StartAt(at)) is null;)
        {
            path.Push(at);
            at = headers(at.ParentHash) ?? throw new InvalidOperationException($"block {at.Number - 1} is not kept, so that the votes cannot be counted");
        }
        while (path.TryPop(out var next)) tally = Remember(next, tally.After(next, ExtraDataOf(next), config.EpochLength));
        return tally;
    }

    /// <summary>A block after which the validators are known without its ancestors.</summary>
    VoteTally? StartAt(Header header)
    {
        var next = config.At(header.Number + 1, header.Timestamp + 1);
        if (next.Validators is { } named && !ReferenceEquals(next, config.At(header.Number, header.Timestamp))) return VoteTally.Of(named);
        if (header.Number == 0) return VoteTally.Of(next.Validators ?? ExtraDataOf(header).Validators);
        return header.Number % config.EpochLength == 0 && ExtraDataOf(header).Validators is { Count: > 0 } listed ? VoteTally.Of(listed) : null;
    }

    VoteTally Remember(Header header, VoteTally tally)
    {
        if (_tallies.Count >= MaxKept) _tallies.Clear();
        return _tallies[header.Hash] = tally;
    }

    static QbftExtraData ExtraDataOf(Header header) => QbftExtraData.TryDecode(header.ExtraData, out var extraData) ? extraData
        : throw new InvalidOperationException($"block {header.Number} has no extra data of QBFT: is this the genesis file of a QBFT network?");
}
