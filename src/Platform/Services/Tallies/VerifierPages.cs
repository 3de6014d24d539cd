using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;

namespace Hufu.Services;

/// <summary>
/// The verifier as a page, at /verify: static files, smaller where the browser takes them compressed. They are published beside the program; where they are not (a library's user), the
/// page says so.
/// </summary>
static class VerifierPages
{
    static readonly FileExtensionContentTypeProvider Types = new(new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".wasm"] = "application/wasm",
        [".json"] = "application/json",
        [".dat"] = "application/octet-stream",
    });

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "verify");

    public static void Map(IEndpointRouteBuilder web)
    {
        // Its parts are named from where it stands, so the address ends with a slash.
        web.MapGet("/verify", (HttpContext http) => http.Request.Path.Value!.EndsWith('/') ? Send(http, "index.html") : Results.Redirect("/verify/" + http.Request.QueryString)).ExcludeFromDescription();
        web.MapGet("/verify/{**path}", (HttpContext http, string path) => Send(http, path)).ExcludeFromDescription();
    }

    static IResult Send(HttpContext http, string path)
    {
        var file = Path.GetFullPath(Path.Combine(Folder, path));
        if (!file.StartsWith(Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) || !File.Exists(file) || !Types.TryGetContentType(file, out var type))
            throw ProblemException.NotFound($"the verifier has no {path}", Directory.Exists(Folder) ? "there is no such file" : "its page was not published beside this program", "check a tally with `hufu verify FILE`");
        var headers = http.Response.Headers;
        headers["X-Content-Type-Options"] = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache";
        headers.Vary = "Accept-Encoding";
        foreach (var (encoding, suffix) in new[] { ("br", ".br"), ("gzip", ".gz") })
        {
            if (!http.Request.Headers.AcceptEncoding.ToString().Contains(encoding, StringComparison.Ordinal) || !File.Exists(file + suffix)) continue;
            headers.ContentEncoding = encoding;
            file += suffix;
            break;
        }
        return TypedResults.PhysicalFile(file, type, lastModified: File.GetLastWriteTimeUtc(file), entityTag: new($"\"{new FileInfo(file).Length:x}-{File.GetLastWriteTimeUtc(file).Ticks:x}\""));
    }
}
