using System.Globalization;

namespace Hufu.Rpc;

/// <summary>The chain's clock.</summary>
static class DevTime
{
    public static void AddAll(MethodTable methods, DevChain dev)
    {
        // Where the two tools differ: Hardhat answers with a decimal text, anvil with a number or nothing.
        foreach (var (prefix, isHardhat) in new[] { ("evm_", true), ("anvil_", false) })
        {
            methods.Add(prefix + "increaseTime", (ref Parameters parameters, Answer answer) =>
            {
                var seconds = DevMethods.Seconds(ref parameters);
                if (parameters.Failed) return parameters.Error;
                var all = dev.IncreaseTime(seconds);
                if (isHardhat) answer.Result.WriteStringValue(all.ToString(CultureInfo.InvariantCulture));
                else answer.Result.WriteNumberValue(all);
                return null;
            });
            methods.Add(prefix + "setNextBlockTimestamp", (ref Parameters parameters, Answer answer) =>
            {
                var seconds = DevMethods.Seconds(ref parameters);
                if (parameters.Failed) return parameters.Error;
                if (dev.SetNextTimestamp(seconds) is { } why) return RpcError.Server(why);
                if (isHardhat) answer.Result.WriteStringValue(seconds.ToString(CultureInfo.InvariantCulture));
                else answer.Result.WriteNullValue();
                return null;
            });
            methods.Add(prefix + "setTime", (ref Parameters parameters, Answer answer) =>
            {
                var seconds = DevMethods.Seconds(ref parameters);
                if (parameters.Failed) return parameters.Error;
                answer.Result.WriteNumberValue(dev.SetTime(seconds));
                return null;
            });
        }
        foreach (var prefix in new[] { "evm_", "anvil_", "hardhat_" })
        {
            methods.Add(prefix + "setBlockTimestampInterval", (ref Parameters parameters, Answer answer) =>
            {
                var seconds = DevMethods.Seconds(ref parameters);
                if (parameters.Failed) return parameters.Error;
                dev.StepTimeBy(seconds);
                answer.Result.WriteNullValue();
                return null;
            });
            methods.Add(prefix + "removeBlockTimestampInterval", (ref Parameters _, Answer answer) =>
            {
                answer.Result.WriteBooleanValue(dev.Sealing.TimestampInterval is not null);
                dev.StepTimeBy(null);
                return null;
            });
        }
        methods.Add("anvil_getGenesisTime", (ref Parameters _, Answer answer) =>
        {
            answer.Result.WriteNumberValue(dev.Ledger.Chain.Genesis.Timestamp);
            return null;
        });
    }
}
