using System.Collections.Concurrent;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What an ERC-20 token says of itself.</summary>
/// <param name="Domain">For signatures (EIP-712); null where the token tells none (ERC-5267).</param>
public sealed record Token(Address Address, string Name, string Symbol, int Decimals, TypedDataDomain? Domain)
{
    public string Write(in UInt256 amount) => Amounts.Write(amount, Decimals);
}

/// <summary>Tokens asked once: none of it ever changes.</summary>
public sealed class Tokens(ChainClient chain)
{
    static readonly AbiFunction Name = AbiFunction.Parse("function name() view returns (string)"), Symbol = AbiFunction.Parse("function symbol() view returns (string)"),
        Decimals = AbiFunction.Parse("function decimals() view returns (uint8)"),
        Eip712Domain = AbiFunction.Parse("function eip712Domain() view returns (bytes1, string, string, uint256, address, bytes32, uint256[])"),
        Balance = AbiFunction.Parse("function balanceOf(address account) view returns (uint256)"), Supply = AbiFunction.Parse("function totalSupply() view returns (uint256)");

    readonly ConcurrentDictionary<Address, Token> _known = new();

    /// <exception cref="ProblemException">There is no token at the address.</exception>
    public async Task<Token> GetAsync(Address address, CancellationToken stop = default)
    {
        if (_known.TryGetValue(address, out var known)) return known;
        if (await TryAskAsync(address, Decimals, stop).ConfigureAwait(false) is not [UInt256 decimals] || await TryAskAsync(address, Symbol, stop).ConfigureAwait(false) is not [string symbol])
            throw ProblemException.Invalid($"there is no token at {address.ToChecksumString()}", "what is there does not answer decimals() and symbol()", "check the address and the chain");
        var name = await TryAskAsync(address, Name, stop).ConfigureAwait(false) is [string text] ? text : symbol;
        var domain = await TryAskAsync(address, Eip712Domain, stop).ConfigureAwait(false) is [_, string domainName, string version, UInt256 chainId, Address contract, ..]
            ? new TypedDataDomain(domainName, version, chainId, contract) : null;
        return _known.GetOrAdd(address, new Token(address, Shown(name), Shown(symbol), (int)(ulong)decimals, domain));
    }

    /// <summary>The same for showing it: anybody may name any contract in a deal or a stream, and one that does not answer must not hide the others.</summary>
    public async Task<Token> ShownAsync(Address address, CancellationToken stop = default)
    {
        try
        {
            return await GetAsync(address, stop).ConfigureAwait(false);
        }
        catch (ProblemException)
        {
            return new Token(address, "?", "?", 0, null);
        }
    }

    // A contract may call itself anything, at any length.
    static string Shown(string text) => string.Concat(text.Where(letter => !char.IsControl(letter)).Take(64));

    public async Task<UInt256> BalanceAsync(Address token, Address account, CancellationToken stop = default) => await AskAsync(token, Balance, [account], stop).ConfigureAwait(false) is [UInt256 balance] ? balance : default;

    public async Task<UInt256> SupplyAsync(Address token, CancellationToken stop = default) => await AskAsync(token, Supply, [], stop).ConfigureAwait(false) is [UInt256 supply] ? supply : default;

    async Task<object[]?> TryAskAsync(Address token, AbiFunction function, CancellationToken stop)
    {
        try
        {
            return await AskAsync(token, function, [], stop).ConfigureAwait(false);
        }
        catch (ChainException error) when (error.Code is not null)
        {
            return null;
        }
    }

    async Task<object[]?> AskAsync(Address token, AbiFunction function, object[] arguments, CancellationToken stop)
    {
        var answer = await chain.CallAsync(new TransactionRequest { To = token, Data = function.EncodeCall(arguments) }, stop: stop).ConfigureAwait(false);
        return function.TryDecodeAnswer(answer, out var values, out _) ? values : null;
    }
}
