using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>The gas a transaction costs before its first instruction (yellow paper, g0), and the least it costs at all (EIP-7623).</summary>
/// <param name="Regular">For the work.</param>
/// <param name="State">For the state it makes if all goes well (EIP-8037).</param>
/// <param name="Floor">For the data alone, at its least price.</param>
public readonly record struct IntrinsicGas(ulong Regular, ulong State, ulong Floor)
{
    const ulong Transaction = 21_000;
    const ulong ZeroByte = 4;
    const ulong NonZeroByteFrontier = 68;
    const ulong NonZeroByteIstanbul = 16;
    const ulong InitCodeWord = 2;
    const ulong AccessListAddress = 2_400;
    const ulong AccessListSlot = 1_900;
    const ulong FloorPerToken = 10;
    const ulong TokensPerNonZeroByte = 4;

    // EIP-7976 and EIP-7981: at the floor a byte is a byte, zero or not, of the data and of the access list.
    const ulong FloorPerByteAmsterdam = 64;

    // What exceeds 12,500 comes back where the authority exists (EIP-7702); since EIP-8037 that part is state gas.
    const ulong Authorization = 25_000;
    const ulong AuthorizationWork = 7_500;

    /// <summary>Work and state together.</summary>
    public ulong Gas => Regular + State;

    /// <summary>What the transaction must afford whatever it does.</summary>
    public ulong Least => Math.Max(Gas, Floor);

    /// <param name="blockGasLimit">That of the block it stands in: what state costs depends on it (EIP-8037).</param>
    public static IntrinsicGas Of(Transaction transaction, ForkRules rules, ulong blockGasLimit) =>
        Of(transaction.IsCreate, transaction.Data.Span, transaction.AccessList, transaction.AuthorizationList.Count, rules, blockGasLimit);

    public static IntrinsicGas Of(bool isCreate, ReadOnlySpan<byte> data, IReadOnlyList<AccessListEntry> accessList, int authorizations, ForkRules rules, ulong blockGasLimit)
    {
        var zeros = (ulong)data.Count((byte)0);
        var nonZeros = (ulong)data.Length - zeros;
        var listedBytes = rules.Has(Eip.AccessListDataCost) ? BytesIn(accessList) : 0;
        var pricesState = rules.Has(Eip.StateGas);

        var regular = Transaction + zeros * ZeroByte
            + nonZeros * (rules.Has(Eip.CallDataGasReduction) ? NonZeroByteIstanbul : NonZeroByteFrontier);
        if (isCreate && rules.Has(Eip.HomesteadRules)) regular += (ulong)GasSchedule.CreateGas(rules);
        if (isCreate && rules.Has(Eip.InitCodeLimit)) regular += InitCodeWord * (((ulong)data.Length + 31) / 32);
        foreach (var entry in accessList) regular += AccessListAddress + AccessListSlot * (ulong)entry.StorageKeys.Count;
        regular += listedBytes * FloorPerByteAmsterdam + (pricesState ? AuthorizationWork : Authorization) * (ulong)authorizations;

        var costs = StateGasCosts.Of(rules, blockGasLimit);
        var state = (ulong)(costs.NewAccount + costs.Delegation) * (ulong)authorizations + (isCreate ? (ulong)costs.NewAccount : 0);

        var floor = rules.Has(Eip.CallDataFloorIncrease) ? Transaction + FloorPerByteAmsterdam * ((ulong)data.Length + listedBytes)
            : rules.Has(Eip.CallDataFloor) ? Transaction + FloorPerToken * (zeros + TokensPerNonZeroByte * nonZeros)
            : 0;
        return new IntrinsicGas(regular, state, floor);
    }

    static ulong BytesIn(IReadOnlyList<AccessListEntry> accessList)
    {
        ulong bytes = 0;
        foreach (var entry in accessList) bytes += Address.Size + Hash256.Size * (ulong)entry.StorageKeys.Count;
        return bytes;
    }
}
