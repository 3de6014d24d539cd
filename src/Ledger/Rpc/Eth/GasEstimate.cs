using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>The least gas limit under which a call succeeds, found by trying. It is not what the call uses: refunds come later, and a call keeps back a 64th.</summary>
static class GasEstimate
{
    const ulong TransferGas = 21_000;
    const ulong CallStipend = 2_300;

    // Near enough: the search ends when limit and failure are this close.
    const double Tolerance = 0.015;

    /// <returns>Null where <paramref name="gas"/> was found.</returns>
    public static RpcError? TryFind(CallStage stage, CallObject call, ulong gasCap, out ulong gas)
    {
        gas = 0;
        var high = Highest(stage, call, gasCap);
        if (IsPlainTransfer(stage, call) && Affordable(stage, call, TransferGas) && stage.Run(call, TransferGas).Succeeded)
        {
            gas = TransferGas;
            return null;
        }
        if (stage.Check(call, high) is { } refused) return refused;

        var first = stage.Run(call, high);
        if (first.Halt == Halt.Revert) return RevertReason.ToError(first.Output);
        if (!first.Succeeded) return first.Halt == Halt.OutOfGas ? RpcError.Server($"gas required exceeds allowance ({high})") : CallStage.ErrorOf(first);

        // What it used, less one, cannot suffice. What it used before refunds, with a stipend and the 64ths that calls keep back, mostly does.
        var low = first.GasUsed - 1;
        var guess = Saturated((UInt128)(first.GasUsed + first.GasRefunded + CallStipend) * 64 / 63);
        if (guess < high) (low, high) = Halve(stage, call, low, high, guess);
        while (low + 1 < high && (double)(high - low) / high >= Tolerance)
        {
            // Most calls need little more than they use, so the search leans to the low side.
            var middle = Math.Min(low + (high - low) / 2, Saturated((UInt128)low * 2));
            (low, high) = Halve(stage, call, low, high, middle);
        }
        gas = high;
        return null;
    }

    static (ulong Low, ulong High) Halve(CallStage stage, CallObject call, ulong low, ulong high, ulong tried) =>
        stage.Check(call, tried) is null && stage.Run(call, tried).Succeeded ? (low, tried) : (tried, high);

    /// <summary>The least of what the caller asks for, the block has, the fork allows, this node runs and the funds pay.</summary>
    static ulong Highest(CallStage stage, CallObject call, ulong gasCap)
    {
        var high = Math.Min(call.Gas is { } asked and >= TransferGas ? asked : stage.BlockGasLimit, gasCap);
        // Since EIP-8037 a transaction may ask for more than the cap: what lies beyond pays for state.
        if (stage.Rules.Has(Eip.TransactionGasLimitCap) && !stage.Rules.Has(Eip.StateGas)) high = Math.Min(high, TransactionForm.GasLimitCap);
        var cap = call.MaxFeePerGas ?? call.GasPrice ?? UInt256.Zero;
        if (cap.IsZero) return high;
        var balance = stage.State.TryGetAccount(call.From ?? Address.Zero, out var account) ? account.Balance : UInt256.Zero;
        if (balance <= call.Value) return high;
        var payable = (balance - call.Value) / cap;
        return payable < high ? payable.Low64 : high;
    }

    static bool IsPlainTransfer(CallStage stage, CallObject call) =>
        call is { To: { } to, Input.Length: 0, AuthorizationList.Count: 0 } && (call.AccessList?.Count ?? 0) == 0
        && !(stage.State.TryGetAccount(to, out var account) && account.HasCode)
        && !PrecompileSet.For(stage.Rules).Contains(to);

    static bool Affordable(CallStage stage, CallObject call, ulong gas) => stage.Check(call, gas) is null;

    static ulong Saturated(UInt128 value) => value > ulong.MaxValue ? ulong.MaxValue : (ulong)value;
}
