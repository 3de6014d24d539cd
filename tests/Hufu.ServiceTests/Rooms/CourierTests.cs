using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests;

/// <summary>Addresses that others name must not lead inside: not when they are given, not when they are called, and not by a redirect.</summary>
public sealed class CourierTests
{
    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://127.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f.0.0.1/")]
    [InlineData("http://localhost:8545/")]
    [InlineData("http://LOCALHOST./")]
    [InlineData("http://db.internal/")]
    [InlineData("https://10.1.2.3/")]
    [InlineData("https://172.31.0.1/")]
    [InlineData("https://192.168.1.1/")]
    [InlineData("https://100.100.100.200/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::]/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[::ffff:10.0.0.1]/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    [InlineData("http://[64:ff9b::7f00:1]/")]
    [InlineData("http://[2002:7f00:1::]/")]
    [InlineData("http://224.0.0.1/")]
    [InlineData("http://255.255.255.255/")]
    public async Task What_leads_inside_is_refused_when_it_is_given_and_when_it_is_called(string url)
    {
        using var courier = new Courier(TimeSpan.FromSeconds(5));
        var refused = await Assert.ThrowsAsync<ProblemException>(() => courier.AcceptAsync(url, CancellationToken.None));
        Assert.Equal(("destination-inside", 400), (refused.Code, refused.Status));
        // A name may begin to lead inside after it was given.
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        var (error, status) = await courier.SendAsync(request, CancellationToken.None);
        Assert.Equal(0, status);
        if (new Uri(url).HostNameType != UriHostNameType.Dns || url.Contains("localhost:", StringComparison.Ordinal)) Assert.Contains("inside a network of its own", error);
    }

    [Theory]
    [InlineData("https://93.184.216.34/hook")]
    [InlineData("https://[2606:2800:220:1:248:1893:25c8:1946]/hook")]
    [InlineData("https://no-such-host.invalid/hook")]
    public async Task What_everybody_can_reach_is_taken(string url)
    {
        using var courier = new Courier(TimeSpan.FromSeconds(5));
        Assert.Equal(new Uri(url), await courier.AcceptAsync(url, CancellationToken.None));
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://example.com/")]
    [InlineData("https://user:secret@example.com/")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task What_is_no_address_for_notices_is_refused(string? url)
    {
        using var courier = new Courier(TimeSpan.FromSeconds(5), mayCallInside: true);
        Assert.Equal("invalid-request", (await Assert.ThrowsAsync<ProblemException>(() => courier.AcceptAsync(url, CancellationToken.None))).Code);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"));
            await Task.Delay(200);
        });
        using var courier = new Courier(TimeSpan.FromSeconds(5), mayCallInside: true);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/") { Content = new ByteArrayContent([1]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };

        Assert.Equal(("it answered 307, and redirects are not followed", 307), await courier.SendAsync(request, CancellationToken.None));
        await serving;
    }

    [Fact]
    public async Task A_webhook_that_leads_inside_is_refused_unless_the_operator_allows_it()
    {
        await using var platform = await TestPlatform.StartAsync(options => options with { Webhooks = new WebhookOptions() });
        var problem = await platform.Refused(HttpStatusCode.BadRequest, "webhooks", new { url = "http://169.254.169.254/latest/meta-data/" });
        Assert.Equal("urn:hufu:problem:destination-inside", problem.GetProperty("type").GetString());
        await platform.Post("epcis/queries", """{"name":"all","query":{}}""");
        Assert.Equal("epcisException:SubscriptionControlsException", (await platform.Refused(HttpStatusCode.BadRequest, "epcis/queries/all/subscriptions", new { dest = "http://127.0.0.1:8545/", stream = true })).GetProperty("type").GetString());
    }
}
