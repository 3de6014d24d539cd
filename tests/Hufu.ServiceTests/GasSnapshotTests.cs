using System.Text.Json;
using Hufu.Client;
using Hufu.Primitives;
using Xunit;

namespace Hufu.ServiceTests;

/// <summary>
/// What each act of the contracts costs, kept in git (tests/Contracts/gas.json), so that a change of a contract shows what it costs in its own diff.
/// HUFU_GAS_SNAPSHOT=write writes the file anew.
/// </summary>
public sealed class GasSnapshotTests
{
    const string Payments = "src/Platform/Services/Payments/artifacts/", Stablecoin = "src/Platform/Services/Stablecoin/artifacts/", Trace = "src/Platform/Services/Traceability/artifacts/";
    static readonly JsonSerializerOptions Form = new() { WriteIndented = true, NewLine = "\n" };

    readonly ContractWorld _world = new();
    readonly SortedDictionary<string, ulong> _gas = new(StringComparer.Ordinal);

    [Fact]
    public void The_gas_of_every_act_is_the_one_in_git()
    {
        var permissions = new Permissions(_world);
        var coin = _world.Deploy(Cast.Admin.Address, Stablecoin + "Stablecoin", "Test Dollar", "TUSD", (UInt256)6, permissions.Address);
        permissions.Allow(1, coin, Cast.Admin.Address, "mint", "freeze", "pause");
        Act("Stablecoin.mint", coin, Cast.Admin, "mint", Cast.Alice.Address, (UInt256)1_000_000);
        Act("Stablecoin.transfer (new holder)", coin, Cast.Alice, "transfer", Cast.Bob.Address, (UInt256)1_000);
        Act("Stablecoin.transfer", coin, Cast.Alice, "transfer", Cast.Bob.Address, (UInt256)1_000);
        Act("Stablecoin.approve", coin, Cast.Alice, "approve", Cast.Carol.Address, UInt256.MaxValue);

        PayOnce(permissions, coin);
        HoldInEscrow(coin);
        Stream(coin);
        Settle(permissions, coin);
        RunJobs();
        var anchors = _world.Deploy(Cast.Admin.Address, Trace + "TraceAnchor");
        Act("TraceAnchor.anchor (first)", anchors, Cast.Alice, "anchor", (UInt256)20_000, Cast.Word("root"), (UInt256)65_536);
        Act("TraceAnchor.anchor", anchors, Cast.Alice, "anchor", (UInt256)20_001, Cast.Word("another root"), (UInt256)65_536);
        Compare();
    }

    void PayOnce(Permissions permissions, DeployedContract coin)
    {
        var payments = _world.Deploy(Cast.Admin.Address, Payments + "Payments", permissions.Address);
        permissions.Allow(2, payments, Cast.Admin.Address, "accept", "pause", "unpause");
        payments.Do(Cast.Admin.Address, "accept", coin.Address, true);
        coin.Do(Cast.Alice.Address, "approve", payments.Address, UInt256.MaxValue);
        Act("Payments.pay", payments, Cast.Alice, "pay", coin.Address, Cast.Bob.Address, (UInt256)250, Cast.Word("invoice 1"));
    }

    void HoldInEscrow(DeployedContract coin)
    {
        var escrow = _world.Deploy(Cast.Admin.Address, Payments + "Escrow");
        coin.Do(Cast.Alice.Address, "approve", escrow.Address, UInt256.MaxValue);
        Act("Escrow.open", escrow, Cast.Alice, "open", coin.Address, Cast.Bob.Address, (UInt256)100, Cast.Carol.Address, new byte[32], (UInt256)(_world.Now + 86_400));
        Act("Escrow.release (part)", escrow, Cast.Alice, "release", UInt256.Zero, (UInt256)10);
        Act("Escrow.release (rest)", escrow, Cast.Alice, "release", UInt256.Zero, (UInt256)90);
    }

    void Stream(DeployedContract coin)
    {
        var streams = _world.Deploy(Cast.Admin.Address, Payments + "Streams");
        coin.Do(Cast.Alice.Address, "approve", streams.Address, UInt256.MaxValue);
        Act("Streams.open", streams, Cast.Alice, "open", coin.Address, Cast.Bob.Address, (UInt256)100, (UInt256)_world.Now, (UInt256)60, (UInt256)10);
        _world.Pass(TimeSpan.FromDays(1));
        Act("Streams.withdraw", streams, Cast.Bob, "withdraw", UInt256.Zero, Cast.Bob.Address, (UInt256)1);
    }

