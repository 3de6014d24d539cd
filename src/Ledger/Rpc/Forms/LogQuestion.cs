using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>The filter object of eth_getLogs and eth_newFilter.</summary>
sealed class LogQuestion
{
    const int MostTopics = 4;
    const int MostAlternatives = 1000;

    public BlockReference From { get; private set; } = BlockReference.Latest;
    public BlockReference To { get; private set; } = BlockReference.Latest;
    public Hash256? BlockHash { get; private set; }
    public LogFilter Filter { get; private set; } = LogFilter.Everything;

    /// <summary>Null, with the parameters' error set, where the object is not one.</summary>
    public static LogQuestion? Read(ref Parameters parameters)
    {
        return parameters.NextObject("a filter object", out var reader) ? Read(ref parameters, reader) : null;
    }

    /// <summary>As <see cref="Read(ref Parameters)"/>; null without an error where there is no object.</summary>
    public static LogQuestion? ReadOptional(ref Parameters parameters) => parameters.NextOptionalObject("a filter object", out var reader) ? Read(ref parameters, reader) : null;

    static LogQuestion? Read(ref Parameters parameters, Utf8JsonReader reader)
    {
        var question = new LogQuestion();
        var (hasRange, why) = (false, "");
        List<Address> addresses = [];
        List<IReadOnlyList<Hash256>> topics = [];
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null) continue;
            switch (name)
            {
                case "fromBlock": if (reader.TryGetBlock(out var from, out why)) (question.From, hasRange) = (from, true); break;
                case "toBlock": if (reader.TryGetBlock(out var to, out why)) (question.To, hasRange) = (to, true); break;
                case "blockHash": if (reader.TryGetHash(out var hash, out why)) question.BlockHash = hash; break;
                case "address": addresses = ReadAddresses(ref reader, out why); break;
                case "topics": topics = ReadTopics(ref reader, out why); break;
                default: reader.Skip(); break;
            }
        }
        if (why.Length == 0 && hasRange && question.BlockHash is not null) why = "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other";
        if (why.Length > 0)
        {
            parameters.Fail(why);
            return null;
        }
        question.Filter = new LogFilter(addresses, topics);
        return question;
    }

    static List<Address> ReadAddresses(ref Utf8JsonReader reader, out string why)
    {
        var addresses = new List<Address>();
        if (reader.TokenType == JsonTokenType.String)
        {
            if (reader.TryGetAddress(out var only, out why)) addresses.Add(only);
            return addresses;
        }
        why = reader.TokenType == JsonTokenType.StartArray ? "" : "address is a string or an array of them";
        while (why.Length == 0 && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TryGetAddress(out var address, out why)) addresses.Add(address);
            if (addresses.Count > MostAlternatives) why = $"exceed max addresses: at most {MostAlternatives}";
        }
        return addresses;
    }

    static List<IReadOnlyList<Hash256>> ReadTopics(ref Utf8JsonReader reader, out string why)
    {
        var topics = new List<IReadOnlyList<Hash256>>();
        why = reader.TokenType == JsonTokenType.StartArray ? "" : "topics is an array";
        while (why.Length == 0 && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (topics.Count == MostTopics) why = $"exceed max topics: at most {MostTopics}";
            else topics.Add(ReadPosition(ref reader, out why));
        }
        return topics;
    }

    // Null lets everything pass, a string one topic, an array any of its topics; a null in it again everything.
    static List<Hash256> ReadPosition(ref Utf8JsonReader reader, out string why)
    {
        var position = new List<Hash256>();
        why = "";
        if (reader.TokenType == JsonTokenType.Null) return position;
        if (reader.TokenType == JsonTokenType.String)
        {
            if (reader.TryGetHash(out var only, out why)) position.Add(only);
            return position;
        }
        if (reader.TokenType != JsonTokenType.StartArray) why = "a topic is null, a string or an array of strings";
        var everything = false;
        while (why.Length == 0 && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.Null) everything = true;
            else if (reader.TryGetHash(out var topic, out why)) position.Add(topic);
            if (position.Count > MostAlternatives) why = $"exceed max topics: at most {MostAlternatives} at one position";
        }
        return everything ? [] : position;
    }
}
