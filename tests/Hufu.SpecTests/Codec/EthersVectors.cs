using System.IO.Compression;
using System.Text.Json;

namespace Hufu.SpecTests;

/// <summary>The lists of named vectors in codec/ethers.zip.</summary>
static class EthersVectors
{
    public static JsonElement[] Read(string list)
    {
        using var archive = ZipFile.OpenRead(SharedFolder.Fixture("codec/ethers.zip"));
        using var stream = archive.GetEntry(list + ".json")!.Open();
        using var document = JsonDocument.Parse(stream);
        return [.. document.RootElement.Clone().EnumerateArray()];
    }
}
