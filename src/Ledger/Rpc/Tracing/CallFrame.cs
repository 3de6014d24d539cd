using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>A call, a creation or a self-destruction in the tree of a traced transaction.</summary>
sealed class CallFrame
{
    public FrameKind Kind { get; init; }
    public bool IsSelfDestruct { get; init; }
    public required Address From { get; init; }
    public required Address To { get; init; }
    public UInt256 Value { get; init; }
    public ulong Gas { get; init; }
    public byte[] Input { get; init; } = [];
    public bool IsPrecompile { get; init; }

    public ulong GasUsed { get; set; }

    /// <summary>What it returned, the code it made, or the reason it reverted with; empty after any other failure.</summary>
    public byte[] Output { get; set; } = [];
    public Halt Halt { get; set; } = Halt.Stop;

    /// <summary>Null where it succeeded.</summary>
    public string? Error { get; set; }
    public List<CallFrame> Calls { get; } = [];
    public List<CallLog> Logs { get; } = [];

    public bool IsCreate => !IsSelfDestruct && Kind >= FrameKind.Create;

    /// <summary>The instruction that began it.</summary>
    public string Name => IsSelfDestruct ? "SELFDESTRUCT" : Kind switch
    {
        FrameKind.Call => "CALL",
        FrameKind.CallCode => "CALLCODE",
        FrameKind.DelegateCall => "DELEGATECALL",
        FrameKind.StaticCall => "STATICCALL",
        FrameKind.Create => "CREATE",
        _ => "CREATE2",
    };
}

/// <param name="Position">How many calls of its frame went before it.</param>
/// <param name="Index">Among all logs of the block.</param>
readonly record struct CallLog(Log Log, int Position, int Index);
