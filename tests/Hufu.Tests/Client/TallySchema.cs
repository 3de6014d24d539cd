using System.Text.Json;
using Json.Schema;

namespace Hufu.Tests.Client;

/// <summary>The JSON Schema of tallies that stands beside the code which writes them.</summary>
static class TallySchema
{
    static readonly JsonSchema Schema = JsonSchema.FromFile(SharedFolder.Repository("src/Platform/Client/Tallies/tally-1.schema.json"));

    public static bool Allows(string tally, out string faults)
    {
        using var document = JsonDocument.Parse(tally);
        var result = Schema.Evaluate(document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        faults = string.Join("; ", (result.Details ?? []).Where(one => one.Errors is not null).SelectMany(one => one.Errors!.Select(error => $"{one.InstanceLocation}: {error.Value}")));
        return result.IsValid;
    }
}
