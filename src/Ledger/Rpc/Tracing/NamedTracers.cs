using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>Finds the tracer that a caller asks for.</summary>
static class NamedTracers
{
    /// <param name="writer">Where the struct logger writes while the transaction runs; the others write when it is over.</param>
    public static bool TryMake(TraceOptions options, Utf8JsonWriter writer, TraceBudget budget, [NotNullWhen(true)] out TransactionTracer? tracer, [NotNullWhen(false)] out RpcError? error)
    {
        if (options.Tracer.Length > 0) return TryMake(options.Tracer, options.TracerConfig, budget, out tracer, out error);
        (tracer, error) = (new StructLogTracer(writer, options, budget), null);
        return true;
    }

    static bool TryMake(string name, JsonElement config, TraceBudget budget, [NotNullWhen(true)] out TransactionTracer? tracer, [NotNullWhen(false)] out RpcError? error)
    {
        error = null;
        bool Set(string option) => config.ValueKind == JsonValueKind.Object && config.TryGetProperty(option, out var value) && value.ValueKind == JsonValueKind.True;
        tracer = name switch
        {
            "callTracer" => new CallTracer(budget, Set("onlyTopCall"), Set("withLog")),
            "flatCallTracer" => new FlatCallTracer(budget, Set("convertParityErrors"), Set("includePrecompiles")),
            "prestateTracer" => new PrestateTracer(budget, new PrestateOptions(Set("diffMode"), Set("disableCode"), Set("disableStorage"), Set("includeEmpty"))),
            "4byteTracer" => new FourByteTracer(budget),
            "erc7562Tracer" => new Erc7562Tracer(budget, Set("withLog")),
            "noopTracer" => new NoopTracer(),
            "muxTracer" => TryMakeMux(config, budget, out error),
            _ when name.Contains('{', StringComparison.Ordinal) => !budget.AllowsScripts ? Refused(out error) : ScriptTracer.TryMake(name, config.ValueKind == JsonValueKind.Undefined ? "{}" : config.GetRawText(), budget, out error),
            _ => null,
        };
        if (tracer is null) error ??= RpcError.Server(
            $"tracer not found: '{(name.Length > 60 ? name[..60] : name)}'; there are callTracer, flatCallTracer, prestateTracer, 4byteTracer, erc7562Tracer, muxTracer and noopTracer, and scripts in JavaScript");
        return tracer is not null;
    }

    static TransactionTracer? Refused(out RpcError? error)
    {
        error = RpcError.Server("tracers in JavaScript are for trusted callers only: use callTracer or another of the built-in ones, or a key that is \"trusted\"");
        return null;
    }

    static MuxTracer? TryMakeMux(JsonElement config, TraceBudget budget, out RpcError? error)
    {
        error = null;
        if (config.ValueKind != JsonValueKind.Object)
        {
            error = RpcError.InvalidParams("muxTracer needs a tracerConfig whose members are tracers with their options: {\"callTracer\": {\"withLog\": true}, \"4byteTracer\": null}");
            return null;
        }
        List<(string, TransactionTracer)> tracers = [];
        foreach (var member in config.EnumerateObject())
        {
            if (!TryMake(member.Name, member.Value, budget, out var tracer, out error)) return null;
            tracers.Add((member.Name, tracer));
        }
        return new MuxTracer(tracers);
    }
}
