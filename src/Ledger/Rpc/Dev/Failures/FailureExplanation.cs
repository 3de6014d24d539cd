namespace Hufu.Rpc;

/// <summary>Says of a failure on a development chain what the compiler knew of it: a custom error by its name and values, and the places in the source where the run was.</summary>
/// <param name="artifacts">A folder of compiled contracts: Hardhat's `artifacts`, Foundry's `out`.</param>
public sealed class FailureExplanation(string artifacts, TimeProvider clock)
{
    readonly KnownErrors _errors = new(artifacts, clock);
    readonly CompiledContracts _contracts = new(artifacts, clock);

    /// <param name="run">The run that failed, once more under a tracer.</param>
    internal RpcError Explain(RpcError error, Action<StackTracer> run)
    {
        if (error is { Code: RpcError.RevertedCode, Message: "execution reverted", Data: { } data } && _errors.Describe(data.Span) is { } words) error = error with { Message = $"execution reverted: {words}" };
        var recorder = new StackTraceRecorder(_contracts);
        run(new StackTracer(recorder));
        return recorder.KnowsAny && recorder.Places.Count > 0 ? error with { Message = $"{error.Message}\n    at {string.Join("\n    at ", recorder.Places)}" } : error;
    }
}
