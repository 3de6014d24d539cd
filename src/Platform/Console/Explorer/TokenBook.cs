using System.Collections.Concurrent;
using System.Text;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>What a token says of itself. Anyone can deploy a token with any name: the address is the identity, the name is only its claim.</summary>
/// <param name="IsCollectible">ERC-721: counted by the piece, each with a number.</param>
public sealed record TokenFacts(Address Address, string Name, string Symbol, int Decimals, bool IsCollectible);

/// <summary>So much of a token; of a token that does not say how it counts, so many of its smallest units.</summary>
public sealed record TokenAmount(UInt256 Units, Address Contract, TokenFacts? Token);

/// <summary>Asks tokens what they are, once each.</summary>
public sealed class TokenBook(ChainClient chain)
{
    const int Kept = 4_096;
    const int LongestName = 48;

    static readonly AbiFunction Name = StandardAbis.Token[0], Symbol = StandardAbis.Token[1], Decimals = StandardAbis.Token[2], TotalSupply = StandardAbis.Token[3], BalanceOf = StandardAbis.Token[4];
    static readonly AbiFunction Supports = AbiFunction.Parse("supportsInterface(bytes4 id) view returns (bool)");
    static readonly object[] CollectibleId = [new byte[] { 0x80, 0xac, 0x58, 0xcd }];

    readonly ConcurrentDictionary<Address, TokenFacts?> _facts = new();

    /// <summary>Null for a contract that is no token.</summary>
    public async Task<TokenFacts?> OfAsync(Address address, CancellationToken stop = default)
    {
        if (_facts.TryGetValue(address, out var known)) return known;
        var (name, symbol, decimals, collectible) = (AskAsync(address, Name, [], stop), AskAsync(address, Symbol, [], stop), AskAsync(address, Decimals, [], stop), AskAsync(address, Supports, CollectibleId, stop));
        var isCollectible = await collectible.ConfigureAwait(false) is true;
        var places = await decimals.ConfigureAwait(false) is UInt256 { FitsUInt64: true, Low64: <= 77 } count ? (int)count.Low64 : (int?)null;
        var words = (await name.ConfigureAwait(false) as string, await symbol.ConfigureAwait(false) as string);
        var facts = isCollectible || (places is not null && words.Item2 is not null) ? new TokenFacts(address, Clean(words.Item1), Clean(words.Item2), isCollectible ? 0 : places!.Value, isCollectible) : null;
        // A contract can appear at an address later: only what is there is kept for good.
        if (facts is not null || (await chain.GetCodeAsync(address, stop: stop).ConfigureAwait(false)).Length > 0)
        {
            if (_facts.Count >= Kept) _facts.Clear();
            _facts[address] = facts;
        }
        return facts;
    }

    public async Task<UInt256?> SupplyAsync(TokenFacts token, CancellationToken stop = default) => await AskAsync(token.Address, TotalSupply, [], stop).ConfigureAwait(false) as UInt256?;

    public async Task<UInt256?> BalanceAsync(TokenFacts token, Address holder, CancellationToken stop = default) => await AskAsync(token.Address, BalanceOf, [holder], stop).ConfigureAwait(false) as UInt256?;

    async Task<object?> AskAsync(Address contract, AbiFunction function, object[] arguments, CancellationToken stop)
    {
        try
        {
            var answer = await chain.CallAsync(new TransactionRequest { To = contract, Data = function.EncodeCall(arguments), GasLimit = 200_000 }, stop: stop).ConfigureAwait(false);
            if (function.TryDecodeAnswer(answer, out var values, out _)) return values[0];
            // Some of the oldest tokens say their name in 32 bytes.
            return answer.Length == 32 && function.Outputs[0].Type.Kind == AbiKind.String ? Encoding.UTF8.GetString(answer).TrimEnd('\0') : null;
        }
        catch (ChainException error) when (error.Code is not null)
        {
            return null;
        }
    }

    // A token's words are its own choice: no line breaks, no turning of the text's direction, no endless names.
    static string Clean(string? text)
    {
        var clean = new string([.. (text ?? "").Where(letter => !char.IsControl(letter) && char.GetUnicodeCategory(letter) is not (System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.PrivateUse or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator))]).Trim();
        return clean.Length > LongestName ? clean[..LongestName] + "…" : clean.Length == 0 ? "?" : clean;
    }
}
