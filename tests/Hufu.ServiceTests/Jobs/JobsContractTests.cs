using Hufu.Primitives;
using Xunit;

namespace Hufu.ServiceTests.Jobs;

/// <summary>What is due runs once, the longest due first, whatever the jobs do; who scheduled it pays for it, and nobody else.</summary>
public sealed class JobsContractTests
{
    const ulong GasOfRun = 10_000_000;
    const string Artifact = "src/Platform/Services/Jobs/artifacts/Jobs";

    static readonly Address Clock = Cast.Person("clock").Address;

    readonly ContractWorld _world = new();
    readonly DeployedContract _jobs, _target;

    public JobsContractTests()
    {
        _jobs = _world.Deploy(Cast.Admin.Address, Artifact, Clock, (UInt256)GasOfRun);
        _target = _world.Deploy(Cast.Admin.Address, "tests/Contracts/artifacts/JobTarget");
    }

    [Fact]
    public void A_job_runs_at_its_time_once_and_a_recurring_one_makes_up_for_what_was_missed_by_one_run()
    {
        var once = Schedule("count", 1, inSeconds: 100);
        var daily = Schedule("count", 2, inSeconds: 100, every: 60, runs: 3);
        Assert.Equal((ulong)_world.Now + 100, (ulong)_jobs.Read<UInt256>("nextDue"));
        Run();
        Assert.Equal((0UL, 0UL), (Runs(1), Runs(2)));

        _world.Pass(TimeSpan.FromSeconds(100));
        Run();
        Run();
        Assert.Equal((1UL, 1UL), (Runs(1), Runs(2)));
        _world.Pass(TimeSpan.FromSeconds(150));
        Run();
        Run();
        Assert.Equal((1UL, 2UL), (Runs(1), Runs(2)));
        // 100, then 160 and 220 missed together, then 280.
        _world.Pass(TimeSpan.FromSeconds(30));
        Run();
        Assert.Equal(3UL, Runs(2));
        _world.Pass(TimeSpan.FromDays(10));
        Run();
        Assert.Equal((1UL, 3UL), (Runs(1), Runs(2)));
        Assert.Equal((UInt256.Zero, (UInt256)ulong.MaxValue), (_jobs.Read<UInt256>("waiting"), _jobs.Read<UInt256>("nextDue")));
        Assert.Equal("NotYourJob", _jobs.Send(Cast.Alice.Address, "cancel", once).Error);
        Assert.Equal("NotYourJob", _jobs.Send(Cast.Alice.Address, "cancel", daily).Error);
    }

    [Fact]
    public void A_job_that_fails_eats_all_its_gas_floods_or_calls_back_in_harms_no_other()
    {
        foreach (var (function, id) in new[] { ("fail", 1UL), ("eat", 2UL), ("flood", 3UL), ("count", 4UL) }) Schedule(function, id, inSeconds: 10, gas: 1_000_000);
        // Running, cancelling and taking coin out from within: none of it is this contract's to do, and what it may do (schedule) is not due before the next second.
        ScheduleRaw(_target.Address, _target.Encode("call", (UInt256)5, _jobs.Address, _jobs.Encode("run")), 10, gas: 1_000_000);
        ScheduleRaw(_target.Address, _target.Encode("call", (UInt256)6, _jobs.Address, _jobs.Encode("cancel", (UInt256)4)), 10, gas: 1_000_000);
        ScheduleRaw(_target.Address, _target.Encode("call", (UInt256)7, _jobs.Address, _jobs.Encode("schedule", _target.Address, _target.Encode("count", (UInt256)8), UInt256.Zero, UInt256.Zero, UInt256.Zero, (UInt256)100_000)), 10, gas: 1_000_000);
        Schedule("count", 9, inSeconds: 11);

        _world.Pass(TimeSpan.FromSeconds(11));
        var run = Run();
        Assert.Equal([false, false, true, true, true, true, true, true], run.Events("JobRun").Select(values => (bool)values[2]));
        Assert.Equal((1UL, 0UL, 0UL, 1UL, 0UL, 1UL), (Runs(4), Runs(5), Runs(6), Runs(7), Runs(8), Runs(9)));
        Assert.True(run.Result.GasUsed < GasOfRun);
        _world.Pass(TimeSpan.FromSeconds(1));
        Run();
        Assert.Equal(1UL, Runs(8));
    }

    [Fact]
    public void More_than_a_block_has_gas_for_is_done_by_the_next_ones_in_the_same_order()
    {
        for (var id = 1UL; id <= 40; id++) Schedule("eat", id, inSeconds: 10, gas: 1_000_000);
        Schedule("count", 100, inSeconds: 11);
        _world.Pass(TimeSpan.FromSeconds(60));
        var order = new List<UInt256>();
        var blocks = 0;
        for (; _jobs.Read<UInt256>("waiting") > UInt256.Zero; blocks++) order.AddRange(Run().Events("JobRun").Select(values => (UInt256)values[0]));
        Assert.Equal(Enumerable.Range(1, 41).Select(id => (UInt256)(ulong)id), order);
        Assert.InRange(blocks, 4, 6);
        Assert.Equal(1UL, Runs(100));
    }

