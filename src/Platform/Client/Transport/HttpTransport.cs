using System.Net;
using System.Net.Http.Headers;
using Hufu.Primitives;
using Polly;
using Polly.Retry;

namespace Hufu.Client;

/// <summary>
/// JSON-RPC over HTTP. A request that found no node, or one that is busy (429, 502, 503, 504), is sent again a few times, with growing pauses. That is safe
/// for everything this library sends: a signed transaction sent twice is still one transaction, since its nonce counts once.
/// </summary>
public sealed class HttpTransport : IRpcTransport
{
    static readonly MediaTypeHeaderValue Json = new("application/json");

    readonly HttpClient _http;
    readonly bool _isOwned;
    readonly Uri _url;
    readonly ResiliencePipeline<HttpResponseMessage> _retrying;

    /// <param name="http">Brought along for its handlers (authentication, tests); then it is the caller's to dispose.</param>
    public HttpTransport(Uri url, HttpTransportOptions? options = null, HttpClient? http = null)
    {
        options ??= new HttpTransportOptions();
        (_url, _isOwned, Name) = (url, http is null, url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped));
        _http = http ?? new HttpClient { Timeout = options.Timeout, MaxResponseContentBufferSize = options.MaxResponseBytes };
        _retrying = new ResiliencePipelineBuilder<HttpResponseMessage>().AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = Math.Max(options.Retries, 1),
            Delay = options.FirstPause,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = outcome => ValueTask.FromResult(options.Retries > 0 && (outcome.Outcome.Exception is HttpRequestException || outcome.Outcome.Result is { StatusCode: var status } && IsBusy(status))),
            OnRetry = outcome =>
            {
                outcome.Outcome.Result?.Dispose();
                return default;
            },
        }).Build();
    }

    public string Name { get; }

    public async Task<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> request, CancellationToken stop)
    {
        try
        {
            using var response = await _retrying.ExecuteAsync(async stop => await SendAsync(request, stop).ConfigureAwait(false), stop).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
            // Some nodes put a JSON-RPC error under an error status: the body tells more.
            if (response.IsSuccessStatusCode || (body.Length > 0 && body[0] is (byte)'{' or (byte)'[')) return body;
            throw Unreachable($"it answers {(int)response.StatusCode} {response.ReasonPhrase}", null);
        }
        catch (HttpRequestException error)
        {
            throw Unreachable(error.Message, error);
        }
        catch (TaskCanceledException error) when (!stop.IsCancellationRequested)
        {
            throw Unreachable("it did not answer in time", error);
        }
    }

    // A content can be sent only once, so each attempt has its own.
    Task<HttpResponseMessage> SendAsync(ReadOnlyMemory<byte> request, CancellationToken stop) =>
        _http.PostAsync(_url, new ReadOnlyMemoryContent(request) { Headers = { ContentType = Json } }, stop);

    static bool IsBusy(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    ChainException Unreachable(string why, Exception? inner) =>
        new(new Refusal($"the node at {Name} cannot be reached", why, "check the URL, and that the node is running"), inner: inner);

    public ValueTask DisposeAsync()
    {
        if (_isOwned) _http.Dispose();
        return ValueTask.CompletedTask;
    }
}

public sealed record HttpTransportOptions
{
    /// <summary>How often a request that found no node is sent again.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>Before the first of them; each further pause is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(200);
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
    public int MaxResponseBytes { get; init; } = 256 << 20;
}
