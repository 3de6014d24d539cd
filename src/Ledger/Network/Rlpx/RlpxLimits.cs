namespace Hufu.Network;

/// <summary>How much one connection may cost.</summary>
public sealed record RlpxLimits
{
    public TimeSpan Dialling { get; init; } = TimeSpan.FromSeconds(5);
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(5);
    public TimeSpan Hello { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A message must arrive whole within this, once it has begun.</summary>
    public TimeSpan ReadingMessage { get; init; } = TimeSpan.FromSeconds(30);
    public TimeSpan WritingMessage { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A peer that says nothing for so long is pinged, and given up after as long again.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a peer that was told to go may take to close.</summary>
    public TimeSpan Parting { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest message, before it is compressed.</summary>
    public int MessageBytes { get; init; } = 10 << 20;

    /// <summary>The longest message before it is known who both are.</summary>
    public int FirstMessageBytes { get; init; } = 8 << 10;

    /// <summary>What may wait to be sent before the peer is given up.</summary>
    public int QueuedBytes { get; init; } = 24 << 20;

    public int QueuedMessages { get; init; } = 4096;

    /// <summary>From here on the peer's requests are not read until it has taken its answers.</summary>
    public int AnswersQueuedBytes { get; init; } = 6 << 20;
}
