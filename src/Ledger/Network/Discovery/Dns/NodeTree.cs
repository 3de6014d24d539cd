namespace Hufu.Network;

/// <summary>A whole node list, ready to be put into DNS: every text under its name (EIP-1459).</summary>
public sealed class NodeTree
{
    readonly List<(string Name, string Text)> _entries = [];

    NodeTree(NodeListUrl url, ulong sequence) => (Url, Sequence) = (url, sequence);

    public NodeListUrl Url { get; }

    /// <summary>Rises with every change: a node does not go back to an older list.</summary>
    public ulong Sequence { get; }

    /// <summary>Names below the domain, and their texts. The root's name is empty, and it should be kept by resolvers for a minute only; the others never change.</summary>
    public IReadOnlyList<(string Name, string Text)> Entries => _entries;

    /// <summary>Makes and signs a list.</summary>
    /// <param name="links">Other lists that belong to this one.</param>
    public static NodeTree Make(IEnumerable<NodeRecord> records, IEnumerable<NodeListUrl> links, string domain, ulong sequence, NodeKey key)
    {
        var tree = new NodeTree(new NodeListUrl(key.Id, domain), sequence);
        var newest = records.GroupBy(record => record.Id).Select(same => same.MaxBy(record => record.Sequence)!).OrderBy(record => record.Id.Hash.ToString(), StringComparer.Ordinal);
        var e = tree.Add(newest.Select(record => (NodeTreeEntry)new NodeTreeEntry.Leaf(record)).ToList());
        var l = tree.Add(links.Select(url => (NodeTreeEntry)new NodeTreeEntry.Link(url)).ToList());
        tree._entries.Insert(0, ("", new NodeTreeEntry.Root(e, l, sequence, []).SignedBy(key).ToString()));
        return tree;
    }

    string Add(IReadOnlyList<NodeTreeEntry> entries)
    {
        var names = entries.Select(Put).ToList();
        if (names.Count == 1) return names[0];
        while (names.Count > NodeTreeEntry.UsualChildren) names = [.. names.Chunk(NodeTreeEntry.UsualChildren).Select(some => Put(new NodeTreeEntry.Branch(some)))];
        return Put(new NodeTreeEntry.Branch(names));
    }

    string Put(NodeTreeEntry entry)
    {
        var text = entry.ToString();
        var name = NodeTreeEntry.NameOf(text!);
        if (!_entries.Exists(known => known.Name == name)) _entries.Add((name, text!));
        return name;
    }
}
