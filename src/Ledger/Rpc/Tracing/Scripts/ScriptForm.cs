using Acornima.Ast;
using Jint;

namespace Hufu.Rpc;

/// <summary>
/// Which JavaScript a tracer may be written in. What lets a script nest natively without end (delegating generators, chains of classes) is refused,
/// because no limit of the engine stops the stack of this process from overflowing there; tracers have no use for it.
/// </summary>
static class ScriptForm
{
    /// <summary>Null where the script is acceptable.</summary>
    public static string? Refuse(Prepared<Script> prepared)
    {
        var open = new Stack<Node>();
        open.Push(prepared.Program!);
        while (open.TryPop(out var node))
        {
            switch (node)
            {
                case IFunction { Generator: true }: return "generators are not allowed in a tracer: write a loop";
                case IFunction { Async: true }: return "async functions are not allowed in a tracer: everything is there when it is asked for";
                case IClass: return "classes are not allowed in a tracer: write an object";
            }
            foreach (var child in node.ChildNodes)
                if (child is not null) open.Push(child);
        }
        return null;
    }
}
