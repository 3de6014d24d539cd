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
        writer.WriteNull("forkUrl"u8);
        writer.WriteNull("forkBlockNumber"u8);
        writer.WriteNull("forkRetryBackoff"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
