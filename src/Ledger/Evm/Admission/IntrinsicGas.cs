using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>The gas a transaction costs before its first instruction (yellow paper, g0), and the least it costs at all (EIP-7623).</summary>
public readonly record struct IntrinsicGas(ulong Gas, ulong Floor)
{
    const ulong Transaction = 21_000;
    const ulong Create = 32_000;
    const ulong ZeroByte = 4;
    const ulong NonZeroByteFrontier = 68;
    const ulong NonZeroByteIstanbul = 16;
    const ulong InitCodeWord = 2;
    const ulong AccessListAddress = 2_400;
    const ulong AccessListSlot = 1_900;
    const ulong FloorPerToken = 10;
    const ulong TokensPerNonZeroByte = 4;

    /// <summary>Charged for each authorization; what exceeds the base cost comes back where the authority exists (EIP-7702).</summary>
    public const ulong Authorization = 25_000;

    /// <summary>What the transaction must afford whatever it does.</summary>
    public ulong Least => Math.Max(Gas, Floor);

    public static IntrinsicGas Of(Transaction transaction, ForkRules rules) =>
        Of(transaction.IsCreate, transaction.Data.Span, transaction.AccessList, transaction.AuthorizationList.Count, rules);

    public static IntrinsicGas Of(bool isCreate, ReadOnlySpan<byte> data, IReadOnlyList<AccessListEntry> accessList, int authorizations, ForkRules rules)
    {
        var zeros = (ulong)data.Count((byte)0);
        var nonZeros = (ulong)data.Length - zeros;
        var gas = Transaction + zeros * ZeroByte
            + nonZeros * (rules.Has(Eip.CallDataGasReduction) ? NonZeroByteIstanbul : NonZeroByteFrontier);
        if (isCreate && rules.Has(Eip.HomesteadRules)) gas += Create;
        if (isCreate && rules.Has(Eip.InitCodeLimit)) gas += InitCodeWord * (((ulong)data.Length + 31) / 32);
        foreach (var entry in accessList) gas += AccessListAddress + AccessListSlot * (ulong)entry.StorageKeys.Count;
        gas += Authorization * (ulong)authorizations;

        var floor = rules.Has(Eip.CallDataFloor) ? Transaction + FloorPerToken * (zeros + TokensPerNonZeroByte * nonZeros) : 0;
        return new IntrinsicGas(gas, floor);
    }
}
