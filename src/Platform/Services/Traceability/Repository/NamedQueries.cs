using System.Text;
using Hufu.Primitives;
using Microsoft.AspNetCore.Http;

namespace Hufu.Services;

/// <param name="Json">Its parameters, as EPCIS 2.0 writes them.</param>
public sealed record NamedQuery(string Name, string Json, DateTimeOffset CreatedAt);

/// <summary>Queries that are kept under a name: to be asked again, and to be subscribed to.</summary>
public sealed class NamedQueries(Database database, EventQuery query, Subscriptions subscriptions)
{
    const int LongestName = 128;

    internal static readonly Table Queries = new("trace_query", "name text key", "query text", "created_at number");

    public IReadOnlyList<NamedQuery> All(string after, int most) =>
        database.Read(session => session.Query($"SELECT name, query, created_at FROM {Queries} WHERE name > {after} ORDER BY name LIMIT {most}", row => new NamedQuery(row.Text(0), row.Text(1), row.Time(2))));

    /// <exception cref="ProblemException">There is none of that name.</exception>
    public string Require(string name) => JsonOf(database, name) ?? throw ProblemException.NotFound($"there is no query {name}");

    /// <summary>Keeps a query that can be asked.</summary>
    /// <exception cref="ProblemException">It cannot, or the name is taken.</exception>
    public async Task KeepAsync(string name, string json)
    {
        if (name.Length is 0 or > LongestName) throw ProblemException.Invalid("this is no named query", "it has no name or no query", "send {\"name\": …, \"query\": { … }}");
        _ = query.Ask([.. ParametersOf(json), new("perPage", ["1"])]);
        var isNew = await database.WriteAsync(session =>
        {
            if (session.Count($"SELECT COUNT(*) FROM {Queries} WHERE name = {name}") > 0) return false;
            session.Execute(Queries.Insert([name, json, DateTimeOffset.UtcNow], replaces: false));
            return true;
        }).ConfigureAwait(false);
        if (!isNew) throw new ProblemException(StatusCodes.Status409Conflict, "epcis-name-taken", new Refusal($"there is a query {name} already", "a name means one query", "choose another name, or delete it first"));
    }

    /// <summary>Forgets a query, and ends its subscriptions.</summary>
    /// <exception cref="ProblemException">There is none of that name.</exception>
    public async Task ForgetAsync(string name)
    {
        if (await database.WriteAsync(session => session.Execute($"DELETE FROM {Queries} WHERE name = {name}")).ConfigureAwait(false) == 0) throw ProblemException.NotFound($"there is no query {name}");
        await subscriptions.RemoveAllAsync(name).ConfigureAwait(false);
    }

    /// <summary>The parameters of a named query, as JSON; null where there is none of that name.</summary>
    internal static string? JsonOf(Database database, string name) => database.Read(session => session.Find($"SELECT query FROM {Queries} WHERE name = {name}", row => row.Text(0)));

    internal static IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> ParametersOf(string json) =>
        !EpcisDocument.TryRead(Encoding.UTF8.GetBytes($"{{\"query\":{json}}}"), out var document, out var refusal) ? throw Wrong(refusal)
        : document.Faults.FirstOrDefault(fault => fault.Path != "@context") is { } fault ? throw Wrong(fault.Refusal) : document.QueryParameters;

    static ProblemException Wrong(Refusal refusal) => new(StatusCodes.Status400BadRequest, "query-parameter", EpcisApi.Told(refusal));
}
