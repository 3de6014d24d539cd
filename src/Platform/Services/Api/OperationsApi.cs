using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>The endpoints of whoever runs the platform: policy, webhooks, jobs and the audit log.</summary>
static class OperationsApi
{
    public static void Map(RouteGroupBuilder group, Platform platform)
    {
        MapPolicy(group, platform.Rooms.Policy);
        MapWebhooks(group, platform.Webhooks, platform.Rooms);
        MapJobs(group, platform.Jobs, platform.Rooms.Policy);
        group.MapGet("/audit", (int? limit, long? before) => platform.Rooms.Audit.Latest(Math.Clamp(limit ?? 100, 1, 1000), before)).Asks("audit", "Every change that was asked for, the latest first.");
        group.MapGet("/audit/check", () => new AuditCheck(platform.Rooms.Audit.FirstBroken())).Asks("audit-check", "Whether every line of the audit log follows from the one before it.");
    }

    static void MapPolicy(RouteGroupBuilder group, PolicyBook policy)
    {
        group.MapGet("/policy/rules", policy.All).Asks("policy-rules", "What is forbidden to whom, why, and until when.");
        group.MapPost("/policy/rules", async (NewPolicyRule body, HttpContext context) =>
        {
            policy.Require(Gate.Of(context), "policy.write");
            if (body.Act is not { Length: > 0 } act || body.Reason is not { Length: > 0 } reason || !reason.All(letter => char.IsAsciiLetterLower(letter) || letter == '-')) throw ProblemException.Invalid("the rule cannot be used", "it needs an act, and a reason of lower-case letters and dashes", "write for example payments.* and sanctions");
            if (body.Account is { } account and not "*") RouteText.Address(account, "account");
            // The same key is the same rule.
            var rule = new PolicyRule(Idempotency.Of(context, body).Key, body.Caller ?? "*", act, body.Account is null or "*" ? "*" : RouteText.Address(body.Account, "account").ToString(), reason, body.Words ?? reason, body.Until, DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
            await policy.AddAsync(rule).ConfigureAwait(false);
            return TypedResults.Created("/api/v1/policy/rules", rule);
        }).Changes("forbid", "Forbids something: to a caller, an account or everybody; an act, or a whole service.", """{ "act": "payments.*", "reason": "jurisdiction", "words": "Payments are not offered here.", "until": "2027-12-31T00:00:00Z" }""");
        group.MapDelete("/policy/rules/{id}", async (string id, HttpContext context) =>
        {
            policy.Require(Gate.Of(context), "policy.write");
            await policy.RemoveAsync(id).ConfigureAwait(false);
            return TypedResults.NoContent();
        }).Asks("allow", "Takes a rule away.");
    }

    static void MapWebhooks(RouteGroupBuilder group, Webhooks webhooks, Rooms rooms)
    {
        var policy = rooms.Policy;
        Webhook Hook(string id) => webhooks.Find(id) ?? throw ProblemException.NotFound($"there is no webhook {id}");
        group.MapGet("/webhooks", webhooks.All).Asks("webhooks", "Who is told of events.");
        group.MapPost("/webhooks", async (NewWebhook body, HttpContext context) =>
        {
            policy.Require(Gate.Of(context), "webhooks.write");
            var (hook, secret) = await webhooks.AddAsync(await rooms.Courier.AcceptAsync(body.Url, context.RequestAborted).ConfigureAwait(false), body.Kinds ?? "*").ConfigureAwait(false);
            return TypedResults.Created($"/api/v1/webhooks/{hook.Id}", new WebhookMade(hook.Id, hook.Url, hook.Kinds, secret));
        }).Asks("subscribe", "Tells a URL of events from now on: CloudEvents, signed as Standard Webhooks have it. The secret is told once.").WithMetadata(new OpenApi.Example("""{ "url": "https://example.org/hufu", "kinds": "hufu.payments.*" }"""));
        group.MapDelete("/webhooks/{id}", async (string id, HttpContext context) =>
        {
            policy.Require(Gate.Of(context), "webhooks.write");
            await webhooks.RemoveAsync(Hook(id).Id).ConfigureAwait(false);
            return TypedResults.NoContent();
        }).Asks("unsubscribe", "Tells a URL no more.");
        group.MapGet("/webhooks/{id}/deliveries", (string id) => webhooks.DeliveriesOf(Hook(id).Id)).Asks("deliveries", "What waits to be told again, and what was given up (dead).");
        group.MapPost("/webhooks/{id}/replay", async (string id, Replay body, HttpContext context) =>
        {
            policy.Require(Gate.Of(context), "webhooks.write");
            await webhooks.ReplayAsync(Hook(id).Id, body.After).ConfigureAwait(false);
            return TypedResults.Accepted($"/api/v1/webhooks/{id}/deliveries");
        }).Asks("replay", "Tells everything after a notice again; 0 for everything there is.").WithMetadata(new OpenApi.Example("""{ "after": 0 }"""));
    }

    static void MapJobs(RouteGroupBuilder group, Keeper jobs, PolicyBook policy)
    {
        group.MapGet("/jobs", jobs.All).Asks("jobs", "What is done by itself, how often, and what came of it last.");
        group.MapGet("/jobs/scheduled", (int? limit) => ChainJobsView.Of(jobs.OfChain, Math.Clamp(limit ?? 100, 1, 1000))).Asks("jobs-scheduled", "What the chain itself will run at the beginning of its blocks, soonest first, and what it has run, the latest first.");
        group.MapPut("/jobs/{name}", async (string name, JobChange body, HttpContext context) =>
        {
            policy.Require(Gate.Of(context), "jobs.write");
            return await jobs.SetAsync(name, body.EverySeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null, body.IsOn).ConfigureAwait(false);
        }).Asks("set-job", "Switches a job on or off, and says how often it looks.").WithMetadata(new OpenApi.Example("""{ "isOn": true, "everySeconds": 3600 }"""));
        group.MapPost("/jobs/{name}/run", async (string name, HttpContext context, CancellationToken stop) =>
        {
            policy.Require(Gate.Of(context), "jobs.write");
            return await jobs.RunAsync(name, stop).ConfigureAwait(false);
        }).Asks("run-job", "Runs a job now.");
    }
}

/// <param name="Caller">A caller's name; everybody where left out.</param>
/// <param name="Act">payments.pay, payments.* or *.</param>
/// <param name="Account">An address that must have no part in it; any where left out.</param>
public sealed record NewPolicyRule(string? Act, string? Reason, string? Words = null, string? Caller = null, string? Account = null, DateTimeOffset? Until = null);
public sealed record NewWebhook(string? Url, string? Kinds = null);

/// <param name="Secret">whsec_ and base64: for the signature (Standard Webhooks). Told this once.</param>
public sealed record WebhookMade(string Id, Uri Url, string Kinds, string Secret);
public sealed record Replay(long After);

/// <param name="Contract">Where the chain's jobs are; absent where the chain runs none, and the keeper does.</param>
public sealed record ChainJobsView(Address? Contract, IReadOnlyList<ChainJob> Waiting, IReadOnlyList<ChainJob> Latest)
{
    internal static ChainJobsView Of(ChainJobs? jobs, int most) => jobs is null ? new(null, [], []) : new(ChainJobs.At, jobs.Index.WaitingNow(most), jobs.Index.Latest(most));
}
public sealed record JobChange(bool? IsOn = null, double? EverySeconds = null);

/// <param name="FirstBroken">The first line that does not follow; absent where all do.</param>
public sealed record AuditCheck(AuditLine? FirstBroken);
