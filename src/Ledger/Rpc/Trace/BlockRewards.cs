using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What proof of work paid for a block, as traces of type "reward": the block's beneficiary, then those of its ommers (yellow paper, section 11.3).</summary>
static class BlockRewards
{
    public static IEnumerable<(Address Author, string Type, UInt256 Value)> Of(Block block, UInt256 reward)
    {
        if (reward.IsZero || block.Number == 0) yield break;
        yield return (block.Header.Beneficiary, "block", reward + reward / 32UL * (ulong)block.Ommers.Count);
        foreach (var ommer in block.Ommers)
            yield return (ommer.Beneficiary, "uncle", reward * (8 - (block.Number - ommer.Number)) / 8UL);
    }

    public static void Write(Utf8JsonWriter writer, Header header, (Address Author, string Type, UInt256 Value) reward)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("action"u8);
        writer.WriteAddress("author"u8, reward.Author);
        writer.WriteString("rewardType"u8, reward.Type);
        writer.WriteQuantity("value"u8, reward.Value);
        writer.WriteEndObject();
        writer.WriteHash("blockHash"u8, header.Hash);
        writer.WriteNumber("blockNumber"u8, header.Number);
        writer.WriteNull("result"u8);
        writer.WriteNumber("subtraces"u8, 0);
        writer.WriteStartArray("traceAddress"u8);
        writer.WriteEndArray();
        writer.WriteNull("transactionHash"u8);
        writer.WriteNull("transactionPosition"u8);
        writer.WriteString("type"u8, "reward"u8);
        writer.WriteEndObject();
    }
}
