using Hufu.Client;
using Hufu.Primitives;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>
/// A service: one folder that tells its whole story, and one line in <see cref="ServiceCatalog"/>. It says which contracts are its rules, who may call them,
/// what it remembers of their events and which endpoints it offers; the rooms it is given do the rest.
/// </summary>
public abstract class Service
{
    /// <summary>Its part of every URL, role and table: lower-case, one word.</summary>
    public abstract string Name { get; }

    /// <summary>What it is called, in both languages.</summary>
    public abstract Words Title { get; }

    /// <summary>What it is for, in a sentence.</summary>
    public abstract Words Promise { get; }

    /// <summary>In the order they are deployed: a contract may be told the addresses of those before it, of any service.</summary>
    public virtual IReadOnlyList<ServiceContract> Contracts => [];

    public virtual IReadOnlyList<Role> Roles => [];

    /// <summary>Names of platform accounts that it needs besides those that hold its roles.</summary>
    public virtual IReadOnlyList<string> Accounts => [];

    /// <summary>What it remembers of its contracts' events.</summary>
    public virtual IReadOnlyList<Projection> Projections => [];

    /// <summary>What it remembers besides: tables that no event can make again.</summary>
    public virtual IReadOnlyList<Table> Tables => [];

    /// <summary>What is set in the contracts once they stand. Each step happens once; one whose call changes happens again.</summary>
    public virtual IEnumerable<SetupStep> Configure(Deployment deployment) => [];

    /// <summary>Its endpoints, below /api/v1.</summary>
    public virtual void Map(IEndpointRouteBuilder api) { }

    /// <summary>Addresses outside the API: those that are printed on things.</summary>
    public virtual void MapRoot(IEndpointRouteBuilder web) { }

    /// <summary>What its acts begin with, as keys and policy name them: payments.pay is of the family payments.</summary>
    public virtual IReadOnlyList<string> Families => [Name];

    /// <summary>What falls due by itself, and is done by the keeper.</summary>
    public virtual IReadOnlyList<Job> Jobs => [];

    /// <summary>What it does by itself, until it is told to stop. May end at once.</summary>
    public virtual Task RunAsync(CancellationToken stop) => Task.CompletedTask;

    /// <summary>Ends whatever else of it is running; called once, after <see cref="RunAsync"/> has ended.</summary>
    public virtual Task StopAsync() => Task.CompletedTask;
}

/// <summary>The same in English and in Chinese.</summary>
public sealed record Words(string English, string Chinese);

/// <summary>A contract that a service brings along.</summary>
/// <param name="Name">In the registry, and of its artifact.</param>
/// <param name="Deploy">The transaction that makes it, given what stands already.</param>
public sealed record ServiceContract(string Name, Func<Deployment, TransactionRequest> Deploy)
{
    /// <summary>Where it stands since the chain's first block; null for one that is to be deployed.</summary>
    public Address? Stands { get; init; }

    public static ServiceContract Standing(string name, Address at) => new(name, _ => throw new InvalidOperationException($"{name} stands in the genesis block")) { Stands = at };
}

/// <summary>One call that sets something up.</summary>
/// <param name="Name">For people and for the command's key: payments.accept-coin.</param>
/// <param name="From">Who has the right to it; null: the operator, who is the access manager's admin.</param>
public sealed record SetupStep(string Name, TransactionRequest Request, Address? From = null);

/// <summary>The contracts that stand on a chain, by name.</summary>
/// <param name="FromBlock">No event of theirs is in an earlier block.</param>
/// <param name="Accounts">The platform's own accounts, by the role's holder name.</param>
public sealed record Deployment(IReadOnlyDictionary<string, Address> Contracts, ulong FromBlock, IReadOnlyDictionary<string, Address> Accounts, Address Operator)
{
    public Address this[string contract] => Contracts[contract];
    public Address Access => Contracts["Access"];
    public Address? Find(string contract) => Contracts.TryGetValue(contract, out var address) ? address : null;

    /// <summary>A platform account that holds a role.</summary>
    public Address Account(string holder) => Accounts[holder];
}
