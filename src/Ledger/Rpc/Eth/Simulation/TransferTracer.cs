using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>A log of a simulated call with its index in the block.</summary>
readonly record struct SimulatedLog(Log Log, int Index);

/// <summary>Collects the logs of a simulated block's calls, and with them, where asked for, transfers of Ether in the form of ERC-20's.</summary>
sealed class TransferLogs(bool showsTransfers)
{
    // What wallets take for the address of Ether itself.
    static readonly Address Ether = Address.Parse("0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
    static readonly Hash256 TransferTopic = Keccak256.Hash("Transfer(address,address,uint256)"u8);

    // One list for each frame that runs: a frame that fails takes its logs with it.
    readonly Stack<List<SimulatedLog>> _frames = [];
    int _count;

    public IReadOnlyList<SimulatedLog> OfLastCall { get; private set; } = [];

    public void Enter(in FrameView frame)
    {
        _frames.Push([]);
        if (frame.Kind != FrameKind.DelegateCall) Transfer(frame.From, frame.To, frame.Value);
    }

    public void Leave(bool succeeded)
    {
        var logs = _frames.Pop();
        if (!succeeded) logs = [];
        if (_frames.TryPeek(out var caller)) caller.AddRange(logs);
        else OfLastCall = logs;
    }

    public void Add(Log log) => _frames.Peek().Add(new SimulatedLog(log, _count++));

    public void Transfer(in Address from, in Address to, in UInt256 value)
    {
        if (!showsTransfers || value.IsZero) return;
        var amount = new byte[32];
        value.WriteBigEndian(amount);
        Add(new Log(Ether, [TransferTopic, Hash256.FromUInt256(from.ToUInt256()), Hash256.FromUInt256(to.ToUInt256())], amount));
    }
}

readonly struct TransferTracer(TransferLogs logs) : ITracer
{
    public static bool IsListening => true;
    public void RunBegan(IStateView live) { }
    public void RunEnded(ExecutionResult result) { }
    public void StepStarted(in StepView step) { }
    public void StepEnded(long cost, Halt halt) { }
    public void FrameEntered(in FrameView frame) => logs.Enter(frame);
    public void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed) => logs.Leave(halt.IsSuccess());
    public void StorageTouched(in Address address, in UInt256 slot, in UInt256 value, bool isWrite) { }
    public void Logged(Log log) => logs.Add(log);
    public void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) => logs.Transfer(address, beneficiary, balance);
}
