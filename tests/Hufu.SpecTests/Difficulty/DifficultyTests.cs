using System.IO.Compression;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>The official difficulty tests: DifficultyTests by fork, and the older ones of BasicTests by network.</summary>
public class DifficultyTests
{
    static readonly ForkSchedule Mainnet = new([(Fork.Homestead, 1_150_000), (Fork.Byzantium, 4_370_000), (Fork.Petersburg, 7_280_000),
        (Fork.MuirGlacier, 9_200_000), (Fork.London, 12_965_000), (Fork.ArrowGlacier, 13_773_000), (Fork.GrayGlacier, 15_050_000)], []);

    static readonly ForkSchedule Ropsten = new([(Fork.Homestead, 0), (Fork.Byzantium, 1_700_000), (Fork.Petersburg, 4_230_000),
        (Fork.MuirGlacier, 7_117_117), (Fork.London, 10_499_401)], []);

    [Fact]
    public void Every_fork_computes_the_difficulty_of_every_case()
    {
        using var archive = ZipFile.OpenRead(SharedFolder.Fixture("ethereum-tests/DifficultyTests.zip"));
        var cases = 0;
        List<string> wrong = [];
        foreach (var entry in archive.Entries)
        {
            using var stream = entry.Open();
            using var document = JsonDocument.Parse(stream);
            foreach (var test in document.RootElement.EnumerateObject())
                foreach (var fork in test.Value.EnumerateObject().Where(member => member.Name != "_info"))
                    foreach (var one in fork.Value.EnumerateObject())
                    {
                        cases++;
                        if (Fault(one.Value, ForkSchedule.Always(ForkNamed(fork.Name))) is { } fault) wrong.Add($"{entry.Name} {fork.Name} {one.Name}: {fault}");
                    }
        }
        Assert.Empty(wrong.Take(10));
        Assert.True(cases >= 12_000, $"only {cases} cases were found");
    }

    [Theory]
    [InlineData("difficulty.json")]
    [InlineData("difficultyMainNetwork.json")]
    [InlineData("difficultyCustomMainNetwork.json")]
    [InlineData("difficultyRopsten.json")]
    [InlineData("difficultyCustomHomestead.json")]
    public void Every_network_computes_the_difficulty_of_every_basic_case(string file)
    {
        var forks = file switch
        {
            "difficultyRopsten.json" => Ropsten,
            "difficultyCustomHomestead.json" => ForkSchedule.Always(Fork.Homestead),
            _ => Mainnet,
        };
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("ethereum-tests/BasicTests/" + file)));
        List<string> wrong = [];
        foreach (var one in document.RootElement.EnumerateObject())
            if (Fault(one.Value, forks) is { } fault) wrong.Add($"{one.Name}: {fault}");
        Assert.Empty(wrong.Take(10));
    }

    static string? Fault(JsonElement test, ForkSchedule forks)
    {
        var number = (ulong)Number(test, "currentBlockNumber");
        var parentHasOmmers = test.TryGetProperty("parentUncles", out var ommers)
            && ommers.GetString() is { Length: > 0 } text && text is not ("0x00" or "0x0") && text != Header.EmptyOmmersHash.ToString();
        var computed = Difficulty.Of(forks.RulesAt(number, 0, proofOfStake: false), number, (ulong)Number(test, "currentTimestamp"),
            (ulong)Number(test, "parentTimestamp"), Number(test, "parentDifficulty"), parentHasOmmers);
        var expected = Number(test, "currentDifficulty");
        return computed == expected ? null : $"computed {computed}, expected {expected}";
    }

    // "0x00" and decimal text both occur.
    static UInt256 Number(JsonElement test, string name) => UInt256.Parse(test.GetProperty(name).GetString()!);

    // In these tests "Berlin" stands for the bomb delay of Muir Glacier, which Berlin kept.
    static Fork ForkNamed(string name) => Enum.Parse<Fork>(name);
}
