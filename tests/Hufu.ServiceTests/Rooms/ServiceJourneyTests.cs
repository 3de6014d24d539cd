using System.Net;
using System.Text.Json;
using Hufu.Client;
using Hufu.Primitives;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests;

/// <summary>What a payment company does on its first day, over REST alone: the same on our chain and on another's, remembered by either database.</summary>
public sealed class ServiceJourneyTests
{
    [Fact]
    public async Task The_first_day_on_a_chain_of_our_own()
    {
        await using var platform = await TestPlatform.StartAsync();
        await FirstDay(platform);
        await platform.RebuiltAlike();
    }

    [Fact]
    public async Task The_first_day_remembered_by_PostgreSQL()
    {
        await using var postgres = await TestPostgres.StartAsync();
        await using var platform = await TestPlatform.StartAsync(options => options with { Postgres = postgres.ConnectionString });
        await FirstDay(platform);
        Assert.Equal("postgresql", (await platform.Get("platform")).GetProperty("database").GetString());
        // What PostgreSQL remembers of the day is, row for row, what SQLite makes of the same blocks.
        await platform.RebuiltAlike();
    }

    [Fact]
    public async Task The_first_day_on_anvil()
    {
        await using var anvil = await TestAnvil.StartAsync();
        await using var chain = await TestChain.ConnectAsync(anvil.Url);
        await using var platform = await TestPlatform.StartAsync(chain: chain);
        await FirstDay(platform);
        await platform.RebuiltAlike();
    }

    static async Task FirstDay(TestPlatform platform)
    {
        Assert.False((await platform.Get("platform")).GetProperty("isSetUp").GetBoolean());
        Assert.Equal(0ul, await platform.Chain.GetBlockNumberAsync());

        await platform.Fund(("alice", "2500.00"), ("bank-a", "5000"), ("bank-b", "7000"));
        var shop = await platform.Account("shop");
        await Pays(platform, shop);
        await Clears(platform);
        await HoldsInEscrow(platform);
        await Streams(platform);
        await Redeems(platform);
        await Freezes(platform);

        var report = await platform.Get("stablecoin");
        Assert.Equal("14450.000000", report.GetProperty("supply").GetString());
        Assert.True(report.GetProperty("isCovered").GetBoolean());
        await Owes(platform, UInt256.Parse("14450000000"));
    }

    static async Task Pays(TestPlatform platform, Address shop)
    {
        var request = new { payer = "alice", payee = "shop", amount = "12.50", reference = "INV-2026-0117" };
        var first = await platform.Post("payments", request, "first");
        var again = await platform.Post("payments", request, "first");
        Assert.Equal(first.ToString(), again.ToString());
        Assert.Equal("idempotency-key-reused", Code(await platform.Refused(HttpStatusCode.Conflict, "payments", request with { amount = "13.00" }, "first")));
        Assert.Contains("paid this payee under this reference before", (await platform.Refused(HttpStatusCode.UnprocessableEntity, "payments", request)).GetProperty("why").GetString());
        Assert.Contains("has less than that", (await platform.Refused(HttpStatusCode.UnprocessableEntity, "payments", request with { amount = "99999", reference = "too much" })).GetProperty("why").GetString());
        await platform.Refused(HttpStatusCode.BadRequest, "payments", request with { amount = "1.1234567", reference = "too fine" });
        await platform.Refused(HttpStatusCode.BadRequest, "payments", request with { amount = "-1", reference = "below nothing" });

        var found = (await platform.Get("payments?reference=INV-2026-0117")).EnumerateArray().Single();
        Assert.Equal(first.GetProperty("id").GetString(), found.GetProperty("id").GetString());
        var statement = await platform.Get("accounts/shop/statement");
        Assert.Equal(("12.500000", "INV-2026-0117", "credit"), (statement.GetProperty("closing").GetString(), statement.GetProperty("entries")[0].GetProperty("reference").GetString(), statement.GetProperty("entries")[0].GetProperty("direction").GetString()));
        Assert.Equal(UInt256.Parse("12500000"), await platform.Rooms.Tokens.BalanceAsync(platform.Rooms.Registry.Current!["Stablecoin"], shop));

        Assert.True(TallyFile.TryVerify(await platform.File(first.GetProperty("tally").GetString()!), null, out var fact, out var refusal), refusal?.ToString());
        Assert.Contains("PaymentMade", fact.English);

        // A long reference stands on the chain by its hash, and comes back as it was written.
        const string Long = "8a562c67-ca16-48ba-b074-65581be6f001/part 2";
        Assert.Equal(Long, (await platform.Post("payments", request with { reference = Long })).GetProperty("reference").GetString());
        await PaysFromAWalletOfHisOwn(platform);
    }

