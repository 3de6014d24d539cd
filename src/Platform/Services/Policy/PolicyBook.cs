using Hufu.Primitives;
using Microsoft.AspNetCore.Http;

namespace Hufu.Services;

/// <summary>A rule that forbids something: to whom, what, to what account, why, and until when.</summary>
/// <param name="Caller">A caller's name, or * for everybody.</param>
/// <param name="Act">payments.pay, payments.* for all of a service, * for everything.</param>
/// <param name="Account">An address that must have no part in it, or * for any.</param>
/// <param name="Reason">A code that programs understand: sanctions, jurisdiction, limit.</param>
/// <param name="Words">The reason for people.</param>
public sealed record PolicyRule(string Id, string Caller, string Act, string Account, string Reason, string Words, DateTimeOffset? Until, DateTimeOffset MadeAt);

/// <summary>Who may do what to whom. A caller's key says what it may do at all; rules forbid on top of that, with a reason and, if they like, an end.</summary>
public sealed class PolicyBook(Database database)
{
    internal static readonly Table Rules = new("policy_rule", "id text key", "caller text", "act text", "account text", "reason text", "words text", "until number", "made_at number");

    volatile IReadOnlyList<PolicyRule>? _rules;

    /// <summary>Those that hold now.</summary>
    public IReadOnlyList<PolicyRule> All() => [.. (_rules ??= database.Read(session => session.Query($"SELECT id, caller, act, account, reason, words, until, made_at FROM {Rules} ORDER BY made_at, id",
        row => new PolicyRule(row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5), row.TimeOrNull(6), row.Time(7))))).Where(rule => !(rule.Until <= DateTimeOffset.UtcNow))];

    public async Task AddAsync(PolicyRule rule)
    {
        await database.WriteAsync(session => session.Execute(Rules.Insert([rule.Id, rule.Caller, rule.Act, rule.Account, rule.Reason, rule.Words, rule.Until, rule.MadeAt], replaces: true))).ConfigureAwait(false);
        _rules = null;
    }

    public async Task RemoveAsync(string id)
    {
        await database.WriteAsync(session => session.Execute($"DELETE FROM {Rules} WHERE id = {id}")).ConfigureAwait(false);
        _rules = null;
    }

    /// <exception cref="ProblemException">It is forbidden: 403 where the caller may not, 451 where a rule says so.</exception>
    public void Require(Caller caller, string act, Address? account = null)
    {
        if (!caller.May(act))
            throw new ProblemException(StatusCodes.Status403Forbidden, "not-allowed", new Refusal($"{caller.Name} may not do {act}", $"its key opens {(caller.Acts.Count == 0 ? "nothing" : string.Join(", ", caller.Acts))}", "use a key that opens it, or have the act added to this one"));
        if (All().FirstOrDefault(rule => (rule.Caller == "*" || rule.Caller == caller.Name) && Caller.Covers(rule.Act, act) && (rule.Account == "*" || rule.Account == account?.ToString())) is { } forbids)
            throw Forbidden(forbids, act);
    }

    /// <summary>Lets through who may do anything at all of a service; each act asks for itself besides.</summary>
    internal void RequireAnyOf(Caller caller, Service service)
    {
        if (!caller.Acts.Any(act => act == "*" || service.Families.Any(family => act.StartsWith(family + ".", StringComparison.Ordinal)))) Require(caller, service.Families[0] + ".*");
    }

    /// <summary>Whether a whole service is switched off for everybody.</summary>
    internal void RequireService(string service)
    {
        if (All().FirstOrDefault(rule => rule is { Caller: "*", Account: "*" } && (rule.Act == "*" || rule.Act == service + ".*")) is { } forbids) throw Forbidden(forbids, service);
    }

    static ProblemException Forbidden(PolicyRule rule, string what) => new(StatusCodes.Status451UnavailableForLegalReasons, "policy-" + rule.Reason,
        new Refusal($"{what} is forbidden here", $"{rule.Words} ({rule.Reason}{(rule.Until is { } until ? $", until {until:u}" : "")})", "ask who keeps the policy; the rules are at /api/v1/policy/rules"));
}
