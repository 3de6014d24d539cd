using System.Net;
using System.Text.Json;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests.Jobs;

/// <summary>On a chain that runs jobs by itself, what falls due happens whether the platform runs or not, once.</summary>
public sealed class ChainJobsTests
{
    [Fact]
    public async Task What_the_platform_told_the_chain_happens_while_no_platform_runs()
    {
        await using var chain = await TestChain.StartAsync(runsJobs: true);
        var (folder, key) = (Directory.CreateTempSubdirectory("hufu-jobs-").FullName, CustodyKey.New());
        PlatformOptions Options(PlatformOptions options) => options with { DataFolder = folder, Key = key };
        try
        {
            await using (var platform = await TestPlatform.StartAsync(Options, chain))
            {
                await platform.Fund(("alice", "1000"));
                await platform.Account("shop");
                await platform.Post("escrow", new { payer = "alice", payee = "shop", amount = "80", deadline = DateTimeOffset.UtcNow.AddHours(2) });
                await platform.Post("escrow", new { payer = "alice", payee = "shop", amount = "5", deadline = DateTimeOffset.UtcNow.AddHours(3) });
                await platform.Post("streams", new { payer = "alice", payee = "shop", amount = "10", stepSeconds = 3600, steps = 10 });
                await platform.Post("stablecoin/redemptions", new { holder = "alice", amount = "7", bankAccount = "DE02120300000000202051" });
                var (status, job) = await platform.SendAsync(HttpMethod.Put, "/api/v1/jobs/payments.collect-streams", new { isOn = true });
                Assert.True(status == HttpStatusCode.OK && job.GetProperty("runsInBlock").GetBoolean());

                await Until(platform, waiting => waiting == 4);
                // One that is not to be done any more is taken back.
                await platform.Post("escrow/1/release", new { });
                await Until(platform, waiting => waiting == 3);
            }

            // Nobody but the chain: six days go by, and a block comes.
            await chain.Client.AskAsync("evm_increaseTime", [6 * 24 * 3600]);
            await chain.Client.AskAsync("evm_mine", []);

            await using (var platform = await TestPlatform.StartAsync(Options, chain))
            {
                await platform.InStep();
                var deal = await platform.Get("escrow/0");
                Assert.Equal(("closed", "80.000000"), (deal.GetProperty("state").GetString(), deal.GetProperty("refunded").GetString()));
                Assert.Equal("closed", (await platform.Get("streams/0")).GetProperty("state").GetString());
                Assert.Equal("15.000000", (await platform.Get("accounts/shop/statement")).GetProperty("closing").GetString());
                var redemption = platform.Platform.Services.OfType<StablecoinService>().Single().Index.Redemption(1);
                Assert.NotNull(redemption?.NotedAt);

                var jobs = await platform.Get("jobs/scheduled");
                var ran = jobs.GetProperty("latest").EnumerateArray().Where(one => one.GetProperty("runsDone").GetUInt64() > 0).ToArray();
                Assert.Equal(3, ran.Length);
                Assert.All(ran, one => Assert.True(one.GetProperty("runsDone").GetUInt64() == 1 && one.GetProperty("succeeded").GetBoolean(), one.ToString()));
                // All of them in one transaction, the first of its block, and proved by an ordinary tally.
                var transactions = ran.Select(one => one.GetProperty("lastTransaction").GetString()!).Distinct().ToArray();
                Assert.True(transactions.Length == 1, jobs.ToString());
                var transaction = transactions[0];
                var receipt = await platform.Chain.GetReceiptAsync(Hufu.Primitives.Hash256.Parse(transaction));
                Assert.Equal(0, receipt!.TransactionIndex);
                Assert.Contains("EscrowRefunded", JsonSerializer.Serialize(await platform.Get($"transactions/{transaction}/tally")), StringComparison.Ordinal);

                // The stream has ended: what is left of its job is taken back, and nothing comes again.
                await Until(platform, waiting => waiting == 0);
                await chain.Client.AskAsync("evm_increaseTime", [3 * 24 * 3600]);
                await chain.Client.AskAsync("evm_mine", []);
                await platform.InStep();
                Assert.Equal(80, decimal.Parse((await platform.Get("escrow/0")).GetProperty("refunded").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
                await platform.RebuiltAlike();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_job_that_is_switched_off_is_taken_back_from_the_chain_and_told_to_it_again()
    {
        await using var chain = await TestChain.StartAsync(runsJobs: true);
        await using var platform = await TestPlatform.StartAsync(chain: chain);
        await platform.Fund(("alice", "100"));
        await platform.Account("shop");
        await platform.Post("escrow", new { payer = "alice", payee = "shop", amount = "80", deadline = DateTimeOffset.UtcNow.AddHours(2) });
        await Until(platform, waiting => waiting == 1);
        await platform.SendAsync(HttpMethod.Put, "/api/v1/jobs/payments.refund-expired", new { isOn = false });
        await Until(platform, waiting => waiting == 0);
        await platform.SendAsync(HttpMethod.Put, "/api/v1/jobs/payments.refund-expired", new { isOn = true });
        await Until(platform, waiting => waiting == 1);
        await platform.Chain.AskAsync("evm_increaseTime", [3 * 3600]);
        await platform.Chain.AskAsync("evm_mine", []);
        await platform.InStep();
        Assert.Equal("closed", (await platform.Get("escrow/0")).GetProperty("state").GetString());
    }

    static async Task Until(TestPlatform platform, Func<int, bool> isThere)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        JsonElement jobs = default;
        while (DateTime.UtcNow < deadline)
        {
            jobs = await platform.Get("jobs/scheduled");
            if (isThere(jobs.GetProperty("waiting").GetArrayLength())) return;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        Assert.Fail($"the chain was not told: {jobs} {await platform.Get("jobs")} {await platform.Get("commands?limit=10")}");
    }
}
