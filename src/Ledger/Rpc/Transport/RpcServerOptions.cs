namespace Hufu.Rpc;

/// <summary>Where JSON-RPC listens and what it lets in.</summary>
public sealed record RpcServerOptions
{
    /// <summary>Loopback unless asked otherwise: who can reach the port can use it.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0 takes any free port.</summary>
    public int Port { get; init; } = 8545;

    /// <summary>Origins that pages in a browser may call from, besides those served from this machine and the browser's own extensions (wallets); "*" for all.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>
    /// Names that the Host header may carry besides addresses and localhost; "*" for all. A page that had its own name point to this machine
    /// (DNS rebinding) is refused by it.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Lets in only those who know the secret (the Engine API); null lets in all who reach the port.</summary>
    public JwtCheck? Jwt { get; init; }

    /// <summary>The command's option that sets the port, for errors to name.</summary>
    public string PortOption { get; init; } = "--rpc-port";

    /// <summary>
    /// The modules offered (<see cref="RpcModules"/>). Null: on loopback all that the node has; elsewhere <see cref="RpcModules.Public"/>. Who has a key
    /// is offered what the key says.
    /// </summary>
    public IReadOnlyList<string>? Modules { get; init; }

    /// <summary>Lets in only those who have a key; null lets in all who reach the port.</summary>
    public ApiKeys? Keys { get; init; }

    /// <summary>A socket in the file system on which whoever may open it is offered everything; null for none.</summary>
    public string? IpcPath { get; init; }

    /// <summary>Speaks TLS with this certificate; null speaks it not.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>How the node is, for GET /health and /ready.</summary>
    public Func<NodeHealth> Health { get; init; } = () => NodeHealth.Well;

    /// <summary>Writes what the node counts, in the text form of Prometheus, for GET /metrics; null offers none.</summary>
    public Func<Stream, CancellationToken, Task>? Metrics { get; init; }

    /// <summary>Whether the node signs for whoever calls (unlocked accounts).</summary>
    public bool SignsForCallers { get; init; }

    public ConnectionLimits Connections { get; init; } = new();

    public long MaxBodyBytes { get; init; } = 16 << 20;
    public int MaxConnections { get; init; } = 5000;
    public DispatchLimits Limits { get; init; } = new();
}
