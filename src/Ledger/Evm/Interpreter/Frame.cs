using System.Runtime.CompilerServices;
using Hufu.Evm.Threaded;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// One running call or creation (yellow paper, section 9.4: the machine state μ and the environment I). Frames are used again at their depth.
/// While an engine runs the frame it may keep <see cref="Gas"/>, <see cref="Top"/> and <see cref="ProgramCounter"/> in registers;
/// they stand here whenever the frame waits and whenever an instruction out of line works on it.
/// </summary>
public sealed unsafe class Frame
{
    readonly MemoryArena _arena;
    readonly UInt256* _stack;
    Code? _initCode;
    ulong _memoryStart;

    internal Frame(int depth, Machine machine, UInt256* stack)
    {
        Depth = depth;
        Machine = machine;
        _arena = machine.Memory;
        _stack = stack;
    }

    internal Machine Machine { get; }

    /// <summary>0 for the outermost frame.</summary>
    public int Depth { get; }

    internal FrameKind Kind;
    internal Code Code = Code.Empty;

    /// <summary>Whose storage and balance the code works on.</summary>
    internal JournalAccount Self = null!;
    internal Address Caller;
    internal UInt256 Value;
    internal bool IsStatic;
    internal Snapshot Snapshot;

    /// <summary>The transaction's state gas when the frame began, and refunds of it that belong to a frame further out (EIP-8037).</summary>
    internal StateGasMeter StateGasBefore;
    internal long StateGasOwed;

    internal long Gas;

    /// <summary>What the frame was given, to tell what it used.</summary>
    internal long GasAtStart;
    internal UInt256* Top;
    internal int ProgramCounter;

    /// <summary>The threaded form of the code, where in it the frame goes on after a call, and whether the plain interpreter runs the frame to its end.</summary>
    internal ThreadedCode? Threaded;
    internal Instruction* Resume;
    internal bool IsPlain;

    /// <summary>After how many jumps back the plain interpreter leaves the frame to another engine; 0 for never.</summary>
    internal long LoopsLeft;

    // Memory: addresses move when the arena grows, so they are refreshed after growth and when the frame runs again.
    internal byte* Memory;
    internal ulong MemorySize;
    internal byte* Input;
    internal ulong InputSize;
    ulong _inputStart;

    // The part of the memory that RETURN or REVERT names.
    internal ulong OutputOffset, OutputSize;

    // Where the output of the call that the frame waits for goes.
    internal ulong CallOutputOffset, CallOutputSize;

    internal UInt256* Stack => _stack;
    internal ulong MemoryEnd => _memoryStart + MemorySize;
    internal bool IsCreate => Kind >= FrameKind.Create;
    internal ReadOnlySpan<byte> Output => new(Memory + OutputOffset, (int)OutputSize);
    internal ReadOnlySpan<byte> InputBytes => new(Input, (int)InputSize);

    internal void Start(in Message message, ulong memoryStart)
    {
        Kind = message.Kind;
        Self = message.Self;
        Caller = message.Caller;
        Value = message.Value;
        IsStatic = message.IsStatic;
        Gas = GasAtStart = message.Gas;
        Top = _stack;
        ProgramCounter = 0;
        Threaded = null;
        Resume = null;
        IsPlain = false;
        LoopsLeft = 0;
        _memoryStart = memoryStart;
        MemorySize = 0;
        OutputOffset = OutputSize = 0;
        if (IsCreate)
        {
            Code = _initCode ??= new Code();
            Code.Replace(new ReadOnlySpan<byte>(_arena.Base + message.InputStart, (int)message.InputSize));
            _inputStart = InputSize = 0;
        }
        else
        {
            Code = message.Code;
            _inputStart = message.InputStart;
            InputSize = message.InputSize;
        }
        Refresh();
    }

    /// <summary>Follows the arena to where it is now.</summary>
    internal void Refresh()
    {
        Memory = _arena.Base + _memoryStart;
        Input = _arena.Base + _inputStart;
    }

    /// <summary>Where that byte of the frame's memory stands in the arena.</summary>
    internal ulong InArena(ulong offset) => _memoryStart + offset;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryCharge(long gas) => (Gas -= gas) >= 0;

    /// <summary>Makes the memory reach over [offset, offset + size) and pays for it; false where the gas does not suffice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryExpand(ulong offset, ulong size)
    {
        // Both are below 2^32 here or far above: the sum cannot wrap unless TryRange let it.
        var end = offset + size;
        return size == 0 || end <= MemorySize || TryGrow(end);
    }

    /// <summary>Whether the memory reaches over <paramref name="size"/> bytes (1 to 32) at the offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Holds(in UInt256 offset, ulong size) => offset.FitsUInt64 && offset.Low64 < MemorySize && offset.Low64 + size <= MemorySize;

    /// <summary>Makes the memory reach over <paramref name="size"/> bytes (1 to 32) at the offset, and returns what that leaves of the gas: less than nothing where it does not suffice.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal long Reach(in UInt256 offset, ulong size, long gas)
    {
        Gas = gas;
        var reached = offset.FitsUInt64 && offset.Low64 <= MemoryArena.LimitBytes ? TryGrow(offset.Low64 + size) : Fail();
        return reached ? Gas : -1;
    }

    /// <summary>Reads an offset and a size off the stack, and makes the memory reach there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryRange(in UInt256 offset, in UInt256 size, out ulong start, out ulong length)
    {
        start = length = 0;
        if (size.IsZero) return true;
        if (!size.FitsUInt64 || !offset.FitsUInt64 || offset.Low64 > MemoryArena.LimitBytes || size.Low64 > MemoryArena.LimitBytes) return Fail();
        start = offset.Low64;
        length = size.Low64;
        return TryExpand(start, length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool TryGrow(ulong end)
    {
        if (end > MemoryArena.LimitBytes) return Fail();
        var before = MemorySize / 32;
        var after = (end + 31) / 32;
        Gas -= MemoryGas(after) - MemoryGas(before);
        if (Gas < 0 || !_arena.TryReserve(_memoryStart + after * 32)) return Fail();
        Refresh();
        new Span<byte>(Memory + MemorySize, (int)(after * 32 - MemorySize)).Clear();
        MemorySize = after * 32;
        return true;
    }

    // Yellow paper, appendix H.1: C_mem.
    static long MemoryGas(ulong words) => (long)(3 * words + words * words / 512);

    bool Fail()
    {
        Gas = -1;
        return false;
    }
}

/// <summary>A call or creation about to begin.</summary>
struct Message
{
    public FrameKind Kind;

    /// <summary>Whose storage and balance the code works on: the account called, created, or for DELEGATECALL and CALLCODE the caller's own.</summary>
    public JournalAccount Self;

    /// <summary>The account whose code was asked for.</summary>
    public Address CodeAddress;

    /// <summary>What runs; for a creation it is the input instead.</summary>
    public Code Code;
    public Address Caller;

    /// <summary>Who pays the value: the account that makes the call or creation.</summary>
    public JournalAccount Payer;

    /// <summary>What CALLVALUE answers.</summary>
    public UInt256 Value;
    public long Gas;

    /// <summary>Where the input stands in the memory arena.</summary>
    public ulong InputStart, InputSize;
    public bool IsStatic;
}
