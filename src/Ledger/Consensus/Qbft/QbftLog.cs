using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Consensus;

/// <summary>What a validator tells; the names in braces are fields of a structured log.</summary>
static partial class QbftLog
{
    [LoggerMessage(LogLevel.Warning, "height {Height}: this validator does not know what it signed before, and waits for the next height, {Seconds} s at most")]
    public static partial void Cautious(this ILogger log, ulong height, long seconds);

    [LoggerMessage(LogLevel.Warning, "height {Height}, round {Round}: {Cause}")]
    public static partial void RoundBegins(this ILogger log, ulong height, uint round, string cause);

    [LoggerMessage(LogLevel.Error, "not signing a second {Kind} for height {Height}, round {Round}")]
    public static partial void NotSigningTwice(this ILogger log, QbftCode kind, ulong height, uint round);

    [LoggerMessage(LogLevel.Warning, "the block proposed for height {Height} is refused: {Why}")]
    public static partial void ProposalRefused(this ILogger log, ulong height, string why);

    [LoggerMessage(LogLevel.Debug, "height {Height} decided in round {Round}: block {Block} with {Transactions} transactions")]
    public static partial void Decided(this ILogger log, ulong height, uint round, Hash256 block, int transactions);
}
