using System.Text.Json;
using Hufu.Consensus;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>engine_newPayload: what a consensus client received is judged.</summary>
sealed class EnginePayloads(BeaconDriver driver, EngineVersions versions)
{
    /// <summary>A payload with all that its block hash is made of, well-formed and of the method's version.</summary>
    readonly record struct Request(ExecutionPayload Payload, IReadOnlyList<Hash256>? BlobHashes, Hash256? BeaconRoot, IReadOnlyList<byte[]>? Requests);

    public WaitingMethod New(int version) => (ref Parameters parameters, Answer answer) =>
        Read(version, ref parameters, out var request) is { } error ? new(error) : JudgeAsync(version, request, answer);

    /// <summary>The members of PayloadStatusV1.</summary>
    public static void WriteStatus(Utf8JsonWriter writer, PayloadStatus status, string? name = null)
    {
        writer.WriteStartObject();
        writer.WriteString("status"u8, name ?? status.Validity switch
        {
            PayloadValidity.Valid => "VALID",
            PayloadValidity.Invalid => "INVALID",
            PayloadValidity.Accepted => "ACCEPTED",
            _ => "SYNCING",
        });
        if (status.LatestValidHash is { } latest) writer.WriteHash("latestValidHash"u8, latest);
        else writer.WriteNull("latestValidHash"u8);
        writer.WriteString("validationError"u8, status.Why);
        writer.WriteEndObject();
    }

    RpcError? Read(int version, ref Parameters parameters, out Request request)
    {
        request = default;
        if (ExecutionPayload.Read(ref parameters) is not { } payload) return parameters.Error;
        List<Hash256>? blobHashes = null;
        List<byte[]>? requests = null;
        Hash256? beaconRoot = null;
        var why = "";
        if (version >= 3)
        {
            if (parameters.NextArray("expectedBlobVersionedHashes", out var reader)) blobHashes = reader.ReadHashList(out why);
            if (why.Length > 0) parameters.Fail(why);
            beaconRoot = parameters.Hash();
        }
        if (version >= 4)
        {
            if (parameters.NextArray("executionRequests", out var reader)) requests = reader.ReadDataList(out why);
            if (why.Length == 0 && requests is not null) why = FaultOf(requests);
            if (why.Length > 0) parameters.Fail(why);
        }
        if (parameters.Failed) return parameters.Error;
        request = new Request(payload, blobHashes, beaconRoot, requests);
        return versions.CheckNewPayload(version, payload);
    }

    /// <summary>Each request is a type and data, the types ascend (EIP-7685).</summary>
    static string FaultOf(List<byte[]> requests)
    {
        for (var i = 0; i < requests.Count; i++)
        {
            if (requests[i].Length < 2) return $"execution request {i} has no data";
            if (i > 0 && requests[i][0] <= requests[i - 1][0]) return $"execution request {i} is out of order: types ascend and occur once";
        }
        return "";
    }

    async ValueTask<RpcError?> JudgeAsync(int version, Request request, Answer answer)
    {
        var payload = request.Payload;
        var transactions = payload.TryDecodeTransactions(out var undecodable);
        if (transactions is not null && request.BlobHashes is { } expected && !transactions.SelectMany(transaction => transaction.BlobVersionedHashes).SequenceEqual(expected))
        {
            WriteStatus(answer.Result, PayloadStatus.Invalid(null, "the expected blob versioned hashes are not those of the transactions"));
            return null;
        }
        var header = payload.ToHeader(request.BeaconRoot, request.Requests);
        if (header.Hash != payload.BlockHash)
        {
            // Version 1 has a name of its own for this.
            WriteStatus(answer.Result, PayloadStatus.Invalid(null, $"the block hash is {header.Hash}, not {payload.BlockHash}"), version == 1 ? "INVALID_BLOCK_HASH" : null);
            return null;
        }
        var status = transactions is null ? await driver.RefuseAsync(header, undecodable).ConfigureAwait(false)
            : await driver.NewPayloadAsync(new Block(header, transactions, [], payload.Withdrawals), payload.TryDecodeAccessList()).ConfigureAwait(false);
        WriteStatus(answer.Result, status);
        return null;
    }
}
