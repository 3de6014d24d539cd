using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>What the machine sees of the block it runs in (yellow paper, section 9.3: I_H).</summary>
public sealed record BlockContext
{
    public ulong Number { get; init; }
    public ulong Timestamp { get; init; }
    public ulong GasLimit { get; init; }
    public Address Beneficiary { get; init; }

    /// <summary>Served by opcode 0x44 before Paris.</summary>
    public UInt256 Difficulty { get; init; }

    /// <summary>Served by opcode 0x44 from Paris on (EIP-4399).</summary>
    public Hash256 PrevRandao { get; init; }

    /// <summary>Wei per gas that nobody receives (EIP-1559); zero before London.</summary>
    public UInt256 BaseFeePerGas { get; init; }

    /// <summary>Wei per blob gas (EIP-4844); meaningless before Cancun.</summary>
    public UInt256 BlobBaseFee { get; init; }

    public ulong ChainId { get; init; } = 1;

    /// <summary>The slot of the block (EIP-7843); null before Amsterdam.</summary>
    public ulong? SlotNumber { get; init; }

    /// <summary>The hash of an ancestor. Asked only for the 256 blocks before <see cref="Number"/>.</summary>
    public Func<ulong, Hash256> BlockHash { get; init; } = _ => Hash256.Zero;
}
