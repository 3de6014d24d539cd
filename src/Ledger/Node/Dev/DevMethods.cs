using System.Globalization;
using Hufu.Primitives;
using Hufu.Rpc;

namespace Hufu.Node;

/// <summary>The methods of a development chain, under the names and with the answers that Hardhat (`evm_`, `hardhat_`) and Foundry (`evm_`, `anvil_`) users know.</summary>
static class DevMethods
{
    /// <summary>evm_mine, by which a chain that seals only when told to is told.</summary>
    public static void AddMine(MethodTable methods, DevChain dev) =>
        methods.AddWaiting("evm_mine", (ref Parameters parameters, Answer answer) =>
        {
            var (blocks, timestamp) = MineArguments(ref parameters);
            if (parameters.Failed) return new(parameters.Error);
            if (timestamp <= dev.Head.Timestamp) return new(RpcError.InvalidParams($"Timestamp {timestamp} is lower than or equal to previous block's timestamp {dev.Head.Timestamp}"));
            return Mine(dev, blocks, timestamp, null, answer, static writer => writer.WriteStringValue("0x0"));
        });

    public static void AddAll(MethodTable methods, DevChain dev)
    {
        foreach (var (prefix, isHardhat) in new[] { ("hardhat_", true), ("anvil_", false) })
        {
            AddMining(methods, dev, prefix, isHardhat);
            AddEdits(methods, dev, prefix, isHardhat);
            methods.AddWaiting(prefix + "reset", (ref Parameters parameters, Answer answer) =>
            {
                if (parameters.NextOptionalObject("an object", out var reader) && reader.Read() && reader.TokenType == System.Text.Json.JsonTokenType.PropertyName)
                    return new(RpcError.InvalidParams("this chain forks no other: reset takes no 'forking' here"));
                return parameters.Failed ? new(parameters.Error) : Act(dev.ResetAsync(), answer, isHardhat);
            });
        }
        AddSnapshots(methods, dev, ["evm_", "anvil_"]);
        AddTime(methods, dev);
    }

    static void AddMining(MethodTable methods, DevChain dev, string prefix, bool isHardhat)
    {
        methods.AddWaiting(prefix + "mine", (ref Parameters parameters, Answer answer) =>
        {
            var count = parameters.Next() ? parameters.UInt64Here() : 1;
            var interval = parameters.Next() ? parameters.UInt64Here() : (ulong?)null;
            return parameters.Failed ? new(parameters.Error) : Mine(dev, count, null, interval, answer, writer => Done(writer, isHardhat));
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
            Done(answer.Result, isHardhat);
            return null;
        });
        // The two tools disagree in the unit: milliseconds under evm_ as Ganache had it, seconds under anvil_.
        if (isHardhat) AddSwitches(methods, dev, "evm_", isHardhat, TimeSpan.FromMilliseconds);
        else AddSwitches(methods, dev, "anvil_", isHardhat, TimeSpan.FromSeconds);
    }

    static void AddSwitches(MethodTable methods, DevChain dev, string prefix, bool isHardhat, Func<double, TimeSpan> unit)
    {
        methods.Add(prefix + "setAutomine", (ref Parameters parameters, Answer answer) =>
        {
            var on = parameters.Boolean();
            if (parameters.Failed) return parameters.Error;
            dev.SealInstantly(on);
            Done(answer.Result, isHardhat);
            return null;
        });
        methods.Add(prefix + "setIntervalMining", (ref Parameters parameters, Answer answer) =>
        {
            var interval = parameters.UInt64();
            if (!parameters.Failed && interval > int.MaxValue) parameters.Fail($"an interval of {interval} is longer than anyone waits");
            if (parameters.Failed) return parameters.Error;
            dev.SealEvery(unit(interval));
            Done(answer.Result, isHardhat);
            return null;
        });
        methods.Add(prefix + "setBlockGasLimit", (ref Parameters parameters, Answer answer) =>
        {
            var gas = parameters.UInt64();
            if (parameters.Failed) return parameters.Error;
            dev.AimAtGasLimit(gas);
            answer.Result.WriteBooleanValue(true);
            return null;
        });
    }

    static void AddEdits(MethodTable methods, DevChain dev, string prefix, bool isHardhat)
    {
        methods.AddWaiting(prefix + "setBalance", (ref Parameters parameters, Answer answer) =>
        {
            var address = parameters.Address();
            var balance = parameters.Quantity();
            return parameters.Failed ? new(parameters.Error) : Act(dev.EditAsync(address, account => account with { Balance = balance }), answer, isHardhat);
        });
        methods.AddWaiting(prefix + "setNonce", (ref Parameters parameters, Answer answer) =>
        {
            var address = parameters.Address();
            var nonce = parameters.UInt64();
            return parameters.Failed ? new(parameters.Error) : Act(dev.EditAsync(address, account => account with { Nonce = nonce }), answer, isHardhat);
        });
        methods.AddWaiting(prefix + "setCode", (ref Parameters parameters, Answer answer) =>
        {
            var address = parameters.Address();
            var code = parameters.Data();
            return parameters.Failed ? new(parameters.Error) : Act(dev.EditAsync(address, account => account with { CodeHash = Keccak256.Hash(code) }, code), answer, isHardhat);
        });
        methods.AddWaiting(prefix + "setStorageAt", (ref Parameters parameters, Answer answer) =>
        {
            var address = parameters.Address();
            var slot = parameters.StorageKey().ToUInt256();
            var value = parameters.Hash().ToUInt256();
            return parameters.Failed ? new(parameters.Error) : Act(dev.EditAsync(address, static account => account, storage: (slot, value)), answer, isTrue: true);
        });
    }

