using System.Text.RegularExpressions;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests.Traceability;

/// <summary>Other people's EPCIS files: accepted or refused as they should be, hashed byte for byte as the reference does, written and read again without loss.</summary>
public partial class EpcisCorpusTests
{
    static IEnumerable<KeyValuePair<string, byte[]>> Documents() => ServiceData.Open("epcis.zip").Where(file =>
        Path.GetExtension(file.Key) is ".json" or ".jsonld" or ".xml" && !file.Key.Contains("Schema", StringComparison.Ordinal) && !file.Key.Contains("ontext/", StringComparison.Ordinal) | file.Key.Contains("simple-context/", StringComparison.Ordinal)
        && !file.Key.StartsWith("gs1/REST", StringComparison.Ordinal) && !file.Key.StartsWith("gs1/epcis-context", StringComparison.Ordinal) | file.Key.StartsWith("gs1/JSON-Schema/test/A", StringComparison.Ordinal));

    [Fact]
    public void Every_file_is_accepted_or_refused_as_it_should_be()
    {
        var (wrong, schemas) = (new List<string>(), new EpcisSchemas());
        foreach (var (name, file) in Documents())
        {
            // GS1's own schemas decide on GS1's examples; the others say by their place what they are.
            var why = "";
            var expected = name.StartsWith("gs1/", StringComparison.Ordinal) ? schemas.Allow(name, file, out why) : !name.Contains("/Invalid/", StringComparison.Ordinal);
            var accepted = EpcisDocument.TryAccept(file, out _, out var refusal);
            if (accepted != expected) wrong.Add($"{name} was {(accepted ? $"accepted: {why}" : $"refused: {refusal}")}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public void The_same_file_in_both_forms_has_the_same_hashes()
    {
        var (wrong, pairs) = (new List<string>(), 0);
        var files = ServiceData.Open("epcis.zip");
        foreach (var (name, file) in Documents().Where(one => one.Key.Contains("/JSON/Capture/Documents/", StringComparison.Ordinal)))
        {
            var twin = Path.ChangeExtension(name.Replace("/JSON/", "/XML/", StringComparison.Ordinal), ".xml");
            if (!files.TryGetValue(twin, out var xml) || !EpcisDocument.TryRead(file, out var document, out _) || !EpcisDocument.TryRead(xml, out var other, out _)) continue;
            pairs++;
            var (ours, theirs) = (document.Events.Select(one => EventHash.TextOf(one, document.IgnoredFields)).ToArray(), other.Events.Select(one => EventHash.TextOf(one, other.IgnoredFields)).ToArray());
            for (var i = 0; i < Math.Min(ours.Length, theirs.Length); i++)
                if (ours[i] != theirs[i])
                {
                    var at = ours[i].Zip(theirs[i]).TakeWhile(pair => pair.First == pair.Second).Count();
                    wrong.Add($"{name} {i} at {at}: {ours[i][Math.Max(0, at - 60)..Math.Min(at + 60, ours[i].Length)]} | {theirs[i][Math.Max(0, at - 60)..Math.Min(at + 60, theirs[i].Length)]}");
                }
            if (ours.Length != theirs.Length) wrong.Add($"{name}: {ours.Length} and {theirs.Length} events");
        }
        Assert.True(pairs > 20, $"{pairs}");
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
        var identical = Documents().Where(one => one.Key.Contains("WithEventHashID", StringComparison.Ordinal))
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
                else if (form == "XML" && KeepsCompact(file)) continue;
                else if (!document.Events.Select(one => EventHash.TextOf(one)).SequenceEqual(again.Events.Select(one => EventHash.TextOf(one))))
                {
                    var pair = document.Events.Zip(again.Events).First(both => EventHash.TextOf(both.First) != EventHash.TextOf(both.Second));
                    wrong.Add($"{name} as {form}\n  {EventHash.TextOf(pair.First)}\n  {EventHash.TextOf(pair.Second)}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    /// <summary>In a file that names the context of 2.0.0, the reference keeps a compact URI whose prefix the file does not declare; in XML it never does. So the two differ with it.</summary>
    static bool KeepsCompact(byte[] file) => ServiceData.Text(file) is var text && text.Contains(EpcisDocument.Context, StringComparison.Ordinal) && Compact().IsMatch(text);

    [GeneratedRegex(":\\s*\"(gs1|cbv):")]
    private static partial Regex Compact();
}
