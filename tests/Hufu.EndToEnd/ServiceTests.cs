using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Hufu.Client;
using Hufu.Primitives;
using Hufu.Services;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>The platform in real processes, as its users run it.</summary>
public sealed class ServiceTests
{
    // With HUFU_KILLS=200 it is the long run.
    static int Kills { get; } = int.TryParse(Environment.GetEnvironmentVariable("HUFU_KILLS"), out var kills) ? kills : 4;

    [Fact]
    public async Task Killed_at_random_moments_under_load_no_payment_is_lost_and_none_is_made_twice()
    {
        using var folder = new TemporaryFolder();
        var port = HufuProcess.FreePort();
        var random = new Random(17);
        var (asked, acknowledged) = (new ConcurrentDictionary<string, bool>(), new ConcurrentDictionary<string, bool>());
        var hufu = await HufuProcess.Up(folder.Path, "--console-port", port.ToString());
        try
        {
            using (var api = await ServiceApi.ConnectAsync(port))
            {
                await api.Post("stablecoin/reserve/attestations", new { amount = "1000000", report = "first" }, "reserve");
                foreach (var name in new[] { "alice", "shop" }) await api.Post("accounts", new { name }, name);
                await api.Post("stablecoin/mints", new { to = "alice", amount = "50000" }, "mint");
            }
            for (var round = 0; round < Kills; round++)
            {
                using (var api = await ServiceApi.ConnectAsync(port))
                {
                    var load = Enumerable.Range(0, 16).Select(worker => PayUntilItEnds(api, $"{round}-{worker}", asked, acknowledged)).ToArray();
                    await Task.Delay(random.Next(150, 1500));
                    await hufu.Kill();
                    await Task.WhenAll(load);
                }
                await hufu.DisposeAsync();
                hufu = await HufuProcess.Up(folder.Path, "--console-port", port.ToString());
            }
            await Compare(hufu, port, asked, acknowledged);
        }
        finally
        {
            await hufu.DisposeAsync();
        }
    }

