using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>What is told of how the chain is brought up to its peers'; the names in braces are fields of a structured log.</summary>
static partial class SyncLog
{
    [LoggerMessage(LogLevel.Warning, "{Peer} dropped: {Why}")]
    public static partial void LiarDropped(this ILogger log, Peer peer, string why);

    [LoggerMessage(LogLevel.Warning, "{Peer} is on a chain that left this one more than {Blocks} blocks ago")]
    public static partial void OtherChain(this ILogger log, Peer peer, ulong blocks);

    [LoggerMessage(LogLevel.Information, "at block {Block} of {Highest}, led by {Peer}")]
    public static partial void Behind(this ILogger log, ulong block, ulong highest, Peer peer);

    [LoggerMessage(LogLevel.Information, "with the peers at block {Block}; {Blocks} blocks executed in {Seconds} s")]
    public static partial void Level(this ILogger log, ulong block, ulong blocks, double seconds);

    [LoggerMessage(LogLevel.Warning, "the way to block {Wanted}, on which the consensus client's head stands, ends at {From} to {To}: {Why}")]
    public static partial void WayEnds(this ILogger log, Hash256 wanted, ulong from, ulong to, string why);

    [LoggerMessage(LogLevel.Information, "fetching the peers' state")]
    public static partial void IntakeBegins(this ILogger log);

    [LoggerMessage(LogLevel.Information, "going on at block {Block}, {Parts} of 16 parts of the state are missing")]
    public static partial void IntakeGoesOn(this ILogger log, ulong block, int parts);

    [LoggerMessage(LogLevel.Warning, "a contract names the validators of this chain, so that its headers cannot be checked without its states; it is executed from its beginning")]
    public static partial void NeedsStates(this ILogger log);

    [LoggerMessage(LogLevel.Warning, "no peer serves states; the chain is executed from its beginning instead")]
    public static partial void NoStates(this ILogger log);

    [LoggerMessage(LogLevel.Information, "the state of block {Block} is whole ({Healed} nodes healed, {Seconds} s); following block by block")]
    public static partial void StateWhole(this ILogger log, ulong block, int healed, double seconds);

    [LoggerMessage(LogLevel.Information, "the state of block {Block} is not served any more; going on with a later one")]
    public static partial void StateOutdated(this ILogger log, ulong block);
}
