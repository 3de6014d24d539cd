using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>The methods of a development chain, under the names and with the answers that users of Hardhat (`evm_`, `hardhat_`), Foundry (`evm_`, `anvil_`) and Ganache (`evm_`) know.</summary>
public static class DevMethods
{
    /// <summary>evm_mine, by which a chain that seals only when told to is told.</summary>
    public static void AddMine(MethodTable methods, DevChain dev) => DevMining.AddMine(methods, dev);

    /// <summary>All others.</summary>
    public static void AddAll(MethodTable methods, DevChain dev)
    {
        dev.Begin();
        DevMining.AddAll(methods, dev);
        DevTime.AddAll(methods, dev);
        DevSnapshots.AddAll(methods, dev);
        DevEdits.AddAll(methods, dev);
        DevImpersonation.AddAll(methods, dev);
        DevPool.AddAll(methods, dev);
        DevTokens.AddAll(methods, dev);
        DevStateFile.AddAll(methods, dev);
        DevInformation.AddAll(methods, dev);
    }

    internal static async ValueTask<RpcError?> Act(Task act, Answer answer, bool isTrue)
    {
        await act.ConfigureAwait(false);
        Done(answer.Result, isTrue);
        return null;
    }

    // What is done is `true` to Hardhat, and nothing to anvil.
    internal static void Done(Utf8JsonWriter writer, bool isTrue)
    {
        if (isTrue) writer.WriteBooleanValue(true);
        else writer.WriteNullValue();
    }

    /// <summary>A count of seconds or a timestamp, as a number or a quantity.</summary>
    internal static ulong Seconds(ref Parameters parameters)
    {
        var seconds = parameters.UInt64();
        if (seconds > 1_000_000_000_000) parameters.Fail($"{seconds} seconds is further than the clock goes");
        return seconds;
    }
}
