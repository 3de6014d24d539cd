using Hufu.Services;

namespace Hufu.WebConsole;

public enum FieldKind
{
    /// <summary>An address, or the name of an account that is kept here.</summary>
    Account,

    /// <summary>An account that is kept here, since it has to sign.</summary>
    OwnAccount,

    /// <summary>An amount of the platform's coin.</summary>
    Amount,
    Text,
    Number,
}

/// <param name="Example">Stands in the empty field.</param>
public sealed record ActField(string Name, FieldKind Kind, string English, string Chinese, string Example = "", string EnglishHint = "", string ChineseHint = "")
{
    /// <summary>Stands in the field until somebody types.</summary>
    public string Usual { get; init; } = "";

    /// <summary>An amount is of the platform's coin, unless it is not.</summary>
    public bool IsCoin { get; init; } = true;

    /// <summary>Where only some values can be.</summary>
    public IReadOnlyList<(string Value, string English, string Chinese)> Choices { get; init; } = [];
}

/// <summary>What was typed, by the field's name.</summary>
public sealed class ActValues(Func<string, string?> typed)
{
    public string this[string name] => typed(name)?.Trim() ?? "";
    public ulong Number(string name) => ulong.TryParse(this[name], out var number) ? number : 0;
}

/// <summary>Something a person does through a service: what it needs, what it will do in plain words, and how it is done. Shown, then confirmed, then done once.</summary>
/// <param name="Key">Its address: /do/Key.</param>
/// <param name="Back">The page it belongs to.</param>
/// <param name="Will">What will happen; {0} stands for the first part.</param>
/// <param name="Run">Does it, under the key that the form carried. Null where nothing goes onto the chain.</param>
public sealed record Act(string Key, string Back, string English, string Chinese, IReadOnlyList<ActField> Fields, Func<ActValues, Sentence> Will, Func<IServiceProvider, string, ActValues, CancellationToken, Task<Command?>> Run)
{
    /// <summary>Who signs and who pays, in words; the platform pays fees unless told otherwise.</summary>
    public (string English, string Chinese) Signer { get; init; } = ("The account named above signs with its key, which is kept here; the platform pays the fee.", "由上述账户签名（密钥保存在此），手续费由平台支付。");

    internal const string Caller = "console";
}
