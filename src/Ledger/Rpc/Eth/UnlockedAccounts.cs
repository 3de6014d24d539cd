using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Accounts whose secrets this process holds, so that whoever reaches it can sign with them. For development only.</summary>
public sealed class UnlockedAccounts
{
    readonly Dictionary<Address, byte[]> _secrets = [];
    readonly List<Address> _order = [];

    /// <param name="secrets">secp256k1 secrets, 32 bytes each, in the order in which the accounts are to be listed.</param>
    public UnlockedAccounts(IEnumerable<byte[]> secrets)
    {
        foreach (var secret in secrets)
        {
            var address = TransactionSigning.AddressOf(secret);
            if (_secrets.TryAdd(address, secret)) _order.Add(address);
        }
    }

    public static UnlockedAccounts None { get; } = new([]);

    public IReadOnlyList<Address> Addresses => _order;

    /// <summary>Accounts that send without a signature, as a development chain is told; for any thread.</summary>
    internal ConcurrentDictionary<Address, bool> Impersonated { get; } = [];

    /// <summary>Whether every account sends without a signature.</summary>
    internal bool ImpersonatesAll { get; set; }

    internal bool Impersonates(in Address address) => ImpersonatesAll || Impersonated.ContainsKey(address);

    internal bool TryFind(in Address address, [NotNullWhen(true)] out byte[]? secret) => _secrets.TryGetValue(address, out secret);
}
