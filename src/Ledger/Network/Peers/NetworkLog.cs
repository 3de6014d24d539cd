using System.Net;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>What is told of peers and of the search for them; the names in braces are fields of a structured log.</summary>
static partial class NetworkLog
{
    [LoggerMessage(LogLevel.Warning, "cannot accept a connection: {Why}")]
    public static partial void CannotAccept(this ILogger log, string why);

    [LoggerMessage(LogLevel.Information, "{Address} not admitted: {Why}")]
    public static partial void NotAdmitted(this ILogger log, IPEndPoint address, string why);

    [LoggerMessage(LogLevel.Information, "{Count} more were not admitted in the minute before")]
    public static partial void MoreNotAdmitted(this ILogger log, int count);

    [LoggerMessage(LogLevel.Debug, "{Node} not reached: {Why}")]
    public static partial void NotReached(this ILogger log, Enode node, string why);

    [LoggerMessage(LogLevel.Warning, "static peer {Node} is away: {Why} (attempt {Attempt})")]
    public static partial void StaticPeerAway(this ILogger log, Enode node, string why, int attempt);

    [LoggerMessage(LogLevel.Information, "static peer {Peer} is there after {Attempts} attempts")]
    public static partial void StaticPeerBack(this ILogger log, string peer, int attempts);

    [LoggerMessage(LogLevel.Debug, "{Peer} joined")]
    public static partial void Joined(this ILogger log, string peer);

    [LoggerMessage(LogLevel.Information, "{Peer} left ({Reason}: {Why})")]
    public static partial void Left(this ILogger log, string peer, DisconnectReason reason, string why);

    [LoggerMessage(LogLevel.Information, "{Peer} dropped ({Reason}: {Why})")]
    public static partial void Dropped(this ILogger log, string peer, DisconnectReason reason, string why);

    [LoggerMessage(LogLevel.Error, "a connection ended with a fault of this node")]
    public static partial void ConnectionFault(this ILogger log, Exception fault);

    [LoggerMessage(LogLevel.Error, "{Loop} ended with a fault of this node, and begins again")]
    public static partial void LoopFault(this ILogger log, string loop, Exception fault);

    [LoggerMessage(LogLevel.Warning, "cannot send to {Address}: {Why}")]
    public static partial void CannotSend(this ILogger log, IPEndPoint address, string why);

    [LoggerMessage(LogLevel.Information, "other nodes see this one at {Address}")]
    public static partial void SeenAt(this ILogger log, IPEndPoint address);

    [LoggerMessage(LogLevel.Warning, "{Why}")]
    public static partial void NodeListFault(this ILogger log, string why);
}
