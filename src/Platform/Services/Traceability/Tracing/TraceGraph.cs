
namespace Hufu.Services;

public enum TraceDirection
{
    /// <summary>What went into it.</summary>
    Back,

    /// <summary>What became of it.</summary>
    Forward,
}

/// <summary>A thing that was reached.</summary>
/// <param name="Steps">How many events lie between.</param>
/// <param name="By">The event that led to it; zero for the thing that was asked for.</param>
public sealed record TracedThing(string Thing, int Steps, string? From, long By);

/// <param name="Events">The events that connect, by their numbers.</param>
/// <param name="IsWhole">False where the bound was reached first.</param>
public sealed record Trace(IReadOnlyList<TracedThing> Things, IReadOnlyList<long> Events, bool IsWhole);

/// <summary>
/// Which things went into which, through any number of events: a transformation leads from its inputs to its outputs, an aggregation or association from a part to the whole
/// it went into. Going back, from output to input and from the whole to its parts. What is reached is all that can be: whether a part was taken out again before
/// something happened to the whole is left to whoever reads the events, so that a recall errs towards too much.
/// </summary>
public sealed class TraceGraph(Database database)
{
    public const int MostThings = 100_000;

    public Trace Follow(IReadOnlyList<string> things, TraceDirection direction, int mostThings = MostThings) => database.Read(session =>
    {
        var (from, to) = direction == TraceDirection.Forward ? (("input", "child"), ("output", "parent")) : (("output", "parent"), ("input", "child"));
        var reached = new Dictionary<string, TracedThing>(StringComparer.Ordinal);
        var events = new HashSet<long>();
        var frontier = new List<string>();
        foreach (var thing in things.Select(Gs1Uri.Canonical)) if (reached.TryAdd(thing, new TracedThing(thing, 0, null, 0))) frontier.Add(thing);

        for (var steps = 1; frontier.Count > 0; steps++)
        {
            var next = new List<string>();
            foreach (var part in frontier.Chunk(SqlText.MostListed))
            {
                // What a transformation took must not lead to what an aggregation wraps around: each role has its own counterpart.
                var leads = session.Query(Leads(part, from.Item1, from.Item2), row => (Thing: row.Text(0), Role: row.Text(1), Sequence: row.Number(2)));
                foreach (var group in leads.GroupBy(lead => lead.Role))
                {
                    var origins = group.GroupBy(lead => lead.Sequence).ToDictionary(same => same.Key, same => same.First().Thing);
                    var role = group.Key == from.Item1 ? to.Item1 : to.Item2;
                    foreach (var sequences in origins.Keys.Chunk(SqlText.MostListed))
                    {
                        foreach (var (thing, sequence) in session.Query(Ends(sequences, role), row => (row.Text(0), row.Number(1))))
                        {
                            events.Add(sequence);
                            if (!reached.TryAdd(thing, new TracedThing(thing, steps, origins[sequence], sequence))) continue;
                            next.Add(thing);
                            if (reached.Count >= mostThings) return new Trace([.. reached.Values], [.. events.Order()], IsWhole: false);
                        }
                    }
                }
            }
            frontier = next;
        }
        return new Trace([.. reached.Values], [.. events.Order()], IsWhole: true);
    });

    static SqlText Leads(string[] things, string first, string second) =>
        $"SELECT thing, role, seq FROM {EventStore.Things} WHERE role IN ({first}, {second}) AND thing IN ({SqlText.List(things)})";

    static SqlText Ends(long[] sequences, string role) => $"SELECT thing, seq FROM {EventStore.Things} WHERE role = {role} AND seq IN ({SqlText.List(sequences)})";
}
