namespace Hufu.Rpc;

/// <summary>net_: this node stands alone until it has peers.</summary>
static class NetMethods
{
    public static RpcError? Listening(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteBooleanValue(true);
        return null;
    }

    public static RpcError? PeerCount(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteQuantity(0UL);
        return null;
    }
}