    static async Task PaysFromAWalletOfHisOwn(TestPlatform platform)
    {
        var wallet = Cast.Person("a wallet of his own");
        await platform.Post("stablecoin/mints", new { to = wallet.Address.ToString(), amount = "20" });
        var request = new { payer = wallet.Address.ToString(), payee = "shop", amount = "5", reference = "by wallet" };
        await platform.Refused(HttpStatusCode.BadRequest, "payments", request);
        var draft = await platform.Post("payments/drafts", request);
        Assert.True(TypedData.TryParse(draft.GetProperty("typedData").ToString(), out var typed, out var refusal), refusal?.ToString());
        var authorization = new { salt = draft.GetProperty("salt").GetString(), validAfter = 0, validBefore = draft.GetProperty("validBefore").GetUInt64(), signature = Hex.Encode(wallet.Sign(typed).ToBytes()) };
        // Whoever sends it in changes neither the payee nor the reference.
        await platform.Refused(HttpStatusCode.UnprocessableEntity, "payments", new { request.payer, payee = "bank-a", request.amount, request.reference, authorization });
        await platform.Refused(HttpStatusCode.UnprocessableEntity, "payments", new { request.payer, request.payee, request.amount, reference = "another", authorization });
        Assert.Equal("5.000000", (await platform.Post("payments", new { request.payer, request.payee, request.amount, request.reference, authorization })).GetProperty("amount").GetString());
        Assert.Equal(UInt256.Zero, await platform.Chain.GetBalanceAsync(wallet.Address));
    }

    static async Task Clears(TestPlatform platform)
    {
        foreach (var bank in new[] { "bank-a", "bank-b" }) await platform.Post("clearing/participants", new { account = bank });
        await platform.Post("clearing/deposits", new { participant = "bank-a", amount = "1000" });
        await platform.Post("clearing/obligations", new { debtor = "bank-a", creditor = "bank-b", amount = "900", reference = "one" });
        await platform.Post("clearing/obligations", new { debtor = "bank-b", creditor = "bank-a", amount = "850", reference = "two" });
        await platform.Post("clearing/obligations", new { debtor = "bank-b", creditor = "bank-a", amount = "8500", reference = "not covered" });
        var cycle = await platform.Post("clearing/cycles", new { }, "cycle 1");
        Assert.Equal(2, cycle.GetProperty("obligations").GetInt32());
        Assert.Equal("1750.000000", cycle.GetProperty("gross")[0].GetProperty("amount").GetString());
        Assert.Equal(["-50.000000", "50.000000"], cycle.GetProperty("nets").EnumerateArray().Select(net => net.GetProperty("net").GetString()).Order(StringComparer.Ordinal));
        var waiting = (await platform.Get("clearing/obligations")).EnumerateArray().Single();
        Assert.Equal(("not covered", "waiting"), (waiting.GetProperty("reference").GetString(), waiting.GetProperty("state").GetString()));
        await platform.Refused(HttpStatusCode.UnprocessableEntity, "clearing/cycles", new { });
        await platform.Post("clearing/withdrawals", new { participant = "bank-b", amount = "50" });
    }

    static async Task HoldsInEscrow(TestPlatform platform)
    {
        var deal = await platform.Post("escrow", new { payer = "alice", payee = "shop", amount = "80", deadline = DateTimeOffset.UtcNow.AddDays(30), arbiter = "court" is var court && await platform.Account(court) is var _ ? court : "" });
        var id = deal.GetProperty("id").GetUInt64();
        Assert.Equal("40.000000", (await platform.Post($"escrow/{id}/release", new { amount = "40" })).GetProperty("held").GetString());
        Assert.Contains("deadline has not passed", (await platform.Refused(HttpStatusCode.UnprocessableEntity, $"escrow/{id}/refund", new { account = "alice" })).GetProperty("why").GetString());
        Assert.Equal("disputed", (await platform.Post($"escrow/{id}/dispute", new { account = "alice", evidence = "photographs" })).GetProperty("state").GetString());
        var over = await platform.Post($"escrow/{id}/arbitrate", new { toPayee = "30" });
        Assert.Equal(("70.000000", "10.000000", "closed"), (over.GetProperty("released").GetString(), over.GetProperty("refunded").GetString(), over.GetProperty("state").GetString()));
    }

