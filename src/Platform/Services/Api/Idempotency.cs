using System.Text.Json;
using Hufu.Primitives;
using Microsoft.AspNetCore.Http;

namespace Hufu.Services;

/// <summary>Who asks for what, under which key: what makes a request the same request when it is sent again.</summary>
/// <param name="Caller">Whose key it is.</param>
/// <param name="Fingerprint">The hash of the request.</param>
public sealed record Ask(string Caller, string Key, Hash256 Fingerprint)
{
    /// <summary>Whose acts it counts among.</summary>
    public Caller By { get; init; } = Hufu.Services.Caller.Local;

    /// <summary>For what a page or a job asks for.</summary>
    public static Ask For<T>(string caller, string key, T body) => new(caller, key, Keccak256.Hash(Idempotency.Write(body)));
}

static class Idempotency
{
    public const string Header = "Idempotency-Key";
    const int LongestKey = 128;

    static readonly JsonSerializerOptions Json = MakeJson();

    static JsonSerializerOptions MakeJson()
    {
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        ApiJson.Configure(json);
        return json;
    }

    public static byte[] Write<T>(T body) => JsonSerializer.SerializeToUtf8Bytes(body, Json);

    /// <summary>Reads the key that the caller gave with its request.</summary>
    /// <exception cref="ProblemException">There is none, or it cannot be one.</exception>
    public static Ask Of<T>(HttpContext context, T body)
    {
        var key = context.Request.Headers[Header].ToString().Trim('"');
        if (key.Length == 0) throw ProblemException.Invalid($"the header {Header} is missing", "without it, a request that is sent twice would be done twice", "send a name of your own for it, such as the invoice's number");
        if (key.Length > LongestKey || key.Any(letter => letter is < ' ' or > '~')) throw ProblemException.Invalid($"the {Header} cannot be used", $"it has more than {LongestKey} letters, or others than printable ASCII", "use a UUID, or the number of the document it comes from");
        var caller = Gate.Of(context);
        return new Ask(caller.Name, key, Keccak256.Hash([.. System.Text.Encoding.UTF8.GetBytes($"{context.Request.Method} {context.Request.Path}\n"), .. Write(body)])) { By = caller };
    }
}
