using Hufu.Client;
using Hufu.Primitives;
using Microsoft.AspNetCore.Http;

namespace Hufu.Services;

/// <summary>A request that cannot be done, as RFC 9457 tells it: what, why and how to mend it.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">A name for programs; the type of the problem is urn:hufu:problem:code.</param>
public sealed class ProblemException(int status, string code, Refusal refusal) : Exception(refusal.ToString())
{
    public int Status { get; } = status;
    public string Code { get; } = code;
    public Refusal Refusal { get; } = refusal;

    /// <summary>The name of the problem where a standard has its own; null for ours.</summary>
    public string? Type { get; private init; }

    public ProblemException As(string type) => new(Status, Code, Refusal) { Type = type };

    public static ProblemException Invalid(string what, string why, string mend) => new(StatusCodes.Status400BadRequest, "invalid-request", new Refusal(what, why, mend));

    public static ProblemException NotFound(string what, string why = "nothing of that name is known here", string mend = "check the name; something new takes a moment until it is indexed") =>
        new(StatusCodes.Status404NotFound, "not-found", new Refusal(what, why, mend));

    /// <summary>What an exception of the rooms is to a caller; null for one that is nobody's fault but ours.</summary>
    public static ProblemException? Of(Exception error) => error switch
    {
        ProblemException problem => problem,
        KeyReusedException reused => new ProblemException(StatusCodes.Status409Conflict, "idempotency-key-reused", reused.Refusal),
        ChainException { Revert: { } revert } refused => new ProblemException(StatusCodes.Status422UnprocessableEntity, "contract-refused", ContractWords.Of(revert) ?? refused.Refusal),
        ChainException { Code: null } away => new ProblemException(StatusCodes.Status503ServiceUnavailable, "chain-unreachable", away.Refusal),
        ChainException refused => new ProblemException(StatusCodes.Status422UnprocessableEntity, "chain-refused", refused.Refusal),
        BadHttpRequestException bad => new ProblemException(bad.StatusCode, "invalid-request", new Refusal("the request cannot be read", bad.InnerException?.Message ?? bad.Message, "compare it with the example in /openapi/v1.json")),
        _ => null,
    };

    /// <summary>As RFC 9457 has it. In Chinese, title and detail say what the code means and what to do, with what this refusal says beyond it.</summary>
    public IResult ToResult(bool inChinese = false) => TypedResults.Problem(
        title: inChinese ? ReasonWords.Of(Code).Title.Chinese : Refusal.What,
        detail: inChinese ? InChinese() : Refusal.ToString(),
        statusCode: Status,
        type: Type ?? "urn:hufu:problem:" + Code,
        extensions: new Dictionary<string, object?> { ["what"] = Refusal.What, ["why"] = Refusal.Why, ["mend"] = Refusal.Mend });

    string InChinese() => ContractWords.Find(Refusal) is { } words ? $"{words.Why.Chinese}。{words.Mend.Chinese}。（{Refusal.Why}）" : $"{ReasonWords.Of(Code).Mend.Chinese}。（{Refusal}）";
}
