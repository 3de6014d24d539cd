using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Services;
using Json.Schema;
using Xunit;

namespace Hufu.ServiceTests.Traceability;

/// <summary>Our rules, which are code, against the JSON Schema of GS1, which is none of ours: what it refuses in a changed document, we refuse too.</summary>
public class EpcisSchemaTests
{
    /// <summary>Where we forgive: XML has these, or older drafts had, and the examples of the standard itself do not keep to it.</summary>
    static readonly string[] Forgiven = ["persistentDisposition", "sensorReport", "\"id\"", "_:"];

    [Fact]
    public void What_the_schema_allows_is_accepted()
    {
        var (schema, allowed) = (EpcisSchemas.Json, 0);
        var options = new EvaluationOptions { RequireFormatValidation = true };
        foreach (var (name, file) in ServiceData.Open("epcis.zip").Where(one => Path.GetExtension(one.Key) is ".json" or ".jsonld" && !one.Key.Contains("Schema", StringComparison.Ordinal) && !one.Key.Contains("ontext/", StringComparison.Ordinal) && !one.Key.StartsWith("gs1/REST", StringComparison.Ordinal) && !one.Key.StartsWith("gs1/epcis-context", StringComparison.Ordinal)))
        {
            using var document = JsonDocument.Parse(file);
            if (!schema.Evaluate(document.RootElement, options).IsValid) continue;
            allowed++;
            Assert.True(EpcisDocument.TryAccept(file, out _, out var refusal), $"{name}: {refusal}");
        }
        Assert.True(allowed > 60, $"{allowed}");
    }

    [Fact]
    public void What_the_schema_refuses_in_a_changed_document_is_refused()
    {
        var schema = EpcisSchemas.Json;
        var options = new EvaluationOptions { RequireFormatValidation = true };
        var random = new Random(7);
        var files = ServiceData.Open("epcis.zip").Where(one => one.Key.StartsWith("openepcis/2.0/EPCIS/JSON/Capture/Documents", StringComparison.Ordinal)).Select(one => ServiceData.Text(one.Value)).ToArray();
        var (refused, wrong) = (0, new List<string>());
        for (var i = 0; i < LongRun.Operations / 6; i++)
        {
            var root = JsonNode.Parse(files[random.Next(files.Length)])!;
            if (Change(root, random) is not { } change || Forgiven.Any(change.Contains)) continue;
            var text = root.ToJsonString();
            using var document = JsonDocument.Parse(text);
            if (schema.Evaluate(document.RootElement, options).IsValid) continue;
            refused++;
            if (EpcisDocument.TryAccept(Encoding.UTF8.GetBytes(text), out _, out _) && !IsForgivenAlready(text)) wrong.Add(change);
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Distinct().Take(20)));
        Assert.True(refused > 50, $"{refused}");
    }

    // Documents that break the schema before they are changed.
    static bool IsForgivenAlready(string text) => text.Contains("persistentDisposition", StringComparison.Ordinal) || text.Contains("Molar_concentration", StringComparison.Ordinal) || text.Contains("EffectiveDoseRate", StringComparison.Ordinal);

    /// <summary>Leaves a field of an event out, or puts another kind of value in its place.</summary>
    static string? Change(JsonNode root, Random random)
    {
        if (root["epcisBody"]?["eventList"] is not JsonArray { Count: > 0 } list || list[random.Next(list.Count)] is not JsonObject one) return null;
        var fields = one.Where(field => !field.Key.Contains(':', StringComparison.Ordinal) && field.Key is not "@context").Select(field => field.Key).ToArray();
        var name = fields[random.Next(fields.Length)];
        JsonNode? value = random.Next(6) switch { 0 => null, 1 => 7, 2 => "no such word", 3 => new JsonObject(), 4 => new JsonArray(), _ => true };
        if (random.Next(4) == 0)
        {
            one.Remove(name);
            return $"\"{name}\" left out";
        }
        one[name] = value;
        return $"\"{name}\" as {value?.ToJsonString() ?? "null"}";
    }
}
