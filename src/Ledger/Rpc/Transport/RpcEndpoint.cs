using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Hufu.Rpc;

/// <summary>One HTTP request: whether it may come in, its body, its answer.</summary>
sealed class RpcEndpoint(RpcServerOptions options, Dispatcher dispatcher)
{
    readonly bool _anyOrigin = options.AllowedOrigins.Contains("*");
    readonly bool _anyHost = options.AllowedHosts.Contains("*");

    public Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        var response = context.Response;
        if (!IsHostAllowed(request.Host.Host)) return SayAsync(response, StatusCodes.Status403Forbidden, "this Host name is not allowed: start the node with --rpc-hosts NAME");
        if (request.Headers.Origin.Count > 0 && !AllowOrigin(request, response) && HttpMethods.IsPost(request.Method))
            return SayAsync(response, StatusCodes.Status403Forbidden, "pages of this origin are not allowed: start the node with --cors ORIGIN");

        if (options.Jwt?.WhyRefused(request.Headers.Authorization) is { } unknown) return SayAsync(response, StatusCodes.Status401Unauthorized, unknown);
        if (HttpMethods.IsPost(request.Method)) return AnswerAsync(context);
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            return request.Path == "/health" ? SayAsync(response, StatusCodes.Status200OK, "ok") : SayAsync(response, StatusCodes.Status200OK, "Hufu JSON-RPC: POST your calls here; GET /health for a sign of life");
        if (HttpMethods.IsOptions(request.Method))
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
        response.Headers.Allow = "POST, GET, OPTIONS";
        return SayAsync(response, StatusCodes.Status405MethodNotAllowed, "send calls with POST");
    }

    async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.ContentLength > options.MaxBodyBytes)
        {
            await SayTooLargeAsync(context.Response).ConfigureAwait(false);
            return;
        }
        // A page can send text/plain anywhere without asking first (a simple request); JSON it cannot.
        if (context.Request.ContentType is { } type && !type.Contains("json", StringComparison.OrdinalIgnoreCase) && context.Request.Headers.Origin.Count > 0)
        {
            await SayAsync(context.Response, StatusCodes.Status415UnsupportedMediaType, "send calls as application/json").ConfigureAwait(false);
            return;
        }

        var reader = context.Request.BodyReader;
        byte[]? joined = null;
        try
        {
            var read = await ReadWholeAsync(reader, context.RequestAborted).ConfigureAwait(false);
            var body = read.Buffer.IsSingleSegment ? read.Buffer.First : Join(read.Buffer, out joined);
            using var answer = await dispatcher.AnswerAsync(body).ConfigureAwait(false);
            reader.AdvanceTo(read.Buffer.End);
            await SendAsync(context.Response, answer).ConfigureAwait(false);
        }
        catch (BadHttpRequestException error)
        {
            if (error.StatusCode == StatusCodes.Status413PayloadTooLarge) await SayTooLargeAsync(context.Response).ConfigureAwait(false);
            else await SayAsync(context.Response, error.StatusCode, "the request body did not arrive").ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The caller went away; nobody is left to be told.
        }
        finally
        {
            if (joined is not null) ArrayPool<byte>.Shared.Return(joined);
        }
    }

    static async ValueTask<ReadResult> ReadWholeAsync(PipeReader reader, CancellationToken stop)
    {
        while (true)
        {
            var read = await reader.ReadAsync(stop).ConfigureAwait(false);
            if (read.IsCompleted) return read;
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    static ReadOnlyMemory<byte> Join(in ReadOnlySequence<byte> parts, out byte[] joined)
    {
        var length = checked((int)parts.Length);
        joined = ArrayPool<byte>.Shared.Rent(length);
        parts.CopyTo(joined);
        return joined.AsMemory(0, length);
    }

    static async Task SendAsync(HttpResponse response, Answer answer)
    {
        if (answer.IsEmpty)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        response.ContentType = "application/json";
        response.ContentLength = answer.Written.Length;
        await response.BodyWriter.WriteAsync(answer.Written).ConfigureAwait(false);
    }

    bool IsHostAllowed(string host) =>
        _anyHost || host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host, out _) || options.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    bool AllowOrigin(HttpRequest request, HttpResponse response)
    {
        var origin = request.Headers.Origin.ToString();
        if (!_anyOrigin && !IsOwn(origin) && !options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)) return false;
        response.Headers.AccessControlAllowOrigin = _anyOrigin ? "*" : origin;
        response.Headers.AccessControlAllowMethods = "POST, GET, OPTIONS";
        response.Headers.AccessControlAllowHeaders = "content-type";
        response.Headers.AccessControlMaxAge = "600";
        response.Headers.Vary = "Origin";
        return true;
    }

    // A page served from this machine, or a wallet installed in the browser, is not some page on the web.
    static bool IsOwn(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && (uri.Scheme.EndsWith("-extension", StringComparison.OrdinalIgnoreCase) || (uri.Scheme is "http" or "https" && uri.IsLoopback));

    static Task SayTooLargeAsync(HttpResponse response) => SayAsync(response, StatusCodes.Status413PayloadTooLarge, "the request body is too large");

    static Task SayAsync(HttpResponse response, int status, string text)
    {
        if (response.HasStarted) return Task.CompletedTask;
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(text + "\n");
    }
}
