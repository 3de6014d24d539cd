using Hufu.Chain;

namespace Hufu.Rpc;

/// <summary>What waits, taken out by hand.</summary>
static class DevPool
{
    public static void AddAll(MethodTable methods, DevChain dev)
    {
        foreach (var (prefix, isHardhat) in new[] { ("hardhat_", true), ("anvil_", false) })
        {
            methods.Add(prefix + "dropTransaction", (ref Parameters parameters, Answer answer) =>
            {
                var hash = parameters.Hash();
                if (parameters.Failed) return parameters.Error;
                if (isHardhat && dev.Ledger.Queries.OutcomeOf(hash) is not null) return RpcError.Server($"Transaction {hash} cannot be dropped because it's already mined");
                var dropped = dev.Drop(waiting => waiting.Hash == hash) > 0;
                if (isHardhat) answer.Result.WriteBooleanValue(dropped);
                else if (dropped) answer.Result.WriteData(hash.Bytes);
                else answer.Result.WriteNullValue();
                return null;
            });
            methods.Add(prefix + "dropAllTransactions", (ref Parameters _, Answer answer) => Drop(dev, static _ => true, answer, isHardhat));
            methods.Add(prefix + "removePoolTransactions", (ref Parameters parameters, Answer answer) =>
            {
                var address = parameters.Address();
                return parameters.Failed ? parameters.Error : Drop(dev, waiting => waiting.Sender == address, answer, isHardhat);
            });
        }
    }

    static RpcError? Drop(DevChain dev, Func<PooledTransaction, bool> isUnwanted, Answer answer, bool isHardhat)
    {
        dev.Drop(isUnwanted);
        DevMethods.Done(answer.Result, isHardhat);
        return null;
    }
}
