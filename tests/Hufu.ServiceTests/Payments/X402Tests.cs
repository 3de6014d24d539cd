using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Client;
using Hufu.Primitives;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests.Payments;

/// <summary>Machines pay for what they ask for (HTTP 402, x402): once, no more than they may, and for one thing.</summary>
public sealed class X402Tests
{
    static readonly Signer Agent = Cast.Person("agent");

    [Fact]
    public async Task A_program_pays_for_what_it_asks_for_and_gets_it()
    {
        await using var platform = await StartAsync();
        using var http = Client(platform, out var allowance, mostEach: 20_000, inAll: 25_000);

        using (var unpaid = await new HttpClient().GetAsync(Url(platform, "prices"), TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.PaymentRequired, unpaid.StatusCode);
            Assert.True(X402.TryFromHeader(unpaid.Headers.GetValues(X402.RequiredHeader).Single(), out var required));
            Assert.True(PaymentRequirements.TryRead(required["accepts"]![0], out var wanted));
            Assert.Equal(((UInt256)10_000, "eip155:31337"), (wanted.Amount, wanted.Network));
            Assert.DoesNotContain("7.2", await unpaid.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        using (var paid = await http.GetAsync(Url(platform, "prices"), TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.OK, paid.StatusCode);
            Assert.Equal("""{"mango": 7.2}""", await paid.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.True(X402.TryFromHeader(paid.Headers.GetValues(X402.ResponseHeader).Single(), out var settled));
            Assert.True(settled["success"]!.GetValue<bool>());
            var receipt = await platform.Chain.GetReceiptAsync(Hash256.Parse(settled["transaction"]!.GetValue<string>()));
            Assert.True(receipt!.Succeeded);
        }
        Assert.Equal("0.010000", (await platform.Get("accounts/shop/statement")).GetProperty("closing").GetString());
        Assert.Equal((UInt256)10_000, allowance.Spent);

        // The allowance ends before the money does, and what is too dear is not paid for.
        using (var again = await http.GetAsync(Url(platform, "prices"), TestContext.Current.CancellationToken)) Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        using (var beyond = await http.GetAsync(Url(platform, "prices"), TestContext.Current.CancellationToken)) Assert.Equal(HttpStatusCode.PaymentRequired, beyond.StatusCode);
        using (var dear = await http.GetAsync(Url(platform, "dear"), TestContext.Current.CancellationToken)) Assert.Equal(HttpStatusCode.PaymentRequired, dear.StatusCode);
        Assert.Equal((UInt256)20_000, allowance.Spent);
    }

    [Fact]
    public async Task A_payment_is_taken_once_pays_for_one_thing_and_nothing_else_passes_for_one()
    {
        await using var platform = await StartAsync();
        var wanted = await platform.Platform.Services.OfType<PaymentsService>().Single().Gate.RequirementsAsync("0.01", await platform.Account("shop"));
        var payment = Pay(wanted);

        // A lost answer is answered again, and nothing is paid twice.
        for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.OK, (await Get(platform, "prices", payment.ToJson())).Status);
        Assert.Equal("0.010000", (await platform.Get("accounts/shop/statement")).GetProperty("closing").GetString());
        Assert.Equal("invalid_transaction_state", (await Get(platform, "others", payment.ToJson())).Error);

        await Refused("invalid_exact_evm_payload_signature", Pay(wanted) with { Signature = Cast.Mallory.SignDigest(payment.Authorisation.DigestIn(wanted.Domain!)) });
        await Refused("invalid_exact_evm_payload_authorization_value", Pay(wanted with { Amount = 9_999 }));
        await Refused("invalid_exact_evm_payload_recipient_mismatch", Pay(wanted with { PayTo = Cast.Mallory.Address }));
        await Refused("invalid_exact_evm_payload_authorization_valid_before", Pay(wanted, validBefore: (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 1));
        await Refused("invalid_exact_evm_payload_authorization_valid_after", Pay(wanted, validAfter: (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 600));
        await Refused("insufficient_funds", Pay(wanted, by: Cast.Carol));
        await Refused("invalid_network", Pay(wanted with { Network = "eip155:1" }));
        // The token's own name is signed, not what somebody says it is.
        await Refused("invalid_exact_evm_payload_signature", Pay(wanted with { Name = "Another Dollar" }));
        var (status, error) = await Get(platform, "prices", new JsonObject { ["x402Version"] = 1 });
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_x402_version"), (status, error));
        Assert.Equal("0.010000", (await platform.Get("accounts/shop/statement")).GetProperty("closing").GetString());

        async Task Refused(string expected, PaymentPayload payload)
        {
            var (refusal, why) = await Get(platform, "prices", payload.ToJson());
            Assert.Equal((HttpStatusCode.PaymentRequired, expected), (refusal, why));
        }
    }

    [Fact]
    public async Task A_server_elsewhere_has_its_payments_verified_and_settled_each_once()
    {
        await using var platform = await StartAsync();
        Assert.Equal("eip155:31337", (await platform.Get("x402/supported")).GetProperty("kinds")[0].GetProperty("network").GetString());
        var wanted = await platform.Platform.Services.OfType<PaymentsService>().Single().Gate.RequirementsAsync("0.25", Cast.Bob.Address);
        var payment = Pay(wanted);
        var body = new JsonObject { ["x402Version"] = 2, ["paymentPayload"] = payment.ToJson(), ["paymentRequirements"] = wanted.ToJson() }.ToJsonString();

        Assert.True((await platform.Post("x402/verify", body)).GetProperty("isValid").GetBoolean());
        var settled = await platform.Post("x402/settle", body, "order-1");
        Assert.True(settled.GetProperty("success").GetBoolean(), settled.ToString());
        Assert.Equal(settled.GetProperty("transaction").GetString(), (await platform.Post("x402/settle", body, "order-1")).GetProperty("transaction").GetString());
        // Another order with the same payment has not been paid.
        Assert.Equal("invalid_transaction_state", (await platform.Post("x402/settle", body, "order-2")).GetProperty("errorReason").GetString());
        Assert.Equal("invalid_transaction_state", (await platform.Post("x402/verify", body)).GetProperty("invalidReason").GetString());
        Assert.Equal((UInt256)250_000, await platform.Rooms.Tokens.BalanceAsync(wanted.Asset, Cast.Bob.Address));
        Assert.Equal("invalid_payment_requirements", (await platform.Post("x402/verify", "{}")).GetProperty("invalidReason").GetString());
    }

    static PaymentPayload Pay(PaymentRequirements wanted, ulong validAfter = 0, ulong? validBefore = null, Signer? by = null)
    {
        var payer = by ?? Agent;
        var authorisation = new TransferAuthorisation(payer.Address, wanted.PayTo, wanted.Amount, (UInt256)validAfter, (UInt256)(validBefore ?? (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 60), Hash256.FromBytes(Cast.Word(Guid.NewGuid().ToString())));
        return new PaymentPayload(wanted, authorisation, payer.SignDigest(authorisation.DigestIn(wanted.Domain!)));
    }

    static async Task<(HttpStatusCode Status, string? Error)> Get(TestPlatform platform, string name, JsonObject payment)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(platform, name));
        request.Headers.Add(X402.SignatureHeader, X402.ToHeader(payment));
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, response.IsSuccessStatusCode ? null : JsonSerializer.Deserialize<JsonElement>(text).GetProperty("error").GetString());
    }

    static HttpClient Client(TestPlatform platform, out PaymentAllowance allowance, ulong mostEach, ulong inAll)
    {
        allowance = new PaymentAllowance(31337, platform.Rooms.Registry.Current!["Stablecoin"], mostEach, inAll);
        return new HttpClient(new PayingHandler(Agent, allowance));
    }

    static Uri Url(TestPlatform platform, string name) => new(platform.Platform.Url, $"/paid/{name}");

    static async Task<TestPlatform> StartAsync()
    {
        var platform = await TestPlatform.StartAsync();
        await platform.Fund(("alice", "1"));
        await platform.Account("shop");
        await platform.Post("stablecoin/mints", new { to = Agent.Address.ToString(), amount = "100" });
        foreach (var (name, amount) in new[] { ("prices", "0.01"), ("others", "0.01"), ("dear", "1") })
        {
            var (status, answer) = await platform.SendAsync(HttpMethod.Put, $"/api/v1/paid/{name}", new { amount, payTo = "shop", content = """{"mango": 7.2}""", mimeType = "application/json", description = "prices of today" });
            Assert.True(status == HttpStatusCode.OK, answer.ToString());
        }
        return platform;
    }
}
