using System.Runtime.InteropServices;

namespace Hufu.Evm;

/// <summary>The memories of all frames that run, one after the other in one block of native memory: a frame's begins where its caller's ends.</summary>
sealed unsafe class MemoryArena : IDisposable
{
    /// <summary>What no gas a real block has could pay for (2 GiB cost 9 * 10^12 gas); a call with boundless gas ends here. A span reaches no further.</summary>
    public const ulong LimitBytes = (1UL << 31) - 4096;

    const nuint FirstBytes = 1 << 16;
    const nuint LargestKept = 1 << 24;

    nuint _capacity;

    ~MemoryArena() => NativeMemory.AlignedFree(Base);

    /// <summary>Moves when the arena grows.</summary>
    public byte* Base { get; private set; }

    /// <summary>Makes room for that many bytes; false where that is beyond the limit.</summary>
    public bool TryReserve(ulong bytes)
    {
        if (bytes <= _capacity) return true;
        if (bytes > LimitBytes) return false;
        var capacity = Math.Max(_capacity, FirstBytes);
        while (capacity < bytes) capacity *= 2;
        Base = (byte*)NativeMemory.AlignedRealloc(Base, capacity, 64);
        _capacity = capacity;
        return true;
    }

    /// <summary>Lets go of an unusual size before the arena waits for its next use.</summary>
    public void Trim()
    {
        if (_capacity <= LargestKept) return;
        NativeMemory.AlignedFree(Base);
        Base = null;
        _capacity = 0;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Base);
        Base = null;
        _capacity = 0;
        GC.SuppressFinalize(this);
    }
}
