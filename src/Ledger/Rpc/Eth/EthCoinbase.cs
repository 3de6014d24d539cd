using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>eth_coinbase: who receives the fees of the blocks made here.</summary>
sealed class EthCoinbase(Func<Address>? beneficiary)
{
    static readonly RpcError Unknown = RpcError.Server("etherbase must be explicitly specified: a consensus client names the beneficiary of each block built here");

    public RpcError? Get(ref Parameters parameters, Answer answer)
    {
        if (beneficiary is null) return Unknown;
        answer.Result.WriteData(beneficiary().Bytes);
        return null;
    }
}
