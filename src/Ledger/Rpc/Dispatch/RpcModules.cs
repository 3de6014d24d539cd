namespace Hufu.Rpc;

/// <summary>Methods by the part of their name before the underscore, and which of them strangers may be shown.</summary>
public static class RpcModules
{
    /// <summary>What geth offers unless asked for more: reading the chain, and sending signed transactions.</summary>
    public static readonly IReadOnlyList<string> Public = ["eth", "net", "web3", "rpc"];

    /// <summary>The module of a method: eth for eth_call.</summary>
    public static string Of(string method) => method.AsSpan().IndexOfAny('_', '.') is var at and >= 0 ? method[..at] : method;

    /// <summary>
    /// Whether a module belongs to the operator and to whoever has a key. All but the public ones do, those of tomorrow among them: they bend the chain, vote,
    /// spend the node's time without bound, or tell what is the operator's business.
    /// </summary>
    public static bool IsPrivate(string module) => !Public.Contains(module, StringComparer.Ordinal);
}
