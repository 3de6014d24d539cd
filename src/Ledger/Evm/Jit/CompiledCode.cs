using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Hufu.Evm.Jit;

/// <summary>The machine code made of one code: it lives as long as the threaded code it stands in, and goes with it.</summary>
sealed class CompiledCode
{
    // Made to make compilation explode, a code gets no more than this; what is left runs as threaded code.
    const int MostRegions = 400;
    const long MostIl = 1_500_000;

    // The handle of the method behind a dynamic one: what is called without a delegate.
    static readonly MethodInfo? Descriptor = typeof(DynamicMethod).GetMethod("GetMethodDescriptor", BindingFlags.Instance | BindingFlags.NonPublic);

    readonly List<DynamicMethod> _methods = [];
    long _il;

    public bool MayGrow => Descriptor is not null && _methods.Count < MostRegions && _il < MostIl;

    /// <summary>Compiles the method and keeps it.</summary>
    public bool TryAdd(DynamicMethod method, out nint entry)
    {
        _il += method.GetILGenerator().ILOffset;
        var handle = (RuntimeMethodHandle)Descriptor!.Invoke(method, null)!;
        RuntimeHelpers.PrepareMethod(handle);
        entry = handle.GetFunctionPointer();
        _methods.Add(method);
        return true;
    }
}
