using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Evm.Threaded;

/// <summary>What an instruction without operands leaves: something of the frame, the transaction or the block.</summary>
unsafe interface IReading
{
    static abstract void Read(Context* c, UInt256* result);
}

// Where the value has an address of its own or is computed, reading is not inlined: the handler around it must take no address of a local.

readonly unsafe struct SelfReading : IReading
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, c->Frame.Self.Address);
}

readonly unsafe struct OriginReading : IReading
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, in c->Machine.Origin);
}

readonly unsafe struct CallerReading : IReading
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, in c->Frame.Caller);
}

readonly unsafe struct CallValueReading : IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, Words.Load(in c->Frame.Value));
}

readonly unsafe struct CallDataSizeReading : IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, c->Frame.InputSize);
}

readonly unsafe struct CodeSizeReading : IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, (ulong)c->Frame.Code.Length);
}

readonly unsafe struct GasPriceReading : IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, Words.Load(in c->Machine.GasPrice));
}

readonly unsafe struct ReturnDataSizeReading : IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, (ulong)c->Machine.ReturnData.Length);
}

readonly unsafe struct SelfBalanceReading : IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, Words.Load(in c->Frame.Self.Balance));
}

readonly unsafe struct MemorySizeReading : IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, c->MemorySize);
}

readonly unsafe struct CoinbaseReading : IReading
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, c->Machine.Block.Beneficiary);
}

readonly unsafe struct TimestampReading : IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, c->Machine.Block.Timestamp);
}

readonly unsafe struct NumberReading : IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, c->Machine.Block.Number);
}

readonly unsafe struct GasLimitReading : IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, c->Machine.Block.GasLimit);
}

readonly unsafe struct ChainIdReading : IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(Context* c, UInt256* result) => Words.Store(result, c->Machine.Block.ChainId);
}

readonly unsafe struct BaseFeeReading : IReading
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Read(Context* c, UInt256* result) => *result = c->Machine.Block.BaseFeePerGas;
}
