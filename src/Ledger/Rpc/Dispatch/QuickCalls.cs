using System.Diagnostics;

namespace Hufu.Rpc;

/// <summary>How long a method may take, as far as that is known beforehand.</summary>
enum Quickness
{
    Unknown,

    /// <summary>Microseconds, whatever the parameters.</summary>
    Quick,

    /// <summary>Microseconds, unless a contract calculates.</summary>
    Calculating,
}

/// <summary>
/// Which calls may be answered by the thread that heard them: single ones of methods that need microseconds and wait for nothing.
/// Where a contract turns out to calculate for long, for a while none is run there.
/// </summary>
sealed class QuickCalls
{
    // Threads that wait for a core, and collections of garbage, look like some milliseconds of work on a busy machine.
    static readonly TimeSpan Long = TimeSpan.FromMilliseconds(25), Rest = TimeSpan.FromSeconds(1);

    static readonly HashSet<string> Quick =
    [
        "eth_chainId", "eth_blockNumber", "eth_gasPrice", "eth_maxPriorityFeePerGas", "eth_syncing", "eth_getBalance", "eth_getTransactionCount", "eth_getCode", "eth_getStorageAt",
        "eth_getTransactionReceipt", "eth_getTransactionByHash", "eth_getBlockTransactionCountByNumber", "eth_getBlockTransactionCountByHash", "net_version", "web3_clientVersion",
    ];

    long _restsUntil;

    public static Quickness Of(string method) => Quick.Contains(method) ? Quickness.Quick : method == "eth_call" ? Quickness.Calculating : Quickness.Unknown;

    public bool Allows(in RequestEnvelope call) => call.Error is not null || call.Method!.Quickness switch
    {
        Quickness.Quick => true,
        Quickness.Calculating => Stopwatch.GetTimestamp() > Volatile.Read(ref _restsUntil),
        _ => false,
    };

    /// <summary>Hears how long one took.</summary>
    public void Took(long begun, in RequestEnvelope call)
    {
        if (call.Method?.Quickness == Quickness.Calculating && Stopwatch.GetElapsedTime(begun) > Long)
            Volatile.Write(ref _restsUntil, Stopwatch.GetTimestamp() + (long)(Rest.TotalSeconds * Stopwatch.Frequency));
    }
}
