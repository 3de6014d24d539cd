using Hufu.Primitives;

namespace Hufu.Evm;

static unsafe class Storage
{
    public static Halt Load<TTracer>(Machine machine, Frame frame, ref TTracer tracer) where TTracer : struct, ITracer
    {
        var journal = machine.Journal;
        var slot = journal.SlotIndex(frame.Self, *frame.Top);
        if (journal.TryWarm(slot) && !frame.TryCharge(machine.Gas.Storage.ColdLoadSurcharge)) return Halt.OutOfGas;
        ref readonly var value = ref journal.Load(frame.Self, slot).Current;
        if (TTracer.IsListening) tracer.StorageTouched(frame.Self.Address, *frame.Top, value, isWrite: false);
        *frame.Top = value;
        return Halt.None;
    }

    public static Halt Store<TTracer>(Machine machine, Frame frame, ref TTracer tracer) where TTracer : struct, ITracer
    {
        if (frame.IsStatic) return Halt.WriteProtection;
        var (journal, costs) = (machine.Journal, machine.Gas.Storage);
        if (costs.NeedsMoreThanStipend && frame.Gas <= GasSchedule.CallStipend) return Halt.OutOfGas;

        ref readonly var value = ref frame.Top[-1];
        var index = journal.SlotIndex(frame.Self, frame.Top[0]);
        ref readonly var slot = ref journal.Load(frame.Self, index);
        if (TTracer.IsListening) tracer.StorageTouched(frame.Self.Address, frame.Top[0], value, isWrite: true);
        if (journal.TryWarm(index) && !frame.TryCharge(costs.ColdSurcharge)) return Halt.OutOfGas;

        if (!frame.TryCharge(costs.Cost(slot.Original, slot.Current, value, out var refund))) return Halt.OutOfGas;
        journal.Refund += refund;
        if (slot.Current != value)
        {
            if (slot.Original.IsZero && !TryPayForSlot(machine, frame, slot.Current, value)) return Halt.OutOfGas;
            journal.SetStorage(index, value);
        }
        frame.Top -= 2;
        return Halt.None;
    }

    // A slot that was empty before the transaction is new state while it holds something (EIP-8037).
    static bool TryPayForSlot(Machine machine, Frame frame, in UInt256 current, in UInt256 value)
    {
        var cost = machine.StateCosts.Slot;
        if (current.IsZero) return machine.StateGas.TryCharge(frame, cost);
        if (value.IsZero) machine.StateGas.Refund(frame, cost);
        return true;
    }

    public static Halt TransientLoad(Machine machine, Frame frame)
    {
        *frame.Top = machine.Journal.GetTransient(frame.Self, *frame.Top);
        return Halt.None;
    }

    public static Halt TransientStore(Machine machine, Frame frame)
    {
        if (frame.IsStatic) return Halt.WriteProtection;
        machine.Journal.SetTransient(frame.Self, frame.Top[0], frame.Top[-1]);
        frame.Top -= 2;
        return Halt.None;
    }
}
