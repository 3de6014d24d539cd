using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>The platform's API, once it answers.</summary>
sealed class ServiceApi : IDisposable
{
    readonly HttpClient _http;

    ServiceApi(int port) => _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/api/v1/"), Timeout = TimeSpan.FromSeconds(60) };

    public static async Task<ServiceApi> ConnectAsync(int port)
    {
        var api = new ServiceApi(port);
        for (var i = 0; ; i++)
        {
            try
            {
                using var response = await api._http.GetAsync("platform");
                if (response.IsSuccessStatusCode) return api;
            }
            catch (HttpRequestException) when (i < 300)
            {
                // Not yet.
            }
            await Task.Delay(100);
        }
    }

    public async Task<HttpStatusCode> Pay(string key)
    {
        using var response = await SendAsync("payments", new { payer = "alice", payee = "shop", amount = "1", reference = key }, key);
        return response.StatusCode;
    }

    public async Task Post(string path, object body, string key)
    {
        using var response = await SendAsync(path, body, key);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {await response.Content.ReadAsStringAsync()}");
    }

    public async Task Put(string path, object body)
    {
        using var response = await _http.PutAsJsonAsync(path, body);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {await response.Content.ReadAsStringAsync()}");
    }

    public async Task<JsonElement> Get(string path) => await _http.GetFromJsonAsync<JsonElement>(path);

    Task<HttpResponseMessage> SendAsync(string path, object body, string key) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body), Headers = { { "Idempotency-Key", key } } });

    public void Dispose() => _http.Dispose();
}
