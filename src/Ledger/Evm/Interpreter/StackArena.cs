using System.Runtime.InteropServices;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// The stacks of all call depths: native memory, one place of 64 KiB at a multiple of 64 KiB for each, so that a stack's height
/// can be read off the address of its top. Word 0 stays unused: an empty stack's top points to it.
/// </summary>
sealed unsafe class StackArena : IDisposable
{
    const int PlaceBytes = 1 << 16;
    const int PlacesPerSegment = 32;

    readonly List<nint> _segments = [];

    ~StackArena() => Free();

    /// <summary>The word below the first of the stack at that depth (0 for the outermost frame).</summary>
    public UInt256* At(int depth)
    {
        var segment = depth / PlacesPerSegment;
        while (_segments.Count <= segment) _segments.Add((nint)NativeMemory.AlignedAlloc(PlaceBytes * PlacesPerSegment, PlaceBytes));
        return (UInt256*)(_segments[segment] + (nint)(depth % PlacesPerSegment) * PlaceBytes);
    }

    /// <summary>How many words the stack with that top holds.</summary>
    public static int Height(UInt256* top) => (int)((nuint)top >> 5) & 0x7FF;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    void Free()
    {
        foreach (var segment in _segments) NativeMemory.AlignedFree((void*)segment);
        _segments.Clear();
    }
}