    static async Task Streams(TestPlatform platform)
    {
        var stream = await platform.Post("streams", new { payer = "alice", payee = "shop", amount = "100", stepSeconds = 1, steps = 100, start = DateTimeOffset.UtcNow.AddDays(-1) });
        Assert.Equal("closed", (await platform.Post($"streams/{stream.GetProperty("id")}/withdraw", new { })).GetProperty("state").GetString());
        var slow = await platform.Post("streams", new { payer = "alice", payee = "shop", amount = "100", stepSeconds = 3600, steps = 100, start = DateTimeOffset.UtcNow.AddDays(1) });
        var cancelled = await platform.Post($"streams/{slow.GetProperty("id")}/cancel", new { });
        Assert.Equal(("100.000000", "closed"), (cancelled.GetProperty("returned").GetString(), cancelled.GetProperty("state").GetString()));
    }

    static async Task Redeems(TestPlatform platform)
    {
        var first = await platform.Post("stablecoin/redemptions", new { holder = "shop", amount = "70", bankAccount = "DE89370400440532013000" });
        Assert.Equal("DE89370400440532013000", first.GetProperty("bankAccount").GetString());
        Assert.Equal("paid", (await platform.Post($"stablecoin/redemptions/{first.GetProperty("id")}/settle", new { payment = "pacs.008 number 17" })).GetProperty("state").GetString());
        var second = await platform.Post("stablecoin/redemptions", new { holder = "shop", amount = "1", bankAccount = "closed" });
        Assert.Equal("returned", (await platform.Post($"stablecoin/redemptions/{second.GetProperty("id")}/return", new { reason = "account closed" })).GetProperty("state").GetString());
    }

    static async Task Freezes(TestPlatform platform)
    {
        var entered = await platform.Post("stablecoin/orders", new { kind = "freeze", account = "shop", document = "Court 17" });
        Assert.Contains("frozen by a lawful order", (await platform.Refused(HttpStatusCode.UnprocessableEntity, "payments", new { payer = "alice", payee = "shop", amount = "1", reference = "while frozen" })).GetProperty("why").GetString());
        var document = entered.GetProperty("document").GetString();
        var officer = entered.GetProperty("officer").GetString();
        Assert.Contains("cannot confirm", (await platform.Refused(HttpStatusCode.UnprocessableEntity, $"stablecoin/orders/{document}/confirm", new { officer })).GetProperty("why").GetString());
        Assert.Equal("confirmed", (await platform.Post($"stablecoin/orders/{document}/confirm", new { })).GetProperty("state").GetString());
        Assert.Single((await platform.Get("stablecoin/frozen")).EnumerateArray());
    }

    static async Task Owes(TestPlatform platform, UInt256 supply)
    {
        var root = await platform.Get("stablecoin/liabilities");
        var sum = new Sum(Hash256.Parse(root.GetProperty("root").GetString()!), UInt256.Parse(root.GetProperty("units").GetString()!));
        Assert.Equal(supply, sum.Amount);
        var service = platform.Platform.Services.OfType<StablecoinService>().Single();
        var tree = new Liabilities(service.Index.Holders());
        foreach (var (account, balance) in service.Index.Holders())
        {
            var proof = tree.Prove(account)!;
            Assert.True(Liabilities.Holds(proof, sum));
            Assert.False(Liabilities.Holds(proof with { Balance = balance + 1 }, sum));
        }
        Assert.Equal(await platform.Rooms.Tokens.SupplyAsync(platform.Rooms.Registry.Current!["Stablecoin"]), sum.Amount);
    }

    static string Code(JsonElement problem) => problem.GetProperty("type").GetString()!["urn:hufu:problem:".Length..];
}