    [Fact]
    public void Whoever_scheduled_a_job_pays_for_the_gas_it_used_and_no_more()
    {
        _world.BaseFee = 1_000_000_000;
        foreach (var person in new[] { Cast.Alice, Cast.Bob }) _world.Give(person.Address, Ether(1));
        Assert.True(_jobs.SendPaying(Cast.Alice.Address, Ether(1), "fund", Cast.Alice.Address).Succeeded);
        Schedule("count", 1, inSeconds: 10);
        // Bob has put nothing in.
        Schedule("count", 2, inSeconds: 10, by: Cast.Bob.Address);
        _world.Pass(TimeSpan.FromSeconds(10));
        var run = Run();

        Assert.Equal((1UL, 0UL), (Runs(1), Runs(2)));
        Assert.Single(run.Events("JobUnpaid"));
        var used = (UInt256)run.Events("JobRun").Single()[3];
        Assert.InRange((ulong)used, 40_000UL, 300_000UL);
        Assert.Equal(Ether(1) - used * _world.BaseFee, _jobs.Read<UInt256>("balanceOf", Cast.Alice.Address));
        // The clock, which paid for the transaction, has it.
        Assert.Equal(used * _world.BaseFee, _world.BalanceOf(Clock));

        var rest = _jobs.Read<UInt256>("balanceOf", Cast.Alice.Address);
        Assert.Equal("NotThatMuch", _jobs.Send(Cast.Alice.Address, "withdraw", rest + UInt256.One).Error);
        Assert.Equal("NotThatMuch", _jobs.Send(Cast.Mallory.Address, "withdraw", UInt256.One).Error);
        _jobs.Do(Cast.Alice.Address, "withdraw", rest);
        Assert.Equal((rest, UInt256.Zero), (_world.BalanceOf(Cast.Alice.Address), _world.BalanceOf(_jobs.Address)));
    }

    [Fact]
    public void An_owner_that_takes_its_coin_out_while_its_job_runs_pays_all_the_same()
    {
        _world.BaseFee = 1_000_000_000;
        _world.Give(Cast.Alice.Address, Ether(2));
        _world.Give(_target.Address, Ether(1));
        Assert.True(_jobs.SendPaying(Cast.Alice.Address, Ether(1), "fund", _target.Address).Succeeded);
        Assert.True(_jobs.SendPaying(Cast.Alice.Address, Ether(1), "fund", Cast.Alice.Address).Succeeded);
        // The target itself schedules a call of itself that withdraws all it has put in.
        var withdraw = _target.Encode("call", (UInt256)1, _jobs.Address, _jobs.Encode("withdraw", Ether(1)));
        _target.Do(Cast.Mallory.Address, "call", (UInt256)2, _jobs.Address, _jobs.Encode("schedule", _target.Address, withdraw, (UInt256)(_world.Now + 10), UInt256.Zero, UInt256.Zero, (UInt256)500_000));
        Schedule("count", 3, inSeconds: 10);
        _world.Pass(TimeSpan.FromSeconds(10));
        Run();

        Assert.Equal(1UL, Runs(3));
        Assert.True(_world.BalanceOf(_jobs.Address) >= _jobs.Read<UInt256>("balanceOf", _target.Address) + _jobs.Read<UInt256>("balanceOf", Cast.Alice.Address));
        Assert.True(_jobs.Read<UInt256>("balanceOf", _target.Address) < Ether(1));
    }

    [Fact]
    public void What_cannot_be_a_job_is_refused_and_only_the_clock_runs_them()
    {
        Assert.Equal("NotTheClock", _jobs.Send(Cast.Mallory.Address, "run").Error);
        Assert.Equal("NoTarget", Try(_jobs.Address, [], 10, 1));
        Assert.Equal("NoTarget", Try(Cast.Alice.Address, [], 10, 1));
        Assert.Equal("TooMuchGas", Try(_target.Address, [], 10, (uint)GasOfRun));
        Assert.Equal("TooMuchData", Try(_target.Address, new byte[1025], 10, 1));
        Assert.Equal("TooFar", Try(_target.Address, [], ulong.MaxValue - _world.Now, 1));
        Assert.Equal("TooFar", _jobs.Send(Cast.Alice.Address, "schedule", _target.Address, Array.Empty<byte>(), UInt256.Zero, (UInt256)ulong.MaxValue, UInt256.Zero, UInt256.One).Error);
        var id = Schedule("count", 1, inSeconds: 10);
        Assert.Equal("NotYourJob", _jobs.Send(Cast.Mallory.Address, "cancel", id).Error);

        string? Try(Address target, byte[] data, ulong inSeconds, uint gas) => _jobs.Send(Cast.Alice.Address, "schedule", target, data, (UInt256)(_world.Now + inSeconds), UInt256.Zero, UInt256.Zero, (UInt256)gas).Error;
    }

