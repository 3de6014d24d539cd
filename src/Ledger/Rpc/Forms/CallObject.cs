using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>The transaction object of eth_call, eth_estimateGas and eth_sendTransaction: what the caller stated, and null for what it left out.</summary>
sealed class CallObject
{
    public Address? From { get; private set; }
    public Address? To { get; set; }
    public ulong? Gas { get; private set; }
    public UInt256? GasPrice { get; private set; }
    public UInt256? MaxFeePerGas { get; private set; }
    public UInt256? MaxPriorityFeePerGas { get; private set; }
    public UInt256? MaxFeePerBlobGas { get; private set; }
    public UInt256 Value { get; private set; }
    public ulong? Nonce { get; private set; }
    public byte[] Input { get; set; } = [];
    public ulong? ChainId { get; private set; }
    public IReadOnlyList<AccessListEntry>? AccessList { get; private set; }
    public IReadOnlyList<Hash256> BlobVersionedHashes { get; private set; } = [];
    public IReadOnlyList<Authorization> AuthorizationList { get; private set; } = [];

    public bool HasDynamicFee => MaxFeePerGas is not null || MaxPriorityFeePerGas is not null;

    /// <summary>The price of one gas under a base fee; zero where the caller states none.</summary>
    public UInt256 PriceAt(in UInt256 baseFee)
    {
        if (GasPrice is { } legacy) return legacy;
        var cap = MaxFeePerGas ?? UInt256.Zero;
        var tip = MaxPriorityFeePerGas ?? UInt256.Zero;
        if (cap.IsZero && tip.IsZero) return UInt256.Zero;
        return UInt256.TryAdd(baseFee, tip, out var price) && price < cap ? price : cap;
    }

    /// <summary>Reads the object parameter; null with the parameters' error set where it is not one.</summary>
    public static CallObject? Read(ref Parameters parameters)
    {
        if (!parameters.NextObject("a transaction object", out var reader)) return null;
        if (TryRead(ref reader, out var call) is not { } why) return call;
        parameters.Fail(why);
        return null;
    }

    /// <summary>Reads the object whose opening brace the reader stands on; what is wrong with it, or null.</summary>
    public static string? TryRead(ref Utf8JsonReader reader, out CallObject call)
    {
        call = new CallObject();
        string? why = null;
        byte[]? data = null, input = null;
        while (why is null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            why = call.ReadMember(ref reader, ref data, ref input);
        if (why is null && data is not null && input is not null && !data.AsSpan().SequenceEqual(input))
            why = "both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass transaction call data";
        if (why is null && call.GasPrice is not null && call.HasDynamicFee)
            why = "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified";
        call.Input = input ?? data ?? [];
        return why;
    }

    string? ReadMember(ref Utf8JsonReader reader, ref byte[]? data, ref byte[]? input)
    {
        var name = reader.GetString();
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        var why = "";
        switch (name)
        {
            case "from": if (reader.TryGetAddress(out var from, out why)) From = from; break;
            case "to": if (!IsEmptyText(ref reader) && reader.TryGetAddress(out var to, out why)) To = to; break;
            case "gas": if (reader.TryGetUInt64(out var gas, out why)) Gas = gas; break;
            case "gasPrice": if (reader.TryGetQuantity(out var price, out why)) GasPrice = price; break;
            case "maxFeePerGas": if (reader.TryGetQuantity(out var cap, out why)) MaxFeePerGas = cap; break;
            case "maxPriorityFeePerGas": if (reader.TryGetQuantity(out var tip, out why)) MaxPriorityFeePerGas = tip; break;
            case "maxFeePerBlobGas": if (reader.TryGetQuantity(out var blobCap, out why)) MaxFeePerBlobGas = blobCap; break;
            case "value": if (reader.TryGetQuantity(out var value, out why)) Value = value; break;
            case "nonce": if (reader.TryGetUInt64(out var nonce, out why)) Nonce = nonce; break;
            case "chainId": if (reader.TryGetUInt64(out var chainId, out why)) ChainId = chainId; break;
            case "data": if (reader.TryGetData(out var read, out why)) data = read; break;
            case "input": if (reader.TryGetData(out read, out why)) input = read; break;
            case "accessList": AccessList = ReadAccessList(ref reader, out why); break;
            case "blobVersionedHashes": BlobVersionedHashes = ReadHashes(ref reader, out why); break;
            case "authorizationList": AuthorizationList = ReadAuthorizations(ref reader, out why); break;
            default: reader.Skip(); break;
        }
        return why.Length == 0 ? null : $"{name}: {why}";
    }

    // Some tools write "" or "0x" for a creation.
    static bool IsEmptyText(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String && (reader.ValueTextEquals(""u8) || reader.ValueTextEquals("0x"u8));

    internal static List<AccessListEntry> ReadAccessList(ref Utf8JsonReader reader, out string why)
    {
        var entries = new List<AccessListEntry>();
        why = reader.TokenType == JsonTokenType.StartArray ? "" : "expected an array";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            Address? address = null;
            List<Hash256> keys = [];
            while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isAddress = reader.ValueTextEquals("address"u8);
                var isKeys = reader.ValueTextEquals("storageKeys"u8);
                reader.Read();
                if (isAddress && reader.TryGetAddress(out var found, out why)) address = found;
                else if (isKeys) keys = ReadHashes(ref reader, out why);
                else reader.Skip();
            }
            if (why.Length == 0 && address is null) why = "an entry has no address";
            if (why.Length == 0) entries.Add(new AccessListEntry(address!.Value, keys));
        }
        if (why.Length == 0 && reader.TokenType != JsonTokenType.EndArray) why = "expected an array of objects";
        return entries;
    }

    static List<Hash256> ReadHashes(ref Utf8JsonReader reader, out string why)
    {
        var hashes = new List<Hash256>();
        why = "";
        if (reader.TokenType == JsonTokenType.Null) return hashes;
        if (reader.TokenType != JsonTokenType.StartArray) why = "expected an array";
        while (why.Length == 0 && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            if (reader.TryGetHash(out var hash, out why)) hashes.Add(hash);
        return hashes;
    }

    static List<Authorization> ReadAuthorizations(ref Utf8JsonReader reader, out string why)
    {
        var authorizations = new List<Authorization>();
        why = reader.TokenType == JsonTokenType.StartArray ? "" : "expected an array";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var one = new Authorization(UInt256.Zero, default, 0, 0, UInt256.Zero, UInt256.Zero);
            while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                UInt256 number = default;
                if (name is "chainId" or "nonce" or "yParity" or "r" or "s" && !reader.TryGetQuantity(out number, out why)) break;
                switch (name)
                {
                    case "address": if (reader.TryGetAddress(out var address, out why)) one = one with { Address = address }; break;
                    case "chainId": one = one with { ChainId = number }; break;
                    case "nonce": one = one with { Nonce = number.Low64 }; break;
                    case "yParity": one = one with { YParity = (byte)(number > 255 ? 255 : number.Low64) }; break;
                    case "r": one = one with { R = number }; break;
                    case "s": one = one with { S = number }; break;
                    default: reader.Skip(); break;
                }
            }
            authorizations.Add(one);
        }
        if (why.Length == 0 && reader.TokenType != JsonTokenType.EndArray) why = "expected an array of objects";
        return authorizations;
    }
}
