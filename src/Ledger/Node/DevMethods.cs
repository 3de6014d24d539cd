using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Rpc;

namespace Hufu.Node;

/// <summary>The methods that move a development chain by hand, under the names that Hardhat and Foundry users know.</summary>
static class DevMethods
{
    public static void Add(MethodTable methods, SoloDriver sealing, PoolFollower follower)
    {
        methods.AddWaiting("evm_mine", (ref Parameters parameters, Answer answer) =>
        {
            var timestamp = parameters.Next() ? parameters.UInt64Here() : (ulong?)null;
            return parameters.Failed ? new(parameters.Error) : MineAsync(timestamp, answer);
        });

        async ValueTask<RpcError?> MineAsync(ulong? timestamp, Answer answer)
        {
            await sealing.SealAsync(timestamp).ConfigureAwait(false);
            follower.CatchUp();
            answer.Result.WriteStringValue("0x0");
            return null;
        }
    }
}
