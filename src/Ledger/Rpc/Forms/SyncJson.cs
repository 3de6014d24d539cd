using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>The progress of eth_syncing.</summary>
static class SyncJson
{
    public static void WriteMembers(Utf8JsonWriter writer, SyncProgress progress)
    {
        writer.WriteQuantity("startingBlock"u8, progress.StartingBlock);
        writer.WriteQuantity("currentBlock"u8, progress.CurrentBlock);
        writer.WriteQuantity("highestBlock"u8, progress.HighestBlock);
    }
}
