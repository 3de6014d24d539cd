using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// Runs transactions, calls and system calls, one at a time, on a view of the world in one block.
/// It reads the view and changes nothing: what would change is in the result's diff, which the caller applies before the next run.
/// Not for use by two threads at once.
/// </summary>
public sealed class TransactionExecution(IStateView view, BlockContext block, ForkRules rules)
{
    public ExecutionResult Execute(AdmittedTransaction transaction)
    {
        var tracer = default(NoTracer);
        return Execute(transaction, ref tracer);
    }

    public ExecutionResult Execute<TTracer>(AdmittedTransaction transaction, ref TTracer tracer) where TTracer : struct, ITracer =>
        throw new NotImplementedException($"{view} {block} {rules}");

    public ExecutionResult Call(CallRequest request)
    {
        var tracer = default(NoTracer);
        return Call(request, ref tracer);
    }

    public ExecutionResult Call<TTracer>(CallRequest request, ref TTracer tracer) where TTracer : struct, ITracer => throw new NotImplementedException();

    /// <summary>Calls a contract as the protocol itself: from SYSTEM_ADDRESS, with 30,000,000 gas, without fee.</summary>
    public SystemCallResult SystemCall(in Address target, ReadOnlySpan<byte> input) => throw new NotImplementedException();
}
