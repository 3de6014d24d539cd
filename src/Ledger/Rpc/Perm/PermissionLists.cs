using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Hufu.Network;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What an operator wants of the lists, and cannot have.</summary>
public enum ListFault
{
    None,
    NotEnabled,
    Empty,
    Invalid,
    Duplicated,
    Existing,
    Absent,
    NotKept,
}

/// <summary>
/// The accounts and nodes that this node has to do with: a file, <c>{ "accounts": ["0x…"], "nodes": ["enode://…"] }</c>, that is read again, and written, as the operator
/// asks. A list that is left out allows all, an empty one nobody.
/// </summary>
public sealed class PermissionLists
{
    sealed record Lists(ImmutableList<Address>? Accounts, ImmutableList<(NodeId Id, string Text)>? Nodes)
    {
        public ImmutableHashSet<Address> AccountSet { get; } = Accounts?.ToImmutableHashSet() ?? [];
        public ImmutableHashSet<NodeId> NodeSet { get; } = Nodes?.Select(node => node.Id).ToImmutableHashSet() ?? [];
    }

    readonly string _path;
    readonly Lock _lock = new();
    volatile Lists _lists;

    PermissionLists(string path, Lists lists) => (_path, _lists) = (path, lists);

    /// <summary>Null where all are allowed.</summary>
    public IReadOnlyList<Address>? Accounts => _lists.Accounts;

    /// <summary>As they were written: enode URLs, or node ids. Null where all are allowed.</summary>
    public IReadOnlyList<string>? Nodes => _lists.Nodes?.Select(node => node.Text).ToList();

    /// <summary>The lists are others now.</summary>
    public event Action? Changed;

    public bool Allows(Address account) => _lists is var lists && (lists.Accounts is null || lists.AccountSet.Contains(account));

    public bool Allows(NodeId node) => _lists is var lists && (lists.Nodes is null || lists.NodeSet.Contains(node));

    public static bool TryRead(string path, [NotNullWhen(true)] out PermissionLists? lists, [NotNullWhen(false)] out Refusal? refusal)
    {
        lists = TryReadFile(path, out var read, out refusal) ? new PermissionLists(path, read) : null;
        return lists is not null;
    }

    /// <summary>Takes the lists that the file holds now; where it cannot be used, those there were stay.</summary>
    public Refusal? Reload()
    {
        lock (_lock)
        {
            if (!TryReadFile(_path, out var read, out var refusal)) return refusal;
            _lists = read;
        }
        Changed?.Invoke();
        return null;
    }

    public ListFault AddAccounts(IReadOnlyList<string> texts) => Change(texts, lists => lists.Accounts, ParseAccount, adds: true, (lists, accounts) => new Lists(accounts, lists.Nodes));
    public ListFault RemoveAccounts(IReadOnlyList<string> texts) => Change(texts, lists => lists.Accounts, ParseAccount, adds: false, (lists, accounts) => new Lists(accounts, lists.Nodes));
    public ListFault AddNodes(IReadOnlyList<string> texts) => Change(texts, lists => lists.Nodes, ParseNode, adds: true, (lists, nodes) => new Lists(lists.Accounts, nodes));
    public ListFault RemoveNodes(IReadOnlyList<string> texts) => Change(texts, lists => lists.Nodes, ParseNode, adds: false, (lists, nodes) => new Lists(lists.Accounts, nodes));

    ListFault Change<T>(IReadOnlyList<string> texts, Func<Lists, ImmutableList<T>?> of, Func<string, T?> parse, bool adds, Func<Lists, ImmutableList<T>, Lists> with) where T : struct
    {
        lock (_lock)
        {
            if (of(_lists) is not { } list) return ListFault.NotEnabled;
            if (texts.Count == 0) return ListFault.Empty;
            var entries = texts.Select(parse).ToList();
            if (entries.Any(entry => entry is null)) return ListFault.Invalid;
            if (entries.Select(entry => KeyOf(entry!.Value)).Distinct().Count() != entries.Count) return ListFault.Duplicated;
            foreach (var entry in entries)
            {
                var at = list.FindIndex(known => KeyOf(known).Equals(KeyOf(entry!.Value)));
                if (at >= 0 == adds) return adds ? ListFault.Existing : ListFault.Absent;
                list = adds ? list.Add(entry!.Value) : list.RemoveAt(at);
            }
            var changed = with(_lists, list);
            if (!TryKeep(changed)) return ListFault.NotKept;
            _lists = changed;
        }
        Changed?.Invoke();
        return ListFault.None;

        static object KeyOf(T entry) => entry is ValueTuple<NodeId, string> node ? node.Item1 : entry;
    }

    // Beside the file, then in its place: whoever stops the node between the two finds the file whole.
    bool TryKeep(Lists lists)
    {
        try
        {
            var beside = _path + ".new";
            using (var file = File.Create(beside))
            {
                using (var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true }))
                {
                    writer.WriteStartObject();
                    WriteList("accounts", lists.Accounts?.Select(account => account.ToString()));
                    WriteList("nodes", lists.Nodes?.Select(node => node.Text));
                    writer.WriteEndObject();

                    void WriteList(string name, IEnumerable<string>? texts)
                    {
                        if (texts is null) return;
                        writer.WriteStartArray(name);
                        foreach (var text in texts) writer.WriteStringValue(text);
                        writer.WriteEndArray();
                    }
                }
                file.Flush(flushToDisk: true);
            }
            File.Move(beside, _path, overwrite: true);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    static bool TryReadFile(string path, [NotNullWhen(true)] out Lists? lists, [NotNullWhen(false)] out Refusal? refusal)
    {
        (lists, refusal) = (null, null);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            ImmutableList<Address>? accounts = null;
            ImmutableList<(NodeId, string)>? nodes = null;
            foreach (var list in document.RootElement.EnumerateObject())
            {
                if (list.Name == "accounts") accounts ??= [];
                if (list.Name == "nodes") nodes ??= [];
                foreach (var item in list.Value.EnumerateArray())
                {
                    var text = item.GetString() ?? "";
                    if (list.Name == "accounts" && ParseAccount(text) is { } account) accounts = accounts!.Add(account);
                    else if (list.Name == "nodes" && ParseNode(text) is { } node) nodes = nodes!.Add(node);
                    else
                    {
                        refusal = new Refusal($"{path} cannot be used", $"\"{list.Name}\" holds {text}", "it has the lists \"accounts\", of addresses, and \"nodes\", of enode URLs");
                        return false;
                    }
                }
            }
            lists = new Lists(accounts, nodes);
            return true;
        }
        catch (Exception malformed) when (malformed is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            refusal = new Refusal($"cannot read the permissions file {path}", malformed.Message, "write it as JSON: { \"accounts\": [], \"nodes\": [] }");
            return false;
        }
    }

    static Address? ParseAccount(string text) => Address.TryParse(text, out var address) ? address : null;

    static (NodeId Id, string Text)? ParseNode(string text) =>
        Enode.TryParse(text, out var enode, out _) ? (enode.Id, text) : NodeId.TryParse(text, out var id) ? (id, text) : null;
}
