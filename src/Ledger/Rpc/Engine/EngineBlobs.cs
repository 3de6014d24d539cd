using System.Text.Json;
using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>engine_getBlobs: blobs that wait in the pool, so that a consensus client need not wait for its peers to send them.</summary>
sealed class EngineBlobs(Ledger ledger, BeaconDriver driver, EngineVersions versions)
{
    const int Most = 128;

    /// <summary>Cancun and Prague: each blob with its one proof, or null.</summary>
    public RpcError? GetV1(ref Parameters parameters, Answer answer)
    {
        if (ReadHashes(ref parameters, out var hashes) is { } error) return error;
        if (versions.RulesAt(ledger.Chain.Head.Head.Timestamp).Has(Eip.PeerDas)) return EngineErrors.UnsupportedFork("engine_getBlobsV1 is for Cancun and Prague: blobs have cell proofs now");
        WriteEach(answer.Result, hashes.ConvertAll(hash => FindWith(0, hash)));
        return null;
    }

    /// <summary>Osaka: all blobs with their cell proofs, or null where one is missing.</summary>
    public RpcError? GetV2(ref Parameters parameters, Answer answer)
    {
        if (ReadHashes(ref parameters, out var hashes) is { } error) return error;
        var found = hashes.ConvertAll(hash => FindWith(1, hash));
        if (driver.IsSyncing || found.Contains(null)) answer.Result.WriteNullValue();
        else WriteEach(answer.Result, found);
        return null;
    }

    /// <summary>Osaka: each blob with its cell proofs, or null.</summary>
    public RpcError? GetV3(ref Parameters parameters, Answer answer)
    {
        if (ReadHashes(ref parameters, out var hashes) is { } error) return error;
        if (driver.IsSyncing) answer.Result.WriteNullValue();
        else WriteEach(answer.Result, hashes.ConvertAll(hash => FindWith(1, hash)));
        return null;
    }

    static RpcError? ReadHashes(ref Parameters parameters, out List<Hash256> hashes)
    {
        var why = "";
        hashes = parameters.NextArray("an array of blob versioned hashes", out var reader) ? reader.ReadHashList(out why) : [];
        if (why.Length > 0) parameters.Fail(why);
        return parameters.Failed ? parameters.Error : hashes.Count > Most ? EngineErrors.TooLargeRequest(Most) : null;
    }

    (BlobSidecar Sidecar, int Index)? FindWith(byte version, Hash256 hash) =>
        ledger.Pool.FindBlob(hash) is { } found && found.Sidecar.Version == version ? found : null;

    static void WriteEach(Utf8JsonWriter writer, List<(BlobSidecar Sidecar, int Index)?> blobs)
    {
        writer.WriteStartArray();
        foreach (var blob in blobs)
        {
            if (blob is { } found) Write(writer, found.Sidecar, found.Index);
            else writer.WriteNullValue();
        }
        writer.WriteEndArray();
    }

    static void Write(Utf8JsonWriter writer, BlobSidecar sidecar, int index)
    {
        writer.WriteStartObject();
        writer.WriteData("blob"u8, sidecar.Blobs[index]);
        if (sidecar.Version == 0) writer.WriteData("proof"u8, sidecar.Proofs[index]);
        else
        {
            writer.WriteStartArray("proofs"u8);
            for (var cell = 0; cell < BlobSidecar.CellsPerBlob; cell++) writer.WriteData(sidecar.Proofs[index * BlobSidecar.CellsPerBlob + cell]);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }
}
