using Hufu.Evm.Jit;
using Hufu.Evm.Threaded;

namespace Hufu.Evm;

/// <summary>What runs the code of a frame. All give the same results; traced runs always use the reference.</summary>
public enum ExecutionEngine
{
    /// <summary>The plain interpreter.</summary>
    Reference,

    /// <summary>Threaded code.</summary>
    Interpreter,

    /// <summary>Threaded code, and machine code where it is hot.</summary>
    Compiled,
}

public static class Engines
{
    /// <summary>What runs where nobody says otherwise: the fastest that works here, or what HUFU_ENGINE names.</summary>
    public static ExecutionEngine Default { get; set; } = Chosen();

    /// <summary>Counts up to this one are for tests: what they reach is compiled at once, on the thread that runs it.</summary>
    internal const int AtOnce = 3;

    /// <summary>How often a block that jumps go to runs before the compiler looks at it; 0 compiles all. HUFU_COMPILES_AFTER says otherwise.</summary>
    public static int CompilesAfter { get; set; } = int.TryParse(System.Environment.GetEnvironmentVariable("HUFU_COMPILES_AFTER"), out var count) ? count : 2_000;

    /// <summary>Wall time the compiler has spent in this process, in nanoseconds.</summary>
    public static long CompileNanoseconds => Compiler.Nanoseconds;

    /// <summary>Waits until the compiler has nothing left to do: for measurements and tests.</summary>
    public static void FinishCompiling() => Compiler.Finish();

    /// <summary>Makes precompiles do again what they have done before: for measurements, which otherwise would measure the memory of the run before.</summary>
    public static void ForgetAnswers() => PrecompileMemo.Forget();

    /// <summary>Whether the engine works in this process; where it does not, <see cref="ExecutionEngine.Reference"/> takes its place.</summary>
    public static bool IsSupported(ExecutionEngine engine) => engine == ExecutionEngine.Reference || ThreadedInterpreter.IsSupported;

    public static bool TryParse(string name, out ExecutionEngine engine) => Enum.TryParse(name, ignoreCase: true, out engine) && Enum.IsDefined(engine);

    static ExecutionEngine Chosen()
    {
        var named = System.Environment.GetEnvironmentVariable("HUFU_ENGINE");
        return named is not null && TryParse(named, out var engine) ? engine : ExecutionEngine.Interpreter;
    }
}
