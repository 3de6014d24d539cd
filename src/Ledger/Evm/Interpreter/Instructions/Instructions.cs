namespace Hufu.Evm;

/// <summary>The instructions that work out of the interpreter's line, by kind. Their fixed gas is paid and the stack is high enough when they begin.</summary>
static class Instructions
{
    /// <returns><see cref="Halt.None"/> to go on; <see cref="Halt.Entering"/> where a new frame is to run first.</returns>
    public static Halt Run<TTracer>(Opcode opcode, Machine machine, Frame frame, ref TTracer tracer) where TTracer : struct, ITracer => opcode switch
    {
        Opcode.Exp => Arithmetic.Exp(machine, frame),
        Opcode.Keccak256 => Hashing.Keccak(frame),

        Opcode.Address => Environment.Push(frame, frame.Self.Address),
        Opcode.Balance => Environment.Balance(machine, frame),
        Opcode.Origin => Environment.Push(frame, machine.Origin),
        Opcode.Caller => Environment.Push(frame, frame.Caller),
        Opcode.CallDataCopy => Environment.CallDataCopy(frame),
        Opcode.CodeSize => Environment.Push(frame, (ulong)frame.Code.Length),
        Opcode.CodeCopy => Environment.CodeCopy(frame),
        Opcode.GasPrice => Environment.Push(frame, machine.GasPrice),
        Opcode.ExtCodeSize => Environment.ExtCodeSize(machine, frame),
        Opcode.ExtCodeCopy => Environment.ExtCodeCopy(machine, frame),
        Opcode.ReturnDataSize => Environment.Push(frame, (ulong)machine.ReturnData.Length),
        Opcode.ReturnDataCopy => Environment.ReturnDataCopy(machine, frame),
        Opcode.ExtCodeHash => Environment.ExtCodeHash(machine, frame),
        Opcode.SelfBalance => Environment.Push(frame, frame.Self.Balance),

        Opcode.BlockHash => BlockInformation.BlockHash(machine.Block, frame),
        Opcode.Coinbase => Environment.Push(frame, machine.Block.Beneficiary),
        Opcode.Timestamp => Environment.Push(frame, machine.Block.Timestamp),
        Opcode.Number => Environment.Push(frame, machine.Block.Number),
        Opcode.PrevRandao => Environment.Push(frame, BlockInformation.PrevRandao(machine)),
        Opcode.GasLimit => Environment.Push(frame, machine.Block.GasLimit),
        Opcode.ChainId => Environment.Push(frame, machine.Block.ChainId),
        Opcode.BaseFee => Environment.Push(frame, machine.Block.BaseFeePerGas),
        Opcode.BlobHash => BlockInformation.BlobHash(machine, frame),
        Opcode.BlobBaseFee => Environment.Push(frame, machine.Block.BlobBaseFee),
        Opcode.SlotNum => Environment.Push(frame, machine.Block.SlotNumber ?? 0),

        Opcode.SLoad => Storage.Load(machine, frame, ref tracer),
        Opcode.SStore => Storage.Store(machine, frame, ref tracer),
        Opcode.TLoad => Storage.TransientLoad(machine, frame),
        Opcode.TStore => Storage.TransientStore(machine, frame),
        Opcode.MCopy => MemoryCopying.Copy(frame),

        >= Opcode.Log0 and <= Opcode.Log4 => Logging.Log(opcode - Opcode.Log0, machine, frame, ref tracer),

        Opcode.Create => Creations.Create(FrameKind.Create, machine, frame),
        Opcode.Create2 => Creations.Create(FrameKind.Create2, machine, frame),
        Opcode.Call => Calls.Call(FrameKind.Call, machine, frame),
        Opcode.CallCode => Calls.Call(FrameKind.CallCode, machine, frame),
        Opcode.DelegateCall => Calls.Call(FrameKind.DelegateCall, machine, frame),
        Opcode.StaticCall => Calls.Call(FrameKind.StaticCall, machine, frame),
        Opcode.Return => Halting.Return(frame),
        Opcode.Revert => Halting.Revert(frame),
        Opcode.SelfDestruct => Halting.SelfDestruct(machine, frame, ref tracer),
        _ => Halt.InvalidOpcode,
    };
}
