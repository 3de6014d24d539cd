using Hufu.Evm;

namespace Hufu.Rpc;

/// <summary>What would happen: eth_call, eth_estimateGas, eth_createAccessList.</summary>
/// <param name="gasCap">The most gas a call may use, whatever it asks for.</param>
sealed class EthCalls(Ledger ledger, ulong gasCap)
{
    public RpcError? Call(ref Parameters parameters, Answer answer)
    {
        var call = CallObject.Read(ref parameters);
        var block = parameters.Block();
        var stateOverrides = StateOverrides.Read(ref parameters);
        var blockOverrides = BlockOverrides.Read(ref parameters);
        if (parameters.Failed) return parameters.Error;
        if (CallStage.TryPrepare(ledger, block, stateOverrides, blockOverrides, out var stage) is { } error) return error;

        var gas = Math.Min(call!.Gas ?? gasCap, gasCap);
        if (stage.Check(call, gas) is { } refused) return refused;
        var result = Run(stage, call, gas);
        if (CallStage.ErrorOf(result) is { } failed) return Explained(failed, stage, call, gas);
        answer.Result.WriteData(result.Output);
        return null;
    }

    ExecutionResult Run(CallStage stage, CallObject call, ulong gas)
    {
        if (ledger.Console is not { MaySpeak: true } console) return stage.Run(call, gas);
        var lines = new List<string>();
        var tracer = new ConsoleTracer(lines);
        var result = stage.Run(call, gas, null, ref tracer);
        console.Show(lines);
        return result;
    }

    public RpcError? EstimateGas(ref Parameters parameters, Answer answer)
    {
        var call = CallObject.Read(ref parameters);
        // What is estimated will run in the next block, where a chain of development knows that block: at another time code may take another way.
        var block = parameters.Block(BlockReference.Pending);
        var stateOverrides = StateOverrides.Read(ref parameters);
        var blockOverrides = BlockOverrides.Read(ref parameters);
        if (parameters.Failed) return parameters.Error;
        if (CallStage.TryPrepare(ledger, block, stateOverrides, blockOverrides, out var stage) is { } error) return error;
        if (GasEstimate.TryFind(stage, call!, gasCap, out var gas) is { } failed) return Explained(failed, stage, call!, call!.Gas ?? gasCap);
        answer.Result.WriteQuantity(gas);
        return null;
    }

    RpcError Explained(RpcError failed, CallStage stage, CallObject call, ulong gas) =>
        ledger.Failures?.Explain(failed, tracer => stage.Run(call, Math.Min(gas, gasCap), null, ref tracer)) ?? failed;

    public RpcError? CreateAccessList(ref Parameters parameters, Answer answer)
    {
        var call = CallObject.Read(ref parameters);
        var block = parameters.Block();
        var stateOverrides = StateOverrides.Read(ref parameters);
        if (parameters.Failed) return parameters.Error;
        if (CallStage.TryPrepare(ledger, block, stateOverrides, null, out var stage) is { } error) return error;

        var gas = Math.Min(call!.Gas ?? Math.Min(stage.BlockGasLimit, gasCap), gasCap);
        if (stage.Check(call, gas) is { } refused) return refused;
        var (accessList, result) = AccessListSearch.Find(stage, call, gas);

        var writer = answer.Result;
        writer.WriteStartObject();
        TransactionJson.WriteAccessList(writer, accessList);
        if (!result.Succeeded) writer.WriteString("error"u8, result.Halt.Describe());
        writer.WriteQuantity("gasUsed"u8, result.GasUsed);
        writer.WriteEndObject();
        return null;
    }
}
