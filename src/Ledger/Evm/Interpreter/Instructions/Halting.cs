using Hufu.Primitives;

namespace Hufu.Evm;

static unsafe class Halting
{
    public static Halt Return(Frame frame) => End(frame, Halt.Return);

    public static Halt Revert(Frame frame) => End(frame, Halt.Revert);

    public static Halt SelfDestruct<TTracer>(Machine machine, Frame frame, ref TTracer tracer) where TTracer : struct, ITracer
    {
        if (frame.IsStatic) return Halt.WriteProtection;
        var (journal, gas, self) = (machine.Journal, machine.Gas, frame.Self);
        var beneficiary = journal.Entry(Address.FromUInt256(*frame.Top));
        if (journal.TryWarm(beneficiary) && !frame.TryCharge(gas.ColdBeneficiary)) return Halt.OutOfGas;
        journal.Load(beneficiary);
        if (gas.SelfDestructChargesNewAccount)
        {
            var makesAccount = machine.ClearsEmptyAccounts ? beneficiary.IsEmpty && !self.Balance.IsZero : !beneficiary.Exists;
            if (makesAccount && !machine.TryPayForAccount(frame)) return Halt.OutOfGas;
        }
        frame.Top--;

        var balance = self.Balance;
        if (TTracer.IsListening) tracer.SelfDestructed(self.Address, beneficiary.Address, balance);
        journal.SubtractBalance(self, balance);
        journal.AddBalance(beneficiary, balance);

        var goes = !machine.DestructsOnlyNewAccounts || self.IsCreated;
        if (machine.LogsTransfers && !balance.IsZero) LogMove(machine, self, beneficiary, balance, goes, ref tracer);

        // From EIP-6780 on only an account made in this transaction goes. Whoever goes and is its own beneficiary loses the balance.
        if (goes && journal.Destruct(self)) journal.Refund += gas.SelfDestructRefund;
        return Halt.SelfDestruct;
    }

    // EIP-7708. What an account that stays leaves to itself does not move.
    static void LogMove<TTracer>(Machine machine, JournalAccount self, JournalAccount beneficiary, in UInt256 balance, bool goes, ref TTracer tracer) where TTracer : struct, ITracer
    {
        if (self != beneficiary) machine.Log(TransferLogs.Transfer(self.Address, beneficiary.Address, balance), ref tracer);
        else if (goes) machine.Log(TransferLogs.Burn(self.Address, balance), ref tracer);
    }

    static Halt End(Frame frame, Halt halt)
    {
        if (!frame.TryRange(frame.Top[0], frame.Top[-1], out frame.OutputOffset, out frame.OutputSize)) return Halt.OutOfGas;
        frame.Top -= 2;
        return halt;
    }
}
