using System.Collections.Frozen;

namespace Hufu.Rpc;

/// <summary>What is written about the methods, by their names.</summary>
public static class MethodDocs
{
    static readonly FrozenDictionary<string, MethodDoc> ByName = EthDocs.All.Concat(NodeDocs.All).Concat(DevDocs.All).Concat(OperatorDocs.All).Concat(EngineDocs.All).ToFrozenDictionary(doc => doc.Name, StringComparer.Ordinal);

    public static IEnumerable<MethodDoc> All => ByName.Values.OrderBy(doc => doc.Name, StringComparer.Ordinal);

    public static MethodDoc? Find(string method) => ByName.GetValueOrDefault(method);

    internal static ParameterDoc Required(string name, string schema) => new(name, schema, IsRequired: true);
    internal static ParameterDoc Optional(string name, string schema) => new(name, schema, IsRequired: false);
}
