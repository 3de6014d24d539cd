using System.Net;
using System.Text;
using CsCheck;
using Hufu.Client;
using Hufu.Primitives;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests;

/// <summary>What the shared rooms promise.</summary>
public sealed class RoomsTests
{
    [Fact]
    public void The_contract_clients_are_what_the_generator_writes()
    {
        foreach (var artifact in Directory.EnumerateFiles(SharedFolder.Repository("src/Platform/Services"), "*.json", SearchOption.AllDirectories).Where(file => Path.GetFileName(Path.GetDirectoryName(file)) == "artifacts"))
        {
            var (name, folder) = (Path.GetFileNameWithoutExtension(artifact), Path.GetDirectoryName(Path.GetDirectoryName(artifact))!);
            Assert.True(ContractSource.TryWrite(File.ReadAllBytes(artifact), name, "Hufu.Services", out var source, out var refusal), refusal?.ToString());
            Assert.Equal(source, File.ReadAllText(Path.Combine(folder, name + "Contract.g.cs")));
        }
    }

    [Fact]
    public async Task Nothing_happens_on_the_chain_before_a_service_is_used()
    {
        await using var platform = await TestPlatform.StartAsync();
        foreach (var path in new[] { "platform", "accounts", "commands", "payments", "stablecoin" }) await platform.Get(path);

        Assert.Equal(0ul, await platform.Chain.GetBlockNumberAsync());
        Assert.Equal(0ul, await platform.Chain.GetNonceAsync(platform.Rooms.Operator));
    }

    [Fact]
    public async Task The_deployment_stands_on_the_ledger_and_is_found_again()
    {
        await using var chain = await TestChain.StartAsync();
        var folder = Directory.CreateTempSubdirectory("hufu-registry-");
        var key = CustodyKey.New();
        PlatformOptions Here(PlatformOptions options) => options with { DataFolder = folder.FullName, Key = key };
        IReadOnlyDictionary<string, Address> contracts;
        await using (var first = await TestPlatform.StartAsync(Here, chain))
        {
            contracts = (await first.Rooms.Registry.EnsureAsync()).Contracts;
            var entries = await new RegistryContract(chain.Client, contracts["Registry"]).AllAsync();
            Assert.Equal(contracts.Keys.Order(), entries.Select(entry => Encoding.ASCII.GetString(entry.Name.Bytes).TrimEnd('\0')).Order());
            Assert.All(entries, entry => Assert.Contains(entry.At, contracts.Values));
        }
        var nonce = await chain.Client.GetNonceAsync(Signer.FromSecret(Node.DevAccounts.Secrets(1)[0]).Address);
        await using var second = await TestPlatform.StartAsync(Here, chain);
        Assert.Equal(contracts, (await second.Rooms.Registry.EnsureAsync()).Contracts);
        Assert.Equal(nonce, await chain.Client.GetNonceAsync(second.Rooms.Operator));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Roles_have_the_same_names_on_the_chain()
    {
        await using var platform = await TestPlatform.StartAsync();
        var made = await platform.Rooms.Registry.EnsureAsync();
        var access = new AccessContract(platform.Chain, made.Access);

        foreach (var role in platform.Platform.Services.SelectMany(service => service.Roles))
            foreach (var holder in role.Holders)
                Assert.True((await access.HasRoleAsync(role.Id, made.Find(holder) ?? made.Account(holder))).IsMember, $"{holder} has {role.Name}");
        Assert.False((await access.HasRoleAsync(platform.Platform.Services.OfType<StablecoinService>().Single().Roles[0].Id, platform.Rooms.Operator)).IsMember);
    }

    [Fact]
    public async Task A_chain_that_takes_blocks_back_takes_their_rows_along()
    {
        await using var platform = await TestPlatform.StartAsync();
        await platform.Fund(("alice", "100"));
        await platform.Account("shop");
        await platform.InStep();
        var before = platform.Tables();
        var snapshot = (await platform.Chain.AskAsync("evm_snapshot", [])).GetString();
        await platform.Post("payments", new { payer = "alice", payee = "shop", amount = "10", reference = "taken back" });
        await platform.Post("stablecoin/redemptions", new { holder = "shop", amount = "4", bankAccount = "DE1" });
        await platform.Post("escrow", new { payer = "alice", payee = "shop", amount = "8", deadline = DateTimeOffset.UtcNow.AddDays(3) });
        await platform.InStep();
        Assert.NotEqual(before["coin_entry"], platform.Tables()["coin_entry"]);

        Assert.True((await platform.Chain.AskAsync("evm_revert", [snapshot])).GetBoolean());
        // Blocks of another branch, so that the index has something to find.
        await platform.Chain.AskAsync("evm_mine", []);
        var patience = DateTime.UtcNow.AddSeconds(20);
        while (platform.Rooms.Index.Reached?.Hash != (await platform.Chain.GetBlockAsync(BlockId.Latest))!.Hash && DateTime.UtcNow < patience) await Task.Delay(20);

        var after = platform.Tables();
        foreach (var table in before.Keys) Assert.Equal(before[table], after[table]);
        await platform.Post("payments", new { payer = "alice", payee = "shop", amount = "10", reference = "on the new branch" });
        await platform.RebuiltAlike();
    }

    [Fact]
    public async Task A_chain_set_back_to_before_the_contracts_gets_new_ones()
    {
        await using var platform = await TestPlatform.StartAsync();
        var snapshot = (await platform.Chain.AskAsync("evm_snapshot", [])).GetString();
        await platform.Fund(("alice", "100"));
        await platform.Chain.AskAsync("evm_revert", [snapshot]);
        await Task.Delay(1100);

        await platform.Post("stablecoin/reserve/attestations", new { amount = "500", report = "again" });
        await platform.Post("stablecoin/mints", new { to = "alice", amount = "50" });
        Assert.Equal("50.000000", (await platform.Get("accounts/alice/statement")).GetProperty("closing").GetString());
        await platform.RebuiltAlike();
    }

    [Fact]
    public async Task A_request_sent_many_times_at_once_is_done_once()
    {
        await using var platform = await TestPlatform.StartAsync();
        await platform.Fund(("alice", "100"));
        await platform.Account("shop");
        var request = new { payer = "alice", payee = "shop", amount = "1", reference = "at once" };

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => platform.SendAsync(HttpMethod.Post, "/api/v1/payments", request, "one key")));

