using System.Globalization;
using Hufu.Consensus;
using Hufu.Network;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>How one validator appears from here.</summary>
public enum ValidatorCondition
{
    Active,

    /// <summary>Connected, and has said nothing of use at a height that takes long.</summary>
    Silent,
    OutOfSync,

    /// <summary>Its clock is so far from ours that one of the two refuses the other's blocks.</summary>
    ClockSkew,

    /// <summary>It says itself what is wrong: a full disk, for example.</summary>
    Troubled,
    WrongGenesis,

    /// <summary>It is there, and speaks or goes by other rules: another version, another program, or a genesis file with other forks.</summary>
    WrongVersion,
    Unreachable,
}

/// <param name="Why">What is known of the cause, in words; empty where all is well.</param>
/// <param name="ClockAhead">How far its clock is from ours; null where it never said.</param>
public sealed record ValidatorDiagnosis(Address Address, ValidatorCondition Condition, string Why, ulong? Head, TimeSpan? ClockAhead, string? Version);

/// <summary>Why there is no block: what this validator sees of itself and of each of the others, and the cause.</summary>
public sealed record ConsensusDiagnosis(StallReport Report, IReadOnlyList<ValidatorDiagnosis> Validators, string Cause)
{
    // A block may be a second in the future; what reports take on the way comes on top.
    static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(2), MostAge = TimeSpan.FromSeconds(15);

    public static ConsensusDiagnosis Of(Ledger ledger, QbftDriver driver, PeerSet peers, ReportProtocol reports, DateTimeOffset now)
    {
        var report = StallReport.Of(driver, now);
        var addresses = driver.State.At?.Validators.Addresses ?? [];
        var nodes = peers.Peers.Select(peer => peer.Id).Concat(peers.StaticNodes.Select(node => node.Id)).Concat(reports.Latest.Keys).Distinct().GroupBy(id => id.Address).ToDictionary(group => group.Key, group => group.First());
        var validators = addresses.Select(address => address == driver.Address ? OfSelf(ledger, driver, reports) : OfOther(address, nodes.GetValueOrDefault(address), report, ledger, peers, reports, now)).ToList();
        return new ConsensusDiagnosis(report, validators, report.IsStalled ? CauseOf(report, validators, driver, ledger) : report.Cause);
    }

    static ValidatorDiagnosis OfSelf(Ledger ledger, QbftDriver driver, ReportProtocol reports)
    {
        var own = reports.Own;
        return new ValidatorDiagnosis(driver.Address, own.Trouble.Length > 0 ? ValidatorCondition.Troubled : ledger.Sync.Progress is null ? ValidatorCondition.Active : ValidatorCondition.OutOfSync,
            own.Trouble.Length > 0 ? own.Trouble : ledger.Sync.Progress is { } behind ? $"at block {behind.CurrentBlock} of {behind.HighestBlock}" : "", ledger.Chain.Head.Number, TimeSpan.Zero, own.Version);
    }

    static ValidatorDiagnosis OfOther(Address address, NodeId? id, StallReport report, Ledger ledger, PeerSet peers, ReportProtocol reports, DateTimeOffset now)
    {
        var received = id is null ? null : reports.Latest.GetValueOrDefault(id);
        var said = received?.Report;
        var version = said?.Version ?? (id is null ? null : peers.Find(id)?.Hello.ClientId);
        var (condition, why) = Judge();
        return new ValidatorDiagnosis(address, condition, why, said?.Head, received?.ClockAhead, version);

        (ValidatorCondition, string) Judge()
        {
            if (report.Unreachable.Contains(address))
            {
                if (id is null) return (ValidatorCondition.Unreachable, "its address is unknown here: name its enode with --static-peers");
                if (peers.Find(id) is { } peer && peer.Shared.All(shared => shared.Capability.Name != "istanbul"))
                    return (ValidatorCondition.WrongVersion, $"connected, but it does not speak istanbul/100, by which validators agree: it is {peer.Hello.ClientId} and speaks {string.Join(", ", peer.Hello.Capabilities.Select(capability => $"{capability.Name}/{capability.Version}"))}");
                var trouble = peers.TroubleWith(id);
                var last = said is { Trouble.Length: > 0 } ? $"; the last it said: {said.Trouble}" : "";
                if (trouble?.Naming("its chain begins with") is { } foreign) return (ValidatorCondition.WrongGenesis, foreign);
                if ((trouble?.Naming("its fork id") ?? trouble?.Naming("nothing of which is spoken here") ?? trouble?.Naming("which has no compression")) is { } other) return (ValidatorCondition.WrongVersion, other);
                return (ValidatorCondition.Unreachable, (trouble is null ? "not connected yet" : trouble.Before is { } before ? $"{trouble.Why}; before that: {before}" : trouble.Why) + last);
            }
            var isFresh = received is not null && now - received.At < MostAge;
            if (isFresh && said!.Trouble.Length > 0) return (ValidatorCondition.Troubled, said.Trouble);
            if (isFresh && received!.ClockAhead.Duration() > MostSkew) return (ValidatorCondition.ClockSkew, $"its clock is {Seconds(received.ClockAhead.Duration())} {(received.ClockAhead > TimeSpan.Zero ? "ahead of" : "behind")} this one");
            if (isFresh && said!.Head + 2 < ledger.Chain.Head.Number) return (ValidatorCondition.OutOfSync, $"at block {said.Head} of {ledger.Chain.Head.Number}");
            if (report.IsStalled && report.Silent.Contains(address)) return (ValidatorCondition.Silent, $"connected, but nothing of use came from it at height {report.Height}");
            return (ValidatorCondition.Active, version is not null && version != reports.Own.Version ? "it runs another version" : "");
        }
    }

    static string CauseOf(StallReport report, List<ValidatorDiagnosis> validators, QbftDriver driver, Ledger ledger)
    {
        if (validators.FirstOrDefault(validator => validator.Address == driver.Address) is { Condition: ValidatorCondition.Troubled } self) return $"this node cannot work: {self.Why}";
        if (ledger.Sync.Progress is { } behind) return $"this node is behind: at block {behind.CurrentBlock} of {behind.HighestBlock}; it catches up by itself";
        var ill = validators.Where(validator => validator.Condition != ValidatorCondition.Active).ToList();
        var able = validators.Count - ill.Count;
        if (able < report.Quorum && ill.Count > 0)
            return $"{able} of {validators.Count} validators can agree and {report.Quorum} must: {string.Join("; ", ill.Select(validator => $"{validator.Address} {Name(validator.Condition)} ({validator.Why})"))}";
        return report.Cause + (ill.Count > 0 ? $" (also: {string.Join("; ", ill.Select(validator => $"{validator.Address} {Name(validator.Condition)}"))})" : "");
    }

    /// <summary>The condition as it is written for programs and people.</summary>
    public static string Name(ValidatorCondition condition) => condition switch
    {
        ValidatorCondition.Active => "active",
        ValidatorCondition.Silent => "silent",
        ValidatorCondition.OutOfSync => "out of sync",
        ValidatorCondition.ClockSkew => "clock skew",
        ValidatorCondition.Troubled => "in trouble",
        ValidatorCondition.WrongGenesis => "bad genesis",
        ValidatorCondition.WrongVersion => "version",
        _ => "unreachable",
    };

    static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");
}
