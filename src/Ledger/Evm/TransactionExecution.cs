using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// Runs transactions, calls and system calls, one at a time, on a view of the world in one block.
/// It reads the view and changes nothing: what would change is in the result's diff, which the caller applies before the next run.
/// </summary>
/// <param name="precompiles">In place of those of the fork; null for those.</param>
/// <param name="engine">What runs the code; null for <see cref="Engines.Default"/>.</param>
public sealed class TransactionExecution(IStateView view, BlockContext block, ForkRules rules, PrecompileSet? precompiles = null, ExecutionEngine? engine = null)
{
    /// <summary>Who makes system calls (EIP-4788).</summary>
    public static readonly Address SystemAddress = Address.Parse("0xfffffffffffffffffffffffffffffffffffffffe");

    const long SystemCallGas = 30_000_000;

    /// <summary>Runs a transaction (yellow paper, section 6.2: Υ).</summary>
    public ExecutionResult Execute(AdmittedTransaction transaction)
    {
        var tracer = default(NoTracer);
        return Execute(transaction, ref tracer);
    }

    public ExecutionResult Execute<TTracer>(AdmittedTransaction transaction, ref TTracer tracer) where TTracer : struct, ITracer
    {
        var run = new TransactionRun(transaction, block, rules);
        return Run(run, ref tracer);
    }

    /// <summary>Answers what a call would do. Nonce, code and fee cap of the caller are not looked at; value and price must be affordable.</summary>
    public ExecutionResult Call(CallRequest request)
    {
        var tracer = default(NoTracer);
        return Call(request, ref tracer);
    }

    public ExecutionResult Call<TTracer>(CallRequest request, ref TTracer tracer) where TTracer : struct, ITracer
    {
        var run = new TransactionRun(request, block, rules);
        return Run(run, ref tracer);
    }

    /// <summary>Calls a contract as the protocol itself: from SYSTEM_ADDRESS, with 30,000,000 gas, without fee or refund.</summary>
    public SystemCallResult SystemCall(in Address target, ReadOnlySpan<byte> input)
    {
        var tracer = default(NoTracer);
        return SystemCall(target, input, ref tracer);
    }

    public SystemCallResult SystemCall<TTracer>(in Address target, ReadOnlySpan<byte> input, ref TTracer tracer) where TTracer : struct, ITracer
    {
        var machine = Machine.Rent(view, block, rules, precompiles, engine);
        try
        {
            if (TTracer.IsListening) tracer.RunBegan(machine.Live);
            machine.Origin = SystemAddress;
            var callee = machine.Journal.Account(target);
            var code = machine.Journal.CodeOf(callee);
            if (code.Length == 0) return new SystemCallResult(false, Halt.Stop, [], [], new StateDiff()) { Accesses = AccessesOf(machine) };
            machine.PlaceInput(input);
            var message = new Message
            {
                Kind = FrameKind.Call,
                Self = callee,
                CodeAddress = target,
                Code = code,
                // It pays nothing, and no list of accesses names it for that.
                Payer = machine.Journal.Entry(SystemAddress),
                Caller = SystemAddress,
                Gas = SystemCallGas,
                InputSize = (ulong)input.Length,
            };
            machine.Journal.TryWarm(callee);
            var outcome = machine.Run(message, ref tracer);
            return new SystemCallResult(true, outcome.Halt, machine.ReturnData.Bytes.ToArray(), [.. machine.Journal.Logs], machine.Journal.Difference()) { Accesses = AccessesOf(machine) };
        }
        finally
        {
            machine.Return();
        }
    }

    IReadOnlyList<AccountAccess>? AccessesOf(Machine machine) => rules.Has(Eip.BlockAccessLists) ? machine.Journal.Accesses() : null;

    ExecutionResult Run<TTracer>(TransactionRun run, ref TTracer tracer) where TTracer : struct, ITracer
    {
        var machine = Machine.Rent(view, block, rules, precompiles, engine);
        try
        {
            if (TTracer.IsListening) tracer.RunBegan(machine.Live);
            run.BuyGas(machine);
            var message = run.EnterFirstFrame(machine);
            var outcome = machine.Run(message, ref tracer);
            var result = run.SettleGas(machine, outcome, message);
            if (TTracer.IsListening) tracer.RunEnded(result);
            return result;
        }
        finally
        {
            machine.Return();
        }
    }
}
