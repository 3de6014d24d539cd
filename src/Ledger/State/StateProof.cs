using Hufu.Primitives;

namespace Hufu.State;

/// <summary>What an account is at a block, with the trie nodes that prove it to whoever trusts the block's state root (EIP-1186).</summary>
/// <param name="Account">Null where there is no such account; the nodes then prove its absence.</param>
/// <param name="Nodes">From the root down, RLP; empty for an empty state.</param>
public sealed record StateProof(Address Address, Account? Account, IReadOnlyList<byte[]> Nodes, IReadOnlyList<StorageProof> Storage);

/// <summary>What a slot holds, with the nodes that prove it against the account's storage root.</summary>
public sealed record StorageProof(UInt256 Slot, UInt256 Value, IReadOnlyList<byte[]> Nodes);

/// <summary>Collects the nodes on the way to keys.</summary>
static class ProofWalk
{
    public static StateProof Prove(LiveNode? trie, NodeSource nodes, StateView view, in Address address, IReadOnlyList<UInt256> slots)
    {
        var key = KeyHash.Of(address);
        var accountNodes = Walk(trie, nodes, TrieKey.NoOwner, key, out var leaf);
        Account? account = view.TryGetAccount(key, out var found) ? found : null;
        var storageTrie = leaf?.Storage ?? (account is { } some && some.StorageRoot != Account.EmptyTrieRoot ? new StubNode(some.StorageRoot) : null);

        var storage = new StorageProof[slots.Count];
        for (var i = 0; i < storage.Length; i++)
        {
            var slotKey = KeyHash.Of(slots[i]);
            var slotNodes = account is null ? [] : Walk(storageTrie, nodes, key, slotKey, out _);
            storage[i] = new StorageProof(slots[i], account is null ? UInt256.Zero : view.GetStorage(key, slotKey), slotNodes);
        }
        return new StateProof(address, account, accountNodes, storage);
    }

    /// <summary>The RLP of the node that stands at a path, of whose key <paramref name="at"/> nibbles count; null where none does.</summary>
    public static byte[]? NodeAt(LiveNode? node, NodeSource nodes, in Hash256 owner, in Hash256 path, int at)
    {
        var update = new TrieUpdate(nodes, owner);
        for (var depth = 0; node is not null && depth <= at;)
        {
            if (node is StubNode stub) node = nodes.Load(owner, path, depth, Hash256.FromBytes(stub.Reference));
            if (depth == at)
            {
                using var writer = RlpWriter.Rent();
                TrieHasher.Write(writer, node, depth);
                return writer.ToArray();
            }
            switch (node)
            {
                case BranchNode branch:
                    node = update.Child(branch, TrieKey.NibbleAt(path, depth), path, depth);
                    depth++;
                    break;
                case ExtensionNode extension when depth + extension.Length <= at && TrieKey.Shared(path, extension.Key, depth, extension.Length) == extension.Length:
                    depth += extension.Length;
                    node = extension.Child;
                    break;
                default:
                    return null;
            }
        }
        return null;
    }

    public static List<byte[]> Walk(LiveNode? node, NodeSource nodes, in Hash256 owner, in Hash256 key, out LeafNode? leaf)
    {
        leaf = null;
        var way = new List<byte[]>();
        using var writer = RlpWriter.Rent();
        var update = new TrieUpdate(nodes, owner);
        var depth = 0;
        while (node is not null)
        {
            if (node is StubNode stub) node = nodes.Load(owner, key, depth, Hash256.FromBytes(stub.Reference));
            // A node inside its parent was shown with it; the root is shown however short it is.
            if (!node.IsInline || depth == 0)
            {
                writer.Clear();
                TrieHasher.Write(writer, node, depth);
                way.Add(writer.ToArray());
            }
            switch (node)
            {
                case BranchNode branch:
                    node = update.Child(branch, TrieKey.NibbleAt(key, depth), key, depth);
                    depth++;
                    break;
                case ExtensionNode extension:
                    var shared = TrieKey.Shared(key, extension.Key, depth, extension.Length);
                    depth += extension.Length;
                    node = shared == extension.Length ? extension.Child : null;
                    break;
                default:
                    var last = (LeafNode)node;
                    if (last.Key == key) leaf = last;
                    return way;
            }
        }
        return way;
    }
}
