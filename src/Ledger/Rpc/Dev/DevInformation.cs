using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What chain this is, in the forms by which tools recognise one of development.</summary>
static class DevInformation
{
    public static void AddAll(MethodTable methods, DevChain dev)
    {
        foreach (var name in new[] { "hardhat_metadata", "anvil_metadata" })
            methods.AddWaiting(name, (ref Parameters _, Answer answer) => MetadataAsync(dev, answer));
        methods.Add("anvil_nodeInfo", (ref Parameters _, Answer answer) =>
        {
            WriteNodeInfo(answer.Result, dev);
            return null;
        });
        foreach (var (name, isHardhat) in new[] { ("hardhat_setLoggingEnabled", true), ("anvil_setLoggingEnabled", false) })
            methods.Add(name, (ref Parameters parameters, Answer answer) =>
            {
                var on = parameters.Boolean();
                if (parameters.Failed) return parameters.Error;
                if (dev.Console is { } console) console.IsOn = on;
                DevMethods.Done(answer.Result, isHardhat);
                return null;
            });
        foreach (var name in new[] { "anvil_setRpcUrl", "hardhat_setRpcUrl" })
            methods.Add(name, (ref Parameters parameters, Answer answer) =>
            {
                var text = parameters.String();
                if (parameters.Failed) return parameters.Error;
                if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) return RpcError.InvalidParams("this is not the URL of an HTTP server");
                if (dev.Fork is { } fork) fork.Remote.Url = url;
                answer.Result.WriteNullValue();
                return null;
            });
        AddOfMiners(methods, dev);
    }

    // What nodes that mined were asked, and tools still ask.
    static void AddOfMiners(MethodTable methods, DevChain dev)
    {
        methods.Add("eth_mining", (ref Parameters _, Answer answer) =>
        {
            answer.Result.WriteBooleanValue(dev.Sealing.Mode != Consensus.SoloMode.Manual);
            return null;
        });
        methods.Add("eth_hashrate", (ref Parameters _, Answer answer) =>
        {
            answer.Result.WriteQuantity(0UL);
            return null;
        });
        foreach (var (name, on) in new[] { ("miner_start", true), ("miner_stop", false) })
            methods.Add(name, (ref Parameters _, Answer answer) =>
            {
                dev.SealInstantly(on);
                answer.Result.WriteBooleanValue(true);
                return null;
            });
    }

    static async ValueTask<RpcError?> MetadataAsync(DevChain dev, Answer answer)
    {
        var snapshots = await dev.SnapshotsAsync().ConfigureAwait(false);
        var head = dev.Head;
        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WriteString("clientVersion"u8, Web3Methods.Version);
        writer.WriteNumber("chainId"u8, dev.Ledger.ChainId);
        writer.WriteHash("instanceId"u8, dev.InstanceId);
        writer.WriteNumber("latestBlockNumber"u8, head.Number);
        writer.WriteHash("latestBlockHash"u8, head.Hash);
        if (dev.Fork is { } fork)
        {
            writer.WriteStartObject("forkedNetwork"u8);
            writer.WriteNumber("chainId"u8, fork.ChainId);
            writer.WriteNumber("forkBlockNumber"u8, fork.Block.Number);
            writer.WriteHash("forkBlockHash"u8, fork.Block.Hash);
            writer.WriteEndObject();
        }
        writer.WriteStartObject("snapshots"u8);
        foreach (var (id, at) in snapshots)
        {
            writer.WriteStartArray(((UInt256)id).ToHexQuantity());
            writer.WriteNumberValue(at.Number);
            writer.WriteData(at.Hash.Bytes);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
        return null;
    }

    static void WriteNodeInfo(Utf8JsonWriter writer, DevChain dev)
    {
        var head = dev.Head;
        var next = dev.Ledger.Pool.Head;
        writer.WriteStartObject();
        writer.WriteQuantity("currentBlockNumber"u8, head.Number);
        writer.WriteNumber("currentBlockTimestamp"u8, head.Timestamp);
        writer.WriteHash("currentBlockHash"u8, head.Hash);
        writer.WriteString("hardFork"u8, next.NextRules.Fork.ToString());
        writer.WriteString("transactionOrder"u8, "fees"u8);
        writer.WriteStartObject("environment"u8);
        writer.WriteQuantity("baseFee"u8, next.NextBaseFee);
        writer.WriteNumber("chainId"u8, dev.Ledger.ChainId);
        writer.WriteQuantity("gasLimit"u8, dev.Sealing.GasLimit ?? head.GasLimit);
        writer.WriteQuantity("gasPrice"u8, next.NextBaseFee + 1_000_000_000UL);
        writer.WriteEndObject();
        writer.WriteStartObject("forkConfig"u8);
        writer.WriteString("forkUrl"u8, dev.Fork?.Remote.Shown);
        if (dev.Fork is { } fork) writer.WriteNumber("forkBlockNumber"u8, fork.Block.Number);
        else writer.WriteNull("forkBlockNumber"u8);
        writer.WriteNull("forkRetryBackoff"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
