using System.Globalization;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>What holds from one block or time on; what is unset holds on from before.</summary>
/// <param name="Validators">Names the validators in block headers from here on; null with a contract, or where they are those that headers name already.</param>
/// <param name="Contract">Asks this contract for the validators.</param>
public sealed record QbftPhase(ulong FromBlock, ulong? FromTime, QbftTimes Times, Address? Contract, IReadOnlyList<Address>? Validators, UInt256 BlockReward);

/// <summary>QBFT's part of a genesis file as Besu writes it: <c>config.qbft</c> and <c>config.transitions.qbft</c>.</summary>
public sealed record QbftConfig
{
    public ulong EpochLength { get; init; } = 30_000;

    /// <summary>In the order they begin; the first begins with genesis.</summary>
    public required IReadOnlyList<QbftPhase> Phases { get; init; }
    public QbftLimits Limits { get; init; } = new();

    /// <summary>Blocks may come as fast as the test block period says, and share a second with their parent's: for tests only.</summary>
    public bool SkipsTimestampRule { get; init; }

    public QbftPhase At(ulong number, ulong timestamp)
    {
        var at = Phases[0];
        foreach (var phase in Phases)
            if (phase.FromTime is { } time ? timestamp >= time : number >= phase.FromBlock) at = phase;
        return at;
    }

    /// <summary>Null where the genesis file has no QBFT.</summary>
    public static QbftConfig? Of(Genesis genesis, out Refusal? refusal)
    {
        refusal = null;
        if (genesis.Config is not { } config || !config.TryGetProperty("qbft", out var section)) return null;
        try
        {
            var first = PhaseOf(section, 0, null, new QbftPhase(0, null, new QbftTimes(), null, null, UInt256.Zero));
            var phases = new List<QbftPhase> { first };
            if (config.TryGetProperty("transitions", out var transitions) && transitions.TryGetProperty("qbft", out var list))
                foreach (var transition in list.EnumerateArray())
                {
                    if (Number(transition, "block") is var block && block is null && Number(transition, "timestamp") is null)
                        throw new FormatException("a transition names neither block nor timestamp");
                    phases.Add(PhaseOf(transition, block ?? 0, block is null ? Number(transition, "timestamp") : null, phases[^1]));
                }
            return new QbftConfig
            {
                EpochLength = Math.Max(1, Number(section, "epochlength") ?? 30_000),
                Phases = phases,
                SkipsTimestampRule = Number(section, "xblockperiodmilliseconds") > 0,
                Limits = new QbftLimits
                {
                    FutureHeights = Number(section, "futuremessagesmaxdistance") ?? 10,
                    FutureMessages = (int)Math.Clamp(Number(section, "futuremessageslimit") ?? 1000, 1, 100_000),
                },
            };
        }
        catch (Exception malformed) when (malformed is FormatException or InvalidOperationException)
        {
            refusal = new Refusal("the genesis file's qbft section cannot be read", malformed.Message, "correct config.qbft and config.transitions.qbft");
            return null;
        }
    }

    static QbftPhase PhaseOf(JsonElement section, ulong fromBlock, ulong? fromTime, QbftPhase before)
    {
        if (Text(section, "miningbeneficiary") is { Length: > 0 } beneficiary && beneficiary.Trim('0', 'x').Length > 0)
            throw new FormatException("miningbeneficiary is not supported: rewards go to the proposer");
        var period = Number(section, "xblockperiodmilliseconds") is > 0 and { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds)
            : Number(section, "blockperiodseconds") is { } seconds ? TimeSpan.FromSeconds(Math.Max(1, seconds)) : before.Times.BlockPeriod;
        var request = Number(section, "requesttimeoutseconds") is { } timeout ? TimeSpan.FromSeconds(Math.Max(1, timeout)) : before.Times.RequestTimeout;
        var times = before.Times with
        {
            BlockPeriod = period,
            EmptyBlockPeriod = (Number(section, "emptyblockperiodseconds") ?? Number(section, "xemptyblockperiodseconds")) is { } empty ? TimeSpan.FromSeconds(empty) : before.Times.EmptyBlockPeriod,
            RequestTimeout = request,
            LongestRound = TimeSpan.FromSeconds(Math.Max(10, 4 * request.TotalSeconds)),
        };
        var contract = Text(section, "validatorcontractaddress") is { } address ? ReadAddress(address) : before.Contract;
        var validators = section.TryGetProperty("validators", out var list) ? list.EnumerateArray().Select(item => ReadAddress(item.GetString() ?? "")).Order().ToList() : null;
        var mode = Text(section, "validatorselectionmode");
        if (mode == "blockheader") contract = null;
        if (mode == "blockheader" && validators is null && before.Contract is not null) throw new FormatException("a transition to block headers must name the validators");
        if (mode == "contract" && contract is null) throw new FormatException("a transition to a contract must name validatorcontractaddress");
        var reward = Text(section, "blockreward") is { } wei ? ReadWei(wei) : Number(section, "blockreward") is { } small ? small : before.BlockReward;
        return new QbftPhase(fromBlock, fromTime, times, contract, validators, reward);
    }

    static UInt256 ReadWei(string text) => UInt256.Parse(text);

    static Address ReadAddress(string text) =>
        Address.TryParse(text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text : "0x" + text, out var address) ? address : throw new FormatException($"'{text}' is not an address");

    // Besu reads its keys in any letter case.
    static bool TryGet(JsonElement section, string name, out JsonElement value)
    {
        foreach (var property in section.EnumerateObject())
            if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                value = property.Value;
                return true;
            }
        value = default;
        return false;
    }

    static string? Text(JsonElement section, string name) => TryGet(section, name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static ulong? Number(JsonElement section, string name)
    {
        if (!TryGet(section, name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var number)) return number;
        return ulong.TryParse(value.ValueKind == JsonValueKind.String ? value.GetString() : null, CultureInfo.InvariantCulture, out number) ? number : throw new FormatException($"{name} is not a number: {value}");
    }
}
