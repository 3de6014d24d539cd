using System.Net;
using Hufu.Client;
using Hufu.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Hufu.WebConsole;

/// <summary>Puts the console into a web host: <see cref="AddConsole"/> before it is built, <see cref="UseConsole"/> and <see cref="MapConsole"/> after.</summary>
public static class ConsoleHost
{
    // Nothing from elsewhere, nothing inline, no frame around it: what a page shows and does came from this console.
    const string ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <param name="chain">The chain it shows; it stays the caller's to dispose.</param>
    public static IServiceCollection AddConsole(this IServiceCollection services, ChainClient chain, ConsoleOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(chain);
        services.AddSingleton<ConsoleAssets>();
        services.AddSingleton(provider => new ContractBook(options, provider.GetService<PlatformNames>()));
        services.AddSingleton<TokenBook>();
        services.AddSingleton<AbiShelf>();
        services.AddSingleton<Troubles>();
        services.AddSingleton<Uploads>();
        services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<Troubles>());
        services.AddSingleton<ChainExplorer>();
        services.AddHttpContextAccessor();
        services.AddScoped(provider => Visit.Of(provider.GetRequiredService<IHttpContextAccessor>().HttpContext));
        services.AddRazorComponents();
        if (options.Provider is { Options.ClientId: not null } provider) services.AddProviderSignIn(provider);
        // A form is answered by the process that wrote it; after a restart the page is loaded again.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(antiforgery => (antiforgery.Cookie.Name, antiforgery.Cookie.SameSite) = ("hufu-form", SameSiteMode.Strict));
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
        });
        return services;
    }

    /// <summary>The middleware; the pages of other parts of the same host pass through it too.</summary>
    public static WebApplication UseConsole(this WebApplication app)
    {
        app.Use(GuardAsync);
        // What breaks below the API is told to programs, in their own form.
        app.UseWhen(context => !context.Request.Path.StartsWithSegments("/api"), pages => pages.UseExceptionHandler("/fault"));
        if (app.Services.GetRequiredService<ConsoleOptions>().Provider is { Options.ClientId: not null }) app.UseAuthentication();
        app.UseResponseCompression();
        app.UseAntiforgery();
        return app;
    }

    /// <summary>The pages.</summary>
    public static WebApplication MapConsole(this WebApplication app)
    {
        var assets = app.Services.GetRequiredService<ConsoleAssets>();
        // How pages look and in which language is for whoever has yet to sign in, too.
        app.MapGet(ConsoleAssets.Folder + "/{name}", (HttpContext context, string name) => assets.ServeAsync(context, name)).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/preferences", Prefer).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/sign-out", SignOut).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/live/head", HeadAsync).ExcludeFromDescription();
        ProviderSignIn.Map(app);
        TallyDownloads.Map(app);
        NodeAccountSending.Map(app);
        BankReports.Map(app);
        CaptureEndpoints.Map(app, assets);
        app.MapRazorComponents<App>();
        return app;
    }

    static Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        // A page of another site may point a name of its own at this machine and then count as the same origin: only names we know are answered.
        var options = context.RequestServices.GetRequiredService<ConsoleOptions>();
        var host = context.Request.Host.Host;
        if (!(host is "localhost" or "" || IPAddress.TryParse(host.Trim('[', ']'), out _) || options.Hosts.Contains("*") || options.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase)))
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return context.Response.WriteAsync($"This console does not go by the name {host}. Start it with --console-hosts {host} if it should.\n", context.RequestAborted);
        }
        var headers = context.Response.Headers;
        // The verifier that runs in the browser is WebAssembly.
        headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/verify") ? ContentSecurityPolicy.Replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", StringComparison.Ordinal) : ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return next(context);
    }

    static IResult Prefer(HttpContext context, [FromForm] string? language, [FromForm] string? theme, [FromForm] string? back)
    {
        var kept = new CookieOptions { MaxAge = TimeSpan.FromDays(400), SameSite = SameSiteMode.Lax, IsEssential = true, Path = "/" };
        if (language is "en" or "zh-CN") context.Response.Cookies.Append(Visit.LanguageCookie, language, kept);
        if (theme is "light" or "dark") context.Response.Cookies.Append(Visit.ThemeCookie, theme, kept);
        else if (theme is "system") context.Response.Cookies.Delete(Visit.ThemeCookie);
        return Results.LocalRedirect(back is ['/', not ('/' or '\\'), ..] or "/" ? back : "/");
    }

    // A form, though it sends nothing: the field binds it to its antiforgery token.
    static IResult SignOut(HttpContext context, [FromForm] string? back)
    {
        context.RequestServices.GetService<Sessions>()?.Close(context);
        return Results.LocalRedirect(Gate.SignIn);
    }

    // What an open page asks to learn whether the chain went on.
    static async Task<IResult> HeadAsync(HttpContext context, ChainClient chain)
    {
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            return Results.Text(Text.Count(await chain.GetBlockNumberAsync(context.RequestAborted).ConfigureAwait(false)));
        }
        catch (ChainException)
        {
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }
}
