using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>flatCallTracer: the calls one after the other, each with its address in the tree, in the form of OpenEthereum. Options: convertParityErrors, includePrecompiles.</summary>
sealed class FlatCallTracer(TraceBudget budget, bool convertParityErrors, bool includePrecompiles) : TransactionTracer
{
    readonly CallTree _tree = new(budget, keeps: frame => includePrecompiles || !IsHidden(frame));
    TracedTransaction _transaction = null!;

    /// <summary>Calls of precompiles are no calls to OpenEthereum, unless they run in the name of the caller.</summary>
    public static bool IsHidden(CallFrame frame) => frame is { IsSelfDestruct: false, IsPrecompile: true, Kind: FrameKind.Call or FrameKind.StaticCall };

    public override void Began(TracedTransaction transaction, IStateView live)
    {
        _transaction = transaction;
        _tree.Began(transaction);
    }

    public override void StepStarted(in StepView step) => _tree.StepStarted(step);
    public override void FrameEntered(in FrameView frame) => _tree.FrameEntered(frame);
    public override void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed) => _tree.FrameLeft(halt, output, gasUsed);
    public override void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) => _tree.SelfDestructed(address, beneficiary, balance);
    public override void Ended(ExecutionResult result, IStateView after) => _tree.Ended(result);

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var (frame, address) in FlatCalls.Of(_tree.Root)) WriteCall(writer, frame, address);
        writer.WriteEndArray();
    }

    void WriteCall(Utf8JsonWriter writer, CallFrame frame, int[] address)
    {
        writer.WriteStartObject();
        FlatCalls.WriteAction(writer, frame, withCreationMethod: true);
        if (_transaction.BlockHash is { } block)
        {
            writer.WriteHash("blockHash"u8, block);
            writer.WriteNumber("blockNumber"u8, _transaction.Block.Number);
        }
        if (frame.Error is { } error) writer.WriteString("error"u8, convertParityErrors ? FlatCalls.ErrorOf(frame) : error);
        if (frame.Error is null || frame.Halt == Halt.Revert) FlatCalls.WriteResult(writer, frame);
        FlatCalls.WritePlace(writer, frame, address);
        if (_transaction.Hash is { } hash)
        {
            writer.WriteHash("transactionHash"u8, hash);
            writer.WriteNumber("transactionPosition"u8, _transaction.Index ?? 0);
        }
        writer.WriteString("type"u8, FlatCalls.TypeOf(frame));
        writer.WriteEndObject();
    }
}
