using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>noopTracer: hears everything and says nothing; for measuring what tracing itself costs.</summary>
sealed class NoopTracer : TransactionTracer
{
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteEndObject();
    }
}
