using System.Buffers.Binary;
using Hufu.Consensus;

namespace Hufu.Rpc;

/// <summary>engine_getPayload: the block built so far, for its proposer.</summary>
sealed class EngineBuilt(BeaconDriver driver, EngineVersions versions)
{
    public WaitingMethod Get(int version) => (ref Parameters parameters, Answer answer) =>
    {
        var id = parameters.Data();
        if (!parameters.Failed && id.Length != sizeof(ulong)) parameters.Fail("a payload id has 8 bytes");
        return parameters.Failed ? new(parameters.Error) : GetAsync(version, BinaryPrimitives.ReadUInt64BigEndian(id), answer);
    };

    async ValueTask<RpcError?> GetAsync(int version, ulong id, Answer answer)
    {
        // The fork is checked first: a call of the wrong version does not end the build.
        if (driver.TimestampOf(id) is not { } timestamp) return EngineErrors.UnknownPayload;
        if (versions.CheckGetPayload(version, timestamp) is { } error) return error;
        if (await driver.GetPayloadAsync(id).ConfigureAwait(false) is not { } built) return EngineErrors.UnknownPayload;

        var writer = answer.Result;
        if (version == 1) ExecutionPayloadJson.Write(writer, built.Block.Block);
        else if (version == 2)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("executionPayload"u8);
            ExecutionPayloadJson.Write(writer, built.Block.Block);
            writer.WriteQuantity("blockValue"u8, built.Block.Fees);
            writer.WriteEndObject();
        }
        else ExecutionPayloadJson.WriteEnvelope(writer, built.Block, built.Blobs);
        return null;
    }
}
