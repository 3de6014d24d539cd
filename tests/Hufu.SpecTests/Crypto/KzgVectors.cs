using System.IO.Compression;
using System.Text.RegularExpressions;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>One case of the consensus specifications' KZG tests: named hex inputs, and outputs that are null, a truth value or hex.</summary>
sealed partial class KzgVectors
{
    readonly Dictionary<string, List<string>> _inputs = [];

    KzgVectors(string name, string yaml)
    {
        Name = name;
        int output = yaml.IndexOf("output:", StringComparison.Ordinal);
        string? key = null;
        foreach (string line in yaml[..output].Split('\n').Skip(1))
        {
            Match heading = Heading().Match(line);
            if (heading.Success) _inputs[key = heading.Groups[1].Value] = [];
            if (key is not null) _inputs[key].AddRange(Values(heading.Success ? line[heading.Length..] : line));
        }
        Output = [.. Values(yaml[(output + 7)..])];
    }

    public string Name { get; }

    /// <summary>Every scalar of the output in order; a single "null" where the call must fail.</summary>
    public string[] Output { get; }

    public byte[] Bytes(string input) => Hex(_inputs[input].Single());

    public ReadOnlyMemory<byte>[] List(string input) => [.. _inputs[input].Select(hex => (ReadOnlyMemory<byte>)Hex(hex))];

    public ulong[] Numbers(string input) => [.. _inputs[input].Select(ulong.Parse)];

    /// <summary>Runs every case of a function; what it returns must be the expected output, as hex, "true", "false" or "null".</summary>
    public static void Check(string function, Func<KzgVectors, IEnumerable<string>> run)
    {
        using ZipArchive archive = ZipFile.OpenRead(SharedFolder.Fixture("crypto/kzg.zip"));
        int cases = 0;
        var wrong = new List<string>();
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (!entry.FullName.StartsWith($"tests/{function}/", StringComparison.Ordinal) || entry.Length == 0) continue;
            using var reader = new StreamReader(entry.Open());
            var vector = new KzgVectors(entry.FullName, reader.ReadToEnd());
            cases++;
            if (!run(vector).SequenceEqual(vector.Output)) wrong.Add(vector.Name);
        }

        Assert.NotEqual(0, cases);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    public static string ToHex(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    static byte[] Hex(string text) => Convert.FromHexString(text.AsSpan(2));

    static IEnumerable<string> Values(string text) => Value().Matches(text).Select(match => match.Value);

    [GeneratedRegex(@"^  (\w+):")]
    private static partial Regex Heading();

    [GeneratedRegex(@"0x[0-9a-f]*|\d+|null|true|false")]
    private static partial Regex Value();
}