    static async Task PayUntilItEnds(ServiceApi api, string name, ConcurrentDictionary<string, bool> asked, ConcurrentDictionary<string, bool> acknowledged)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                var key = $"{name}-{i}";
                asked[key] = true;
                var status = await api.Pay(key);
                if (status == HttpStatusCode.Created) acknowledged[key] = true;
            }
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException or IOException)
        {
            // The process is gone.
        }
    }

    static async Task Compare(HufuProcess hufu, int port, ConcurrentDictionary<string, bool> asked, ConcurrentDictionary<string, bool> acknowledged)
    {
        Assert.NotEmpty(acknowledged);
        using var api = await ServiceApi.ConnectAsync(port);
        // Whoever had no answer asks again under the same key.
        await Parallel.ForEachAsync(asked.Keys, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (key, _) =>
        {
            var status = await api.Pay(key);
            Assert.True(status == HttpStatusCode.Created, $"{key}: {status}");
        });
        var commands = await api.Get("commands?limit=500");
        Assert.DoesNotContain(commands.EnumerateArray(), command => command.GetProperty("state").GetString() is "accepted" or "signed" or "failed");

        await using var chain = await ChainClient.ConnectAsync(new Uri(hufu.Url));
        var platform = await api.Get("platform");
        var contracts = platform.GetProperty("contracts").EnumerateArray().ToDictionary(one => one.GetProperty("name").GetString()!, one => Address.Parse(one.GetProperty("address").GetString()!));
        // The ledger itself: every payment of every key once, and not one more.
        var made = await chain.GetLogsAsync(new LogQuery { From = BlockId.Earliest, Addresses = [contracts["Payments"]], Topics = PaymentsContract.PaymentMadeEvent.Filter() });
        var references = made.Select(log => References.TextOf(PaymentsContract.PaymentMadeEvent.Read(log.Log)!.Reference)).ToArray();
        Assert.Equal(asked.Keys.Order(), references.Order());
        var shop = Address.Parse((await api.Get("accounts")).EnumerateArray().First(one => one.GetProperty("name").GetString() == "shop").GetProperty("address").GetString()!);
        Assert.Equal((UInt256)asked.Count * 1_000_000, await new Tokens(chain).BalanceAsync(contracts["Stablecoin"], shop));
        Assert.Equal($"{asked.Count}.000000", (await api.Get("accounts/shop/statement?limit=1")).GetProperty("closing").GetString());

        await hufu.Kill();
        await IndexIsWhatTheLedgerGives(hufu, contracts);
    }

    // The index that was killed so often, against one made from the first block by a process of its own.
    static async Task IndexIsWhatTheLedgerGives(HufuProcess killed, Dictionary<string, Address> contracts)
    {
        var data = killed.DataFolder;
        await using var again = await HufuProcess.Up(data, "--no-services");
        await using var chain = await ChainClient.ConnectAsync(new Uri(again.Url));
        using var folder = new TemporaryFolder();
        await using var fresh = Database.OpenSqlite(Path.Combine(folder.Path, "fresh.db"));
        await using var kept = Database.OpenSqlite(Path.Combine(data, "services", "services.db"));
        var rooms = Rooms(chain, fresh);
        var index = new EventIndex(chain, fresh, [.. ServiceCatalog.All(rooms).SelectMany(service => service.Projections)]);
        await index.OpenAsync();
        using var stop = new CancellationTokenSource();
        var running = index.RunAsync(contracts, 0, stop.Token);
        await index.ReachAsync(await chain.GetBlockNumberAsync()).WaitAsync(TimeSpan.FromMinutes(2));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        foreach (var table in index.Tables)
        {
            string[] Rows(Database database) => database.Read(session => session.Query($"SELECT * FROM {table}", row => string.Join('|', Enumerable.Range(0, table.Columns.Count).Select(row.Value))).Order(StringComparer.Ordinal).ToArray());
            Assert.Equal(Rows(fresh), Rows(kept));
        }
    }

    static Rooms Rooms(ChainClient chain, Database database)
    {
        var custody = new Custody(database, CustodyKey.New());
        var commands = new CommandDesk(chain, database, custody);
        return new Rooms { Chain = chain, Database = database, Custody = custody, Commands = commands, Registry = new ContractRegistry(chain, database, custody, commands, default), Tallies = new TallyMaker(chain), Tokens = new Tokens(chain), Policy = new PolicyBook(database), Audit = new AuditLog(database), Courier = new Courier(TimeSpan.FromSeconds(5)), Operator = default };
    }

    [Fact]
    public async Task A_chain_alone_sees_no_block_and_no_nonce_of_the_services()
    {
        using var folder = new TemporaryFolder();
        await using var hufu = await HufuProcess.Up(folder.Path, "--console-port", "0");
        // JSON-RPC answers first; the platform stands a moment later.
        for (var i = 0; i < 300 && !hufu.Output.Contains("console", StringComparison.Ordinal); i++) await Task.Delay(100);
        Assert.Contains("console", hufu.Output);

        Assert.Equal("0x0", (await hufu.Call("eth_blockNumber")).GetString());
        foreach (var account in (await hufu.Call("eth_accounts")).EnumerateArray())
            Assert.Equal("0x0", (await hufu.Call("eth_getTransactionCount", account.GetString()!, "latest")).GetString());
        Assert.Equal(10, (await hufu.Call("eth_accounts")).GetArrayLength());
        Assert.Equal(0, await hufu.Stop());
    }

    [Fact]
    public async Task The_services_run_against_a_chain_of_another_process()
    {
        using var folder = new TemporaryFolder();
        await using var chain = await HufuProcess.Up(Path.Combine(folder.Path, "chain"), "--no-services");
        Assert.DoesNotContain("console", chain.Output);
        var keystore = Path.Combine(folder.Path, "operator.json");
        var password = Path.Combine(folder.Path, "password");
        await File.WriteAllTextAsync(password, "not a secret");
        await File.WriteAllTextAsync(keystore, Signer.FromSecret(Node.DevAccounts.Secrets(1)[0]).ToKeystore("not a secret", Crypto.Keystore.LightCost));
        var port = HufuProcess.FreePort();
        using var services = HufuProcess.Begin(["services", "--rpc", chain.Url, "--data", Path.Combine(folder.Path, "services"), "--operator", keystore, "--password-file", password, "--console-port", port.ToString(), "--json"]);
        try
        {
            var told = JsonSerializer.Deserialize<JsonElement>((await services.StandardOutput.ReadLineAsync())!);
            Assert.Equal($"http://127.0.0.1:{port}", told.GetProperty("console").GetString());
            using var api = await ServiceApi.ConnectAsync(port);
            await api.Post("stablecoin/reserve/attestations", new { amount = "100", report = "first" }, "reserve");
            foreach (var name in new[] { "alice", "shop" }) await api.Post("accounts", new { name }, name);
            await api.Post("stablecoin/mints", new { to = "alice", amount = "100" }, "mint");
            Assert.Equal(HttpStatusCode.Created, await api.Pay("one"));
            Assert.NotEqual("0x0", (await chain.Call("eth_blockNumber")).GetString());
        }
        finally
        {
            services.Kill();
            await services.WaitForExitAsync();
        }
    }
}
