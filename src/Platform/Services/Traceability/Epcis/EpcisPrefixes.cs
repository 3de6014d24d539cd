namespace Hufu.Services;

/// <summary>The prefix of every namespace that a document's extensions use: the document's own where it has one, else a new one.</summary>
sealed class EpcisPrefixes
{
    readonly Dictionary<string, string> _prefixOf = new(StringComparer.Ordinal);

    public EpcisPrefixes(EpcisDocument document)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal) { "epcis", "epcisq", "xsi", "xsd", "xml", "xmlns" };
        var used = new List<string>();
        foreach (var one in document.Events) Collect(one.Fields, used);
        if (document.MasterData is { } data) Collect(data, used);
        foreach (var (prefix, meaning) in document.Namespaces)
            if (used.Contains(meaning) && !_prefixOf.ContainsKey(meaning) && taken.Add(prefix)) _prefixOf.Add(meaning, prefix);
        foreach (var meaning in used)
        {
            if (_prefixOf.ContainsKey(meaning)) continue;
            var number = 1;
            while (!taken.Add($"ext{number}")) number++;
            _prefixOf.Add(meaning, $"ext{number}");
        }
    }

    public IEnumerable<KeyValuePair<string, string>> All => _prefixOf.OrderBy(one => one.Value, StringComparer.Ordinal);

    public string this[string @namespace] => _prefixOf[@namespace];

    static void Collect(EpcisElement element, List<string> used)
    {
        if (element.Namespace.Length > 0 && !used.Contains(element.Namespace)) used.Add(element.Namespace);
        foreach (var child in element.Children) Collect(child, used);
    }
}
