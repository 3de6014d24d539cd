using System.Reflection;
using Hufu.Client;

namespace Hufu.Services;

/// <summary>What the services' contracts compile to, as checked in beside their sources: declarations for tallies and explorers, and the code to deploy.</summary>
public static class Artifacts
{
    static readonly Lazy<IReadOnlyDictionary<string, ContractAbi>> Read = new(ReadAll);
    static readonly Lazy<IReadOnlyList<AbiError>> KnownErrors = new(() => [.. All.Values.SelectMany(abi => abi.Errors).DistinctBy(error => error.Selector)]);

    /// <summary>Every contract by its name.</summary>
    public static IReadOnlyDictionary<string, ContractAbi> All => Read.Value;

    /// <summary>Everything any of them reverts with.</summary>
    public static IReadOnlyList<AbiError> Errors => KnownErrors.Value;

    public static ContractAbi Of(string contract) => All[contract];

    static Dictionary<string, ContractAbi> ReadAll()
    {
        const string Folder = "artifacts/";
        var assembly = Assembly.GetExecutingAssembly();
        var all = new Dictionary<string, ContractAbi>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            if (!ContractAbi.TryParse(bytes.ToArray(), out var abi, out var refusal)) throw new InvalidDataException($"{resource}: {refusal}");
            all.Add(Path.GetFileNameWithoutExtension(resource), abi);
        }
        return all;
    }
}
