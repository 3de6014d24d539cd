using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Rpc;

/// <summary>Who is let in at a real port, and what is offered to whom.</summary>
public sealed class DoorTests : IDisposable
{
    const string Key = "an-explorer-with-a-key-of-32-letters";
    const string Operator = "the-operator-with-a-key-of-32-letters";

    static readonly MethodTable Methods = new MethodTable().Add("eth_one", Answer).Add("debug_one", Answer).Add("admin_one", Answer).Add("net_one", Answer);

    readonly string _folder = Directory.CreateTempSubdirectory("hufu-door").FullName;
    readonly HttpClient _http = new();

    static RpcError? Answer(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteBooleanValue(answer.Caller.IsTrusted);
        return null;
    }

    static async Task<RpcServer> Open(RpcServerOptions options)
    {
        var (server, refusal) = await RpcServer.StartAsync(options with { Port = 0 }, new Dispatcher(Methods, new DispatchLimits()));
        Assert.Null(refusal);
        return server!;
    }

    async Task<(HttpStatusCode Status, string Body)> Ask(Uri url, string method, Action<HttpRequestMessage>? prepare = null, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":[]}""", Encoding.UTF8, "application/json") };
        prepare?.Invoke(request);
        using var response = await (http ?? _http).SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    static Action<HttpRequestMessage> With(string key) => request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);

    ApiKeys Keys(string json)
    {
        var file = Path.Combine(_folder, "keys.json");
        File.WriteAllText(file, json);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.True(ApiKeys.TryRead(file, out var keys, out var refusal), refusal?.ToString());
        return keys;
    }

    ApiKeys TwoKeys() => Keys($$"""
        { "keys": [
          { "name": "explorer", "key": "{{Key}}", "callsPerSecond": 0.001, "burst": 3 },
          { "name": "operator", "sha256": "{{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Operator)))}}", "modules": ["*"], "trusted": true }
        ] }
        """);

    [Fact]
    public async Task On_this_machine_all_modules_are_offered_and_a_list_narrows_them()
    {
        await using var all = await Open(new RpcServerOptions());
        Assert.Contains("true", (await Ask(all.Url, "debug_one")).Body, StringComparison.Ordinal);

        await using var few = await Open(new RpcServerOptions { Modules = ["eth", "net"] });
        Assert.Contains("result", (await Ask(few.Url, "eth_one")).Body, StringComparison.Ordinal);
        var refused = (await Ask(few.Url, "debug_one")).Body;
        Assert.Contains("-32601", refused, StringComparison.Ordinal);
        Assert.Contains("--rpc-modules", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_opens_its_modules_at_its_rate_and_no_key_opens_nothing()
    {
        await using var server = await Open(new RpcServerOptions { Keys = TwoKeys() });

        Assert.Equal(HttpStatusCode.Unauthorized, (await Ask(server.Url, "eth_one")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Ask(server.Url, "eth_one", With(Key + "x"))).Status);
        Assert.Contains("\"result\":false", (await Ask(server.Url, "eth_one", With(Key))).Body, StringComparison.Ordinal);
        Assert.Contains("-32601", (await Ask(server.Url, "admin_one", With(Key))).Body, StringComparison.Ordinal);
        Assert.Contains("result", (await Ask(server.Url, "eth_one", request => request.Headers.Add("X-Api-Key", Key))).Body, StringComparison.Ordinal);
        var limited = await Ask(server.Url, "eth_one", With(Key));
        Assert.Equal(HttpStatusCode.TooManyRequests, limited.Status);
        Assert.Contains("-32005", limited.Body, StringComparison.Ordinal);
        Assert.Contains("\"result\":true", (await Ask(server.Url, "admin_one", With(Operator))).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"keys\":[]}")]
    [InlineData("{\"keys\":[{\"name\":\"short\",\"key\":\"secret\"}]}")]
    [InlineData("{\"keys\":[{\"name\":\"odd\",\"sha256\":\"12\"}]}")]
    [InlineData("{\"keys\":[{\"name\":\"none\"}]}")]
    [InlineData("{\"keys\":[1]}")]
    [InlineData("nonsense")]
    public void A_file_of_keys_that_cannot_be_used_is_refused_without_telling_a_key(string json)
    {
        var file = Path.Combine(_folder, "bad.json");
        File.WriteAllText(file, json);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.False(ApiKeys.TryRead(file, out _, out var refusal));
        Assert.DoesNotContain("secret", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_keys_that_everyone_can_read_is_refused()
    {
        var file = Path.Combine(_folder, "open.json");
        File.WriteAllText(file, "{}");
        if (OperatingSystem.IsWindows()) Assert.Skip("file modes are of Unix");
        else File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.False(ApiKeys.TryRead(file, out _, out var refusal));
        Assert.Contains("chmod 600", refusal.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("debug")]
    [InlineData("admin")]
    [InlineData("*")]
    public async Task Beyond_this_machine_what_is_private_wants_a_key(string module)
    {
        var dispatcher = new Dispatcher(Methods, new DispatchLimits());
        var open = new RpcServerOptions { Host = "0.0.0.0", Port = 0, Modules = [module] };
        var (server, refusal) = await RpcServer.StartAsync(open, dispatcher);
        Assert.Null(server);
        Assert.Contains("--rpc-keys", refusal!.ToString(), StringComparison.Ordinal);

        (server, refusal) = await RpcServer.StartAsync(open with { Keys = TwoKeys() }, dispatcher);
        Assert.Null(refusal);
        await server!.DisposeAsync();
    }

    [Fact]
    public async Task Beyond_this_machine_nothing_is_signed_for_strangers_and_only_the_public_modules_are_offered()
    {
        var dispatcher = new Dispatcher(Methods, new DispatchLimits());
        var (server, refusal) = await RpcServer.StartAsync(new RpcServerOptions { Host = "0.0.0.0", Port = 0, SignsForCallers = true }, dispatcher);
        Assert.Null(server);
        Assert.Contains("unlocked accounts", refusal!.ToString(), StringComparison.Ordinal);

        await using var open = await Open(new RpcServerOptions { Host = "0.0.0.0" });
        Assert.Contains("\"result\":false", (await Ask(open.Url, "eth_one")).Body, StringComparison.Ordinal);
        Assert.Contains("-32601", (await Ask(open.Url, "debug_one")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_that_is_not_there_is_refused_by_name()
    {
        var (_, refusal) = await RpcServer.StartAsync(new RpcServerOptions { Port = 0, Modules = ["eht"] }, new Dispatcher(Methods, new DispatchLimits()));
        Assert.Contains("'eht'", refusal!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_was_pointed_here_and_a_page_from_elsewhere_stay_outside()
    {
        await using var server = await Open(new RpcServerOptions { AllowedOrigins = ["https://wallet.example"], AllowedHosts = ["node.example"] });
        Assert.Equal(HttpStatusCode.Forbidden, (await Ask(server.Url, "eth_one", request => request.Headers.Host = "evil.example")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Ask(server.Url, "eth_one", request => request.Headers.Host = "node.example")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Ask(server.Url, "eth_one", request => request.Headers.Add("Origin", "https://evil.example"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await Ask(server.Url, "eth_one", request => request.Headers.Add("Origin", "https://wallet.example"))).Status);

        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://evil.example");
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new UriBuilder(server.Url) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_door_speaks_TLS_with_a_certificate_from_files()
    {
        using var pair = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", pair, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificate, key) = (Path.Combine(_folder, "cert.pem"), Path.Combine(_folder, "key.pem"));
        await File.WriteAllTextAsync(certificate, made.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(key, pair.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);

        await using var server = await Open(new RpcServerOptions { Tls = new TlsFiles(certificate, key) });
        Assert.Equal("https", server.Url.Scheme);
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown!.Thumbprint == made.Thumbprint };
        using var http = new HttpClient(handler);
        Assert.Contains("result", (await Ask(server.Url, "eth_one", http: http)).Body, StringComparison.Ordinal);

        var (_, refusal) = await RpcServer.StartAsync(new RpcServerOptions { Port = 0, Tls = new TlsFiles(key, certificate) }, new Dispatcher(Methods, new DispatchLimits()));
        Assert.Contains("--tls-cert", refusal!.ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
