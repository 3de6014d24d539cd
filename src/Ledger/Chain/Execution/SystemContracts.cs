using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>The contracts that every block calls at its beginning or end.</summary>
public static class SystemContracts
{
    /// <summary>Keeps the roots of the beacon chain (EIP-4788).</summary>
    public static readonly Address BeaconRoots = Address.Parse("0x000f3df6d732807ef1319fb7b8bb8522d0beac02");

    /// <summary>Keeps the hashes of the last 8191 blocks (EIP-2935).</summary>
    public static readonly Address History = Address.Parse("0x0000f90827f1c53a10cb7a02335b175320002935");

    /// <summary>Queues withdrawal requests (EIP-7002).</summary>
    public static readonly Address WithdrawalRequests = Address.Parse("0x00000961ef480eb55e80d19ad83579a64c007002");

    /// <summary>Queues consolidation requests (EIP-7251).</summary>
    public static readonly Address ConsolidationRequests = Address.Parse("0x0000bbddc7ce488642fb579f8b00f3a590007251");
}
