using Hufu.Evm.Threaded;

namespace Hufu.Evm;

/// <summary>What runs the code of a frame. All give the same results; traced runs always use the reference.</summary>
public enum ExecutionEngine
{
    /// <summary>The plain interpreter.</summary>
    Reference,

    /// <summary>Threaded code.</summary>
    Interpreter,
}

public static class Engines
{
    /// <summary>What runs where nobody says otherwise: the fastest that works here, or what HUFU_ENGINE names.</summary>
    public static ExecutionEngine Default { get; set; } = Chosen();

    /// <summary>Whether the engine works in this process; where it does not, <see cref="ExecutionEngine.Reference"/> takes its place.</summary>
    public static bool IsSupported(ExecutionEngine engine) => engine == ExecutionEngine.Reference || ThreadedInterpreter.IsSupported;

    public static bool TryParse(string name, out ExecutionEngine engine) => Enum.TryParse(name, ignoreCase: true, out engine) && Enum.IsDefined(engine);

    static ExecutionEngine Chosen()
    {
        var named = System.Environment.GetEnvironmentVariable("HUFU_ENGINE");
        return named is not null && TryParse(named, out var engine) ? engine : ExecutionEngine.Interpreter;
    }
}
