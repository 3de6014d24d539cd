namespace Hufu.Rpc;

/// <summary>eth_subscribe and eth_unsubscribe, over connections that last.</summary>
sealed class EthSubscriptions(SubscriptionFeed feed)
{
    static readonly RpcError Unsupported = new(RpcError.MethodNotFoundCode, "notifications not supported: connect by WebSocket or IPC to subscribe");
    static readonly RpcError NotFound = RpcError.Server("subscription not found");
    static readonly RpcError TooMany = new(RpcError.LimitExceededCode, "too many subscriptions on this connection: end some with eth_unsubscribe");

    public RpcError? Subscribe(ref Parameters parameters, Answer answer)
    {
        if (answer.Caller.Connection is not { } peer) return Unsupported;
        var name = parameters.String();
        if (parameters.Failed) return parameters.Error;
        Subscription? subscription = null;
        switch (name)
        {
            case "newHeads":
                subscription = new Subscription(feed, peer, SubscriptionKind.NewHeads);
                break;
            case "logs":
                var question = LogQuestion.ReadOptional(ref parameters);
                subscription = new Subscription(feed, peer, SubscriptionKind.Logs) { Filter = question?.Filter ?? Chain.LogFilter.Everything };
                break;
            case "newPendingTransactions":
                subscription = new Subscription(feed, peer, SubscriptionKind.NewPendingTransactions) { WantsBodies = parameters.Boolean() };
                break;
            case "syncing":
                subscription = new Subscription(feed, peer, SubscriptionKind.Syncing);
                break;
            default:
                return new RpcError(RpcError.MethodNotFoundCode, $"no \"{name}\" subscription in eth namespace: there are newHeads, logs, newPendingTransactions and syncing");
        }
        if (parameters.Failed) return parameters.Error;
        if (!peer.TryOpen(subscription, answer)) return TooMany;
        answer.Result.WriteStringValue(subscription.Id);
        return null;
    }

    public static RpcError? Unsubscribe(ref Parameters parameters, Answer answer)
    {
        if (answer.Caller.Connection is not { } peer) return Unsupported;
        var id = parameters.String();
        if (parameters.Failed) return parameters.Error;
        if (!peer.TryEnd(id)) return NotFound;
        answer.Result.WriteBooleanValue(true);
        return null;
    }
}
