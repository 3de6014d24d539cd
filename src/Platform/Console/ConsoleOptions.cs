using Hufu.Client;
using Hufu.Primitives;
using Hufu.Services;

namespace Hufu.WebConsole;

/// <summary>What a console shows, and what it may do.</summary>
public sealed record ConsoleOptions
{
    /// <summary>Where wallets and tools reach the chain; null where there is no such place.</summary>
    public string? RpcUrl { get; init; }

    /// <summary>The folder whose disk operations watch.</summary>
    public string? DataFolder { get; init; }

    /// <summary>
    /// Whether whoever opens the console may send from the accounts that the node itself signs for (eth_accounts). Right for a development chain, whose
    /// secrets everybody knows; wrong for any other.
    /// </summary>
    public bool SendsFromNodeAccounts { get; init; }

    /// <summary>The provider that people sign in with; null where they sign in with a key, or not at all.</summary>
    public OidcTokens? Provider { get; init; }

    /// <summary>Names by which the console may be called besides localhost and addresses; a page of another site cannot use it under a name of its own.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Contracts whose calls, events and errors read in words wherever they are.</summary>
    public IReadOnlyList<ContractAbi> Abis { get; init; } = [];

    /// <summary>Accounts and contracts with a name of their own.</summary>
    public Func<IReadOnlyDictionary<Address, AccountName>> Names { get; init; } = () => new Dictionary<Address, AccountName>();
}
