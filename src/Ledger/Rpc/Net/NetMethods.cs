using Hufu.Network;

namespace Hufu.Rpc;

/// <summary>net_: whether others can connect, and how many have.</summary>
sealed class NetMethods(PeerSet? peers)
{
    public RpcError? Listening(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteBooleanValue(peers is null || peers.Port != 0);
        return null;
    }

    public RpcError? PeerCount(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteQuantity((ulong)(peers?.Peers.Count ?? 0));
        return null;
    }
}
