using System.IO.Compression;
using Hufu.Rpc;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>The methods described here beside those of execution-apis' own OpenRPC sources.</summary>
public sealed class OpenRpcTests
{
    /// <summary>What is in execution-apis and deliberately not here, with the reason.</summary>
    static readonly Dictionary<string, string> Absent = new(StringComparer.Ordinal)
    {
        ["eth_getBlockAccessList"] = "of Amsterdam (EIP-7928), which is no fork of mainnet yet",
        ["debug_getRawBlockAccessList"] = "of Amsterdam (EIP-7928), which is no fork of mainnet yet",
    };

    sealed record Described(string Name, List<(string Name, bool IsRequired)> Parameters);

    [Fact]
    public void Every_method_of_the_specification_is_here_with_its_parameters_or_is_absent_for_a_reason()
    {
        if (!SharedFolder.Exists) Assert.Skip("the shared folder with the sources of execution-apis is absent");
        var faults = new List<string>();
        var count = 0;
        foreach (var official in Read())
        {
            // The Engine API has a port and a table of its own.
            if (official.Name.StartsWith("engine_", StringComparison.Ordinal)) continue;
            count++;
            if (Absent.ContainsKey(official.Name)) continue;
            if (MethodDocs.Find(official.Name) is not { } ours)
            {
                faults.Add($"{official.Name} is not described");
                continue;
            }
            if (ours.Parameters.Count < official.Parameters.Count) faults.Add($"{official.Name} has {ours.Parameters.Count} parameters, not {official.Parameters.Count}");
            foreach (var (expected, actual) in official.Parameters.Zip(ours.Parameters))
            {
                if (expected.Name != actual.Name) faults.Add($"{official.Name}: parameter '{expected.Name}' is called '{actual.Name}'");
                if (!expected.IsRequired && actual.IsRequired) faults.Add($"{official.Name}: parameter '{expected.Name}' may be left out");
            }
            if (ours.Parameters.Skip(official.Parameters.Count).Any(more => more.IsRequired)) faults.Add($"{official.Name} requires more than the specification does");
        }
        Assert.True(count > 55, $"only {count} methods were read");
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    /// <summary>The sources are YAML of one shape: a list of methods, two spaces in their members, four in their parameters.</summary>
    static List<Described> Read()
    {
        var methods = new List<Described>();
        using var zip = ZipFile.OpenRead(SharedFolder.Fixture("rpc/openrpc.zip"));
        foreach (var entry in zip.Entries.Where(entry => entry.FullName.EndsWith(".yaml", StringComparison.Ordinal) && !entry.FullName.Contains("schemas") && !entry.FullName.Contains("error-groups")))
        {
            using var reader = new StreamReader(entry.Open());
            var inParameters = false;
            while (reader.ReadLine() is { } line)
            {
                if (line.StartsWith("- name: ", StringComparison.Ordinal))
                {
                    methods.Add(new Described(line["- name: ".Length..].Trim(), []));
                    inParameters = false;
                }
                else if (line.Length > 2 && line[0] == ' ' && line[1] == ' ' && line[2] is not (' ' or '-')) inParameters = line.StartsWith("  params:", StringComparison.Ordinal);
                else if (inParameters && line.StartsWith("    - name: ", StringComparison.Ordinal)) methods[^1].Parameters.Add((line["    - name: ".Length..].Trim().Trim('\'', '"'), false));
                else if (inParameters && line.StartsWith("      required: true", StringComparison.Ordinal)) methods[^1].Parameters[^1] = methods[^1].Parameters[^1] with { IsRequired = true };
            }
        }
        return methods;
    }
}
