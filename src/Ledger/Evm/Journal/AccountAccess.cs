using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// What one transaction or system call did to one account that it met, against the state it ran on: a part of the block access list (EIP-7928).
/// It belongs to the transaction alone, so that transactions that run side by side each tell theirs.
/// </summary>
/// <param name="Address">Named even where nothing below is.</param>
/// <param name="Balance">In Wei; null where it is what it was, as for the two below.</param>
/// <param name="Nonce">The nonce after the transaction.</param>
/// <param name="Code">The code after the transaction; empty where it was taken away.</param>
/// <param name="Reads">Slots looked at that hold what they held.</param>
/// <param name="Writes">Slots that hold something else, with what they hold.</param>
public sealed record AccountAccess(Address Address, UInt256? Balance, ulong? Nonce, ReadOnlyMemory<byte>? Code,
    IReadOnlyList<UInt256> Reads, IReadOnlyList<(UInt256 Slot, UInt256 Value)> Writes);
