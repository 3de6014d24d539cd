using System.Collections.Immutable;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>A message that cannot be used before its height has come.</summary>
public sealed record FutureMessage(Address From, Address Author, QbftMessage Message);

/// <summary>What came too early: so many messages and so many bytes, and of each author no more than a fair share. The farthest goes first; nobody takes another's room.</summary>
public sealed record FutureMessages
{
    public static readonly FutureMessages None = new();

    ImmutableList<FutureMessage> All { get; init; } = [];

    public int Count => All.Count;
    public long Bytes { get; private init; }

    /// <param name="authors">Among how many the room is shared.</param>
    public FutureMessages With(FutureMessage kept, QbftLimits limits, int authors)
    {
        if (All.Any(other => other.Author == kept.Author && other.Message.SigningHash == kept.Message.SigningHash)) return this;
        var messages = this with { All = All.Add(kept), Bytes = Bytes + kept.Message.Encoded.Length };
        if (messages.All.Count(other => other.Author == kept.Author) > Math.Max(1, limits.FutureMessages / authors)) messages = messages.WithoutFarthest(other => other.Author == kept.Author);
        while (messages.Bytes > limits.FutureBytes) messages = messages.WithoutFarthest(_ => true);
        return messages;
    }

    /// <summary>Those of this height, in the order they came, and what is left for later ones.</summary>
    public (IReadOnlyList<FutureMessage> Due, FutureMessages Left) At(ulong height)
    {
        var past = All.Where(message => message.Message.Height <= height).ToList();
        if (past.Count == 0) return ([], this);
        var left = new FutureMessages { All = All.RemoveAll(message => message.Message.Height <= height), Bytes = Bytes - past.Sum(message => (long)message.Message.Encoded.Length) };
        return ([.. past.Where(message => message.Message.Height == height)], left);
    }

    FutureMessages WithoutFarthest(Func<FutureMessage, bool> among)
    {
        var farthest = All.Where(among).MaxBy(message => (message.Message.Height, message.Message.Round))!;
        return this with { All = All.Remove(farthest), Bytes = Bytes - farthest.Message.Encoded.Length };
    }
}
