using System.Text.Json;
using Hufu.Consensus;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>When blocks are made, and what is in their headers.</summary>
static class DevMining
{
    public static void AddMine(MethodTable methods, DevChain dev) =>
        methods.AddWaiting("evm_mine", (ref Parameters parameters, Answer answer) =>
        {
            var (blocks, timestamp) = MineArguments(ref parameters);
            return parameters.Failed ? new(parameters.Error) : Mine(dev, blocks, timestamp, null, answer, static (writer, _) => writer.WriteStringValue("0x0"));
        });

    public static void AddAll(MethodTable methods, DevChain dev)
    {
        foreach (var (prefix, isHardhat) in new[] { ("hardhat_", true), ("anvil_", false) })
        {
            methods.AddWaiting(prefix + "mine", (ref Parameters parameters, Answer answer) =>
            {
                var count = parameters.Next() ? parameters.UInt64Here() : 1;
                var interval = parameters.Next() ? parameters.UInt64Here() : (ulong?)null;
                return parameters.Failed ? new(parameters.Error) : Mine(dev, count, null, interval, answer, (writer, _) => DevMethods.Done(writer, isHardhat));
            });
            methods.Add(prefix + "getAutomine", (ref Parameters _, Answer answer) =>
            {
                answer.Result.WriteBooleanValue(dev.SealsInstantly);
                return null;
            });
            methods.Add(prefix + "setCoinbase", (ref Parameters parameters, Answer answer) =>
            {
                var beneficiary = parameters.Address();
                if (parameters.Failed) return parameters.Error;
                dev.PayFeesTo(beneficiary);
                DevMethods.Done(answer.Result, isHardhat);
                return null;
            });
            methods.AddWaiting(prefix + "setNextBlockBaseFeePerGas", (ref Parameters parameters, Answer answer) =>
            {
                var fee = parameters.QuantityOrNumber();
                return parameters.Failed ? new(parameters.Error) : DevMethods.Act(dev.WishAsync(fee, null), answer, isHardhat);
            });
            foreach (var name in new[] { "setPrevRandao", "setPrevrandao" })
                methods.AddWaiting(prefix + name, (ref Parameters parameters, Answer answer) =>
                {
                    var randomness = parameters.Hash();
                    return parameters.Failed ? new(parameters.Error) : DevMethods.Act(dev.WishAsync(null, randomness), answer, isHardhat);
                });
            methods.Add(prefix + "setMinGasPrice", (ref Parameters parameters, Answer _) =>
            {
                parameters.QuantityOrNumber();
                return parameters.Failed ? parameters.Error : RpcError.InvalidParams($"{prefix}setMinGasPrice is not supported when EIP-1559 is active");
            });
        }
        // Under evm_ Ganache and Hardhat count milliseconds, anvil seconds: nobody means a tenth of a second or less, nor minutes by a number this small.
        AddSwitches(methods, dev, "evm_", isHardhat: true, static count => count < 100 ? TimeSpan.FromSeconds(count) : TimeSpan.FromMilliseconds(count));
        AddSwitches(methods, dev, "anvil_", isHardhat: false, TimeSpan.FromSeconds);
        methods.Add("anvil_getIntervalMining", (ref Parameters _, Answer answer) =>
        {
            if (dev.Sealing is { Mode: SoloMode.Interval, Interval: var interval }) answer.Result.WriteNumberValue((long)interval.TotalSeconds);
            else answer.Result.WriteNullValue();
            return null;
        });
        methods.AddWaiting("hardhat_intervalMine", (ref Parameters _, Answer answer) => Mine(dev, 1, null, null, answer, static (writer, _) => writer.WriteBooleanValue(true)));
        foreach (var name in new[] { "evm_mine_detailed", "evm_mineDetailed", "anvil_mine_detailed", "anvil_mineDetailed" })
            methods.AddWaiting(name, (ref Parameters parameters, Answer answer) =>
            {
                var (blocks, timestamp) = MineArguments(ref parameters);
                return parameters.Failed ? new(parameters.Error) : Mine(dev, blocks, timestamp, null, answer, (writer, mined) =>
                {
                    writer.WriteStartArray();
                    foreach (var block in mined) BlockJson.Write(writer, block, dev.Ledger.RulesOf(block.Header), withTransactions: true);
                    writer.WriteEndArray();
                });
            });
    }

    static void AddSwitches(MethodTable methods, DevChain dev, string prefix, bool isHardhat, Func<double, TimeSpan> unit)
    {
        methods.Add(prefix + "setAutomine", (ref Parameters parameters, Answer answer) =>
        {
            var on = parameters.Boolean();
            if (parameters.Failed) return parameters.Error;
            dev.SealInstantly(on);
            DevMethods.Done(answer.Result, isHardhat);
            return null;
        });
        methods.Add(prefix + "setIntervalMining", (ref Parameters parameters, Answer answer) =>
        {
            var interval = Interval(ref parameters);
            if (!parameters.Failed && interval > int.MaxValue) parameters.Fail($"an interval of {interval} is longer than anyone waits");
            if (parameters.Failed) return parameters.Error;
            dev.SealEvery(unit(interval));
            DevMethods.Done(answer.Result, isHardhat);
            return null;
        });
        methods.Add(prefix + "setBlockGasLimit", (ref Parameters parameters, Answer answer) =>
        {
            var gas = parameters.UInt64();
            if (parameters.Failed) return parameters.Error;
            if (gas == 0) return RpcError.Server("Block gas limit must be greater than 0");
            dev.SetGasLimit(gas);
            answer.Result.WriteBooleanValue(true);
            return null;
        });
    }

    // Hardhat also takes a range, of which a time is drawn for each block; its middle does as well.
    static ulong Interval(ref Parameters parameters)
    {
        if (!parameters.Next()) return 0;
        if (!parameters.IsArray) return parameters.UInt64Here();
        var (sum, count) = (0UL, 0UL);
        foreach (var bound in parameters.NumbersOfListHere()) (sum, count) = (sum + bound, count + 1);
        if (count != 2) parameters.Fail("an interval is a number, or the least and the most of a range");
        return count == 0 ? 0 : sum / count;
    }

    // A timestamp, or anvil's object with the number of blocks and the timestamp of the first.
    static (ulong Blocks, ulong? Timestamp) MineArguments(ref Parameters parameters)
    {
        if (!parameters.Next()) return (1, null);
        if (!parameters.IsObject) return (1, parameters.UInt64Here() is var at && at == 0 ? null : at);
        var (blocks, timestamp) = (1UL, (ulong?)null);
        foreach (var (name, value) in parameters.NumbersHere())
        {
            if (name == "blocks") blocks = value;
            else if (name == "timestamp") timestamp = value;
            else parameters.Fail($"'{name}' is not known here: blocks, timestamp");
        }
        return (blocks, timestamp);
    }

    static ValueTask<RpcError?> Mine(DevChain dev, ulong count, ulong? timestamp, ulong? interval, Answer answer, Action<Utf8JsonWriter, IReadOnlyList<Block>> write)
    {
        if (count > DevChain.MostBlocks) return new(RpcError.InvalidParams($"{count} blocks are too many at once: at most {DevChain.MostBlocks}"));
        return timestamp is { } first && dev.TimestampRefusal(first) is { } why ? new(RpcError.InvalidParams(why)) : MineAsync();

        async ValueTask<RpcError?> MineAsync()
        {
            var mined = await dev.MineAsync(count, timestamp, interval).ConfigureAwait(false);
            write(answer.Result, mined);
            return null;
        }
    }
}
