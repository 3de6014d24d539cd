using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>The fork names of the official test files, and the rules they stand for.</summary>
static class FixtureForks
{
    static readonly Dictionary<string, Fork> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Frontier"] = Fork.Frontier,
        ["Homestead"] = Fork.Homestead,
        ["EIP150"] = Fork.TangerineWhistle,
        ["TangerineWhistle"] = Fork.TangerineWhistle,
        ["EIP158"] = Fork.SpuriousDragon,
        ["SpuriousDragon"] = Fork.SpuriousDragon,
        ["Byzantium"] = Fork.Byzantium,
        ["Constantinople"] = Fork.Constantinople,
        ["ConstantinopleFix"] = Fork.Petersburg,
        ["Petersburg"] = Fork.Petersburg,
        ["Istanbul"] = Fork.Istanbul,
        ["MuirGlacier"] = Fork.MuirGlacier,
        ["Berlin"] = Fork.Berlin,
        ["London"] = Fork.London,
        ["ArrowGlacier"] = Fork.ArrowGlacier,
        ["GrayGlacier"] = Fork.GrayGlacier,
        ["Paris"] = Fork.Paris,
        ["Merge"] = Fork.Paris,
        ["Shanghai"] = Fork.Shanghai,
        ["Cancun"] = Fork.Cancun,
        ["Prague"] = Fork.Prague,
        ["Osaka"] = Fork.Osaka,
        ["Amsterdam"] = Fork.Amsterdam,
    };

    public static IEnumerable<string> Names => ByName.Keys;

    public static bool TryParse(string name, out Fork fork) => ByName.TryGetValue(name, out fork);

    /// <summary>The rules of a state test's fork, with the blob schedule that its file may carry.</summary>
    public static ForkRules? Rules(string name, JsonElement test)
    {
        if (!TryParse(name, out var fork)) return null;
        var rules = ForkRules.Of(fork);
        return BlobSchedule(test, name) is { } blob ? rules.WithBlob(blob) : rules;
    }

    public static BlobParameters? BlobSchedule(JsonElement test, string name)
    {
        if (!test.TryGetProperty("config", out var config) || !config.TryGetProperty("blobSchedule", out var schedule)
            || !schedule.TryGetProperty(name, out var entry)) return null;
        return new BlobParameters(entry.UInt64("target"), entry.UInt64("max"), entry.UInt64("baseFeeUpdateFraction"));
    }

    public static ulong ChainId(JsonElement test) =>
        test.TryGetProperty("config", out var config) && config.OptionalNumber("chainid") is { } chainId ? (ulong)chainId : 1;

    /// <summary>The schedule of a blockchain test's network: a fork, or "XToYAt5", "XToYAtTime15k", "XToParisAtDiffC0000".</summary>
    public static ForkSchedule? Schedule(string network, JsonElement test)
    {
        var chainId = ChainId(test);
        if (TryParseWithBlobs(network, out var only))
            return ForkSchedule.Always(only, chainId, BlobSchedule(test, network));

        var match = Transition.Match(network);
        if (!match.Success) return null;
        var (fromName, toName, at) = (match.Groups["from"].Value, match.Groups["to"].Value, match.Groups["at"].Value);
        var isDao = toName == "Dao";
        var to = Fork.Homestead;
        if (!TryParseWithBlobs(fromName, out var from) || (!isDao && !TryParseWithBlobs(toName, out to))) return null;

        if (match.Groups["kind"].Value == "Time")
        {
            const ulong switchTime = 15_000;
            List<(ulong, BlobParameters)> blobs = [];
            if (BlobSchedule(test, fromName) is { } before) blobs.Add((0, before));
            if (BlobSchedule(test, toName) is { } after) blobs.Add((switchTime, after));
            List<(Fork, ulong)> times = from > Fork.Paris ? [(from, 0)] : [];
            if (to != from) times.Add((to, switchTime));
            return new ForkSchedule([(Fork.GrayGlacier, 0)], times, blobs) { ChainId = chainId, TerminalTotalDifficulty = UInt256.Zero };
        }
        if (match.Groups["kind"].Value == "Diff")
            return new ForkSchedule([(from, 0)], []) { ChainId = chainId, TerminalTotalDifficulty = FixtureJson.Number("0x" + at) };
        var block = ulong.Parse(at, CultureInfo.InvariantCulture);
        return isDao
            ? new ForkSchedule([(from, 0)], []) { ChainId = chainId, DaoForkBlock = block }
            : new ForkSchedule([(from, 0), (to, block)], []) { ChainId = chainId };
    }

    static readonly Regex Transition = new("^(?<from>[A-Za-z0-9]+?)To(?<to>[A-Za-z0-9]+)At(?<kind>Time|Diff|)(?<at>[0-9A-F]+k?)$", RegexOptions.CultureInvariant);

    static readonly Regex BlobSchedules = new("^BPO[0-9]+$", RegexOptions.CultureInvariant);

    // BPO1, BPO2, ... are Osaka under another blob schedule (EIP-7892).
    static bool TryParseWithBlobs(string name, out Fork fork)
    {
        fork = Fork.Osaka;
        return BlobSchedules.IsMatch(name) || TryParse(name, out fork);
    }
}
