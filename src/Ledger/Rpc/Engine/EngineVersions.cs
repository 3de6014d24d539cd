using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Which version of a method serves which forks, and with which structure: the Engine API's differences between forks, all in one place.</summary>
sealed class EngineVersions(ForkSchedule forks)
{
    /// <summary>A method's version: the structures it takes and the forks whose blocks it is for.</summary>
    readonly record struct Span(int FirstStructure, int LastStructure, Fork First, Fork Last);

    static readonly Span[] NewPayloads =
    [
        new(1, 1, Fork.Paris, Fork.Paris), new(1, 2, Fork.Paris, Fork.Shanghai), new(3, 3, Fork.Cancun, Fork.Cancun),
        new(3, 3, Fork.Prague, Fork.Osaka), new(4, 4, Fork.Amsterdam, Fork.Amsterdam),
    ];

    static readonly Span[] Attributes =
    [
        new(1, 1, Fork.Paris, Fork.Paris), new(1, 2, Fork.Paris, Fork.Shanghai), new(3, 3, Fork.Cancun, Fork.Osaka), new(4, 4, Fork.Amsterdam, Fork.Amsterdam),
    ];

    static readonly Span[] GetPayloads =
    [
        new(1, 1, Fork.Paris, Fork.Paris), new(1, 2, Fork.Paris, Fork.Shanghai), new(3, 3, Fork.Cancun, Fork.Cancun),
        new(3, 3, Fork.Prague, Fork.Prague), new(3, 3, Fork.Osaka, Fork.Osaka), new(4, 4, Fork.Amsterdam, Fork.Amsterdam),
    ];

    /// <summary>The rules of a block of proof of stake at a time.</summary>
    public ForkRules RulesAt(ulong timestamp) => forks.RulesAt(ulong.MaxValue, timestamp, proofOfStake: true);

    public RpcError? CheckNewPayload(int version, ExecutionPayload payload)
    {
        var span = NewPayloads[version - 1];
        if (!HasStructure(span, payload.Version)) return RpcError.InvalidParams($"engine_newPayloadV{version} takes ExecutionPayloadV{span.LastStructure}: a member is missing, null or too many");
        if (CheckFork(span, $"engine_newPayloadV{version}", payload.Timestamp) is { } error) return error;
        return payload.Version == StructureAt(span, payload.Timestamp) ? null
            : RpcError.InvalidParams($"a payload of {RulesAt(payload.Timestamp).Fork} {(payload.Version == 1 ? "must have" : "has no")} withdrawals");
    }

    public RpcError? CheckAttributes(int version, PayloadAttributes attributes)
    {
        var span = Attributes[version - 1];
        if (!HasStructure(span, attributes.Version)) return EngineErrors.InvalidPayloadAttributes($"engine_forkchoiceUpdatedV{version} takes PayloadAttributesV{span.LastStructure}: a member is missing, null or too many");
        if (CheckFork(span, $"engine_forkchoiceUpdatedV{version}", attributes.Timestamp) is { } error) return error;
        return attributes.Version == StructureAt(span, attributes.Timestamp) ? null
            : EngineErrors.InvalidPayloadAttributes($"those of a block of {RulesAt(attributes.Timestamp).Fork} {(attributes.Version == 1 ? "must have" : "have no")} withdrawals");
    }

    public RpcError? CheckGetPayload(int version, ulong timestamp) => CheckFork(GetPayloads[version - 1], $"engine_getPayloadV{version}", timestamp);

    static bool HasStructure(in Span span, int structure) => structure >= span.FirstStructure && structure <= span.LastStructure;

    // Only version 2 serves two structures: withdrawals came with Shanghai.
    int StructureAt(in Span span, ulong timestamp) => RulesAt(timestamp).Has(Eip.Withdrawals) ? span.LastStructure : span.FirstStructure;

    RpcError? CheckFork(in Span span, string method, ulong timestamp)
    {
        var fork = RulesAt(timestamp).Fork;
        return fork >= span.First && fork <= span.Last ? null
            : EngineErrors.UnsupportedFork($"{method} is for {(span.First == span.Last ? $"{span.First}" : $"{span.First} to {span.Last}")}, timestamp {timestamp} is {fork}");
    }
}
