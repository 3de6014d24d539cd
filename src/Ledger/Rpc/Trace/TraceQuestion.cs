using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Which traces a caller of trace_filter wants.</summary>
sealed class TraceQuestion
{
    HashSet<Address> _from = [], _to = [];
    bool _wantsEither;

    public BlockReference FromBlock { get; private set; } = BlockReference.Latest;
    public BlockReference ToBlock { get; private set; } = BlockReference.Latest;

    /// <summary>How many matches to leave out first.</summary>
    public ulong After { get; private set; }

    /// <summary>The most matches to answer; null for all.</summary>
    public ulong? Count { get; private set; }

    public static TraceQuestion? Read(ref Parameters parameters)
    {
        if (!parameters.NextObject("a filter object", out var reader)) return null;
        var question = new TraceQuestion();
        var why = "";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName) why = question.ReadMember(ref reader);
        if (why.Length == 0) return question;
        parameters.Fail(why);
        return null;
    }

    /// <summary>Both lists must match where both are given, unless the mode is "union"; an empty list matches all.</summary>
    public bool Matches(CallFrame frame)
    {
        Address? made = frame.IsCreate && frame.Error is not null ? null : frame.To;
        return Matches(frame.From, made);
    }

    /// <summary>A reward comes from nobody.</summary>
    public bool MatchesReward(in Address author) => Matches(null, author);

    bool Matches(Address? from, Address? to)
    {
        var (isFrom, isTo) = (from is { } sender && _from.Contains(sender), to is { } receiver && _to.Contains(receiver));
        if (_wantsEither && _from.Count > 0 && _to.Count > 0) return isFrom || isTo;
        return (_from.Count == 0 || isFrom) && (_to.Count == 0 || isTo);
    }

    string ReadMember(ref Utf8JsonReader reader)
    {
        var name = reader.GetString();
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return "";
        var why = "";
        switch (name)
        {
            case "fromBlock": if (reader.TryGetBlock(out var block, out why)) FromBlock = block; break;
            case "toBlock": if (reader.TryGetBlock(out block, out why)) ToBlock = block; break;
            case "fromAddress": _from = ReadAddresses(ref reader, out why); break;
            case "toAddress": _to = ReadAddresses(ref reader, out why); break;
            case "after": After = ReadNumber(ref reader, out why); break;
            case "count": Count = ReadNumber(ref reader, out why); break;
            case "mode":
                _wantsEither = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("union"u8);
                if (!_wantsEither && (reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals("intersection"u8))) why = "expected \"union\" or \"intersection\"";
                break;
            default: reader.Skip(); break;
        }
        return why.Length == 0 ? "" : $"{name}: {why}";
    }

    static HashSet<Address> ReadAddresses(ref Utf8JsonReader reader, out string why)
    {
        var addresses = new HashSet<Address>();
        if (reader.TokenType == JsonTokenType.String)
        {
            if (reader.TryGetAddress(out var one, out why)) addresses.Add(one);
            return addresses;
        }
        why = reader.TokenType == JsonTokenType.StartArray ? "" : "expected an array of addresses";
        while (why.Length == 0 && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            if (reader.TryGetAddress(out var address, out why)) addresses.Add(address);
        return addresses;
    }

    static ulong ReadNumber(ref Utf8JsonReader reader, out string why)
    {
        why = "";
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out var number)) return number;
        return JsonReading.TryGetUInt64(ref reader, out number, out why) ? number : 0;
    }
}
