using System.Runtime.CompilerServices;
using Hufu.Evm.Threaded;
using Hufu.Primitives;

namespace Hufu.Evm.Jit;

/// <summary>Small steps that compiled code is put together from; RyuJIT inlines them.</summary>
static unsafe class Steps
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryLoadAt(long offset, UInt256* result, Context* c)
    {
        if ((ulong)offset >= c->MemoryWords) return false;
        UInt256.FromBigEndian(in c->Memory[offset], out *result);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryLoad(UInt256* offset, UInt256* result, Context* c)
    {
        if (offset->U0 >= c->MemoryWords || (offset->U1 | offset->U2 | offset->U3) != 0) return false;
        UInt256.FromBigEndian(in c->Memory[offset->U0], out *result);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryStoreAt(long offset, UInt256* word, Context* c)
    {
        if ((ulong)offset >= c->MemoryWords) return false;
        UInt256.WriteBigEndian(*word, ref c->Memory[offset]);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryStore(UInt256* offset, UInt256* word, Context* c)
    {
        if (offset->U0 >= c->MemoryWords || (offset->U1 | offset->U2 | offset->U3) != 0) return false;
        UInt256.WriteBigEndian(*word, ref c->Memory[offset->U0]);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Swap(UInt256* a, UInt256* b)
    {
        var first = Words.Load(a);
        Words.Store(a, Words.Load(b));
        Words.Store(b, first);
    }

    public static long HaltOf(Context* c) => (long)c->Halt;
}
