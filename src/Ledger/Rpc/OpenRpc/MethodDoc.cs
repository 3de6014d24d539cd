namespace Hufu.Rpc;

/// <summary>What whoever calls a method must know.</summary>
/// <param name="Summary">One or two sentences.</param>
/// <param name="Result">The schema of the result: see <see cref="SchemaText"/>.</param>
/// <param name="Example">Parameters as JSON that work on a development chain; words in braces stand for what is there (<c>{account}</c>).</param>
public sealed record MethodDoc(string Name, string Summary, IReadOnlyList<ParameterDoc> Parameters, string ResultName, string Result, string Example)
{
    /// <summary>Whether the method wants a connection that lasts.</summary>
    public bool NeedsConnection { get; init; }

    /// <summary>Whether the method is there only to say that it cannot be done.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Where the method is found, other than on the port of a chain that one node seals; its example is shown and not run. Null for those that are found there.</summary>
    public string? Where { get; init; }

    /// <summary>A schema as a reader of a page sees it.</summary>
    public static string FormOf(string schema) => SchemaText.Show(schema);
}

/// <param name="Schema">See <see cref="SchemaText"/>.</param>
public sealed record ParameterDoc(string Name, string Schema, bool IsRequired);
