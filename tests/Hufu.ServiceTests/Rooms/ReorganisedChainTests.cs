using System.Net;
using Hufu.Client;
using Hufu.Node;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests;

/// <summary>On a chain that takes blocks back, and on one that leaves a transaction waiting: a payment is final when it is deep enough, and made once.</summary>
public sealed class ReorganisedChainTests
{
    [Fact]
    public async Task A_payment_that_is_taken_back_comes_again_and_is_made_once()
    {
        await using var platform = await TestPlatform.StartAsync(options => options with { Commands = new CommandOptions { Confirmations = 3, Patience = TimeSpan.FromMilliseconds(300), PollEvery = TimeSpan.FromMilliseconds(50) } });
        await MineWhileAsync(platform, async () => await platform.Fund(("alice", "100"), ("shop", "1")));

        var (status, answer) = await platform.SendAsync(HttpMethod.Post, "/api/v1/payments", new { payer = "alice", payee = "shop", amount = "7", reference = "once" }, "pay-1");
        Assert.Equal(HttpStatusCode.Accepted, status);
        // It is in a block, but not deep enough; then the block is taken back, with what was in it.
        var command = answer.GetProperty("id").GetString()!;
        await WaitAsync(async () => (await platform.Get($"commands/{command}")).TryGetProperty("transaction", out var hash) && await platform.Chain.GetReceiptAsync(Primitives.Hash256.Parse(hash.GetString()!)) is not null);
        Assert.Equal("signed", (await platform.Get($"commands/{command}")).GetProperty("state").GetString());
        await platform.Chain.AskAsync("anvil_rollback", [1]);
        // Asked again under its key, it is the same payment.
        await platform.SendAsync(HttpMethod.Post, "/api/v1/payments", new { payer = "alice", payee = "shop", amount = "7", reference = "once" }, "pay-1");
        await MineWhileAsync(platform, () => WaitAsync(async () => (await platform.Get($"commands/{command}")).GetProperty("state").GetString() is "final" or "failed"));

        Assert.Equal("final", (await platform.Get($"commands/{command}")).GetProperty("state").GetString());
        await platform.InStep();
        Assert.Single((await platform.Get("payments?payee=shop")).EnumerateArray());
        Assert.Equal("8.000000", (await platform.Get("accounts/shop/statement")).GetProperty("closing").GetString());
        await platform.RebuiltAlike();
    }

    [Fact]
    public async Task A_transaction_that_nobody_takes_up_is_offered_for_more_and_one_of_its_forms_counts()
    {
        await using var platform = await TestPlatform.StartAsync(options => options with { Commands = new CommandOptions { RaiseAfter = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromMilliseconds(300), PollEvery = TimeSpan.FromMilliseconds(50) } });
        await platform.Fund(("alice", "100"), ("shop", "1"));
        await platform.Chain.AskAsync("evm_setAutomine", [false]);
        var (_, answer) = await platform.SendAsync(HttpMethod.Post, "/api/v1/payments", new { payer = "alice", payee = "shop", amount = "7", reference = "stuck" }, "pay-1");
        var command = answer.GetProperty("id").GetString()!;

        // Every few seconds it is signed anew for a higher fee, under the same nonce.
        var forms = 0L;
        await WaitAsync(() => Task.FromResult((forms = platform.Rooms.Database.Read(session => session.Count($"SELECT COUNT(*) FROM {CommandTable.Forms} WHERE command = {command}"))) >= 3));
        await platform.Chain.AskAsync("evm_setAutomine", [true]);
        await platform.Chain.AskAsync("evm_mine", []);
        await WaitAsync(async () => (await platform.Get($"commands/{command}")).GetProperty("state").GetString() is "final" or "failed");

        Assert.Equal("final", (await platform.Get($"commands/{command}")).GetProperty("state").GetString());
        await platform.InStep();
        Assert.Equal("8.000000", (await platform.Get("accounts/shop/statement")).GetProperty("closing").GetString());
        Assert.Single((await platform.Get("payments?payee=shop")).EnumerateArray());
    }

    [Fact]
    public async Task Another_platform_uses_the_contracts_that_a_registry_names()
    {
        await using var chain = await TestChain.StartAsync();
        await using var first = await TestPlatform.StartAsync(chain: chain);
        await first.Fund(("alice", "100"));
        var contracts = (await first.Get("platform")).GetProperty("contracts").EnumerateArray().ToDictionary(one => one.GetProperty("name").GetString()!, one => Primitives.Address.Parse(one.GetProperty("address").GetString()!));

        await using var second = await TestPlatform.StartAsync(options => options with { Registry = contracts["Registry"] }, chain);
        await second.InStep();
        Assert.Equal(contracts, (await second.Get("platform")).GetProperty("contracts").EnumerateArray().ToDictionary(one => one.GetProperty("name").GetString()!, one => Primitives.Address.Parse(one.GetProperty("address").GetString()!)));
        // What the first did, the second knows; and it can do more.
        var supply = (await first.Get("stablecoin")).GetProperty("supply").GetString();
        Assert.Equal(supply, (await second.Get("stablecoin")).GetProperty("supply").GetString());
        await second.Account("bob");
        await second.Post("stablecoin/mints", new { to = "bob", amount = "5" });

        var (none, refusal) = await Platform.StartAsync(new PlatformOptions { Chain = chain.Client, Key = CustodyKey.New(), Operator = Signer.FromSecret(DevAccounts.Secrets(1)[0]), Port = 0, Registry = contracts["Payments"] });
        Assert.Null(none);
        Assert.Contains("is no registry of these services", refusal!.What);
    }

    // Confirmations need blocks, which a development chain makes only when there is something to do.
    static async Task MineWhileAsync(TestPlatform platform, Func<Task> work)
    {
        var working = work();
        while (!working.IsCompleted)
        {
            await platform.Chain.AskAsync("evm_mine", []);
            await Task.Delay(30);
        }
        await working;
    }

    static async Task WaitAsync(Func<Task<bool>> isSo)
    {
        var patience = DateTime.UtcNow.AddSeconds(60);
        while (!await isSo())
        {
            Assert.True(DateTime.UtcNow < patience, "it did not come to that in a minute");
            await Task.Delay(50);
        }
    }
}
