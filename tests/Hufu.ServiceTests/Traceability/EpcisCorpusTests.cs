using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests.Traceability;

/// <summary>Other people's EPCIS files: accepted or refused as they should be, hashed byte for byte as the reference does, written and read again without loss.</summary>
public class EpcisCorpusTests
{
    /// <summary>Examples of GS1 that break the rules of GS1's own schema, and what they break.</summary>
    static readonly Dictionary<string, string?> Broken = new()
    {
        ["gs1/JSON-simple-context/Example-TransactionEvents-2020_07_03y.jsonld"] = "this is a list",
        ["gs1/JSON-simple-context/WithFullCombinationOfFields/object_event_all_possible_fields.jsonld"] = "master data of an instance begins when it does",
        ["gs1/JSON-simple-context/WithSensorData/SensorDataExample12.jsonld"] = "the version of the schema is missing",
        ["gs1/JSON-simple-context/WithSensorData/SensorDataExample17.jsonld"] = "the version is no version",
        ["gs1/XML/WithEventHashID/event_with_identical_hash_id_7.json"] = "is a URN",
        // Answers of a server about a capture: nothing to capture.
        ["gs1/XML/CaptureJob/Example-CaptureJobRunning.xml"] = "this is no EPCIS document",
        ["gs1/XML/CaptureJob/Example-CaptureJobWithErrors.xml"] = "this is no EPCIS document",
    };

    static IEnumerable<KeyValuePair<string, byte[]>> Documents() => ServiceData.Open("epcis.zip").Where(file =>
        Path.GetExtension(file.Key) is ".json" or ".jsonld" or ".xml" && !file.Key.Contains("Schema", StringComparison.Ordinal) && !file.Key.Contains("ontext/", StringComparison.Ordinal) | file.Key.Contains("simple-context/", StringComparison.Ordinal)
        && !file.Key.StartsWith("gs1/REST", StringComparison.Ordinal) && !file.Key.StartsWith("gs1/epcis-context", StringComparison.Ordinal) | file.Key.StartsWith("gs1/JSON-Schema/test/A", StringComparison.Ordinal));

    [Fact]
    public void Every_file_is_accepted_or_refused_as_it_should_be()
    {
        var wrong = new List<string>();
        foreach (var (name, file) in Documents())
        {
            var accepted = EpcisDocument.TryAccept(file, out _, out var refusal);
            var expected = Broken.GetValueOrDefault(name, name.Contains("/Invalid/", StringComparison.Ordinal) ? "" : null);
            if (accepted != (expected is null)) wrong.Add($"{name} was {(accepted ? "accepted" : $"refused: {refusal}")}");
            else if (expected is not null && !refusal!.What.Contains(expected, StringComparison.Ordinal)) wrong.Add($"{name} was refused for another reason: {refusal}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public void Hashes_are_those_of_the_reference_byte_for_byte()
    {
        var wrong = new List<string>();
        var files = ServiceData.Open("epcis-event-hash.zip");
        foreach (var (name, file) in files.Where(one => one.Key.StartsWith("examples/", StringComparison.Ordinal) && Path.GetExtension(one.Key) is ".jsonld" or ".xml"))
        {
            Assert.True(EpcisDocument.TryRead(file, out var document, out var refusal), $"{name}: {refusal}");
            var stem = Path.ChangeExtension(name, null);
            if (files.TryGetValue(stem + ".hashes", out var hashes))
            {
                var expected = ServiceData.Text(hashes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                var actual = document.Events.Select(one => EventHash.NameOf(one, document.IgnoredFields)).ToArray();
                if (!expected.SequenceEqual(actual))
                {
                    var before = files.TryGetValue(stem + ".prehashes", out var text) ? ServiceData.Text(text).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
                    for (var i = 0; i < Math.Max(expected.Length, actual.Length); i++)
                        if (i >= actual.Length || i >= expected.Length || expected[i] != actual[i]) wrong.Add($"{name} {i}\n  {(i < before.Length ? before[i] : "?")}\n  {(i < actual.Length ? EventHash.TextOf(document.Events[i], document.IgnoredFields) : "none")}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public void Forms_of_one_event_have_one_hash()
    {
        foreach (var (name, file) in ServiceData.Open("epcis-event-hash.zip").Where(one => one.Key.StartsWith("expected_equal/", StringComparison.Ordinal)))
        {
            Assert.True(EpcisDocument.TryRead(file, out var document, out var refusal), $"{name}: {refusal}");
            Assert.NotEmpty(document.Events);
            Assert.True(document.Events.Select(one => EventHash.TextOf(one)).Distinct().Count() == 1, $"{name}:\n{string.Join('\n', document.Events.Select(one => EventHash.TextOf(one)))}");
        }
        var identical = Documents().Where(one => one.Key.Contains("WithEventHashID", StringComparison.Ordinal) && one.Key.EndsWith(".xml", StringComparison.Ordinal))
            .Select(one => EpcisDocument.TryRead(one.Value, out var document, out _) ? EventHash.TextOf(document.Events[0]) : "");
        Assert.Single(identical.Distinct());
    }

    [Fact]
    public void What_is_written_in_either_form_reads_as_the_same_events()
    {
        var wrong = new List<string>();
        foreach (var (name, file) in Documents())
        {
            if (!EpcisDocument.TryAccept(file, out var document, out _) || document.Events.Count == 0) continue;

            foreach (var (form, written) in new[] { ("JSON", EpcisJsonWriter.Write(document)), ("XML", EpcisXmlWriter.Write(document)) })
            {
                if (!EpcisDocument.TryRead(written, out var again, out var refusal)) wrong.Add($"{name} as {form} cannot be read: {refusal}");
                // XML may name an object twice, JSON may not.
                else if (again.Faults.Any(fault => fault.Refusal.What != "the list names something twice")) wrong.Add($"{name} as {form}: {again.Faults[0]}");
                else if (form == "XML" && HasUndeclaredCurie(file)) continue;
                else if (!document.Events.Select(one => EventHash.TextOf(one)).SequenceEqual(again.Events.Select(one => EventHash.TextOf(one))))
                {
                    var pair = document.Events.Zip(again.Events).First(both => EventHash.TextOf(both.First) != EventHash.TextOf(both.Second));
                    wrong.Add($"{name} as {form}\n  {EventHash.TextOf(pair.First)}\n  {EventHash.TextOf(pair.Second)}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    /// <summary>The reference expands <c>gs1:</c> in XML always, and in JSON only where the file declares it.</summary>
    static bool HasUndeclaredCurie(byte[] file)
    {
        var text = ServiceData.Text(file);
        return text.Contains("\"gs1:", StringComparison.Ordinal) || text.Contains("\"cbv:", StringComparison.Ordinal);
    }
}
