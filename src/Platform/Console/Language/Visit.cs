using Hufu.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Hufu.WebConsole;

/// <summary>What is known of whoever asks for a page: their language and the light they read in, and what they may do. Cookies say it; before there is one, their browser does.</summary>
public sealed class Visit
{
    internal const string LanguageCookie = "hufu-language", ThemeCookie = "hufu-theme";

    Visit(Tongue tongue, string? theme, string path, Caller caller, bool isSignedIn) => (Tongue, Theme, Path, Caller, IsSignedIn) = (tongue, theme, path, caller, isSignedIn);

    public Tongue Tongue { get; }

    /// <summary>light or dark; null leaves it to the reader's system.</summary>
    public string? Theme { get; }

    /// <summary>Path and query of the page, from the root.</summary>
    public string Path { get; }

    /// <summary>Whose rights the page acts with: whoever signed in; the one at this machine where nobody has to.</summary>
    public Caller Caller { get; }

    /// <summary>Keys are asked for here, and one was given.</summary>
    public bool IsSignedIn { get; }

    /// <summary>One moment for the whole page, so that two ages on it agree.</summary>
    public DateTimeOffset Now { get; } = DateTimeOffset.UtcNow;

    /// <summary>As HTML and HTTP name the language (BCP 47).</summary>
    public string Tag => TagOf(Tongue);

    public string Say(string english, string chinese) => Tongue == Tongue.Chinese ? chinese : english;

    internal static string TagOf(Tongue tongue) => tongue == Tongue.Chinese ? "zh-CN" : "en";

    internal static Visit Of(HttpContext? context)
    {
        if (context is null) return new Visit(Tongue.English, null, "/", new Caller("anyone", []), false);
        var request = context.Request;
        var theme = request.Cookies[ThemeCookie] is "light" or "dark" ? request.Cookies[ThemeCookie] : null;
        // A console without services has nothing that a key could open.
        var sessions = context.RequestServices.GetService<Sessions>();
        var caller = sessions is null ? Caller.Local : Gate.Of(context);
        return new Visit(TongueOf(request), theme, request.Path + request.QueryString, caller, sessions is { AreAsked: true } && caller.Acts.Count > 0);
    }

    static Tongue TongueOf(HttpRequest request)
    {
        if (request.Cookies[LanguageCookie] is { } chosen && (chosen is "en" or "zh-CN")) return chosen == "en" ? Tongue.English : Tongue.Chinese;
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptLanguage, out var accepted)) return Tongue.English;
        foreach (var language in accepted.OrderByDescending(one => one.Quality ?? 1))
        {
            if (language.Value.StartsWith("zh", StringComparison.OrdinalIgnoreCase)) return Tongue.Chinese;
            if (language.Value.StartsWith("en", StringComparison.OrdinalIgnoreCase)) return Tongue.English;
        }
        return Tongue.English;
    }
}