    [Fact]
    public void Whatever_is_scheduled_and_taken_back_each_occurrence_runs_once_in_order_and_the_coin_adds_up()
    {
        _world.BaseFee = 7;
        var random = new Random(11);
        Address[] people = [Cast.Alice.Address, Cast.Bob.Address, Cast.Carol.Address];
        foreach (var person in people) _world.Give(person, Ether(1000));
        var model = new SortedDictionary<(ulong DueAt, ulong Id), Expected>();
        // By id, from 1.
        var runs = new List<ulong> { 0 };
        for (var operation = 0; operation < LongRun.Operations; operation++)
        {
            var who = people[random.Next(people.Length)];
            switch (random.Next(8))
            {
                // So many wait at most that a million operations end.
                case < 3 when model.Count < 300:
                    var (inSeconds, every, times) = ((ulong)random.Next(0, 600), random.Next(3) == 0 ? (ulong)random.Next(1, 300) : 0, (uint)random.Next(0, 4));
                    var function = random.Next(4) switch { 0 => "fail", 1 => "eat", _ => "count" };
                    var next = (ulong)runs.Count;
                    var id = Schedule(function, next, inSeconds, every, times, gas: (uint)random.Next(30_000, 400_000), by: who);
                    Assert.Equal((UInt256)next, id);
                    runs.Add(0);
                    model.Add((_world.Now + Math.Max(1, inSeconds), next), new Expected(who, every, every == 0 ? 1 : times, function == "count"));
                    break;
                case 3 when model.Count > 0:
                    var (key, job) = model.ElementAt(random.Next(model.Count));
                    if (_jobs.Send(who, "cancel", (UInt256)key.Id).Succeeded) Assert.True(model.Remove(key) && job.Owner == who);
                    else Assert.NotEqual(who, job.Owner);
                    break;
                case 4: _jobs.SendPaying(who, (UInt256)(ulong)random.Next(1, 1_000_000_000), "fund", who); break;
                case 5: _jobs.Send(who, "withdraw", _jobs.Read<UInt256>("balanceOf", who) / 3UL); break;
                default:
                    _world.Pass(TimeSpan.FromSeconds(random.Next(0, 60)));
                    CheckRun();
                    break;
            }
        }

        void CheckRun()
        {
            var ran = Run();
            foreach (var (kind, values) in ran.Events("JobRun").Select(one => ("run", one)).Concat(ran.Events("JobUnpaid").Select(one => ("unpaid", one))).OrderBy(one => model.Keys.First(key => (UInt256)key.Id == (UInt256)one.one[0])))
            {
                var (key, job) = model.First();
                Assert.Equal((UInt256)key.Id, (UInt256)values[0]);
                Assert.True(key.DueAt <= _world.Now, "it was not due");
                model.Remove(key);
                if (kind == "unpaid") continue;
                if (job.Counts && (bool)values[2]) runs[(int)key.Id]++;
                if (job.Every == 0 || job.Runs == 1) Assert.Equal(UInt256.Zero, (UInt256)values[4]);
                else
                {
                    var nextAt = key.DueAt + job.Every * ((_world.Now - key.DueAt) / job.Every + 1);
                    Assert.Equal((UInt256)nextAt, (UInt256)values[4]);
                    model.Add((nextAt, key.Id), job with { Runs = job.Runs == 0 ? 0 : job.Runs - 1 });
                }
            }
            // Whatever is due and was not run did not fit.
            if (model.Count > 0 && model.First().Key.DueAt <= _world.Now) Assert.True(ran.Result.GasUsed > GasOfRun / 2);
            for (var id = Math.Max(1, runs.Count - 20); id < runs.Count; id++) Assert.Equal(runs[id], Runs((ulong)id));
            var owed = people.Append(Clock).Aggregate(UInt256.Zero, (sum, person) => sum + _jobs.Read<UInt256>("balanceOf", person));
            Assert.True(_world.BalanceOf(_jobs.Address) >= owed, "it owes more than it has");
        }
    }

    sealed record Expected(Address Owner, ulong Every, uint Runs, bool Counts);

    UInt256 Schedule(string function, ulong id, ulong inSeconds, ulong every = 0, uint runs = 0, uint gas = 100_000, Address? by = null) =>
        ScheduleRaw(_target.Address, _target.Encode(function, (UInt256)id), inSeconds, every, runs, gas, by);

    UInt256 ScheduleRaw(Address target, byte[] data, ulong inSeconds, ulong every = 0, uint runs = 0, uint gas = 100_000, Address? by = null) =>
        (UInt256)_jobs.Do(by ?? Cast.Alice.Address, "schedule", target, data, (UInt256)(_world.Now + inSeconds), (UInt256)every, (UInt256)runs, (UInt256)gas).Values[0];

    CallOutcome Run()
    {
        var ran = _jobs.SendWithGas(Clock, GasOfRun, "run");
        Assert.True(ran.Succeeded, ran.Error);
        return ran;
    }

    ulong Runs(ulong id) => (ulong)_target.Read<UInt256>("runs", (UInt256)id);

    static UInt256 Ether(ulong count) => (UInt256)count * 1_000_000_000_000_000_000UL;
}