        // Those that ran beside the first may have met its payment on the chain before its key; none of them made another.
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.Created or HttpStatusCode.UnprocessableEntity, $"{answer.Status} {answer.Body}"));
        Assert.Equal("1.000000", (await platform.Get("accounts/shop/statement")).GetProperty("closing").GetString());
    }

    [Fact]
    public async Task Many_payments_at_once_are_each_made_once()
    {
        await using var platform = await TestPlatform.StartAsync();
        await platform.Fund(("alice", "1000"));
        await platform.Account("shop");

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => platform.Post("payments", new { payer = "alice", payee = "shop", amount = "1", reference = $"bill {i}" }, $"bill-{i}")));

        Assert.Equal("200.000000", (await platform.Get("accounts/shop/statement?limit=1")).GetProperty("closing").GetString());
        await platform.RebuiltAlike();
    }

    [Fact]
    public async Task A_page_of_another_site_and_another_name_are_turned_away()
    {
        await using var platform = await TestPlatform.StartAsync();
        using var http = new HttpClient { BaseAddress = platform.Platform.Url };
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/api/v1/platform/setup") { Headers = { { "Origin", "https://evil.example" } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(foreign)).StatusCode);
        using var renamed = new HttpRequestMessage(HttpMethod.Get, "/api/v1/accounts") { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(renamed)).StatusCode);
        Assert.Equal(0ul, await platform.Chain.GetBlockNumberAsync());
    }

    [Theory]
    [InlineData("payments", "{")]
    [InlineData("payments", "[]")]
    [InlineData("payments", "{\"payer\":1}")]
    [InlineData("payments", "{\"unknown\":\"x\"}")]
    [InlineData("payments", "{\"payer\":\"alice\",\"payee\":\"0x12\",\"amount\":\"1\",\"reference\":\"r\"}")]
    [InlineData("escrow", "{\"payer\":\"a\",\"payee\":\"b\",\"amount\":\"1\",\"deadline\":\"yesterday\"}")]
    [InlineData("accounts", "{\"name\":\"\"}")]
    public async Task What_cannot_be_read_is_a_problem_and_no_fault(string path, string body)
    {
        await using var platform = await TestPlatform.StartAsync();
        var (status, answer) = await platform.SendAsync(HttpMethod.Post, "/api/v1/" + path, body, "k");
        Assert.True((int)status is 400 or 404, $"{status} {answer}");
        Assert.NotEmpty(answer.GetProperty("mend").GetString()!);
    }

    [Fact]
    public async Task Accounts_are_sealed_with_the_key_and_open_with_no_other()
    {
        var folder = Directory.CreateTempSubdirectory("hufu-custody-");
        await using (var database = Database.OpenSqlite(Path.Combine(folder.FullName, "a.db")))
        {
            await database.CreateAsync([Custody.Accounts]);
            var custody = new Custody(database, CustodyKey.FromPassword(new string('k', 64)));
            var account = await custody.OpenAsync("alice");
            Assert.Equal(account, await custody.OpenAsync("alice"));
            var again = new Custody(database, CustodyKey.FromPassword(new string('k', 64)));
            Assert.True(again.TryCheckKey(out _));
            Assert.Equal(account.Address, again.SignerOf(account.Address).Address);
            Assert.False(new Custody(database, CustodyKey.FromPassword(new string('x', 64))).TryCheckKey(out var refusal));
            Assert.NotEmpty(refusal.Mend);
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Amounts_are_read_and_written_without_loss() => Gen.Select(Gen.ULong, Gen.Int[0, 18]).Sample((units, decimals) =>
        Amounts.TryRead(Amounts.Write(units, decimals), decimals, out var read, out _) && read == units);

    [Fact]
    public void What_nobody_covers_however_much_and_however_old_keeps_nothing_else_from_its_cycle()
    {
        Address Bank(int number) => Address.FromNumber((uint)number + 1);
        var token = Address.FromNumber(99);
        ObligationRow Owed(int debtor, int creditor, UInt256 amount, int i) => new() { Id = Keccak256.Hash(BitConverter.GetBytes(i)), Debtor = Bank(debtor), Creditor = Bank(creditor), Token = token, Amount = amount, Reference = default, Deadline = 1 };
        // Two halves of all there is, which make nothing together; then thousands of small ones; then one that is covered.
        var half = UInt256.One << 255;
        ObligationRow[] queue = [Owed(0, 1, half, 0), Owed(0, 2, half, 1), .. Enumerable.Range(0, 4_000).Select(i => Owed(0, 1, 1, i + 10)), Owed(1, 2, 5, 2)];
        var positions = Enumerable.Range(0, 3).Select(i => new PositionRow(token, Bank(i), i == 1 ? 5 : UInt256.Zero, UInt256.Zero, true)).ToArray();
        Assert.Equal(queue[^1].Id, Assert.Single(Netting.Coverable(queue, positions)).Id);
    }

    [Fact]
    public void A_number_of_a_contract_that_no_column_holds_is_its_end()
    {
        Assert.Equal(long.MaxValue, SqlText.ToColumn(ulong.MaxValue));
        Assert.Equal(9999, Moments.Of(ulong.MaxValue).Year);
        Assert.False(Amounts.TryRead(new string('9', 60), 18, out _, out var why));
        Assert.NotEmpty(why);
    }

    [Fact]
    public void A_cycle_never_takes_anybody_below_zero_and_leaves_out_no_more_than_it_must() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[1, 50]).Array[0, 12].Select(Gen.Int[0, 60].Array[4]).Sample((owed, balances) =>
        {
            Address Bank(int number) => Address.FromNumber((uint)number + 1);
            var token = Address.FromNumber(99);
            var queue = owed.Where(one => one.Item1 != one.Item2).Select((one, i) => new ObligationRow { Id = Keccak256.Hash([(byte)i]), Debtor = Bank(one.Item1), Creditor = Bank(one.Item2), Token = token, Amount = one.Item3, Reference = default, Deadline = 1 }).ToArray();
            var positions = balances.Select((balance, i) => new PositionRow(token, Bank(i), balance, UInt256.Zero, true)).ToArray();
            var chosen = Netting.Coverable(queue, positions);
            long Net(int bank, IEnumerable<ObligationRow> rows) => rows.Sum(row => (row.Creditor == Bank(bank) ? (long)row.Amount : 0) - (row.Debtor == Bank(bank) ? (long)row.Amount : 0));
            return Enumerable.Range(0, 4).All(bank => balances[bank] + Net(bank, chosen) >= 0)
                && (chosen.Count == queue.Length || Enumerable.Range(0, 4).Any(bank => balances[bank] + Net(bank, queue) < 0));
        });
}
