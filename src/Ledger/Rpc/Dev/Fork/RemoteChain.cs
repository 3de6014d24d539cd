using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Hufu.Chain;
using Polly;
using Polly.Retry;

namespace Hufu.Rpc;

/// <summary>Another node, asked over JSON-RPC. A hiccup of the network or a busy server is waited out; what remains is an <see cref="OriginUnavailable"/>.</summary>
public sealed class RemoteChain : IDisposable
{
    const int Attempts = 6;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // How servers that answer too many name it inside a JSON-RPC error.
    static readonly string[] Busy = ["rate limit", "too many requests", "exceeded", "try again", "timeout"];

    readonly HttpClient _http;
    readonly ResiliencePipeline _patiently;
    Uri _url;
    long _id;

    sealed class TryAgain(string why) : Exception(why);

    public RemoteChain(Uri url)
    {
        _url = url;
        // The state is read from synchronous code, block by block: one connection is kept open.
        _http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.All, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5) }) { Timeout = Patience };
        _patiently = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = Attempts,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(200),
            MaxDelay = TimeSpan.FromSeconds(5),
            UseJitter = true,
            ShouldHandle = new PredicateBuilder().Handle<TryAgain>().Handle<HttpRequestException>().Handle<TaskCanceledException>(),
        }).Build();
    }

    public Uri Url
    {
        get => Volatile.Read(ref _url);
        set => Volatile.Write(ref _url, value);
    }

    /// <summary>The address as it may be shown: keys stand in the path, the query or before the host of many services' addresses.</summary>
    public string Shown => Url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    /// <summary>The result of one call.</summary>
    /// <param name="parameters">The parameters as a JSON array.</param>
    /// <exception cref="OriginUnavailable">No answer, or an error; with the words of the other node.</exception>
    public JsonElement Ask(string method, string parameters) => AskAll([(method, parameters)])[0];

    /// <summary>The results of many calls in one request, in their order.</summary>
    public JsonElement[] AskAll(IReadOnlyList<(string Method, string Parameters)> calls)
    {
        var answers = Answers(calls);
        var results = new JsonElement[calls.Count];
        for (var i = 0; i < results.Length; i++)
            results[i] = answers[i].TryGetProperty("result", out var result) ? result
                : throw new OriginUnavailable($"the chain that this one forks ({Shown}) refuses {calls[i].Method}: {Words(answers[i])}");
        return results;
    }

    /// <summary>The whole answer of one call, an error or a result, to be handed on.</summary>
    public JsonElement Relay(string method, string parameters) => Answers([(method, parameters)])[0];

    JsonElement[] Answers(IReadOnlyList<(string Method, string Parameters)> calls)
    {
        var first = Interlocked.Add(ref _id, calls.Count) - calls.Count;
        var body = new StringBuilder("[");
        for (var i = 0; i < calls.Count; i++)
            body.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{{\"jsonrpc\":\"2.0\",\"id\":{first + i},\"method\":\"{calls[i].Method}\",\"params\":{calls[i].Parameters}}}");
        var text = calls.Count == 1 ? body.ToString(1, body.Length - 1) : body.Append(']').ToString();
        try
        {
            return _patiently.Execute(() => Send(text, first, calls.Count));
        }
        catch (Exception fault) when (fault is TryAgain or HttpRequestException or TaskCanceledException or JsonException)
        {
            throw new OriginUnavailable($"the chain that this one forks does not answer at {Shown}: {fault.Message}");
        }
    }

    JsonElement[] Send(string body, long first, int count)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        using var response = _http.Send(request);
        if ((int)response.StatusCode is 429 or >= 500) throw new TryAgain($"HTTP {(int)response.StatusCode}");
        using var stream = response.Content.ReadAsStream();
        using var document = JsonDocument.Parse(stream);
        var root = document.RootElement;
        var answers = new JsonElement[count];
        if (root.ValueKind == JsonValueKind.Array)
        {
            foreach (var answer in root.EnumerateArray())
                if (answer.TryGetProperty("id", out var id) && id.TryGetInt64(out var number) && number - first is >= 0 and var at && at < count) answers[at] = answer.Clone();
        }
        else if (count == 1 || root.TryGetProperty("error", out _)) Array.Fill(answers, root.Clone());
        foreach (var answer in answers)
        {
            if (answer.ValueKind != JsonValueKind.Object) throw new TryAgain("an answer is missing");
            if (answer.TryGetProperty("error", out _) && Busy.Any(word => Words(answer).Contains(word, StringComparison.OrdinalIgnoreCase))) throw new TryAgain(Words(answer));
        }
        return answers;
    }

    static string Words(JsonElement answer) =>
        answer.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
            ? message.GetString()! : "it gives no result";

    public void Dispose() => _http.Dispose();
}
