using System.Diagnostics;

namespace Hufu.Rpc;

/// <summary>
/// Which calls may be answered by the thread that heard them: single ones of methods that need microseconds and wait for nothing.
/// Should one take long all the same (a contract that calculates), for a while none is.
/// </summary>
sealed class QuickCalls
{
    static readonly TimeSpan Long = TimeSpan.FromMilliseconds(2), Rest = TimeSpan.FromSeconds(10);

    static readonly HashSet<string> Names =
    [
        "eth_chainId", "eth_blockNumber", "eth_gasPrice", "eth_maxPriorityFeePerGas", "eth_syncing", "eth_getBalance", "eth_getTransactionCount", "eth_getCode", "eth_getStorageAt",
        "eth_call", "eth_getTransactionReceipt", "eth_getTransactionByHash", "eth_getBlockTransactionCountByNumber", "eth_getBlockTransactionCountByHash", "net_version", "web3_clientVersion",
    ];

    long _restsUntil;

    public static bool Has(string method) => Names.Contains(method);

    public bool Allows(in RequestEnvelope call) => (call.Error is not null || call.Method is { IsQuick: true, Plain: not null }) && Stopwatch.GetTimestamp() > Volatile.Read(ref _restsUntil);

    /// <summary>Hears how long one took.</summary>
    public void Took(long begun)
    {
        if (Stopwatch.GetElapsedTime(begun) > Long) Volatile.Write(ref _restsUntil, Stopwatch.GetTimestamp() + (long)(Rest.TotalSeconds * Stopwatch.Frequency));
    }
}
