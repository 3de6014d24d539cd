using System.Buffers.Binary;
using System.Text;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// A right, under one name in the contracts (the one AccessManager), in the API and in the console. Its number on the chain is made from its name, so that
/// there is no list of numbers to keep.
/// </summary>
/// <param name="Name">service.right: stablecoin.treasury.</param>
/// <param name="Title">What it lets one do.</param>
public sealed record Role(string Name, Words Title)
{
    /// <summary>The functions that it opens: contract and function by name.</summary>
    public IReadOnlyList<(string Contract, string Function)> Opens { get; init; } = [];

    /// <summary>Who has it from the start: names of contracts, and of platform accounts that are made for it.</summary>
    public IReadOnlyList<string> Holders { get; init; } = [];

    /// <summary>Its number in the AccessManager: the first eight bytes of its name's hash.</summary>
    public ulong Id { get; } = BinaryPrimitives.ReadUInt64BigEndian(Keccak256.Hash(Encoding.UTF8.GetBytes(Name)).Bytes);
}
