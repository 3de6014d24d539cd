using System.Buffers.Binary;
using System.IO.Hashing;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>
/// What a search can ask of a log, as 8 bytes: an address, or a topic at its position. Two that share their digest share a list of blocks, which costs a
/// search a look into a block in vain, and nothing else.
/// </summary>
static class LogTerm
{
    public const int KeySize = 2 * sizeof(ulong);

    // With so many alternatives at one position it is cheaper to look into the blocks that the other positions name.
    const int MostAlternatives = 64;

    // The kind goes into the digest as its seed.
    const long Address = 1;
    const long FirstTopic = 2;

    /// <summary>That there is a log at all.</summary>
    public const ulong AnyLog = 0;

    public static ulong OfAddress(in Address address) => XxHash3.HashToUInt64(address.Bytes, Address);

    public static ulong OfTopic(int position, in Hash256 topic) => XxHash3.HashToUInt64(topic.Bytes, FirstTopic + position);

    public static void WriteKey(Span<byte> key, ulong term, ulong number)
    {
        BinaryPrimitives.WriteUInt64BigEndian(key, term);
        BinaryPrimitives.WriteUInt64BigEndian(key[sizeof(ulong)..], number);
    }

    /// <summary>One set of terms for each thing that a filter asks: of every set one must occur.</summary>
    public static IReadOnlyList<ulong[]> Of(LogFilter filter)
    {
        var sets = new List<ulong[]>();
        if (filter.Addresses.Count > 0) sets.Add([.. filter.Addresses.Select(address => OfAddress(address)).Distinct()]);
        for (var position = 0; position < filter.Topics.Count; position++)
        {
            var at = position;
            if (filter.Topics[at].Count > 0) sets.Add([.. filter.Topics[at].Select(topic => OfTopic(at, topic)).Distinct()]);
        }
        if (sets.Count == 0) return [[AnyLog]];
        sets.Sort((left, right) => left.Length.CompareTo(right.Length));
        var few = sets.FindAll(set => set.Length <= MostAlternatives);
        return few.Count > 0 ? few : sets[..1];
    }
}