    static void AddSnapshots(MethodTable methods, DevChain dev, ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            methods.AddWaiting(prefix + "snapshot", (ref Parameters _, Answer answer) => TakeAsync(answer));
            methods.AddWaiting(prefix + "revert", (ref Parameters parameters, Answer answer) =>
            {
                var id = parameters.UInt64();
                return parameters.Failed ? new(parameters.Error) : RevertAsync(id, answer);
            });
        }

        async ValueTask<RpcError?> TakeAsync(Answer answer)
        {
            var id = await dev.TakeSnapshotAsync().ConfigureAwait(false);
            answer.Result.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"0x{id:x}"));
            return null;
        }

        async ValueTask<RpcError?> RevertAsync(ulong id, Answer answer)
        {
            answer.Result.WriteBooleanValue(await dev.RevertAsync(id).ConfigureAwait(false));
            return null;
        }
    }

    static void AddTime(MethodTable methods, DevChain dev)
    {
        foreach (var prefix in new[] { "evm_", "anvil_" })
        {
            methods.Add(prefix + "increaseTime", (ref Parameters parameters, Answer answer) =>
            {
                var seconds = Seconds(ref parameters);
                if (parameters.Failed) return parameters.Error;
                answer.Result.WriteStringValue(dev.IncreaseTime(seconds).ToString(CultureInfo.InvariantCulture));
                return null;
            });
            methods.Add(prefix + "setNextBlockTimestamp", (ref Parameters parameters, Answer answer) =>
            {
                var seconds = Seconds(ref parameters);
                if (parameters.Failed) return parameters.Error;
                if (dev.SetNextTimestamp(seconds) is { } why) return RpcError.InvalidParams(why);
                if (prefix == "evm_") answer.Result.WriteStringValue(seconds.ToString(CultureInfo.InvariantCulture));
                else answer.Result.WriteNullValue();
                return null;
            });
            methods.Add(prefix + "setTime", (ref Parameters parameters, Answer answer) =>
            {
                var seconds = Seconds(ref parameters);
                if (parameters.Failed) return parameters.Error;
                answer.Result.WriteNumberValue(dev.SetTime(seconds));
                return null;
            });
        }
    }

    // A timestamp, or anvil's object with the number of blocks and the timestamp of the first.
    static (ulong Blocks, ulong? Timestamp) MineArguments(ref Parameters parameters)
    {
        if (!parameters.Next()) return (1, null);
        if (!parameters.IsObject) return (1, parameters.UInt64Here());
        var (blocks, timestamp) = (1UL, (ulong?)null);
        foreach (var (name, value) in parameters.NumbersHere())
        {
            if (name == "blocks") blocks = value;
            else if (name == "timestamp") timestamp = value;
            else parameters.Fail($"'{name}' is not known here: blocks, timestamp");
        }
        return (blocks, timestamp);
    }

    // Three hundred centuries: what is beyond does not fit a date.
    static ulong Seconds(ref Parameters parameters)
    {
        var seconds = parameters.UInt64();
        if (seconds > 1_000_000_000_000) parameters.Fail($"{seconds} seconds is further than the clock goes");
        return seconds;
    }

    static ValueTask<RpcError?> Mine(DevChain dev, ulong count, ulong? timestamp, ulong? interval, Answer answer, Action<System.Text.Json.Utf8JsonWriter> write)
    {
        return count > DevChain.MostBlocks ? new(RpcError.InvalidParams($"{count} blocks are too many at once: at most {DevChain.MostBlocks}")) : MineAsync();

        async ValueTask<RpcError?> MineAsync()
        {
            await dev.MineAsync(count, timestamp, interval).ConfigureAwait(false);
            write(answer.Result);
            return null;
        }
    }

    static async ValueTask<RpcError?> Act(Task act, Answer answer, bool isTrue)
    {
        await act.ConfigureAwait(false);
        Done(answer.Result, isTrue);
        return null;
    }

    // What is done is `true` to Hardhat, and nothing to anvil.
    static void Done(System.Text.Json.Utf8JsonWriter writer, bool isTrue)
    {
        if (isTrue) writer.WriteBooleanValue(true);
        else writer.WriteNullValue();
    }
}
