using System.Buffers.Binary;
using System.Text.Json;
using Hufu.Consensus;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>engine_forkchoiceUpdated: the head moves where the consensus client says, and a block is begun where it wants one.</summary>
sealed class EngineForkchoice(BeaconDriver driver, EngineVersions versions, EngineOptions options)
{
    const int CustodyColumnBytes = 16;

    public WaitingMethod Updated(int version) => (ref Parameters parameters, Answer answer) =>
    {
        if (ReadState(ref parameters) is not { } state) return new(parameters.Error);
        var attributes = ReadAttributes(ref parameters);
        if (version >= 4 && parameters.Next() && parameters.DataHere() is { } columns && columns.Length != CustodyColumnBytes) parameters.Fail($"custodyColumns are {CustodyColumnBytes} bytes");
        return parameters.Failed ? new(parameters.Error) : UpdateAsync(version, state, attributes, answer);
    };

    static ForkchoiceState? ReadState(ref Parameters parameters)
    {
        if (!parameters.NextObject("a forkchoice state", out var reader)) return null;
        Hash256? head = null, safe = null, finalised = null;
        var why = "";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "headBlockHash": if (reader.TryGetHash(out var hash, out why)) head = hash; break;
                case "safeBlockHash": if (reader.TryGetHash(out hash, out why)) safe = hash; break;
                case "finalizedBlockHash": if (reader.TryGetHash(out hash, out why)) finalised = hash; break;
                default: reader.Skip(); break;
            }
        }
        if (why.Length == 0 && head is { } one && safe is { } two && finalised is { } three) return new ForkchoiceState(one, two, three);
        parameters.Fail(why.Length > 0 ? why : "a forkchoice state has headBlockHash, safeBlockHash and finalizedBlockHash");
        return null;
    }

    static PayloadAttributes? ReadAttributes(ref Parameters parameters)
    {
        if (!parameters.NextOptionalObject("payload attributes", out var reader)) return null;
        if (PayloadAttributes.TryRead(ref reader, out var attributes, out var why)) return attributes;
        parameters.Fail(why);
        return null;
    }

    async ValueTask<RpcError?> UpdateAsync(int version, ForkchoiceState state, PayloadAttributes? attributes, Answer answer)
    {
        // The head moves even where the attributes are wrong, and stays moved.
        var misfit = attributes is null ? null : versions.CheckAttributes(version, attributes);
        var wanted = misfit is null ? attributes?.ToBlockAttributes(options.ExtraData, options.GasLimitTarget) : null;
        var outcome = await driver.ForkchoiceUpdatedAsync(state, wanted).ConfigureAwait(false);
        switch (outcome.Fault)
        {
            case ForkchoiceFault.InvalidState: return EngineErrors.InvalidForkchoiceState(outcome.Why);
            case ForkchoiceFault.InvalidAttributes: return EngineErrors.InvalidPayloadAttributes(outcome.Why);
            case ForkchoiceFault.TooDeepReorg: return EngineErrors.TooDeepReorg(outcome.Why);
        }
        if (misfit is not null && outcome.Status.Validity == PayloadValidity.Valid) return misfit;

        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WritePropertyName("payloadStatus"u8);
        EnginePayloads.WriteStatus(writer, outcome.Status);
        if (outcome.PayloadId is { } id) WriteId(writer, id);
        else writer.WriteNull("payloadId"u8);
        writer.WriteEndObject();
        return null;
    }

    static void WriteId(Utf8JsonWriter writer, ulong id)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, id);
        writer.WriteData("payloadId"u8, bytes);
    }
}
