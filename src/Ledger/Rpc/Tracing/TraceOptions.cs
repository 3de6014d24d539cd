using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>How a caller of the debug namespace wants traces to be (execution-apis, TraceConfig), and for debug_traceCall what is to be otherwise around the call.</summary>
sealed class TraceOptions
{
    static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(5);

    public bool WithStorage { get; private set; } = true;
    public bool WithStack { get; private set; } = true;
    public bool WithMemory { get; private set; }
    public bool WithReturnData { get; private set; }

    /// <summary>The most steps that are written; 0 for all.</summary>
    public ulong Limit { get; private set; }

    /// <summary>A name or a script; empty for the struct logger.</summary>
    public string Tracer { get; private set; } = "";
    public JsonElement TracerConfig { get; private set; }
    public TimeSpan Timeout { get; private set; } = UsualTimeout;

    public StateOverrides State { get; private set; } = new();
    public BlockOverrides Block { get; private set; } = new();

    /// <summary>How many of the block's transactions have run when the call does; null for all.</summary>
    public ulong? TransactionIndex { get; private set; }

    /// <summary>Reads the parameter, which may be absent.</summary>
    public static TraceOptions Read(ref Parameters parameters)
    {
        var options = new TraceOptions();
        if (!parameters.NextOptionalObject("an object of trace options", out var reader)) return options;
        var why = "";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName) why = options.ReadMember(ref reader);
        if (why.Length > 0) parameters.Fail(why);
        return options;
    }

    string ReadMember(ref Utf8JsonReader reader)
    {
        var name = reader.GetString();
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return "";
        var why = "";
        switch (name)
        {
            case "disableStorage": WithStorage = !ReadBoolean(ref reader, ref why); break;
            case "disableStack": WithStack = !ReadBoolean(ref reader, ref why); break;
            case "enableMemory": WithMemory = ReadBoolean(ref reader, ref why); break;
            case "disableMemory": WithMemory = !ReadBoolean(ref reader, ref why); break;
            case "enableReturnData": WithReturnData = ReadBoolean(ref reader, ref why); break;
            case "disableReturnData": WithReturnData = !ReadBoolean(ref reader, ref why); break;
            case "limit": Limit = ReadNumber(ref reader, ref why); break;
            case "tracer":
                if (reader.TokenType == JsonTokenType.String) Tracer = reader.GetString() ?? "";
                else why = "expected a string";
                break;
            case "tracerConfig": TracerConfig = JsonElement.ParseValue(ref reader); break;
            case "timeout":
                if (reader.TokenType == JsonTokenType.String && GoDuration.TryParse(reader.GetString() ?? "", out var timeout)) Timeout = timeout;
                else why = "expected a duration like \"300ms\", \"5s\" or \"2m\"";
                break;
            case "stateOverrides": State = StateOverrides.Read(ref reader, out why); break;
            case "blockOverrides": Block = BlockOverrides.Read(ref reader, out why); break;
            case "txIndex": TransactionIndex = ReadNumber(ref reader, ref why); break;
            default: reader.Skip(); break;
        }
        return why.Length == 0 ? "" : $"{name}: {why}";
    }

    static bool ReadBoolean(ref Utf8JsonReader reader, ref string why)
    {
        if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False)) why = "expected true or false";
        return reader.TokenType == JsonTokenType.True;
    }

    static ulong ReadNumber(ref Utf8JsonReader reader, ref string why)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out var number)) return number;
        if (reader.TokenType == JsonTokenType.String && JsonReading.TryGetUInt64(ref reader, out number, out why)) return number;
        if (why.Length == 0) why = "expected a number";
        return 0;
    }
}

/// <summary>Durations as Go writes them: "1m30s", "300ms".</summary>
static class GoDuration
{
    static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text.IsEmpty) return false;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) return false;
            text = text[digits..];
            var end = text.IndexOfAny(Digits);
            var unit = end < 0 ? text : text[..end];
            var seconds = unit switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "us" or "µs" => 1e-6, "ns" => 1e-9, _ => 0.0 };
            if (seconds == 0 || count * seconds > TimeSpan.FromDays(1).TotalSeconds) return false;
            duration += TimeSpan.FromSeconds(count * seconds);
            text = text[unit.Length..];
        }
        return true;
    }
}
