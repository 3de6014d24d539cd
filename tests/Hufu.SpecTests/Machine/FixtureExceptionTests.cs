using System.IO.Compression;
using System.Text.Json;
using Hufu.Cli;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>The table between the exceptions of the official files and our own rules.</summary>
public sealed class FixtureExceptionTests
{
    [Theory]
    [InlineData("eest/state_tests.zip")]
    [InlineData("eest/blockchain_osaka.zip")]
    [InlineData("eest/blockchain_amsterdam.zip")]
    [InlineData("eest/blockchain_transitions.zip")]
    [InlineData("ethereum-tests/BlockchainTests_InvalidBlocks.zip")]
    [InlineData("ethereum-tests/BlockchainTests_TransitionTests.zip")]
    [InlineData("legacy/constantinople_blockchain.zip")]
    public void Every_exception_that_the_files_name_is_one_we_know(string archive)
    {
        var unknown = new HashSet<string>();
        using var zip = ZipFile.OpenRead(SharedFolder.Fixture(archive));
        foreach (var entry in zip.Entries.Where(entry => entry.Name.EndsWith(".json", StringComparison.Ordinal)))
        {
            using var stream = entry.Open();
            using var document = JsonDocument.Parse(stream);
            foreach (var exception in ExceptionsIn(document.RootElement))
                if (!FixtureExceptions.IsKnown(exception)) unknown.Add(exception);
        }
        Assert.Empty(unknown);
    }

    static IEnumerable<string> ExceptionsIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(ExceptionsIn),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member =>
            member.Name.StartsWith("expectException", StringComparison.Ordinal) && member.Value.ValueKind == JsonValueKind.String ? [member.Value.GetString()!] : ExceptionsIn(member.Value)),
        _ => [],
    };
}
