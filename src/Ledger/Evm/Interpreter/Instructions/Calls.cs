using Hufu.Primitives;

namespace Hufu.Evm;

static unsafe class Calls
{
    /// <summary>CALL, CALLCODE, DELEGATECALL and STATICCALL (yellow paper, appendix H.2; EIP-150, 161, 2929, 7702).</summary>
    public static Halt Call(FrameKind kind, Machine machine, Frame frame)
    {
        var journal = machine.Journal;
        var self = frame.Self;
        var top = frame.Top;
        var hasValue = kind is FrameKind.Call or FrameKind.CallCode;
        ref readonly var requested = ref top[0];
        var codeAddress = Address.FromUInt256(top[-1]);
        var value = hasValue ? top[-2] : UInt256.Zero;
        var ranges = hasValue ? top - 3 : top - 2;

        if (kind == FrameKind.Call && frame.IsStatic && !value.IsZero) return Halt.WriteProtection;
        if (!frame.TryRange(ranges[0], ranges[-1], out var inputOffset, out var inputSize)) return Halt.OutOfGas;
        if (!frame.TryRange(ranges[-2], ranges[-3], out frame.CallOutputOffset, out frame.CallOutputSize)) return Halt.OutOfGas;

        // What is not paid for is not looked at: the block access list names all that was (EIP-7928).
        var callee = journal.Entry(codeAddress);
        var cost = journal.TryWarm(callee) ? machine.Gas.ColdAccountSurcharge : 0;
        if (!value.IsZero) cost += GasSchedule.CallValue;
        if (!frame.TryCharge(cost)) return Halt.OutOfGas;
        journal.Load(callee);
        if (!TryFindCode(machine, frame, callee, out var code)) return Halt.OutOfGas;
        if (kind == FrameKind.Call && MakesAccount(machine, callee, value) && !machine.TryPayForAccount(frame)) return Halt.OutOfGas;

        if (!TryPassGas(machine, frame, requested, out var gas)) return Halt.OutOfGas;
        if (!value.IsZero) gas += GasSchedule.CallStipend;

        frame.Top = ranges - 4;
        machine.Pending = new Message
        {
            Kind = kind,
            Self = kind is FrameKind.Call or FrameKind.StaticCall ? callee : self,
            CodeAddress = codeAddress,
            Code = code,
            Payer = self,
            Caller = kind == FrameKind.DelegateCall ? frame.Caller : self.Address,
            Value = kind == FrameKind.DelegateCall ? frame.Value : value,
            Gas = gas,
            InputStart = frame.InArena(inputOffset),
            InputSize = inputSize,
            IsStatic = frame.IsStatic || kind == FrameKind.StaticCall,
        };
        return Halt.Entering;
    }

    // Before EIP-161 a call made the account it met; since then only value does.
    static bool MakesAccount(Machine machine, JournalAccount callee, in UInt256 value) =>
        machine.ClearsEmptyAccounts ? !value.IsZero && callee.IsEmpty : !callee.Exists;

    static bool TryFindCode(Machine machine, Frame frame, JournalAccount callee, out Code code)
    {
        code = machine.Journal.CodeOf(callee);
        if (!code.IsDelegation || !machine.HasDelegations) return true;
        var delegated = machine.Journal.Entry(code.DelegationTarget);
        if (!frame.TryCharge(machine.Journal.TryWarm(delegated) ? GasSchedule.ColdAccountAccess : GasSchedule.WarmAccess)) return false;
        code = machine.DelegatedCodeOf(delegated);
        return true;
    }

    static bool TryPassGas(Machine machine, Frame frame, in UInt256 requested, out long gas)
    {
        var most = machine.Gas.KeepsOne64th ? frame.Gas - frame.Gas / 64 : frame.Gas;
        var fits = requested.FitsUInt64 && requested.Low64 <= (ulong)most;
        gas = fits ? (long)requested.Low64 : most;
        // Before EIP-150 asking for more than there is was a failure.
        if (!fits && !machine.Gas.KeepsOne64th) return false;
        frame.Gas -= gas;
        return true;
    }
}
