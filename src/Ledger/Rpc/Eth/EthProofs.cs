namespace Hufu.Rpc;

/// <summary>eth_getProof.</summary>
sealed class EthProofs(Ledger ledger)
{
    public RpcError? Get(ref Parameters parameters, Answer answer) => RpcError.Server($"not yet {ledger.ChainId}");
}
