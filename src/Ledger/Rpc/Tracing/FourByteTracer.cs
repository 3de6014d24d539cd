using System.Globalization;
using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>4byteTracer: how often each function selector was called, with the size of what came after it: "0x27dc297e-128": 1.</summary>
sealed class FourByteTracer(TraceBudget budget) : TransactionTracer
{
    const int EntryBytes = 100;

    readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public override void FrameEntered(in FrameView frame)
    {
        if (frame.Input.Length < 4 || frame.Kind >= FrameKind.Create || frame.IsPrecompile) return;
        budget.Spend(EntryBytes);
        var key = string.Create(CultureInfo.InvariantCulture, $"{Hex.Encode(frame.Input[..4])}-{frame.Input.Length - 4}");
        _counts[key] = _counts.GetValueOrDefault(key) + 1;
    }

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (key, count) in _counts) writer.WriteNumber(key, count);
        writer.WriteEndObject();
    }
}
