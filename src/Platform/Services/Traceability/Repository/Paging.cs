using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Hufu.Services;

/// <summary>Pages as EPCIS 2.0 has them: <c>perPage</c>, and a token in the <c>Link</c> header that leads to the next one. A token says where the next page begins, so that none is kept and none runs out.</summary>
static class Paging
{
    const int Usual = 30, Largest = 1000;

    /// <summary>How many are asked for, and after which; empty for the first page.</summary>
    public static (int Size, string After) Of(HttpContext http)
    {
        var size = Usual;
        if (http.Request.Query.TryGetValue("perPage", out var asked) && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size < 1)) throw ProblemException.Invalid("perPage is no positive number", asked.ToString(), $"ask for 1 to {Largest}");
        return (Math.Min(size, Largest), http.Request.Query.TryGetValue("nextPageToken", out var token) ? Decode(token.ToString()) : "");
    }

    /// <param name="found">One more than the page holds, where there are more.</param>
    /// <param name="keyOf">What the next page begins after.</param>
    public static IResult Answer<T>(HttpContext http, IReadOnlyList<T> found, int size, Func<T, string> keyOf, Func<T, object> view, Func<IEnumerable<object>, object>? around = null)
    {
        if (found.Count > size) Lead(http, Encode(keyOf(found[size - 1])));
        var page = found.Take(size).Select(view);
        return TypedResults.Json(around is null ? page : around(page));
    }

    /// <summary>Says where the next page is.</summary>
    public static void Lead(HttpContext http, string token)
    {
        var others = string.Join('&', http.Request.Query.Where(one => one.Key != "nextPageToken").SelectMany(one => one.Value.Select(value => $"{Uri.EscapeDataString(one.Key)}={Uri.EscapeDataString(value ?? "")}")));
        http.Response.Headers.Link = $"<{http.Request.PathBase}{http.Request.Path}?{(others.Length > 0 ? others + "&" : "")}nextPageToken={token}>; rel=\"next\"";
        http.Response.Headers["GS1-Next-Page-Token-Expires"] = DateTimeOffset.UtcNow.AddYears(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    static string Encode(string key) => Convert.ToBase64String(Encoding.UTF8.GetBytes(key)).Replace('+', '-').Replace('/', '_').TrimEnd('=');

    static string Decode(string token)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(token.Replace('-', '+').Replace('_', '/').PadRight((token.Length + 3) / 4 * 4, '=')));
        }
        catch (FormatException)
        {
            throw ProblemException.Invalid("nextPageToken is none of ours", token, "take it from the Link header of the page before");
        }
    }
}
