using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What a caller wishes the block around a call to be; null leaves it as it is.</summary>
sealed class BlockOverrides
{
    ulong? _number, _time, _gasLimit;
    UInt256? _difficulty, _baseFee, _blobBaseFee;
    Address? _beneficiary;
    Hash256? _random;

    /// <summary>Reads the parameter, which may be absent.</summary>
    public static BlockOverrides? Read(ref Parameters parameters)
    {
        if (!parameters.NextOptionalObject("an object of block overrides", out var reader)) return null;
        var overrides = new BlockOverrides();
        var why = "";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            if (reader.TokenType != JsonTokenType.Null) overrides.ReadMember(name, ref reader, out why);
        }
        if (why.Length > 0) parameters.Fail(why);
        return overrides;
    }

    void ReadMember(string? name, ref Utf8JsonReader reader, out string why)
    {
        why = "";
        switch (name)
        {
            case "number" or "blockNumber": if (reader.TryGetUInt64(out var number, out why)) _number = number; break;
            case "time" or "timestamp": if (reader.TryGetUInt64(out var time, out why)) _time = time; break;
            case "gasLimit": if (reader.TryGetUInt64(out var gasLimit, out why)) _gasLimit = gasLimit; break;
            case "difficulty": if (reader.TryGetQuantity(out var difficulty, out why)) _difficulty = difficulty; break;
            case "baseFee" or "baseFeePerGas": if (reader.TryGetQuantity(out var baseFee, out why)) _baseFee = baseFee; break;
            case "blobBaseFee": if (reader.TryGetQuantity(out var blobBaseFee, out why)) _blobBaseFee = blobBaseFee; break;
            case "coinbase" or "feeRecipient": if (reader.TryGetAddress(out var beneficiary, out why)) _beneficiary = beneficiary; break;
            case "random" or "prevRandao": if (reader.TryGetHash(out var random, out why)) _random = random; break;
            default: reader.Skip(); break;
        }
    }

    public BlockContext Over(BlockContext block) => block with
    {
        Number = _number ?? block.Number,
        Timestamp = _time ?? block.Timestamp,
        GasLimit = _gasLimit ?? block.GasLimit,
        Difficulty = _difficulty ?? block.Difficulty,
        BaseFeePerGas = _baseFee ?? block.BaseFeePerGas,
        BlobBaseFee = _blobBaseFee ?? block.BlobBaseFee,
        Beneficiary = _beneficiary ?? block.Beneficiary,
        PrevRandao = _random ?? block.PrevRandao,
    };
}
