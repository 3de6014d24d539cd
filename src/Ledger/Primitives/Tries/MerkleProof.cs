using System.Diagnostics.CodeAnalysis;

namespace Hufu.Primitives;

/// <summary>
/// Checks that a trie with a known root holds a value under a key, or holds none (EIP-1186). Strict: the nodes are exactly those on the way,
/// the root first, each canonical; one too many, one missing or one changed bit is refused.
/// </summary>
public static class MerkleProof
{
    /// <summary>Checks a proof for a key as it stands in the trie (hashed already where the trie hashes its keys).</summary>
    /// <param name="value">What the trie holds, or null where the proof shows that it holds nothing under the key.</param>
    public static bool TryVerify(in Hash256 root, ReadOnlySpan<byte> key, IReadOnlyList<byte[]> nodes, out byte[]? value, [NotNullWhen(false)] out Refusal? refusal)
    {
        value = null;
        refusal = null;
        if (root == Account.EmptyTrieRoot)
        {
            if (nodes.Count == 0 || (nodes.Count == 1 && nodes[0] is [0x80])) return true;
            refusal = Refused("the trie is empty, so nothing can lie on the way to a key", $"{nodes.Count} nodes were given");
            return false;
        }

        var walked = 0;
        var expected = root;
        for (var used = 0; used < nodes.Count; used++)
        {
            ReadOnlySpan<byte> rlp = nodes[used];
            if (Keccak256.Hash(rlp) != expected)
            {
                refusal = Refused($"node {used} is not the one its parent names", $"expected the hash {expected}");
                return false;
            }
            // A node, and those that stand inside it because they are shorter than a hash.
            while (true)
            {
                if (!TrieNode.TryDecode(rlp, out var node))
                {
                    refusal = Refused($"node {used} is malformed", "it is not a canonical leaf, extension or branch");
                    return false;
                }
                var next = Follow(node, new NibblePath(key).Skip(walked), out var nibbles, out value);
                walked += nibbles;
                if (next.IsEmpty)
                    return used == nodes.Count - 1 || Superfluous(used, nodes.Count, out value, out refusal);
                if (next.IsInline)
                {
                    rlp = next.Item;
                    continue;
                }
                expected = next.Hash;
                break;
            }
        }
        value = null;
        refusal = Refused("a node is missing", $"the proof ends before the node {expected}");
        return false;
    }

    /// <summary>Checks an account proof against a state root.</summary>
    /// <param name="account">Null where the proof shows that there is no such account.</param>
    public static bool TryVerifyAccount(in Hash256 stateRoot, in Address address, IReadOnlyList<byte[]> nodes, out Account? account, [NotNullWhen(false)] out Refusal? refusal)
    {
        account = null;
        if (!TryVerify(stateRoot, Keccak256.Hash(address.Bytes).Bytes, nodes, out var value, out refusal)) return false;
        if (value is null) return true;
        var reader = new RlpReader(value);
        account = Account.Read(ref reader);
        reader.ExpectEnd();
        if (!reader.Failed) return true;
        account = null;
        refusal = Refused("the leaf does not hold an account", reader.Error!);
        return false;
    }

    /// <summary>Checks a storage proof against an account's storage root. A slot that is not there holds zero.</summary>
    public static bool TryVerifyStorage(in Hash256 storageRoot, in UInt256 slot, IReadOnlyList<byte[]> nodes, out UInt256 value, [NotNullWhen(false)] out Refusal? refusal)
    {
        value = UInt256.Zero;
        Span<byte> key = stackalloc byte[32];
        slot.WriteBigEndian(key);
        if (!TryVerify(storageRoot, Keccak256.Hash(key).Bytes, nodes, out var encoded, out refusal)) return false;
        if (encoded is null) return true;
        var reader = new RlpReader(encoded);
        value = reader.ReadUInt256();
        reader.ExpectEnd();
        if (!reader.Failed && !value.IsZero) return true;
        value = UInt256.Zero;
        refusal = Refused("the leaf does not hold a storage value", reader.Error ?? "zero is never stored");
        return false;
    }

    /// <summary>Checks that the entry at an index of a list trie (transactions, receipts, withdrawals) is what the root commits to.</summary>
    public static bool TryVerifyListEntry(in Hash256 root, ulong index, IReadOnlyList<byte[]> nodes, out byte[]? value, [NotNullWhen(false)] out Refusal? refusal)
    {
        using var writer = RlpWriter.Rent();
        writer.Write(index);
        return TryVerify(root, writer.Written, nodes, out value, out refusal);
    }

    // Where the way goes on below a node, given what is left of the key; empty where it ends here, with the value or with its absence.
    static TrieReference Follow(TrieNode node, NibblePath path, out int nibbles, out byte[]? value)
    {
        nibbles = 0;
        value = null;
        if (node.Kind == TrieNodeKind.Branch)
        {
            if (!path.IsEmpty)
            {
                nibbles = 1;
                return node[path[0]];
            }
            value = node.Value.IsEmpty ? null : node.Value.ToArray();
            return TrieReference.Empty;
        }
        if (node.Kind == TrieNodeKind.Leaf)
        {
            if (path.SequenceEqual(node.Path)) value = node.Value.ToArray();
            return TrieReference.Empty;
        }
        if (!path.StartsWith(node.Path)) return TrieReference.Empty;
        nibbles = node.Path.Length;
        return node.Next;
    }

    static bool Superfluous(int used, int given, out byte[]? value, out Refusal refusal)
    {
        value = null;
        refusal = Refused("nodes follow the end of the way", $"{used + 1} are needed, {given} were given");
        return false;
    }

    static Refusal Refused(string what, string why) => new($"invalid proof: {what}", why, "ask for the proof again, from a node you can reach, for the same block");
}
