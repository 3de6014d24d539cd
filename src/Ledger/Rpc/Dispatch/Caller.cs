namespace Hufu.Rpc;

/// <summary>Who asks: which methods it may call, how often, and where news for it go.</summary>
/// <param name="Methods">Those it may call.</param>
/// <param name="All">Those the node has: a call of one that is not in <paramref name="Methods"/> is told how to get it.</param>
public sealed record Caller(MethodTable Methods, MethodTable All)
{
    /// <summary>A caller who may call whatever the table holds.</summary>
    public Caller(MethodTable all) : this(all, all) { }

    /// <summary>May have scripts of its own run inside the node (tracers in JavaScript).</summary>
    public bool IsTrusted { get; init; } = true;

    /// <summary>How often it may call; null: as often as it likes.</summary>
    public RateLimit? Rate { get; init; }

    /// <summary>Where news go; null where nothing can be sent but answers (HTTP).</summary>
    internal RpcConnection? Connection { get; init; }
}
