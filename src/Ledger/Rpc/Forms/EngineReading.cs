using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>The lists that stand inside the Engine API's objects. The reader stands on the list; <c>why</c> tells what is wrong with it.</summary>
static class EngineReading
{
    public static List<byte[]> ReadDataList(this ref Utf8JsonReader reader, out string why)
    {
        var items = new List<byte[]>();
        why = reader.TokenType == JsonTokenType.StartArray ? "" : "expected an array";
        while (why.Length == 0 && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            if (reader.TryGetData(out var item, out why)) items.Add(item);
        return items;
    }

    public static List<Hash256> ReadHashList(this ref Utf8JsonReader reader, out string why)
    {
        var hashes = new List<Hash256>();
        why = reader.TokenType == JsonTokenType.StartArray ? "" : "expected an array";
        while (why.Length == 0 && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            if (reader.TryGetHash(out var hash, out why)) hashes.Add(hash);
        return hashes;
    }

    /// <summary>A list of WithdrawalV1.</summary>
    public static List<Withdrawal> ReadWithdrawals(this ref Utf8JsonReader reader, out string why)
    {
        var withdrawals = new List<Withdrawal>();
        why = reader.TokenType == JsonTokenType.StartArray ? "" : "expected an array";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var withdrawal = ReadWithdrawal(ref reader, out why);
            if (why.Length == 0) withdrawals.Add(withdrawal);
        }
        if (why.Length == 0 && reader.TokenType != JsonTokenType.EndArray) why = "expected an array of objects";
        return withdrawals;
    }

    static Withdrawal ReadWithdrawal(ref Utf8JsonReader reader, out string why)
    {
        ulong? index = null, validator = null, amount = null;
        Address? address = null;
        why = "";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "index": if (reader.TryGetUInt64(out var number, out why)) index = number; break;
                case "validatorIndex": if (reader.TryGetUInt64(out number, out why)) validator = number; break;
                case "amount": if (reader.TryGetUInt64(out number, out why)) amount = number; break;
                case "address": if (reader.TryGetAddress(out var found, out why)) address = found; break;
                default: reader.Skip(); break;
            }
        }
        if (why.Length == 0 && (index is null || validator is null || amount is null || address is null))
            why = "a withdrawal has index, validatorIndex, address and amount";
        return new Withdrawal(index ?? 0, validator ?? 0, address ?? default, amount ?? 0);
    }
}
