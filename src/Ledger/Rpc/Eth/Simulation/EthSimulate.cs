using System.Text.Json;
using Hufu.Chain;
using Hufu.Evm;

namespace Hufu.Rpc;

/// <summary>eth_simulateV1: what blocks of calls would do.</summary>
/// <param name="gasCap">The most gas that all calls of one simulation may use together.</param>
sealed class EthSimulate(Ledger ledger, ulong gasCap)
{
    public RpcError? Simulate(ref Parameters parameters, Answer answer)
    {
        var request = SimulationRequest.Read(ref parameters);
        var block = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (ledger.Find(block) is not { } from) return RpcError.Server("header not found: no such block");
        if (ledger.Chain.BeginOn(from) is not { } state) return RpcError.Server($"historical state of block {from.Number} is not available: it is not kept any more");

        var simulation = new Simulation(ledger, request!, state, from, gasCap, () => answer.IsOverdue);
        if (simulation.TryRun(out var blocks) is { } error) return error;
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var simulated in blocks) Write(writer, simulated, request!.ReturnsFullTransactions);
        writer.WriteEndArray();
        return null;
    }

    static void Write(Utf8JsonWriter writer, SimulatedBlock simulated, bool withTransactions)
    {
        writer.WriteStartObject();
        BlockJson.WriteMembers(writer, simulated.Block, withTransactions, index => simulated.Senders[index]);
        writer.WriteStartArray("calls"u8);
        for (var i = 0; i < simulated.Calls.Count; i++) WriteCall(writer, simulated.Block, i, simulated.Calls[i]);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    static void WriteCall(Utf8JsonWriter writer, Primitives.Block block, int index, SimulatedResult call)
    {
        var execution = call.Execution;
        writer.WriteStartObject();
        writer.WriteData("returnData"u8, execution.Succeeded ? execution.Output : []);
        writer.WriteStartArray("logs"u8);
        foreach (var (log, logIndex) in call.Logs) ReceiptJson.WriteLog(writer, new FoundLog(log, block.Header, block.Transactions[index].Hash, index, logIndex));
        writer.WriteEndArray();
        writer.WriteQuantity("gasUsed"u8, execution.GasUsed);
        writer.WriteQuantity("maxUsedGas"u8, execution.MaxGasUsed);
        writer.WriteQuantity("status"u8, execution.Succeeded ? 1UL : 0UL);
        if (!execution.Succeeded) WriteError(writer, execution);
        writer.WriteEndObject();
    }

    static void WriteError(Utf8JsonWriter writer, ExecutionResult execution)
    {
        var error = execution.Halt == Halt.Revert ? RevertReason.ToError(execution.Output) : new RpcError(RpcError.VmErrorCode, execution.Halt.Describe());
        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, error.Message);
        writer.WriteNumber("code"u8, error.Code);
        if (error.Data is { } data) writer.WriteData("data"u8, data.Span);
        writer.WriteEndObject();
    }
}
