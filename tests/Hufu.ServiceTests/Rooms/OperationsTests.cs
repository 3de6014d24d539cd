using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Hufu.Client;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests;

/// <summary>Policy, keys, the audit log, webhooks and jobs.</summary>
public sealed class OperationsTests
{
    [Fact]
    public async Task A_subscriber_is_told_signed_in_order_and_a_bad_one_holds_up_nobody()
    {
        await using var platform = await TestPlatform.StartAsync(options => options with { Webhooks = new WebhookOptions { FirstPause = TimeSpan.FromMilliseconds(50), MostAttempts = 4, LookEvery = TimeSpan.FromMilliseconds(200), MayCallInside = true } });
        await platform.Fund(("alice", "100"));
        await platform.Account("shop");
        await platform.InStep();
        await using var good = new Receiver(_ => HttpStatusCode.NoContent);
        // One subject fails three times, another for ever; the rest is taken.
        var failures = new ConcurrentDictionary<string, int>();
        await using var bad = new Receiver(notice => notice.GetProperty("data").GetProperty("reference").GetString()![..6] switch
        {
            "0x6f6e" when failures.AddOrUpdate("one", 1, (_, count) => count + 1) <= 3 => HttpStatusCode.InternalServerError,
            "0x7477" => HttpStatusCode.InternalServerError,
            _ => HttpStatusCode.OK,
        });
        var first = await platform.Post("webhooks", new { url = good.Url, kinds = "hufu.payments.*" });
        var second = await platform.Post("webhooks", new { url = bad.Url, kinds = "hufu.payments.PaymentMade" });

        foreach (var reference in new[] { "one", "two", "three" }) await platform.Post("payments", new { payer = "alice", payee = "shop", amount = "1", reference });

        await good.Wait(3);
        Assert.All(good.Heard, one => Assert.True(one.IsSignedBy(first.GetProperty("secret").GetString()!)));
        Assert.All(good.Heard, one => Assert.False(one.IsSignedBy(second.GetProperty("secret").GetString()!)));
        Assert.Equal(["1000000", "1000000", "1000000"], good.Heard.Select(one => one.Json.GetProperty("data").GetProperty("amount").GetString()));
        Assert.Equal(good.Heard.Select(one => one.Id).Order(), good.Heard.Select(one => one.Id));
        Assert.All(good.Heard, one => Assert.Equal(("1.0", "hufu.payments.PaymentMade"), (one.Json.GetProperty("specversion").GetString(), one.Json.GetProperty("type").GetString())));

        await bad.Wait(2);
        var patience = DateTime.UtcNow.AddSeconds(20);
        while (DateTime.UtcNow < patience && !(await platform.Get($"webhooks/{second.GetProperty("id").GetString()}/deliveries")).EnumerateArray().All(one => one.GetProperty("state").GetString() == "dead")) await Task.Delay(50);
        var dead = (await platform.Get($"webhooks/{second.GetProperty("id").GetString()}/deliveries")).EnumerateArray().Single();
        Assert.Equal(("dead", 4), (dead.GetProperty("state").GetString(), dead.GetProperty("attempts").GetInt32()));
        Assert.Equal(2, bad.Heard.Count);

        var heard = good.Heard.Count;
        var (status, _) = await platform.SendAsync(HttpMethod.Post, $"/api/v1/webhooks/{first.GetProperty("id").GetString()}/replay", new { after = 0 });
        Assert.Equal(HttpStatusCode.Accepted, status);
        // Accepting the coin is an event of Payments as well, from before the subscription.
        await good.Wait(heard + 4);
        Assert.Contains(good.Heard.Skip(heard), one => one.Json.GetProperty("type").GetString() == "hufu.payments.TokenAccepted");
    }

    [Fact]
    public async Task What_falls_due_is_done_once()
    {
        await using var platform = await TestPlatform.StartAsync();
        await platform.Fund(("alice", "100"));
        await platform.Account("shop");
        await platform.Post("escrow", new { payer = "alice", payee = "shop", amount = "80", deadline = DateTimeOffset.UtcNow.AddHours(2) });
        await platform.Post("streams", new { payer = "alice", payee = "shop", amount = "10", stepSeconds = 60, steps = 10 });
        await platform.Chain.AskAsync("evm_increaseTime", [3 * 3600]);
        await platform.Chain.AskAsync("evm_mine", []);
        await platform.InStep();

        for (var i = 0; i < 2; i++)
            foreach (var job in new[] { "payments.refund-expired", "payments.collect-streams", "clearing.settle" }) await platform.Post($"jobs/{job}/run", new { });

        Assert.Equal(("closed", "80.000000"), (await platform.Get("escrow/0") is var deal ? deal.GetProperty("state").GetString() : "", deal.GetProperty("refunded").GetString()));
        Assert.Equal("closed", (await platform.Get("streams/0")).GetProperty("state").GetString());
        Assert.Equal("10.000000", (await platform.Get("accounts/shop/statement")).GetProperty("closing").GetString());
        Assert.Equal(2, (await platform.Get("commands?limit=500")).EnumerateArray().Count(one => one.GetProperty("kind").GetString() is "jobs.refundExpired" or "jobs.collect"));
        var (status, state) = await platform.SendAsync(HttpMethod.Put, "/api/v1/jobs/clearing.settle", new { isOn = true, everySeconds = 60 });
        Assert.True(status == HttpStatusCode.OK && state.GetProperty("isOn").GetBoolean());
    }

