using System.Numerics;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>What state that stays costs, beside the work of making it (EIP-8037); all zero before Amsterdam.</summary>
/// <param name="NewAccount">An account that was not there.</param>
/// <param name="Slot">A slot that held nothing.</param>
/// <param name="CodeByte">A byte of deployed code.</param>
/// <param name="Delegation">The mark of a delegation (EIP-7702).</param>
public readonly record struct StateGasCosts(long NewAccount, long Slot, long CodeByte, long Delegation)
{
    const ulong BlocksPerYear = 2_628_000;
    const ulong TargetBytesPerYear = 100UL << 30;
    const int SignificantBits = 5;
    const ulong Offset = 9_578;

    /// <param name="rules">The fork's.</param>
    /// <param name="blockGasLimit">The more gas a block may use, the more a byte costs.</param>
    public static StateGasCosts Of(ForkRules rules, ulong blockGasLimit)
    {
        if (!rules.Has(Eip.StateGas)) return default;
        var perByte = PerByte(blockGasLimit);
        return new(112 * perByte, 32 * perByte, perByte, 23 * perByte);
    }

    /// <summary>cost_per_state_byte: state grows by 100 GiB a year where blocks are half full of making it. Rounded to few bits, so that it stays when the limit moves a little.</summary>
    static long PerByte(ulong blockGasLimit)
    {
        const ulong Parts = 2 * TargetBytesPerYear;
        var raw = (ulong)(((UInt128)blockGasLimit * BlocksPerYear + Parts - 1) / Parts);
        var shifted = raw + Offset;
        var dropped = Math.Max(64 - BitOperations.LeadingZeroCount(shifted) - SignificantBits, 0);
        var rounded = shifted >> dropped << dropped;
        return rounded > Offset ? (long)(rounded - Offset) : 1;
    }
}

/// <summary>
/// The state gas of a transaction (EIP-8037). It comes out of a reservoir that all frames share, and out of the frame's own gas when that is empty.
/// A frame that fails makes no state, so what it paid comes back: to the reservoir, wherever it came from.
/// </summary>
struct StateGasMeter
{
    /// <summary>Gas that pays for state only. No frame sees it in GAS, and none keeps a 64th of it back.</summary>
    public long Reservoir;

    /// <summary>Paid for state that is still there.</summary>
    public long Used;

    /// <summary>Put into the reservoir for state that is no more, by frames that have not failed.</summary>
    long _refunded;

    /// <summary>Put into the reservoir for what the transaction was charged before it began and need not pay.</summary>
    public long Given { get; private set; }

    /// <summary>Refunds that were lost with the frame that had them: paid by the sender, and neither work nor state to the block.</summary>
    public long Lost { get; private set; }

    /// <summary>False, and nothing taken, where reservoir and frame together do not suffice.</summary>
    public bool TryCharge(Frame frame, long amount)
    {
        if (amount == 0) return true;
        var spilled = Math.Max(0, amount - Reservoir);
        if (spilled > frame.Gas) return false;
        frame.Gas -= spilled;
        Reservoir -= amount - spilled;
        Used += amount;
        return true;
    }

    /// <summary>
    /// Gives back what was paid for state that is no more. A frame gets back no more than was paid in it and in the calls it made; the rest waits
    /// in <see cref="Frame.StateGasOwed"/> for the frame that paid it, whose storage this one works on.
    /// </summary>
    public void Refund(Frame frame, long amount)
    {
        var now = Math.Min(amount, Used - frame.StateGasBefore.Used);
        Refund(now);
        frame.StateGasOwed += amount - now;
    }

    /// <summary>Gives back what was paid for accounts that did not outlive the transaction.</summary>
    public void RefundAtEnd(long amount) => Refund(Math.Min(amount, Used));

    public void Give(long amount)
    {
        Reservoir += amount;
        Given += amount;
    }

    /// <summary>Takes back what a frame did that failed. A call loses the refunds it had; the outermost frame keeps them.</summary>
    public void Revert(Frame frame)
    {
        ref readonly var before = ref frame.StateGasBefore;
        var refunded = frame.Depth == 0 ? 0 : _refunded - before._refunded;
        Reservoir += Used - before.Used - refunded;
        Lost += refunded;
        Used = before.Used;
        _refunded = before._refunded;
    }

    void Refund(long amount)
    {
        Reservoir += amount;
        Used -= amount;
        _refunded += amount;
    }
}
