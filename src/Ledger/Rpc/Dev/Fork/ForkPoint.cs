using System.Globalization;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Where a chain leaves another: the other's chain id, and the block that stands as genesis here.</summary>
public sealed record ForkPoint(RemoteChain Remote, ulong ChainId, Header Block, bool IsFixed)
{
    /// <summary>Asks the other node; says why where it does not answer, or has no such block.</summary>
    /// <param name="number">Null takes its latest block.</param>
    public static (ForkPoint? Point, Refusal? Refusal) Find(Uri url, ulong? number)
    {
        var remote = new RemoteChain(url);
        try
        {
            var name = number is { } wanted ? string.Create(CultureInfo.InvariantCulture, $"0x{wanted:x}") : "latest";
            var answers = remote.AskAll([("eth_chainId", "[]"), ("eth_getBlockByNumber", $"[\"{name}\",false]")]);
            if (answers[1].ValueKind != JsonValueKind.Object) return Refuse(remote, $"--fork-block-number {number}: the other chain has no such block", null, "name one that it has");
            return (new ForkPoint(remote, RemoteJson.Number(answers[0]), RemoteJson.Header(answers[1]), number is not null), null);
        }
        catch (Exception fault) when (fault is OriginUnavailable or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            return Refuse(remote, "the chain to be forked cannot be read", fault.Message, "give the URL of an Ethereum JSON-RPC server with --fork-url");
        }
    }

    static (ForkPoint?, Refusal?) Refuse(RemoteChain remote, string what, string? why, string mend)
    {
        remote.Dispose();
        return (null, new Refusal(what, why ?? "", mend));
    }
}
