using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>Which parts of a replay a caller wants.</summary>
[Flags]
enum TraceTypes
{
    None = 0,
    Trace = 1,
    VmTrace = 2,
    StateDiff = 4,
}

static class TraceTypesReading
{
    /// <summary>Reads a list like ["trace", "stateDiff"]; the reader stands on its bracket.</summary>
    public static TraceTypes Read(ref Utf8JsonReader reader, out string why)
    {
        var types = TraceTypes.None;
        why = reader.TokenType == JsonTokenType.StartArray ? "" : "expected an array of \"trace\", \"vmTrace\" and \"stateDiff\"";
        while (why.Length == 0 && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("trace"u8)) types |= TraceTypes.Trace;
            else if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("vmTrace"u8)) types |= TraceTypes.VmTrace;
            else if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("stateDiff"u8)) types |= TraceTypes.StateDiff;
            else why = "unknown trace type: there are \"trace\", \"vmTrace\" and \"stateDiff\"";
        }
        return types;
    }

    public static TraceTypes ReadTraceTypes(this ref Parameters parameters)
    {
        if (!parameters.NextOptionalArray("an array of trace types", out var reader)) return TraceTypes.None;
        var types = Read(ref reader, out var why);
        if (why.Length > 0) parameters.Fail(why);
        return types;
    }
}