    [Fact]
    public async Task What_strangers_put_on_the_chain_hides_nothing_and_makes_nobody_here_pay_for_it()
    {
        await using var platform = await TestPlatform.StartAsync();
        await platform.Fund(("alice", "100"));
        var shop = await platform.Account("shop");
        await platform.Post("escrow", new { payer = "alice", payee = "shop", amount = "80", deadline = DateTimeOffset.UtcNow.AddHours(2) });
        // Deadlines beyond all calendars, to people who never asked for it.
        using var stranger = new TransactionSender(platform.Chain, Signer.FromSecret(DevAccounts.Secrets(2)[1]));
        var made = platform.Rooms.Registry.Current!;
        var coin = new StablecoinContract(platform.Chain, made["Stablecoin"]);
        var (escrow, streams) = (new EscrowContract(platform.Chain, made["Escrow"]), new StreamsContract(platform.Chain, made["Streams"]));
        await platform.Post("stablecoin/mints", new { to = stranger.Address.ToString(), amount = "1" });
        foreach (var spender in new[] { "Escrow", "Streams" }) await stranger.ExecuteAsync(coin.Approve(made[spender], UInt256.MaxValue));
        await stranger.ExecuteAsync(escrow.Open(made["Stablecoin"], shop, 1, default, default, ulong.MaxValue));
        await stranger.ExecuteAsync(streams.Open(made["Stablecoin"], shop, 1, ulong.MaxValue, uint.MaxValue, uint.MaxValue));
        await stranger.ExecuteAsync(escrow.Open(made["Stablecoin"], shop, 1, default, default, (ulong)DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()));
        await platform.InStep();

        Assert.Equal(3, (await platform.Get("escrow")).GetArrayLength());
        Assert.Equal(1, (await platform.Get("streams")).GetArrayLength());
        await platform.Chain.AskAsync("evm_increaseTime", [3 * 3600]);
        await platform.Chain.AskAsync("evm_mine", []);
        await platform.InStep();
        await platform.Post("jobs/payments.refund-expired/run", new { });
        await platform.Post("jobs/payments.collect-streams/run", new { });
        Assert.Equal("closed", (await platform.Get("escrow/0")).GetProperty("state").GetString());
        Assert.Equal("open", (await platform.Get("escrow/2")).GetProperty("state").GetString());
        await platform.RebuiltAlike();
    }

    [Fact]
    public async Task A_rule_of_policy_switches_a_service_off_until_it_ends()
    {
        await using var platform = await TestPlatform.StartAsync();
        await platform.Fund(("alice", "100"));
        await platform.Account("shop");
        var until = DateTimeOffset.UtcNow.AddSeconds(4);
        await platform.Post("policy/rules", new { act = "payments.*", reason = "jurisdiction", words = "Payments are not offered here.", until }, "off");

        // Not one endpoint of it is left.
        foreach (var path in new[] { "payments", "escrow", "streams", "clearing/positions", "accounts/alice/statement" })
            Assert.Equal(HttpStatusCode.UnavailableForLegalReasons, (await platform.SendAsync(HttpMethod.Get, "/api/v1/" + path)).Status);
        var problem = await platform.Refused(HttpStatusCode.UnavailableForLegalReasons, "payments", new { payer = "alice", payee = "shop", amount = "1", reference = "r" });
        Assert.Equal("urn:hufu:problem:policy-jurisdiction", problem.GetProperty("type").GetString());
        await platform.Get("stablecoin");

        await Task.Delay(until - DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(200));
        await platform.Post("payments", new { payer = "alice", payee = "shop", amount = "1", reference = "r" });
        var alice = await platform.Account("alice");
        await platform.Post("policy/rules", new { act = "payments.pay", reason = "sanctions", account = alice.ToString() }, "alice");
        await platform.Post("policy/rules", new { act = "escrow.*", reason = "sanctions", account = alice.ToString() }, "alice-escrow");
        await platform.Refused(HttpStatusCode.UnavailableForLegalReasons, "escrow", new { payer = "alice", payee = "shop", amount = "1", deadline = DateTimeOffset.UtcNow.AddDays(1) });
        await platform.Refused(HttpStatusCode.UnavailableForLegalReasons, "payments", new { payer = "alice", payee = "shop", amount = "1", reference = "r2" });
        Assert.Equal(HttpStatusCode.NoContent, (await platform.SendAsync(HttpMethod.Delete, "/api/v1/policy/rules/alice")).Status);
        await platform.Post("payments", new { payer = "alice", payee = "shop", amount = "1", reference = "r2" });
    }

