using System.Collections.Concurrent;
using System.Diagnostics;
using Hufu.Evm.Threaded;

namespace Hufu.Evm.Jit;

/// <summary>
/// Makes machine code of blocks that run often, on a thread of its own, and puts it in their place. Code that is never compiled runs as before,
/// so whatever is refused here (too large, too much for one code, no time) only stays slower.
/// </summary>
static unsafe class Compiler
{
    // Compiling takes some 0.5 µs a byte of IL: at most this much of one core's time.
    const double MostOfTheTime = 0.5;
    const int MostWaiting = 256;

    static readonly BlockingCollection<(ThreadedCode Code, nint Head)> Waiting = new(MostWaiting);
    static readonly long Began = Stopwatch.GetTimestamp();
    static long _ticks;
    static int _open, _isRunning;

    public static long Nanoseconds => (long)(Volatile.Read(ref _ticks) * (1e9 / Stopwatch.Frequency));

    /// <summary>Asks for the block; where the compiler has too much to do it is forgotten until it is asked for again.</summary>
    public static void Ask(ThreadedCode code, Instruction* head)
    {
        if (code.Countdown <= Engines.AtOnce)
        {
            Compile(code, head);
            return;
        }
        if (Interlocked.Exchange(ref _isRunning, 1) == 0) new Thread(Run) { IsBackground = true, Name = "hufu compiler", Priority = ThreadPriority.BelowNormal }.Start();
        Interlocked.Increment(ref _open);
        if (Waiting.TryAdd((code, (nint)head))) return;
        Interlocked.Decrement(ref _open);
        (head + 1)->D = code.Countdown;
    }

    /// <summary>Waits until nothing is left to do.</summary>
    public static void Finish()
    {
        while (Volatile.Read(ref _open) > 0) Thread.Sleep(1);
    }

    static void Run()
    {
        foreach (var (code, head) in Waiting.GetConsumingEnumerable())
        {
            var began = Stopwatch.GetTimestamp();
            Compile(code, (Instruction*)head);
            Interlocked.Decrement(ref _open);
            // Short work is done at once; a flood of it waits its turn.
            var spent = Stopwatch.GetElapsedTime(began);
            if (Volatile.Read(ref _ticks) > (Stopwatch.GetTimestamp() - Began) * MostOfTheTime && Waiting.Count > MostWaiting / 4) Thread.Sleep(spent);
        }
    }

    static void Compile(ThreadedCode code, Instruction* head)
    {
        var began = Stopwatch.GetTimestamp();
        var compiled = code.Compiled ??= new CompiledCode();
        if (compiled.MayGrow)
        {
            Region? region;
            lock (code.Gate) region = Region.From(code, head);
            if (region is not null && compiled.TryAdd(region.Emit(), out var entry)) Volatile.Write(ref *(nint*)&(head + 1)->Run, entry);
        }
        Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - began);
    }
}
