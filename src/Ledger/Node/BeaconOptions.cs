using Hufu.Rpc;

namespace Hufu.Node;

/// <summary>The port for a consensus client (execution-apis, Engine API), and what blocks built for it say.</summary>
public sealed record BeaconOptions
{
    /// <summary>The file of the secret that both clients know: 32 bytes in hexadecimal. Null: `jwt.hex` in the data folder. Made where it is absent.</summary>
    public string? JwtSecretFile { get; init; }

    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0 takes any free port.</summary>
    public int Port { get; init; } = 8551;

    /// <summary>Names that the Host header may carry besides addresses and localhost; "*" for all.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    public EngineOptions Blocks { get; init; } = new() { ExtraData = "hufu"u8.ToArray() };

    /// <summary>A payload carries every transaction of a block in hexadecimal, and tens of them come in one batch.</summary>
    internal RpcServerOptions ToServerOptions(JwtCheck secret) => new()
    {
        Host = Host,
        Port = Port,
        AllowedHosts = AllowedHosts,
        Jwt = secret,
        PortOption = "--engine-port",
        MaxBodyBytes = 128 << 20,
        MaxConnections = 100,
    };
}
