namespace Hufu.Rpc;

/// <summary>What whoever calls a method must know.</summary>
/// <param name="Summary">One or two sentences.</param>
/// <param name="Result">The schema of the result: see <see cref="SchemaText"/>.</param>
/// <param name="Example">Parameters as JSON that work on a development chain; words in braces stand for what is there (<c>{account}</c>).</param>
public sealed record MethodDoc(string Name, string Summary, IReadOnlyList<ParameterDoc> Parameters, string ResultName, string Result, string Example)
{
    /// <summary>Whether the method wants a connection that lasts.</summary>
    public bool NeedsConnection { get; init; }

    /// <summary>A schema as a reader of a page sees it.</summary>
    public static string FormOf(string schema) => SchemaText.Show(schema);
}

/// <param name="Schema">See <see cref="SchemaText"/>.</param>
public sealed record ParameterDoc(string Name, string Schema, bool IsRequired);
