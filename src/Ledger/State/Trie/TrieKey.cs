using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>What a batch does to one key of a trie.</summary>
readonly struct TrieChange(in Hash256 key, byte[]? value)
{
    public readonly Hash256 Key = key;

    /// <summary>The bytes the trie is to commit to under the key; null removes it.</summary>
    public readonly byte[]? Value = value;

    /// <summary>In the account trie: the leaf takes <see cref="Storage"/>; otherwise it keeps the storage trie it has.</summary>
    public bool StorageChanged { get; init; }

    public LiveNode? Storage { get; init; }

    public LeafNode ToLeaf(LeafNode? before) => new(Key, Value!) { Storage = StorageChanged ? Storage : before?.Storage };
}

/// <summary>The nibbles of a key, and keys in their order.</summary>
static class TrieKey
{
    public const int Nibbles = 2 * Hash256.Size;

    /// <summary>Whom the nodes of the account trie belong to: no account.</summary>
    public static readonly Hash256 NoOwner = Hash256.Zero;

    /// <summary>The longest key of a node on disk: owner, nibble count, path.</summary>
    public const int MaxNodeKey = Hash256.Size + 1 + Hash256.Size;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NibbleAt(in Hash256 key, int depth) => (key.Bytes[depth >> 1] >> ((~depth & 1) << 2)) & 0xF;

    /// <summary>How many nibbles two keys share, counted from <paramref name="depth"/>, at most <paramref name="atMost"/>.</summary>
    public static int Shared(in Hash256 a, in Hash256 b, int depth, int atMost)
    {
        var from = depth >> 1;
        var at = 2 * (from + a.Bytes[from..].CommonPrefixLength(b.Bytes[from..]));
        if (at < Nibbles && (a.Bytes[at >> 1] ^ b.Bytes[at >> 1]) < 0x10) at++;
        // Where the byte of `depth` already differs in its high nibble, which lies before an odd depth, `at` falls short of it.
        if (at < depth) at = NibbleAt(a, depth) == NibbleAt(b, depth) ? depth + 1 : depth;
        return Math.Min(at - depth, atMost);
    }

    /// <summary>The key with one nibble replaced.</summary>
    public static Hash256 With(in Hash256 key, int depth, int nibble)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        key.Bytes.CopyTo(bytes);
        ref var at = ref bytes[depth >> 1];
        at = (byte)((depth & 1) == 0 ? (at & 0x0F) | (nibble << 4) : (at & 0xF0) | nibble);
        return Hash256.FromBytes(bytes);
    }

    /// <summary>The key whose nibbles from <paramref name="depth"/> on are those of a path, zeros after it.</summary>
    public static Hash256 With(in Hash256 key, int depth, NibblePath path)
    {
        var result = key;
        for (var i = depth; i < Nibbles; i++) result = With(result, i, i - depth < path.Length ? path[i - depth] : 0);
        return result;
    }

    public static NibblePath Path(in Hash256 key, int from, int length) => new NibblePath(key.Bytes).Slice(from, length);

    /// <summary>Writes the key of the node at a path as the node tables have it: nibble count, then the nibbles packed; the owner in front for a storage trie.</summary>
    public static ReadOnlySpan<byte> WriteNodeKey(Span<byte> buffer, in Hash256 owner, in Hash256 key, int depth)
    {
        var at = 0;
        if (owner != NoOwner)
        {
            owner.Bytes.CopyTo(buffer);
            at = Hash256.Size;
        }
        buffer[at++] = (byte)depth;
        var packed = (depth + 1) / 2;
        key.Bytes[..packed].CopyTo(buffer[at..]);
        if ((depth & 1) != 0) buffer[at + packed - 1] &= 0xF0;
        return buffer[..(at + packed)];
    }

    /// <summary>Sorts changes by key, as <see cref="TrieUpdate"/> wants them.</summary>
    public static void Sort(TrieChange[] changes)
    {
        if (changes.Length < 2) return;
        if (changes.Length < 32)
        {
            changes.AsSpan().Sort(default(ByKey));
            return;
        }
        // The first eight bytes of a key as one number, sorted with the places they come from: a third of the cost of moving whole changes about.
        var firsts = new ulong[changes.Length];
        var places = new int[changes.Length];
        for (var i = 0; i < changes.Length; i++) (firsts[i], places[i]) = (First(changes[i].Key), i);
        Array.Sort(firsts, places);
        var unsorted = changes.AsSpan().ToArray();
        for (var i = 0; i < changes.Length; i++) changes[i] = unsorted[places[i]];

        // Keys may agree so far by chance, or because someone searched for such keys.
        for (var start = 0; start < changes.Length;)
        {
            var end = start + 1;
            while (end < changes.Length && firsts[end] == firsts[start]) end++;
            if (end - start > 1) changes.AsSpan(start, end - start).Sort(default(ByKey));
            start = end;
        }
    }

    static ulong First(in Hash256 key) => BinaryPrimitives.ReadUInt64BigEndian(key.Bytes);

    readonly struct ByKey : IComparer<TrieChange>
    {
        public int Compare(TrieChange x, TrieChange y) => x.Key.CompareTo(y.Key);
    }
}
