using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using QRCoder;

namespace Hufu.Services;

/// <summary>
/// Resolves GS1 Digital Links on this host: what is printed on a thing as a QR code leads a person to the thing's page, and a program to the set of links (RFC 9264).
/// </summary>
static class DigitalLinkResolver
{
    static readonly string[] Keys = ["01", "00", "414", "253", "8003", "8004", "8006"];

    public static void Map(IEndpointRouteBuilder web)
    {
        foreach (var key in Keys) web.MapGet($"/{key}/{{**rest}}", (HttpContext http, string rest) => Resolve(http, key, rest)).ExcludeFromDescription();
        web.MapGet("/.well-known/gs1resolver", (HttpContext http) => TypedResults.Json(new { Name = "Hufu", ResolverRoot = Root(http), SupportedPrimaryKeys = Keys, LinkTypeDefaultCanBeLinkset = false })).ExcludeFromDescription();
    }

    static IResult Resolve(HttpContext http, string key, string rest)
    {
        var link = $"https://id.gs1.org/{key}/{rest}";
        if (!Gs1Uri.TryCanonical(link, out var canonical)) throw ProblemException.Invalid("this is no GS1 Digital Link", $"/{key}/{rest}", "a GTIN has 14 digits, an SSCC 18: /01/09521141012345/10/LOT7");
        if (key == "01" && !Gs1Uri.TryParseGtin(rest.Split('/')[0].PadLeft(14, '0'), out _)) throw ProblemException.Invalid("the check digit of the GTIN is wrong", rest.Split('/')[0], "scan the code again");
        var thing = canonical["https://id.gs1.org".Length..];
        var (page, proof, story) = ($"/trace{thing}", $"/api/v1/trace/proof?thing={Uri.EscapeDataString(canonical)}", $"/api/v1/trace/story?thing={Uri.EscapeDataString(canonical)}");
        var verify = $"/verify/?tally={Uri.EscapeDataString(proof)}";
        var type = http.Request.Query["linkType"].ToString();
        if (type is "all" or "linkset" || http.Request.Headers.Accept.ToString().Contains("linkset", StringComparison.OrdinalIgnoreCase)) return Linkset(http, canonical, page, verify, story);
        http.Response.Headers.Link = $"<{Root(http)}{thing}?linkType=all>; rel=\"linkset\"; type=\"application/linkset+json\"";
        var target = type switch
        {
            "" or "gs1:defaultLink" or "gs1:traceability" or "gs1:pip" => http.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.OrdinalIgnoreCase) ? story : page,
            "gs1:certificationInfo" or "gs1:verificationService" => verify,
            "gs1:epcis" => $"/api/v1/epcis/epcs/{Uri.EscapeDataString(canonical)}/events",
            _ => throw ProblemException.NotFound($"there is no link of type {type}", "this resolver has traceability, pip, certificationInfo and epcis", "ask for ?linkType=all"),
        };
        return TypedResults.Redirect(target, permanent: false, preserveMethod: true);
    }

    static IResult Linkset(HttpContext http, string canonical, string page, string verify, string story)
    {
        var root = Root(http);
        object Target(string href, string title, string type = "text/html", params string[] languages) => new Dictionary<string, object> { ["href"] = root + href, ["title"] = title, ["type"] = type, ["hreflang"] = languages.Length > 0 ? languages : ["en", "zh"] };
        var set = new Dictionary<string, object>
        {
            ["linkset"] = new object[]
            {
                new Dictionary<string, object>
                {
                    ["anchor"] = root + canonical["https://id.gs1.org".Length..],
                    ["itemDescription"] = canonical,
                    ["https://gs1.org/voc/defaultLink"] = new[] { Target(page, "Where it comes from") },
                    ["https://gs1.org/voc/traceability"] = new[] { Target(page, "Where it comes from"), Target(story, "The same for programs", "application/json") },
                    ["https://gs1.org/voc/verificationService"] = new[] { Target(verify, "Verify it on this device") },
                    ["https://gs1.org/voc/epcis"] = new[] { Target($"/api/v1/epcis/epcs/{Uri.EscapeDataString(canonical)}/events", "Its events", "application/ld+json") },
                },
            },
        };
        http.Response.Headers.AccessControlAllowOrigin = "*";
        return TypedResults.Json(set, new JsonSerializerOptions(), "application/linkset+json");
    }

    static string Root(HttpContext http) => $"{http.Request.Scheme}://{http.Request.Host}";

    /// <summary>A QR code as an image that scales (SVG), readable by any phone: error correction M, a quiet zone of four.</summary>
    public static string QrSvg(string text)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);
        return code.GetGraphic(4);
    }
}
