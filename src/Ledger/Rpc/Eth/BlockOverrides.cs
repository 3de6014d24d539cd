using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What a caller wishes the block around a call to be; null leaves it as it is.</summary>
sealed class BlockOverrides
{
    public ulong? Number { get; private set; }
    public ulong? Time { get; private set; }
    public ulong? GasLimit { get; private set; }
    public UInt256? Difficulty { get; private set; }
    public UInt256? BaseFee { get; private set; }
    public UInt256? BlobBaseFee { get; private set; }
    public Address? Beneficiary { get; private set; }
    public Hash256? Random { get; private set; }

    // These two are part of a simulated block, not of a lone call.
    public Hash256? BeaconRoot { get; private set; }
    public IReadOnlyList<Withdrawal>? Withdrawals { get; private set; }

    /// <summary>Reads the parameter, which may be absent.</summary>
    public static BlockOverrides? Read(ref Parameters parameters)
    {
        if (!parameters.NextOptionalObject("an object of block overrides", out var reader)) return null;
        var overrides = Read(ref reader, out var why);
        if (why.Length > 0) parameters.Fail(why);
        return overrides;
    }

    /// <summary>Reads the object whose opening brace the reader stands on.</summary>
    public static BlockOverrides Read(ref Utf8JsonReader reader, out string why)
    {
        var overrides = new BlockOverrides();
        why = reader.TokenType == JsonTokenType.StartObject ? "" : "expected an object of block overrides";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            if (reader.TokenType != JsonTokenType.Null) overrides.ReadMember(name, ref reader, out why);
        }
        return overrides;
    }

    void ReadMember(string? name, ref Utf8JsonReader reader, out string why)
    {
        why = "";
        switch (name)
        {
            case "number" or "blockNumber": if (reader.TryGetUInt64(out var number, out why)) Number = number; break;
            case "time" or "timestamp": if (reader.TryGetUInt64(out var time, out why)) Time = time; break;
            case "gasLimit": if (reader.TryGetUInt64(out var gasLimit, out why)) GasLimit = gasLimit; break;
            case "difficulty": if (reader.TryGetQuantity(out var difficulty, out why)) Difficulty = difficulty; break;
            case "baseFee" or "baseFeePerGas": if (reader.TryGetQuantity(out var baseFee, out why)) BaseFee = baseFee; break;
            case "blobBaseFee": if (reader.TryGetQuantity(out var blobBaseFee, out why)) BlobBaseFee = blobBaseFee; break;
            case "coinbase" or "feeRecipient": if (reader.TryGetAddress(out var beneficiary, out why)) Beneficiary = beneficiary; break;
            case "random" or "prevRandao": if (reader.TryGetHash(out var random, out why)) Random = random; break;
            case "beaconRoot" or "parentBeaconBlockRoot": if (reader.TryGetHash(out var root, out why)) BeaconRoot = root; break;
            case "withdrawals": Withdrawals = reader.ReadWithdrawals(out why); break;
            default: reader.Skip(); break;
        }
    }

    public BlockContext Over(BlockContext block) => block with
    {
        Number = Number ?? block.Number,
        Timestamp = Time ?? block.Timestamp,
        GasLimit = GasLimit ?? block.GasLimit,
        Difficulty = Difficulty ?? block.Difficulty,
        BaseFeePerGas = BaseFee ?? block.BaseFeePerGas,
        BlobBaseFee = BlobBaseFee ?? block.BlobBaseFee,
        Beneficiary = Beneficiary ?? block.Beneficiary,
        PrevRandao = Random ?? block.PrevRandao,
    };
}