    void Settle(Permissions permissions, DeployedContract coin)
    {
        var house = _world.Deploy(Cast.Admin.Address, Payments + "ClearingHouse", permissions.Address);
        permissions.Allow(3, house, Cast.Admin.Address, "settle");
        permissions.Allow(4, house, Cast.Admin.Address, "setParticipant", "setToken", "setDebitCap", "pause", "unpause");
        house.Do(Cast.Admin.Address, "setToken", coin.Address, true);
        foreach (var member in new[] { Cast.Alice, Cast.Bob }) house.Do(Cast.Admin.Address, "setParticipant", member.Address, true);
        coin.Do(Cast.Alice.Address, "approve", house.Address, UInt256.MaxValue);
        Act("ClearingHouse.deposit", house, Cast.Alice, "deposit", coin.Address, Cast.Alice.Address, (UInt256)10_000);
        foreach (var count in new[] { 1, 10 })
        {
            var entries = Enumerable.Range(0, count).Select(i =>
            {
                object[] owed = [Cast.Alice.Address, Cast.Bob.Address, coin.Address, (UInt256)10, Cast.Word($"gas {count} {i}"), new byte[32], UInt256.Zero, (UInt256)(_world.Now + 3600)];
                var digest = new TypedDataDomain("Hufu Clearing", "1", ContractWorld.ChainId, house.Address)
                    .DigestOf("Obligation(address debtor,address creditor,address token,uint256 amount,bytes32 reference,bytes32 counterpart,uint64 notBefore,uint64 deadline)", owed);
                return (object)new object[] { owed, (UInt256)(Cast.Alice.Address < Cast.Bob.Address ? 0UL : 1UL), (UInt256)(Cast.Alice.Address < Cast.Bob.Address ? 1UL : 0UL), Cast.Alice.SignDigest(digest).ToBytes() };
            }).ToArray();
            object[] parties = [.. new[] { Cast.Alice.Address, Cast.Bob.Address }.Order().Select(member => (object)new object[] { coin.Address, member })];
            Act($"ClearingHouse.settle ({count})", house, Cast.Admin, "settle", parties, entries);
        }
        Act("ClearingHouse.withdraw", house, Cast.Alice, "withdraw", coin.Address, Cast.Alice.Address, (UInt256)1_000);
    }

    void RunJobs()
    {
        var jobs = _world.Deploy(Cast.Admin.Address, "src/Platform/Services/Jobs/artifacts/Jobs", Cast.Admin.Address, (UInt256)10_000_000);
        var target = _world.Deploy(Cast.Admin.Address, "tests/Contracts/artifacts/JobTarget");
        object[] Job(ulong id) => [target.Address, target.Encode("count", (UInt256)id), (UInt256)(_world.Now + id), UInt256.Zero, UInt256.Zero, (UInt256)100_000];
        Act("Jobs.schedule", jobs, Cast.Alice, "schedule", Job(1));
        for (var id = 2UL; id <= 100; id++) jobs.Do(Cast.Alice.Address, "schedule", Job(id));
        Act("Jobs.cancel", jobs, Cast.Alice, "cancel", (UInt256)100);
        _world.Pass(TimeSpan.FromSeconds(1));
        Act("Jobs.run (1 of 100)", jobs, Cast.Admin, "run");
        _world.Pass(TimeSpan.FromSeconds(10));
        Act("Jobs.run (10 of 99)", jobs, Cast.Admin, "run");
    }

    void Act(string name, DeployedContract contract, Signer by, string function, params object[] arguments) => _gas.Add(name, contract.Do(by.Address, function, arguments).Result.GasUsed);

    void Compare()
    {
        var path = SharedFolder.Repository("tests/Contracts/gas.json");
        if (Environment.GetEnvironmentVariable("HUFU_GAS_SNAPSHOT") == "write") File.WriteAllText(path, JsonSerializer.Serialize(_gas, Form) + "\n");
        var kept = JsonSerializer.Deserialize<SortedDictionary<string, ulong>>(File.ReadAllBytes(path))!;
        var changed = _gas.Keys.Union(kept.Keys).Where(name => _gas.GetValueOrDefault(name) != kept.GetValueOrDefault(name)).Select(name => $"{name}: {kept.GetValueOrDefault(name)} in git, {_gas.GetValueOrDefault(name)} now").ToArray();
        Assert.True(changed.Length == 0, $"HUFU_GAS_SNAPSHOT=write writes the file anew:\n{string.Join('\n', changed)}");
    }
}
