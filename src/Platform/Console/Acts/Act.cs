using Hufu.Services;
using Microsoft.Extensions.DependencyInjection;

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
    Date,

    /// <summary>Several lines.</summary>
    Lines,
}

/// <param name="Example">Stands in the empty field.</param>
public sealed record ActField(string Name, FieldKind Kind, string English, string Chinese, string Example = "", string EnglishHint = "", string ChineseHint = "")
{
    /// <summary>Stands in the field until somebody types.</summary>
    public string Usual { get; init; } = "";

    /// <summary>An amount is of the platform's coin, unless it is not.</summary>
    public bool IsCoin { get; init; } = true;

    public bool IsOptional { get; init; }

    /// <summary>What is typed never stands in an address: not in the browser's history, and in nobody's log.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>Where only some values can be.</summary>
    public IReadOnlyList<(string Value, string English, string Chinese)> Choices { get; init; } = [];
}

/// <summary>What was typed, by the field's name.</summary>
public sealed class ActValues(Func<string, string?> typed)
{
    public string this[string name] => typed(name)?.Trim() ?? "";

    /// <summary>Null where nothing was typed.</summary>
    public string? Optional(string name) => this[name] is { Length: > 0 } text ? text : null;
    public ulong Number(string name) => ulong.TryParse(this[name], out var number) ? number : 0;

    /// <summary>The word of a field with choices, in both languages.</summary>
    public Either Choice(ActField field) => field.Choices.FirstOrDefault(one => one.Value == this[field.Name]) is { Value: not null } chosen ? new(chosen.English, chosen.Chinese) : new(this[field.Name], this[field.Name]);
}

/// <summary>An act being done: by whom, under which key, with what was typed.</summary>
public sealed record Doing(IServiceProvider Provider, Caller By, string Key, ActValues Values, CancellationToken Stop)
{
    public string this[string field] => Values[field];
    public Rooms Rooms => Service<Rooms>();
    public T Service<T>() where T : notnull => Provider.GetRequiredService<T>();

    /// <summary>The same form asks for the same, however often it is sent; with the rights of whoever sends it.</summary>
    public Ask Asks<T>(T body) => Ask.For(ReferenceEquals(By, Caller.Local) ? "console" : By.Name, Key, body) with { By = By };
}

/// <summary>What came of an act.</summary>
/// <param name="Command">Where something goes onto the ledger.</param>
/// <param name="Said">Where nothing does: what happened, in words.</param>
public sealed record Done(Command? Command, Sentence? Said = null)
{
    /// <summary>Told this once, and can be asked for again by nobody.</summary>
    public string? Secret { get; init; }

    public static Done Here(string english, string chinese, params object[] parts) => new(null, new Sentence(english, chinese, parts));
}

/// <summary>Something a person does through a service: what it needs, what it will do in plain words, and how it is done. Shown, then confirmed, then done once.</summary>
/// <param name="Key">Its address: /do/Key.</param>
/// <param name="Right">What a key has to open for it, and what its command is called: payments.pay.</param>
/// <param name="Back">The page it belongs to.</param>
/// <param name="Will">What will happen; {0} stands for the first part.</param>
public sealed record Act(string Key, string Right, string Back, string English, string Chinese, IReadOnlyList<ActField> Fields, Func<ActValues, Sentence> Will, Func<Doing, Task<Done>> Run)
{
    /// <summary>Who signs and who pays, in words; the platform pays fees unless told otherwise.</summary>
    public (string English, string Chinese) Signer { get; init; } = Own;

    /// <summary>What is read into one value and asked of a desk under the form's key.</summary>
    public static Func<Doing, Task<Done>> On<T>(Func<ActValues, T> read, Func<Doing, Ask, T, Task<Command>> run) => async doing =>
    {
        var body = read(doing.Values);
        return new Done(await run(doing, doing.Asks(body), body).ConfigureAwait(false));
    };

    internal static readonly (string, string)
        Own = ("The account named above signs with its key, which is kept here; the platform pays the fee.", "由上述账户签名（密钥保存在此），手续费由平台支付。"),
        Payer = ("The payer's account signs with its key, which is kept here; the platform pays the fee.", "由付款人账户签名（密钥保存在此），手续费由平台支付。"),
        Nothing = ("Nothing goes onto the ledger.", "账本上不会有任何改变。");

    /// <summary>An office of the platform signs.</summary>
    internal static (string, string) Office(string english, string chinese) => ($"The {english}'s account signs with its key, which is kept here; the platform pays the fee.", $"由{chinese}账户签名（密钥保存在此），手续费由平台支付。");
}
