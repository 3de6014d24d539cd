using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hufu.Primitives;

namespace Hufu.Evm.Threaded;

/// <summary>What an instruction without operands leaves: something of the frame, the transaction or the block.</summary>
unsafe interface IReading
{
    static abstract void Read(Context* c, UInt256* result);
}

/// <summary>An address, whose bytes are put in order at the first time only.</summary>
unsafe interface IAddressReading : IReading
{
    /// <summary>Reads it again: false at the first time.</summary>
    static abstract bool TryRead(Context* c, UInt256* result);
}

// Where the value has an address of its own or is computed, reading is not inlined: the handler around it must take no address of a local.

readonly unsafe struct SelfReading : IAddressReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(Context* c, UInt256* result) => AddressReading.TryRead(&c->Self, result);

    public static void Read(Context* c, UInt256* result) => AddressReading.Read(&c->Self, c->Frame.Self.Address, result);
}

readonly unsafe struct OriginReading : IAddressReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(Context* c, UInt256* result) => AddressReading.TryRead(&c->Origin, result);

    public static void Read(Context* c, UInt256* result) => AddressReading.Read(&c->Origin, c->Machine.Origin, result);
}

readonly unsafe struct CallerReading : IAddressReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(Context* c, UInt256* result) => AddressReading.TryRead(&c->Caller, result);

    public static void Read(Context* c, UInt256* result) => AddressReading.Read(&c->Caller, c->Frame.Caller, result);
}

static unsafe class AddressReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(Context.AddressWord* known, UInt256* result)
    {
        if (!known->IsKnown) return false;
        Words.Store(result, Vector256.Create(known->Low, known->Middle, known->High, 0));
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Read(Context.AddressWord* known, in Address address, UInt256* result)
    {
        if (!known->IsKnown)
        {
            (known->Low, known->Middle, known->High) = address.Limbs;
            known->IsKnown = true;
        }
        TryRead(known, result);
    }
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

readonly unsafe struct BlobBaseFeeReading : IReading
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Read(Context* c, UInt256* result) => *result = c->Machine.Block.BlobBaseFee;
}

readonly unsafe struct PrevRandaoReading : IReading
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Read(Context* c, UInt256* result) => *result = BlockInformation.PrevRandao(c->Machine);
}
