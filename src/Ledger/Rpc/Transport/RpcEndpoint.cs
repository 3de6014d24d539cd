using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Hufu.Rpc;

/// <summary>One HTTP request: whether it may come in, its body, its answer; or a WebSocket, that stays.</summary>
sealed class RpcEndpoint(RpcServerOptions options, Dispatcher dispatcher, Door door, CancellationToken stop)
{
    public Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var isSocket = WebSocketUpgrade.IsAsked(context);
        var isPost = HttpMethods.IsPost(request.Method);
        // A page may open a WebSocket anywhere, and the browser asks nobody: the origin is all there is to tell it by.
        if (!door.AllowOrigin(request, response) && (isPost || isSocket))
            return SayAsync(response, StatusCodes.Status403Forbidden, "pages of this origin are not allowed: start the node with --cors ORIGIN");
        if (HttpMethods.IsOptions(request.Method))
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
        if (!door.TryAdmit(request, out var caller, out var refused)) return SayAsync(response, refused.Status, refused.Text);
        if (isSocket) return StayAsync(context, caller);
        if (isPost) return AnswerAsync(context, caller);
        if (HttpMethods.IsGet(request.Method) && request.Path == "/openrpc.json") return DescribeAsync(response, caller);
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) return ShowAsync(context, caller);
        response.Headers.Allow = "POST, GET, OPTIONS";
        return SayAsync(response, StatusCodes.Status405MethodNotAllowed, "send calls with POST");
    }

    /// <summary>What is there to look at, for people and for those who watch over nodes.</summary>
    Task ShowAsync(HttpContext context, Caller caller)
    {
        var response = context.Response;
        switch (context.Request.Path.Value)
        {
            // A chain that stands still is not mended by starting its nodes anew: who restarts by this one must see the process alone.
            case "/live": return SayAsync(response, StatusCodes.Status200OK, "ok");
            case "/health": return options.Health() is var health && health.IsMoving ? SayAsync(response, StatusCodes.Status200OK, health.Why) : SayAsync(response, StatusCodes.Status503ServiceUnavailable, health.Why);
            case "/ready": return options.Health() is var state && state.IsReady ? SayAsync(response, StatusCodes.Status200OK, state.Why) : SayAsync(response, StatusCodes.Status503ServiceUnavailable, state.Why);
            case "/metrics" when options.Metrics is { } metrics: return MeasureAsync(context, caller, metrics);
            default: return SayAsync(response, StatusCodes.Status200OK, "Hufu JSON-RPC: POST your calls here, or connect by WebSocket; GET /openrpc.json for what may be called, /live, /health, /ready and /metrics for how the node is");
        }
    }

    static async Task MeasureAsync(HttpContext context, Caller caller, Func<Stream, CancellationToken, Task> metrics)
    {
        // How busy the node is, and with whom, is its operator's business.
        if (caller.Methods.Names.All(name => RpcModules.Of(name) != "admin") && caller.All.Names.Any(name => RpcModules.Of(name) == "admin"))
        {
            await SayAsync(context.Response, StatusCodes.Status403Forbidden, "metrics go with the module admin, which is not offered to you").ConfigureAwait(false);
            return;
        }
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await metrics(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }

    async Task StayAsync(HttpContext context, Caller caller)
    {
        if (await WebSocketUpgrade.AcceptAsync(context).ConfigureAwait(false) is not var (socket, stream)) return;
        await new RpcConnection(new WebSocketChannel(socket, stream, options.MaxBodyBytes), dispatcher, caller, options.Connections, stop).RunAsync().ConfigureAwait(false);
    }

    static async Task DescribeAsync(HttpResponse response, Caller caller)
    {
        response.ContentType = "application/json";
        using var writer = new Utf8JsonWriter(response.BodyWriter);
        RpcMethods.WriteDocument(writer, caller);
        await writer.FlushAsync().ConfigureAwait(false);
    }

    async Task AnswerAsync(HttpContext context, Caller caller)
    {
        if (context.Request.ContentLength > options.MaxBodyBytes)
        {
            await SayTooLargeAsync(context.Response).ConfigureAwait(false);
            return;
        }
        // A page can send text/plain anywhere without asking first (a simple request); JSON it cannot.
        if (context.Request.Headers.Origin.Count > 0 && context.Request.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) == false)
        {
            await SayAsync(context.Response, StatusCodes.Status415UnsupportedMediaType, "send calls as application/json").ConfigureAwait(false);
            return;
        }

        var reader = context.Request.BodyReader;
        byte[]? joined = null;
        try
        {
            var read = await ReadWholeAsync(reader).ConfigureAwait(false);
            var body = read.Buffer.IsSingleSegment ? read.Buffer.First : Join(read.Buffer, out joined);
            using var answer = await dispatcher.AnswerAsync(body, caller, isHearing: !Thread.CurrentThread.IsThreadPoolThread).ConfigureAwait(false);
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

    static ValueTask<ReadResult> ReadWholeAsync(PipeReader reader)
    {
        // Nearly always the body came together with the headers.
        if (!reader.TryRead(out var read)) return ReadOnAsync(reader);
        if (read.IsCompleted) return new ValueTask<ReadResult>(read);
        reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        return ReadOnAsync(reader);
    }

    // Where the caller goes away Kestrel ends the waiting; to ask for a token costs every request a source of its own.
    static async ValueTask<ReadResult> ReadOnAsync(PipeReader reader)
    {
        while (true)
        {
            var read = await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
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
        if (answer.IsRateExceeded)
        {
            response.StatusCode = StatusCodes.Status429TooManyRequests;
            response.Headers.RetryAfter = "1";
        }
        response.ContentType = "application/json";
        response.ContentLength = answer.Written.Length;
        await response.BodyWriter.WriteAsync(answer.Written).ConfigureAwait(false);
    }

    static Task SayTooLargeAsync(HttpResponse response) => SayAsync(response, StatusCodes.Status413PayloadTooLarge, "the request body is too large");

    static Task SayAsync(HttpResponse response, int status, string text)
    {
        if (response.HasStarted) return Task.CompletedTask;
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(text + "\n");
    }
}
