using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>What the platform tells of itself, and the endpoints that belong to no one service: commands, accounts, tallies.</summary>
static class PlatformApi
{
    const string Tag = "Platform";

    public static void Map(RouteGroupBuilder api, Platform platform)
    {
        var rooms = platform.Rooms;
        var group = api.MapGroup("").WithTags(Tag);

        group.MapGet("/platform", async (CancellationToken stop) => await StatusAsync(platform, stop).ConfigureAwait(false))
            .Asks("platform", "How the platform stands: its chain, its contracts, and the block that its index has reached.");
        group.MapPost("/platform/setup", async (HttpContext context, CancellationToken stop) =>
        {
            rooms.Policy.Require(Gate.Of(context), "platform.setup");
            await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
            return await StatusAsync(platform, stop).ConfigureAwait(false);
        }).Asks("setup", "Deploys the contracts of the services that do not stand yet. Otherwise that happens when a service is first used.");

        group.MapGet("/commands", (int? limit) => rooms.Commands.Latest(Math.Clamp(limit ?? 50, 1, 500)).Select(CommandView.Of)).Asks("commands", "What was done on the chain, the latest first.");
        group.MapGet("/commands/{id}", (string id) => CommandView.Of(rooms.Commands.Find(id) ?? throw ProblemException.NotFound($"there is no command {id}"))).Asks("command", "What became of a command.");

        group.MapGet("/accounts", () => rooms.Custody.All().Select(AccountView.Of)).Asks("accounts", "The accounts whose secrets are kept here. The secrets are never told.");
        group.MapPost("/accounts", async (NewAccount account, HttpContext context) =>
        {
            rooms.Policy.Require(Gate.Of(context), "accounts.open");
            if (account.Name is not { Length: > 0 and <= 64 } name || name.Any(char.IsControl)) throw ProblemException.Invalid("the account's name cannot be used", "it has from 1 to 64 letters", "give it a name such as shop");
            return AccountView.Of(await rooms.Custody.OpenAsync(name.Trim(), owner: Gate.Of(context).Name).ConfigureAwait(false));
        }).Changes("open-account", "Opens an account whose secret is kept here, sealed with the operator's key; one of that name is given as it is.", """{ "name": "shop" }""");

        group.MapGet("/transactions/{hash}/tally", async (string hash, int? log, CancellationToken stop) => await TallyAsync(rooms, RouteText.Hash(hash, "the transaction"), log, stop).ConfigureAwait(false))
            .Asks("tally", "A proof of a transaction, or of one of its events, that anyone can check without this platform.").Produces(StatusCodes.Status200OK, contentType: "application/json");
        OperationsApi.Map(group, platform);
    }

    /// <summary>A tally as a file to keep.</summary>
    /// <param name="log">Which event of the transaction, counted from 0; null: the whole transaction.</param>
    internal static async Task<IResult> TallyAsync(Rooms rooms, Hash256 transaction, int? log, CancellationToken stop)
    {
        var known = Artifacts.All.Values.ToArray();
        var file = log is { } position
            ? await rooms.Tallies.OfLogAsync(transaction, position, known, stop).ConfigureAwait(false)
            : await rooms.Tallies.OfTransactionAsync(transaction, known, stop).ConfigureAwait(false);
        return TypedResults.File(file, "application/json", $"{transaction.ToString()[..10]}.tally.json");
    }

    static async Task<PlatformView> StatusAsync(Platform platform, CancellationToken stop)
    {
        var rooms = platform.Rooms;
        return new PlatformView
        {
            ChainId = await rooms.Chain.GetChainIdAsync(stop).ConfigureAwait(false),
            Head = await rooms.Chain.GetBlockNumberAsync(stop).ConfigureAwait(false),
            Indexed = rooms.Index.Reached?.Number,
            Database = rooms.Database.Name,
            Operator = rooms.Operator,
            OperatorBalanceWei = await rooms.Chain.GetBalanceAsync(rooms.Operator, stop: stop).ConfigureAwait(false),
            IsSetUp = rooms.Registry.Current is not null,
            Progress = rooms.Registry.Progress,
            Contracts = rooms.Registry.List(),
            Services = [.. platform.Services.Select(service => new ServiceView(service.Name, service.Title, service.Promise))],
        };
    }

    /// <summary>How a command stands, and what an endpoint answers that started one.</summary>
    internal static void Require(Command command)
    {
        if (command.State == CommandState.Failed) throw new ProblemException(StatusCodes.Status422UnprocessableEntity, "contract-refused", command.Refusal ?? new Refusal("the command failed"));
    }
}

public sealed record NewAccount(string? Name);

public sealed record AccountView(Address Address, string Name, DateTimeOffset MadeAt)
{
    public static AccountView Of(CustodyAccount account) => new(account.Address, account.Name, account.MadeAt);
}

public sealed record ServiceView(string Name, Words Title, Words Promise);

public sealed record PlatformView
{
    public required ulong ChainId { get; init; }
    public required ulong Head { get; init; }

    /// <summary>The block whose events are in the index; absent before the services are used.</summary>
    public ulong? Indexed { get; init; }
    public required string Database { get; init; }
    public required Address Operator { get; init; }
    public required UInt256 OperatorBalanceWei { get; init; }
    public required bool IsSetUp { get; init; }
    public SetupProgress? Progress { get; init; }
    public required IReadOnlyList<RegisteredContract> Contracts { get; init; }
    public required IReadOnlyList<ServiceView> Services { get; init; }
}

/// <summary>A command as the API tells of it.</summary>
public sealed record CommandView
{
    public required string Id { get; init; }
    public required string Kind { get; init; }
    public string? Subject { get; init; }
    public required CommandState State { get; init; }
    public required Address From { get; init; }
    public Hash256? Transaction { get; init; }
    public ulong? Block { get; init; }

    /// <summary>Why it failed, or what it waits for.</summary>
    public Refusal? Refusal { get; init; }
    public required DateTimeOffset AcceptedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    public static CommandView Of(Command command) => new()
    {
        Id = command.Id,
        Kind = command.Kind,
        Subject = command.Subject.Length > 0 ? command.Subject : null,
        State = command.State,
        From = command.From,
        Transaction = command.Transaction,
        Block = command.Block,
        Refusal = command.Refusal,
        AcceptedAt = command.AcceptedAt,
        EndedAt = command.EndedAt,
    };
}
