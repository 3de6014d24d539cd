using System.Globalization;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>Where the functions of a contract are known from.</summary>
public enum FaceSource
{
    /// <summary>The registry of services.</summary>
    Registry,

    /// <summary>The contract answers as a token of a standard does.</summary>
    Standard,

    /// <summary>The visitor gave its ABI.</summary>
    Given,
}

/// <summary>What can be asked of a contract, and told to it.</summary>
public sealed record ContractFace(FaceSource Source, IReadOnlyList<AbiFunction> Functions, IReadOnlyList<AbiError> Errors)
{
    public IEnumerable<AbiFunction> Questions => Functions.Where(function => function.IsReadOnly);
    public IEnumerable<AbiFunction> Acts => Functions.Where(function => !function.IsReadOnly);

    public AbiFunction? Find(string? selector) =>
        uint.TryParse(selector, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var wanted) ? Functions.FirstOrDefault(function => function.Selector == wanted) : null;

    public static string Key(AbiFunction function) => function.Selector.ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>Null where nothing is known of it.</summary>
    public static ContractFace? Of(Address address, ContractAbi? given, TokenFacts? token, ContractBook book)
    {
        if (given is not null) return new ContractFace(FaceSource.Given, given.Functions, [.. given.Errors, .. StandardAbis.Errors]);
        if (book.AbiOf(address) is { } own) return new ContractFace(FaceSource.Registry, own.Functions, book.ErrorsOf(address));
        return token is null ? null : new ContractFace(FaceSource.Standard, token.IsCollectible ? StandardAbis.Collectible : StandardAbis.Token, book.ErrorsOf(address));
    }
}
