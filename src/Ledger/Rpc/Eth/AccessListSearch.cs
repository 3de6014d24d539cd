using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Finds the access list that a call would profit from, by running it and noting what it touches, until the list no longer changes what is touched.</summary>
static class AccessListSearch
{
    const int MostRounds = 16;

    public static (IReadOnlyList<AccessListEntry> AccessList, ExecutionResult Result) Find(CallStage stage, CallObject call, ulong gas)
    {
        var accessList = call.AccessList ?? [];
        for (var round = 0; ; round++)
        {
            var touched = new Touched(accessList);
            var tracer = new TouchTracer(touched);
            var result = stage.Run(call, gas, accessList, ref tracer);
            var found = touched.ToAccessList(stage, call, result.ContractAddress);
            if (round == MostRounds || Same(found, accessList)) return (found, result);
            accessList = found;
        }
    }

    static bool Same(IReadOnlyList<AccessListEntry> left, IReadOnlyList<AccessListEntry> right) =>
        left.Count == right.Count && left.Zip(right).All(pair => pair.First.Address == pair.Second.Address && pair.First.StorageKeys.ToHashSet().SetEquals(pair.Second.StorageKeys));

    sealed class Touched
    {
        readonly Dictionary<Address, SortedSet<Hash256>> _slots = [];

        public Touched(IReadOnlyList<AccessListEntry> already)
        {
            foreach (var entry in already)
            {
                Address(entry.Address);
                foreach (var key in entry.StorageKeys) Slot(entry.Address, key);
            }
        }

        public void Address(in Address address) => _slots.TryAdd(address, []);

        public void Slot(in Address address, in Hash256 key)
        {
            Address(address);
            _slots[address].Add(key);
        }

        /// <summary>Without those that are warm anyway: an entry for them would only cost, unless it names slots.</summary>
        public List<AccessListEntry> ToAccessList(CallStage stage, CallObject call, Address? created)
        {
            var precompiles = PrecompileSet.For(stage.Rules);
            bool IsWarm(Address address) => address == (call.From ?? Primitives.Address.Zero) || address == call.To || address == created || precompiles.Contains(address);
            return [.. _slots.Where(entry => entry.Value.Count > 0 || !IsWarm(entry.Key)).OrderBy(entry => entry.Key)
                .Select(entry => new AccessListEntry(entry.Key, [.. entry.Value]))];
        }
    }

    readonly struct TouchTracer(Touched touched) : ITracer
    {
        public static bool IsListening => true;

        public void RunBegan(IStateView live) { }

        public void RunEnded(ExecutionResult result) { }

        public void StepStarted(in StepView step)
        {
            // The instructions that look at another account: its address is on top of the stack.
            if (step.Opcode is Opcode.Balance or Opcode.ExtCodeSize or Opcode.ExtCodeCopy or Opcode.ExtCodeHash or Opcode.SelfDestruct && step.Stack.Length > 0)
                touched.Address(Primitives.Address.FromUInt256(step.Stack[^1]));
        }

        public void StepEnded(long cost, Halt halt) { }

        public void FrameEntered(in FrameView frame)
        {
            if (frame.Depth > 1 && frame.Kind < FrameKind.Create) touched.Address(frame.To);
        }

        public void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed) { }
        public void StorageTouched(in Address address, in UInt256 slot, in UInt256 value, bool isWrite) => touched.Slot(address, Hash256.FromUInt256(slot));
        public void Logged(Log log) { }
        public void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) { }
    }
}
