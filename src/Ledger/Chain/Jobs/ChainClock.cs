using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>
/// The account that runs what is due on a chain with jobs. Everybody knows its secret, so that every proposer can write its transaction without a key or coin of its own;
/// what keeps it honest is the rule of <see cref="InBlockJobs"/>, which lets it say one thing alone.
/// </summary>
public static class ChainClock
{
    static readonly byte[] Secret = Keccak256.Hash("hufu: the clock of a chain"u8).Bytes.ToArray();

    public static Address Address { get; } = TransactionSigning.AddressOf(Secret);

    /// <summary>What a genesis file gives it: more than any number of blocks can burn, and nobody can ever move it. In Wei.</summary>
    public static UInt256 Endowment { get; } = UInt256.Parse("1000000000000000000000000000");

    internal static Transaction Sign(Transaction transaction) => TransactionSigning.Sign(transaction, Secret);

    // For tests of what must not be.
    internal static Authorization Sign(Authorization authorization) => TransactionSigning.Sign(authorization, Secret);
}
