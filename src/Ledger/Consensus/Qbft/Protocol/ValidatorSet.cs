using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>The validators of one height, in ascending order.</summary>
public sealed class ValidatorSet
{
    readonly Address[] _addresses;

    public ValidatorSet(IEnumerable<Address> addresses)
    {
        _addresses = [.. addresses.Distinct().Order()];
        Quorum = (2 * Count + 2) / 3;
    }

    public IReadOnlyList<Address> Addresses => _addresses;
    public int Count => _addresses.Length;

    /// <summary>How many must agree: two thirds, rounded up. Less, or 2f + 1, is unsafe where N is not 3f + 1.</summary>
    public int Quorum { get; internal init; }

    /// <summary>f: how many may be faulty.</summary>
    public int Faulty => (Count - 1) / 3;

    public bool Contains(in Address address) => Array.BinarySearch(_addresses, address) >= 0;

    public bool Contains([NotNullWhen(true)] Address? address) => address is { } some && Contains(some);

    /// <summary>Whose turn it is: they go round from the parent's beneficiary on, one further with each round.</summary>
    public Address Proposer(in Address parentBeneficiary, uint round)
    {
        var at = Array.BinarySearch(_addresses, parentBeneficiary);
        // One who is no validator (genesis, or removed) hands over to the next greater address.
        var first = at >= 0 ? at + 1 : ~at;
        return _addresses[(int)(((ulong)first + round) % (ulong)Count)];
    }
}
