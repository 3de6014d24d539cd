using System.IO.Compression;
using Hufu.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Hufu.WebConsole;

/// <summary>Styles, script and icon, taken out of the assembly once. An address holds a part of the content's hash, so a browser may keep it for ever.</summary>
public sealed class ConsoleAssets
{
    public const string Folder = "/assets";

    readonly Dictionary<string, Asset> _assets = new(StringComparer.Ordinal);

    public ConsoleAssets()
    {
        // Tokens first, then what builds on them, then each part's own.
        var styles = typeof(ConsoleAssets).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".css", StringComparison.Ordinal))
            .OrderBy(name => name switch { "Design/Tokens.css" => 0, "Design/Base.css" => 1, _ => 2 }).ThenBy(name => name, StringComparer.Ordinal);
        Style = Keep("console", "css", "text/css; charset=utf-8", [.. styles.SelectMany(Read)]);
        Script = Keep("console", "js", "text/javascript; charset=utf-8", Read("Assets/console.js"));
        WalletScript = Keep("wallet", "js", "text/javascript; charset=utf-8", Read("Assets/wallet.js"));
        CaptureScript = Keep("capture", "js", "text/javascript; charset=utf-8", Read("Assets/capture.js"));
        ReaderScript = Keep("reader", "js", "text/javascript; charset=utf-8", Read("Assets/reader.js"));
        CaptureWorker = Read("Assets/capture-worker.js");
        Icon = Keep("mark", "svg", "image/svg+xml", Read("Assets/mark.svg"));
    }

    public string Style { get; }
    public string Script { get; }

    /// <summary>Only pages that have something to sign load it.</summary>
    public string WalletScript { get; }

    /// <summary>Only the page for recording on a phone loads it.</summary>
    public string CaptureScript { get; }

    /// <summary>Reads codes of a camera's picture where the browser does not; loaded when somebody scans (the npm package qr, by `browser/reader.mjs` of the tests).</summary>
    public string ReaderScript { get; }
    internal byte[] CaptureWorker { get; }
    public string Icon { get; }

    internal async Task ServeAsync(HttpContext context, string name)
    {
        if (!_assets.TryGetValue(name, out var asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var response = context.Response;
        var accepted = context.Request.Headers.AcceptEncoding.ToString();
        var (bytes, encoding) = accepted.Contains("br", StringComparison.Ordinal) ? (asset.Brotli, "br") : accepted.Contains("gzip", StringComparison.Ordinal) ? (asset.Gzip, "gzip") : (asset.Plain, null);
        response.ContentType = asset.ContentType;
        response.ContentLength = bytes.Length;
        response.Headers.CacheControl = "public, max-age=31536000, immutable";
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (encoding is not null) response.Headers.ContentEncoding = encoding;
        await response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    string Keep(string name, string extension, string contentType, byte[] content)
    {
        var file = $"{name}.{Keccak256.Hash(content).ToString()[2..12]}.{extension}";
        _assets[file] = new Asset(contentType, content,
            Pack(content, stream => new BrotliStream(stream, CompressionLevel.SmallestSize)), Pack(content, stream => new GZipStream(stream, CompressionLevel.SmallestSize)));
        return $"{Folder}/{file}";
    }

    static byte[] Pack(byte[] content, Func<Stream, Stream> open)
    {
        using var packed = new MemoryStream();
        using (var stream = open(packed)) stream.Write(content);
        return packed.ToArray();
    }

    static byte[] Read(string name)
    {
        using var stream = typeof(ConsoleAssets).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"the assembly has no {name}");
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return [.. content.ToArray(), (byte)'\n'];
    }

    sealed record Asset(string ContentType, byte[] Plain, byte[] Brotli, byte[] Gzip);
}
