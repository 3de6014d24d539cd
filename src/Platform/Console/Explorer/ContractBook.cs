using System.Diagnostics.CodeAnalysis;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>A name that is the console's own to give; what a contract says of itself is never one.</summary>
/// <param name="Abi">What the contract there can do, where that is known.</param>
public sealed record AccountName(string English, string Chinese, ContractAbi? Abi = null)
{
    public string In(Tongue tongue) => tongue == Tongue.Chinese ? Chinese : English;
}

/// <summary>Who is who on the chain, and how calls, events and errors read: from the registry of services, and from the standards.</summary>
public sealed class ContractBook(ConsoleOptions options, PlatformNames? platform = null)
{
    static readonly (string English, string Chinese)[] Precompiles =
    [
        ("signature recovery", "签名恢复"), ("SHA-256", "SHA-256"), ("RIPEMD-160", "RIPEMD-160"), ("identity", "原样返回"), ("modular power", "模幂"),
        ("bn254 addition", "bn254 加法"), ("bn254 multiplication", "bn254 乘法"), ("bn254 pairing", "bn254 配对"), ("BLAKE2", "BLAKE2"), ("blob proof", "Blob 证明"),
    ];

    public IReadOnlyDictionary<Address, AccountName> Named => platform is null ? options.Names() : platform.Names;

    /// <summary>Who pays the fees of the others; null where no services run.</summary>
    public Address? Sponsor => platform?.Sponsor;

    /// <summary>Named contracts that may be tokens.</summary>
    public IEnumerable<Address> Tokens => Named.Where(one => one.Value.Abi?.Functions.Any(function => function.Signature == "balanceOf(address)") == true).Select(one => one.Key);

    public AccountName? NameOf(Address address)
    {
        if (Named.TryGetValue(address, out var name)) return name;
        if (address.IsZero) return new AccountName("nobody (the zero address)", "无人（零地址）");
        var number = address.ToUInt256();
        return number.FitsUInt64 && number.Low64 is > 0 and var at && at <= (ulong)Precompiles.Length
            ? new AccountName($"built-in: {Precompiles[at - 1].English}", $"内置：{Precompiles[at - 1].Chinese}") : null;
    }

    /// <summary>Accounts whose name holds the text.</summary>
    public IReadOnlyList<(Address Address, AccountName Name)> Find(string text) =>
        [.. Named.Where(one => one.Value.English.Contains(text, StringComparison.OrdinalIgnoreCase) || one.Value.Chinese.Contains(text, StringComparison.OrdinalIgnoreCase)).Select(one => (one.Key, one.Value)).Take(20)];

    public ContractAbi? AbiOf(Address address) => Named.GetValueOrDefault(address)?.Abi;

    public IReadOnlyList<AbiError> ErrorsOf(Address? contract) => [.. contract is { } at && AbiOf(at) is { } own ? own.Errors : [], .. options.Abis.SelectMany(abi => abi.Errors), .. StandardAbis.Errors];

    /// <summary>The function that call data is of. What the contract itself is known to have comes first; then any that fits, which is a guess by its four bytes.</summary>
    public bool TryReadCall(Address contract, ReadOnlySpan<byte> data, [NotNullWhen(true)] out AbiFunction? function, [NotNullWhen(true)] out object[]? arguments, out bool isGuess)
    {
        (function, arguments, isGuess) = (null, null, AbiOf(contract) is null);
        if (data.Length < 4) return false;
        var candidates = AbiOf(contract) is { } own ? own.Functions : [.. StandardAbis.Token, .. StandardAbis.Collectible, .. StandardAbis.Others, .. options.Abis.SelectMany(abi => abi.Functions)];
        foreach (var candidate in candidates)
        {
            if (!candidate.TryDecodeCall(data, out arguments, out _)) continue;
            function = candidate;
            return true;
        }
        return false;
    }

    /// <summary>The event a log is of. An event's first topic is the hash of its whole signature, so that a fit is no guess.</summary>
    public bool TryReadEvent(Log log, [NotNullWhen(true)] out AbiEvent? found, [NotNullWhen(true)] out object[]? values)
    {
        (found, values) = (null, null);
        if (log.Topics.Count == 0) return false;
        var candidates = AbiOf(log.Address) is { } own ? own.Events.Concat(StandardAbis.Events) : StandardAbis.Events.Concat(options.Abis.SelectMany(abi => abi.Events));
        foreach (var candidate in candidates)
        {
            if (candidate.IsAnonymous || candidate.Topic != log.Topics[0] || !candidate.TryDecode(log, out values, out _)) continue;
            found = candidate;
            return true;
        }
        return false;
    }

    /// <summary>The first topic of an event by its name or signature; null where none is known.</summary>
    public Hash256? TopicOf(string name)
    {
        name = name.Trim();
        if (name.EndsWith(')')) return AbiEvent.TryParse(name, out var given, out _) ? given.Topic : null;
        return StandardAbis.Events.Concat(KnownAbis.SelectMany(abi => abi.Events)).FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Topic;
    }

    /// <summary>The ABIs that a tally of some transaction should know.</summary>
    public IReadOnlyList<ContractAbi> KnownAbis => [.. Named.Values.Select(name => name.Abi).OfType<ContractAbi>(), .. options.Abis];
}
