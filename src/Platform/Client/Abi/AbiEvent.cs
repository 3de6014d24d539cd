using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>An event of a contract: how its logs are found and read.</summary>
public sealed class AbiEvent
{
    public const int MaxTopics = 4;

    readonly AbiParameter[] _plain;

    public AbiEvent(string name, IReadOnlyList<AbiParameter> inputs, bool isAnonymous = false)
    {
        (Name, Inputs, IsAnonymous) = (name, inputs, isAnonymous);
        Signature = Signatures.Of(name, inputs);
        Topic = Signatures.HashOf(Signature);
        _plain = [.. inputs.Where(input => !input.IsIndexed)];
    }

    public string Name { get; }
    public IReadOnlyList<AbiParameter> Inputs { get; }
    public bool IsAnonymous { get; }

    /// <summary>Transfer(address,address,uint256)</summary>
    public string Signature { get; }

    /// <summary>The hash of the signature: the first topic of every log but those of anonymous events.</summary>
    public Hash256 Topic { get; }

    /// <summary>event Transfer(address indexed from, address indexed to, uint256 value)</summary>
    public string Declaration => $"event {Name}({string.Join(", ", Inputs)}){(IsAnonymous ? " anonymous" : "")}";

    /// <summary>Reads a log. An indexed parameter wider than a word left only its hash, which is its value here: a byte[] of 32.</summary>
    /// <param name="values">In the order of <see cref="Inputs"/>.</param>
    public bool TryDecode(Log log, [NotNullWhen(true)] out object[]? values, [NotNullWhen(false)] out Refusal? refusal, bool canonical = false)
    {
        values = null;
        var topics = new Queue<Hash256>(log.Topics);
        if (!IsAnonymous && !(topics.TryDequeue(out var first) && first == Topic)) refusal = new Refusal($"the log is no {Signature}", "its first topic is another");
        else if (topics.Count != Inputs.Count - _plain.Length) refusal = new Refusal($"the log is no {Declaration}", $"it has {topics.Count} indexed values, not {Inputs.Count - _plain.Length}", "check that the ABI belongs to the contract");
        else if (AbiDecoder.TryDecode(_plain, log.Data.Span, out var plain, out refusal, canonical))
        {
            var (read, next) = (new object[Inputs.Count], 0);
            for (var i = 0; i < read.Length; i++)
            {
                if (!Inputs[i].IsIndexed) read[i] = plain[next++];
                else if (!IsOneWord(Inputs[i].Type)) read[i] = topics.Dequeue().ToArray();
                else if (AbiDecoder.TryReadWord(Inputs[i].Type, topics.Dequeue(), out var value, out refusal)) read[i] = value;
                else return false;
            }
            values = read;
        }
        return values is not null;
    }

    /// <summary>The topics to ask for, given some of the indexed values in their order; null stands for any.</summary>
    public IReadOnlyList<Hash256?> Filter(params IReadOnlyList<object?> indexed)
    {
        var parameters = Inputs.Where(input => input.IsIndexed).ToArray();
        if (indexed.Count > parameters.Length) throw new ArgumentException($"{Signature} has {parameters.Length} indexed values, not {indexed.Count}", nameof(indexed));
        var topics = new List<Hash256?>();
        if (!IsAnonymous) topics.Add(Topic);
        for (var i = 0; i < indexed.Count; i++) topics.Add(indexed[i] is { } value ? TopicOf(parameters[i].Type, value) : null);
        while (topics.Count > 0 && topics[^1] is null) topics.RemoveAt(topics.Count - 1);
        return topics;
    }

    static Hash256 TopicOf(AbiType type, object value) =>
        IsOneWord(type) ? Hash256.FromBytes(AbiEncoder.Encode(type, value)) : Keccak256.Hash(PackedEncoder.EncodeForTopic(type, value));

    internal static bool IsOneWord(AbiType type) => type.Kind is not (AbiKind.Bytes or AbiKind.String or AbiKind.Array or AbiKind.Tuple);

    /// <summary>Reads <c>event Transfer(address indexed from, address indexed to, uint256 value)</c>; the word event may be left out.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AbiEvent? parsed, [NotNullWhen(false)] out Refusal? refusal)
    {
        var reader = new SignatureReader(text);
        var name = Signatures.ReadName(reader, "event");
        var inputs = reader.ReadParameters(allowsIndexed: true);
        var isAnonymous = reader.TakeWord() == "anonymous";
        reader.TryTake(';');
        if (reader.Error is null && (!reader.AtEnd || name.Length == 0)) reader.Fail("this is no event");
        if (reader.Error is null && inputs.Count(input => input.IsIndexed) > MaxTopics - (isAnonymous ? 0 : 1)) reader.Fail("it has more indexed values than a log has topics");
        parsed = reader.Error is null ? new AbiEvent(name, inputs, isAnonymous) : null;
        refusal = reader.Error is { } why ? new Refusal("not the declaration of an event", why, "write it as Solidity does: event Transfer(address indexed from, address indexed to, uint256 value)") : null;
        return parsed is not null;
    }

    /// <exception cref="FormatException">The text is no event.</exception>
    public static AbiEvent Parse(string text) => TryParse(text, out var parsed, out var refusal) ? parsed : throw new FormatException(refusal.ToString());

    public override string ToString() => Signature;
}
