using System.Collections.Frozen;
using System.Text;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>A method that answers at once: reads its parameters, then either writes its result and returns null, or returns the error.</summary>
public delegate RpcError? Method(ref Parameters parameters, Answer answer);

/// <summary>A method that has to wait for something. The parameters are read before the first wait.</summary>
public delegate ValueTask<RpcError?> WaitingMethod(ref Parameters parameters, Answer answer);

/// <summary>A method whose result is a hash, and which does many calls of one batch together faster than one after another. Outcomes stand in the order of the calls.</summary>
public delegate ValueTask<HashOrError[]> GroupedMethod(IReadOnlyList<ReadOnlyMemory<byte>> parametersOfEach);

public readonly record struct HashOrError(Hash256 Hash, RpcError? Error);

/// <summary>The methods of a node by name. Built by hand once, then only read.</summary>
public sealed class MethodTable
{
    const int LongestName = 64;

    readonly Dictionary<string, Entry> _building = new(StringComparer.Ordinal);
    FrozenDictionary<string, Entry>? _byName;

    internal sealed class Entry(Method? plain, WaitingMethod? waiting, GroupedMethod? grouped, Quickness quickness)
    {
        public Quickness Quickness => quickness;
        public Method? Plain => plain;
        public WaitingMethod? Waiting => waiting;
        public GroupedMethod? Grouped => grouped;
    }

    public IEnumerable<string> Names => _building.Keys.Order(StringComparer.Ordinal);

    public MethodTable Add(string name, Method method) => Add(name, new Entry(method, null, null, QuickCalls.Of(name)));
    public MethodTable AddWaiting(string name, WaitingMethod method) => Add(name, new Entry(null, method, null, Quickness.Unknown));
    public MethodTable AddGrouped(string name, GroupedMethod method) => Add(name, new Entry(null, null, method, Quickness.Unknown));

    /// <summary>Whether there is a method of this name.</summary>
    public bool Has(string name) => _building.ContainsKey(name);

    /// <summary>Puts a method in the place of another, which it may call; nothing where there is none of this name.</summary>
    internal void Wrap(string name, Func<WaitingMethod, WaitingMethod> around)
    {
        if (!_building.TryGetValue(name, out var entry)) return;
        if (entry.Waiting is not { } inner)
        {
            var plain = entry.Plain ?? throw new ArgumentException($"{name} answers many calls at once and cannot be wrapped", nameof(name));
            inner = (ref Parameters parameters, Answer answer) => new(plain(ref parameters, answer));
        }
        _building[name] = new Entry(null, around(inner), null, Quickness.Unknown);
        _byName = null;
    }

    /// <summary>A table of its own with some of these methods, for another port.</summary>
    public MethodTable Some(IEnumerable<string> names)
    {
        var table = new MethodTable();
        foreach (var name in names) table.Add(name, _building[name]);
        return table;
    }

    MethodTable Add(string name, Entry entry)
    {
        if (name.Length > LongestName) throw new ArgumentException($"'{name}' is too long for a method name", nameof(name));
        _building.Add(name, entry);
        _byName = null;
        return this;
    }

    internal Entry? Find(ReadOnlySpan<byte> name)
    {
        if (name.Length > LongestName) return null;
        Span<char> text = stackalloc char[LongestName];
        if (!Encoding.UTF8.TryGetChars(name, text, out var length)) return null;
        var table = _byName ??= _building.ToFrozenDictionary(StringComparer.Ordinal);
        return table.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out var entry) ? entry : null;
    }
}
