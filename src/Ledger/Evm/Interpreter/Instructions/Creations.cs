using Hufu.Primitives;

namespace Hufu.Evm;

static unsafe class Creations
{
    /// <summary>CREATE and CREATE2 (yellow paper, section 7; EIP-1014, 3860).</summary>
    public static Halt Create(FrameKind kind, Machine machine, Frame frame)
    {
        if (frame.IsStatic) return Halt.WriteProtection;
        var self = frame.Self;
        var top = frame.Top;
        if (!frame.TryRange(top[-1], top[-2], out var offset, out var size)) return Halt.OutOfGas;
        if (machine.LimitsInitCode && size > (ulong)machine.CodeLimits.MaxInitCodeSize) return Halt.InitCodeSizeLimit;
        var wordCost = machine.Gas.InitCodeWord + (kind == FrameKind.Create2 ? GasSchedule.KeccakWord : 0);
        if (!frame.TryCharge(wordCost * (long)((size + 31) / 32))) return Halt.OutOfGas;
        // It comes back where no account comes of it.
        if (!machine.StateGas.TryCharge(frame, machine.StateCosts.NewAccount)) return Halt.OutOfGas;

        var initCode = new ReadOnlySpan<byte>(frame.Memory + offset, (int)size);
        var address = kind == FrameKind.Create2
            ? Address.ForCreate2(self.Address, Hash256.FromUInt256(top[-3]), Keccak256.Hash(initCode))
            : Address.ForCreate(self.Address, self.Nonce);
        var gas = machine.Gas.KeepsOne64th ? frame.Gas - frame.Gas / 64 : frame.Gas;
        frame.Gas -= gas;
        frame.Top = top - (kind == FrameKind.Create2 ? 4 : 3);

        machine.Pending = new Message
        {
            Kind = kind,
            Self = machine.Journal.Entry(address),
            Code = Code.Empty,
            Payer = self,
            Caller = self.Address,
            Value = top[0],
            Gas = gas,
            InputStart = frame.InArena(offset),
            InputSize = size,
        };
        return Halt.Entering;
    }
}
