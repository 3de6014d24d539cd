using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hufu.Evm.Threaded;

/// <summary>The fast interpreter: runs a frame as threaded code, and leaves to the plain one what does not pay or must be looked at closely.</summary>
static unsafe class ThreadedInterpreter
{
    // What 64 handlers and this probe may use of the native stack together. Jumps use none, calls 48 bytes each at the least.
    const long StackAllowance = 1024;

    // Init code runs once, mostly in order: to translate it pays from about so many turns of a loop on.
    const int LoopsOfInitCode = 64;

    /// <summary>
    /// Whether the runtime turns the chain of handlers into jumps here: not where optimisation is off (a debugger, DOTNET_JITMinOpts) or the
    /// architecture passes them otherwise, nor where words of 256 bits are no vectors of the hardware, for then each is a call with an address of
    /// a local. Where it does not, the plain interpreter runs everything.
    /// </summary>
    public static bool IsSupported { get; } = Vector256.IsHardwareAccelerated && ChainIsJumps();

    /// <summary>Runs the frame until it halts or enters a call, as <see cref="Interpreter.Run"/> does.</summary>
    public static Halt Run(Frame frame)
    {
        if (frame.IsPlain) return RunPlainly(frame);

        var context = default(Context);
        var machine = frame.Machine;
        var next = frame.Resume;
        if (next == null && frame.IsCreate)
        {
            if (frame.ProgramCounter == 0) frame.LoopsLeft = LoopsOfInitCode;
            var reached = RunPlainly(frame);
            if (reached != Halt.Looping) return reached;
            frame.Threaded = ThreadedCode.OfInitCode(frame.Code, machine.Gas);
            next = frame.Threaded.HeadAt(frame.ProgramCounter);
        }
        else if (next == null)
        {
            frame.Threaded = ThreadedCode.Of(frame.Code, machine.Gas, machine.Countdown);
            next = frame.Threaded.Entry;
        }
        context.Frame = frame;
        context.Machine = machine;
        context.Code = frame.Threaded!;
        context.Targets = context.Code.Targets;
        context.CodeLength = (ulong)frame.Code.Length;
        context.Refresh();
        var halt = next->Run(next, (byte*)frame.Top, frame.Gas, &context);
        if (halt != Handlers.Refused) return (Halt)halt;
        frame.IsPlain = true;
        return RunPlainly(frame);
    }

    static Halt RunPlainly(Frame frame)
    {
        var tracer = default(NoTracer);
        return Interpreter.Run(frame, ref tracer);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool ChainIsJumps()
    {
        const int Length = 64;
        var chain = stackalloc Instruction[Length];
        for (var i = 0; i < Length; i++) chain[i] = new Instruction { Run = &Link, A = Length - 1 - i };
        // Twice: the first time each handler is compiled on the way.
        chain->Run(chain, null, 0, null);
        var used = (long)StackPointer() - chain->Run(chain, null, 0, null);
        return Math.Abs(used) < StackAllowance;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static long Link(Instruction* n, byte* top, long gas, Context* c)
    {
        if (n->A == 0) return (long)StackPointer();
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static nint StackPointer()
    {
        int here;
        return (nint)(&here);
    }
}
