using System.Text.Json;
using Hufu.Evm;

namespace Hufu.Rpc;

/// <summary>The tree of calls laid flat, and the forms that OpenEthereum gave its parts.</summary>
static class FlatCalls
{
    /// <summary>All frames in the order in which they began, each with its path from the outermost.</summary>
    public static IEnumerable<(CallFrame Frame, int[] Address)> Of(CallFrame root)
    {
        var open = new Stack<(CallFrame, int[])>();
        open.Push((root, []));
        while (open.TryPop(out var next))
        {
            yield return next;
            var (frame, address) = next;
            for (var i = frame.Calls.Count - 1; i >= 0; i--) open.Push((frame.Calls[i], [.. address, i]));
        }
    }

    public static string TypeOf(CallFrame frame) => frame.IsSelfDestruct ? "suicide" : frame.IsCreate ? "create" : "call";

    public static void WriteAction(Utf8JsonWriter writer, CallFrame frame, bool withCreationMethod)
    {
        writer.WriteStartObject("action"u8);
        if (frame.IsSelfDestruct)
        {
            writer.WriteAddress("address"u8, frame.From);
            writer.WriteQuantity("balance"u8, frame.Value);
            writer.WriteAddress("refundAddress"u8, frame.To);
            writer.WriteEndObject();
            return;
        }
        writer.WriteAddress("from"u8, frame.From);
        writer.WriteQuantity("gas"u8, frame.Gas);
        writer.WriteQuantity("value"u8, frame.Value);
        if (frame.IsCreate)
        {
            writer.WriteData("init"u8, frame.Input);
            if (withCreationMethod) writer.WriteString("creationMethod"u8, LowerName(frame));
        }
        else
        {
            writer.WriteAddress("to"u8, frame.To);
            writer.WriteData("input"u8, frame.Input);
            writer.WriteString("callType"u8, LowerName(frame));
        }
        writer.WriteEndObject();
    }

    public static void WriteResult(Utf8JsonWriter writer, CallFrame frame)
    {
        if (frame.IsSelfDestruct) return;
        writer.WriteStartObject("result"u8);
        writer.WriteQuantity("gasUsed"u8, frame.GasUsed);
        if (frame.IsCreate)
        {
            if (frame.Error is null) writer.WriteAddress("address"u8, frame.To);
            writer.WriteData("code"u8, frame.Output);
        }
        else writer.WriteData("output"u8, frame.Output);
        writer.WriteEndObject();
    }

    public static void WritePlace(Utf8JsonWriter writer, CallFrame frame, int[] address)
    {
        writer.WriteNumber("subtraces"u8, frame.Calls.Count);
        writer.WriteStartArray("traceAddress"u8);
        foreach (var index in address) writer.WriteNumberValue(index);
        writer.WriteEndArray();
    }

    /// <summary>OpenEthereum's words for a failure.</summary>
    public static string ErrorOf(CallFrame frame) => frame.Halt switch
    {
        Halt.Revert => "Reverted",
        Halt.OutOfGas or Halt.CodeDepositOutOfGas or Halt.CodeSizeLimit or Halt.InitCodeSizeLimit or Halt.CreateCollision or Halt.CodeStartsWithEf => "Out of gas",
        Halt.InvalidJump => "Bad jump destination",
        Halt.InvalidOpcode => "Bad instruction",
        Halt.StackUnderflow => "Stack underflow",
        Halt.StackOverflow => "Out of stack",
        Halt.ReturnDataOutOfBounds => "Out of bounds",
        Halt.WriteProtection => "Mutable Call In Static Context",
        Halt.PrecompileFailure => "Built-in failed",
        _ => frame.Error ?? "",
    };

    static string LowerName(CallFrame frame) => frame.Kind switch
    {
        FrameKind.Call => "call",
        FrameKind.CallCode => "callcode",
        FrameKind.DelegateCall => "delegatecall",
        FrameKind.StaticCall => "staticcall",
        FrameKind.Create => "create",
        _ => "create2",
    };
}