    [Fact]
    public async Task A_key_opens_the_acts_it_names_and_every_change_is_in_the_audit_log()
    {
        var file = Path.GetTempFileName();
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var (all, till) = (new string('a', 40), new string('t', 40));
        await File.WriteAllTextAsync(file, $$"""{ "keys": [ { "name": "owner", "key": "{{all}}", "acts": ["*"] }, { "name": "till", "sha256": "{{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(till)))}}", "acts": ["accounts.open", "payments.pay"] }, { "name": "gone", "key": "{{new string('g', 40)}}", "acts": ["*"], "until": "2020-01-01T00:00:00Z" } ] }""");
        Assert.True(ServiceKeys.TryRead(file, out var keys, out var refusal), refusal?.ToString());
        File.Delete(file);
        await using var platform = await TestPlatform.StartAsync(options => options with { Keys = keys });

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.SendAsync(HttpMethod.Get, "/api/v1/platform")).Status);
        platform.Bearer = new string('g', 40);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.SendAsync(HttpMethod.Get, "/api/v1/platform")).Status);
        platform.Bearer = till;
        foreach (var name in new[] { "shop", "alice" }) await platform.Account(name);
        Assert.Equal("urn:hufu:problem:not-allowed", (await platform.Refused(HttpStatusCode.Forbidden, "stablecoin/reserve/attestations", new { amount = "1000", report = "r" })).GetProperty("type").GetString());
        platform.Bearer = all;
        await platform.Fund(("alice", "100"), ("bob", "100"));
        platform.Bearer = till;
        // A key signs with the accounts that were opened with it, not with those of others.
        Assert.Contains("opened by somebody else", (await platform.Refused(HttpStatusCode.Forbidden, "payments", new { payer = "bob", payee = "shop", amount = "1", reference = "not mine" })).GetProperty("why").GetString());
        await platform.Post("payments", new { payer = "alice", payee = "shop", amount = "1", reference = "by the till" });

        var lines = (await platform.Get("audit")).EnumerateArray().ToArray();
        Assert.Equal(("till", "/api/v1/payments", 201), (lines[0].GetProperty("caller").GetString(), lines[0].GetProperty("path").GetString(), lines[0].GetProperty("status").GetInt32()));
        Assert.Contains(lines, line => line.GetProperty("status").GetInt32() == 403 && line.GetProperty("caller").GetString() == "till");
        Assert.Null(platform.Rooms.Audit.FirstBroken());
        await platform.Rooms.Database.WriteAsync(session => session.Execute($"UPDATE audit_line SET caller = 'nobody' WHERE number = 2"));
        Assert.Equal(2, platform.Rooms.Audit.FirstBroken()!.Number);
    }

    [Fact]
    public async Task Without_keys_it_listens_for_this_machine_alone()
    {
        var (platform, refusal) = await Platform.StartAsync(new PlatformOptions { Chain = (await TestChain.StartAsync()).Client, Key = CustodyKey.New(), Host = IPAddress.Any, Port = 0 });
        Assert.Null(platform);
        Assert.Contains("--service-keys", refusal!.Mend);
    }

    /// <summary>A subscriber: what it took, in the order it came.</summary>
    sealed class Receiver : IAsyncDisposable
    {
        readonly HttpListener _listener = new();
        readonly Task _loop;

        public Receiver(Func<JsonElement, HttpStatusCode> answer)
        {
            Url = $"http://127.0.0.1:{FreePorts.One()}/";
            _listener.Prefixes.Add(Url);
            _listener.Start();
            _loop = Task.Run(async () =>
            {
                while (_listener.IsListening)
                {
                    try
                    {
                        var context = await _listener.GetContextAsync();
                        using var body = new MemoryStream();
                        await context.Request.InputStream.CopyToAsync(body);
                        var notice = new HeardNotice(context.Request.Headers["webhook-id"]!, context.Request.Headers["webhook-timestamp"]!, context.Request.Headers["webhook-signature"]!, body.ToArray());
                        var status = answer(notice.Json);
                        if ((int)status < 300) Heard.Enqueue(notice);
                        context.Response.StatusCode = (int)status;
                        context.Response.Close();
                    }
                    catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
                    {
                        return;
                    }
                }
            });
        }

        public string Url { get; }
        public ConcurrentQueue<HeardNotice> Heard { get; } = new();

        public async Task Wait(int count)
        {
            var patience = DateTime.UtcNow.AddSeconds(30);
            while (Heard.Count < count && DateTime.UtcNow < patience) await Task.Delay(20);
            Assert.True(Heard.Count >= count, $"{Heard.Count} of {count} notices came");
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _loop;
        }
    }

    sealed record HeardNotice(string IdText, string Timestamp, string Signature, byte[] Body)
    {
        public long Id => long.Parse(IdText);
        public JsonElement Json { get; } = JsonSerializer.Deserialize<JsonElement>(Body);

        public bool IsSignedBy(string secret) =>
            Signature == "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), (byte[])[.. Encoding.UTF8.GetBytes($"{IdText}.{Timestamp}."), .. Body]));
    }
}
