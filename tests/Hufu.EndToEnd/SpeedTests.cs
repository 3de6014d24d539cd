using System.Text.Json;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>The machine beside revm (anvil), in one run: a ratio, so that what machine it is hardly matters. `benchmarks/evm/ratios.json` keeps what was reached; `benchmarks/evm/compare.mjs` measures more.</summary>
public sealed class SpeedTests
{
    const double Allowed = 1.2;

    // A crowded machine makes single runs worse, never better.
    const int Tries = 3;

    [Theory]
    [InlineData("interpreter")]
    [InlineData("compiled")]
    public async Task Contracts_run_as_much_faster_than_on_revm_as_they_did(string engine)
    {
        var anvil = NodeClients.Package("@foundry-rs/anvil-linux-amd64/bin/anvil");
        var folder = Path.Combine(NodeClients.Repository, "benchmarks", "evm");
        using var ratios = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "ratios.json")));
        var kept = ratios.RootElement.GetProperty(engine).EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetDouble());
        var best = kept.ToDictionary(one => one.Key, _ => double.PositiveInfinity);
        for (var left = Tries; left > 0 && Mean(best.Values) > Mean(kept.Values) * Allowed; left--)
        {
            var report = await OtherProgram.Run("node", [Path.Combine(folder, "compare.mjs"), "--hufu", HufuProcess.Executable, "--anvil", anvil, "--solidity", Path.Combine(folder, "programs.json"),
                "--only", $"^({string.Join('|', kept.Keys)})$", "--rounds", "1", "--engine", engine, "--port", HufuProcess.FreePort().ToString(System.Globalization.CultureInfo.InvariantCulture)], TimeSpan.FromMinutes(3));
            foreach (var line in report.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                using var json = JsonDocument.Parse(line);
                if (!json.RootElement.TryGetProperty("name", out var name)) continue;
                Assert.True(json.RootElement.TryGetProperty("same", out var same) && same.GetBoolean(), line);
                best[name.GetString()!] = Math.Min(best[name.GetString()!], json.RootElement.GetProperty("ratio").GetDouble());
            }
        }
        var (now, then) = (Mean(best.Values), Mean(kept.Values));
        TestContext.Current.TestOutputHelper?.WriteLine($"{engine}: {now:0.00} of revm's time, {then:0.00} when it was kept");
        Assert.True(now <= then * Allowed, $"{engine}: {now:0.000} of revm's time, it was {then:0.000}: {string.Join(", ", best.Select(one => $"{one.Key} {one.Value:0.00} ({kept[one.Key]:0.00})"))}");
    }

    /// <summary>The geometric mean.</summary>
    static double Mean(ICollection<double> ratios) => Math.Exp(ratios.Sum(Math.Log) / ratios.Count);
}
