using Hufu.Consensus;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Simulation;

/// <summary>Stalls that other networks met, one by one.</summary>
public sealed class ScenarioTests
{
    static readonly long Bound = (long)RandomFaults.Bound.TotalMilliseconds;

    [Fact] // hyperledger/besu 7642: four validators in two regions halt, and nothing helps but to restart all of them
    public void Validators_at_different_rounds_meet_again_when_the_network_heals()
    {
        var network = Running(4, seed: 7642);
        network.Weather = new NetworkWeather { Sides = [0, 0, 1, 1] };
        network.RunFor(600_000);
        var rounds = network.Validators.Select(validator => validator.State.Round).ToList();

        GoesOn(network);
        // Without a quorum nobody runs away.
        Assert.All(rounds, round => Assert.InRange(round, 0u, 2u));
    }

    [Fact] // hyperledger/besu 6398: with one of five down, the chain waited for the whole request timeout at each of its turns
    public void A_validator_that_is_down_costs_the_others_no_block()
    {
        var network = Running(5, seed: 6398);
        network.Validators[2].Crash();
        network.RunFor(10_000);
        var height = network.Height;
        network.RunFor(60_000);

        // A block a second is due.
        Assert.InRange(network.Height - height, 57u, 61u);
    }

    [Fact] // The same where nothing tells the others: a machine without power, a process that is frozen.
    public void A_validator_that_is_cut_off_costs_the_others_no_block()
    {
        var network = Running(4, seed: 6399);
        network.Weather = new NetworkWeather { Sides = [0, 0, 0, 1] };
        network.RunFor(15_000);
        var height = network.Height;
        network.RunFor(60_000);

        Assert.InRange(network.Height - height, 57u, 61u);
        GoesOn(network);
    }

    [Theory] // hyperledger/besu 8307: so many validators come back with empty data folders that there is no quorum without them
    [InlineData(2, 1)]
    [InlineData(4, 2)]
    public void Validators_that_lost_their_disks_fetch_the_chain_and_take_part(int validators, int wiped)
    {
        var network = Running(validators, seed: 8307);
        for (var i = 0; i < wiped; i++) network.Validators[i].WipeDisk();
        network.RunFor(5000);
        for (var i = 0; i < wiped; i++) network.Validators[i].Start();
        var height = network.Height;
        // They do not know what they signed, and say nothing for a while.
        Assert.True(network.RunUntil(() => network.HaveReached(height + 2), 2 * Bound), network.Break("the chain stands").Message);
    }

    [Fact]
    public void A_validator_that_lost_its_disk_signs_nothing_that_contradicts_what_it_forgot()
    {
        for (ulong seed = 1; seed <= 12; seed++)
        {
            var network = Running(4, seed);
            for (var i = 0; i < 6; i++)
            {
                // One at a time: who has just come back is silent for two blocks or three.
                network.RunFor(5000 + network.Random.Next(2500));
                network.Validators[i % 4].WipeDisk();
                network.RunFor(network.Random.Next(10, 500));
                network.Validators[i % 4].Start();
                var height = network.Height;
                Assert.True(network.RunUntil(() => network.HaveReached(height + 2), Bound), network.Break("the chain stands").Message);
            }
        }
    }

    [Fact]
    public void A_validator_that_lost_its_disk_at_the_first_height_does_not_sign_for_it_again()
    {
        for (ulong seed = 1; seed <= 40; seed++) LoseADiskAtTheFirstHeight(seed, Mutation.None);

        Assert.Throws<BrokenPromiseException>(() =>
        {
            for (ulong seed = 1; seed <= 40; seed++) LoseADiskAtTheFirstHeight(seed, Mutation.FirstHeightForgotten);
        });
    }

    static void LoseADiskAtTheFirstHeight(ulong seed, Mutation mutation)
    {
        var network = new SimulatedNetwork(4, seed, mutation);
        network.Start();
        // Somebody has said something for height 1, and it is not decided yet.
        Assert.True(network.RunUntil(() => network.Validators.Any(validator => validator.State.Proposal is not null), Bound));
        var proposer = network.Validators.Single(validator => validator.Key.Address == network.Validators[0].State.At!.Proposer(0));
        proposer.WipeDisk();
        network.RunFor(network.Random.Next(10, 1500));
        proposer.Start();
        Assert.True(network.RunUntil(() => network.HaveReached(3), Bound), network.Break("the chain stands").Message);
    }

    [Theory] // decisions/0033
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(13)]
    public void Where_blocks_are_late_nobody_gets_them_again_and_again(int validators)
    {
        var network = Running(validators, seed: 1330);
        network.Weather = new NetworkWeather { LeastDelay = 300, MostDelay = 1500 };
        var (before, proposals) = (network.Sent[QbftCode.Proposal], network.Proposals);
        network.RunFor(120_000);

        Assert.True(network.Proposals - proposals > 10);
        // Once to each of the others; some ask for it while it is on its way to them.
        Assert.InRange((network.Sent[QbftCode.Proposal] - before) / (double)(network.Proposals - proposals) / (validators - 1), 0.9, 3);
        GoesOn(network);
    }

    [Fact] // decisions/0031
    public void What_is_due_runs_in_the_block_whoever_proposes_it_and_whatever_liars_leave_out()
    {
        using var network = new SimulatedNetwork(4, seed: 31, hasJobs: true);
        network.Validators[2].Lie = Lie.WithholdsSeals;
        network.Start();
        network.RunFor(60_000);
        network.Validators[0].Crash();
        network.RunFor(10_000);
        network.Validators[0].Start();
        GoesOn(network);

        // Every three seconds one is due, and a round that the liar wasted may put it off.
        Assert.All(network.Honest, validator => Assert.InRange(validator.Runs, 12UL, 26UL));
    }

    [Fact] // hyperledger/besu 8425: a single validator votes another one in
    public void A_single_validator_that_votes_in_a_second_goes_on_with_it()
    {
        var network = new SimulatedNetwork(1, seed: 8425, spare: 1);
        network.Start();
        Assert.True(network.RunUntil(() => network.HaveReached(5), Bound));
        network.Validators[0].Vote = new QbftVote(network.Keys[1].Address, Adds: true);
        Assert.True(network.RunUntil(() => network.Validators[0].NextValidators.Count == 2, Bound));
        GoesOn(network);
    }

    [Fact] // FISCO-BCOS 4417: under load one of four crashes and comes back, again and again, and the other three stand still
    public void A_validator_that_restarts_again_and_again_holds_nobody_up()
    {
        var network = Running(4, seed: 4417);
        var height = network.Height;
        for (var i = 0; i < 60; i++)
        {
            if (network.Validators[1].IsUp) network.Validators[1].Crash(afterEffects: network.Random.Next(8));
            network.RunFor(network.Random.Next(200, 2500));
            if (!network.Validators[1].IsUp) network.Validators[1].Start();
            network.RunFor(network.Random.Next(100, 1500));
        }
        // Some two minutes; a turn that ends in a crash may cost a round.
        Assert.True(network.Height - height > 60, network.Break($"{network.Height - height} blocks").Message);
        GoesOn(network);
    }

    [Theory] // FISCO-BCOS 2206, 2448: one of four sends messages made up on purpose, and the others change view for ever
    [InlineData((int)Lie.Garbage)]
    [InlineData((int)Lie.Equivocates)]
    [InlineData((int)Lie.WithholdsSeals)]
    [InlineData((int)Lie.FalseRoundChanges)]
    [InlineData((int)Lie.IgnoresCertificates)]
    [InlineData((int)Lie.Spams)]
    public void A_liar_among_four_does_not_stop_the_chain(int lie)
    {
        var network = new SimulatedNetwork(4, seed: 2206);
        network.Validators[3].Lie = (Lie)lie;
        network.Start();
        network.RunFor(60_000);

        // A turn of the liar costs a round at the most.
        Assert.True(network.Height >= 30, network.Break($"{network.Height} blocks in a minute").Message);
    }

    [Fact] // FISCO-BCOS 2211: round changes with huge rounds make the others run after them
    public void Round_changes_far_ahead_move_nobody()
    {
        var network = Running(4, seed: 2211);
        network.Validators[0].Lie = Lie.Silent;
        var height = network.Height;
        for (var i = 0; i < 100; i++)
        {
            var at = network.Validators[1].State;
            network.Broadcast(0, RoundChange.Sign(network.Keys[0], at.Height, 1_000_000 + (uint)i, null, QbftDialect.Legacy));
            network.RunFor(300);
            Assert.All(network.Honest, validator => Assert.InRange(validator.State.Round, 0u, 3u));
            Assert.All(network.Honest, validator => Assert.InRange(validator.State.Unrelayed.Count, 0, 40));
        }
        Assert.True(network.Height - height > 15, network.Break($"{network.Height - height} blocks").Message);
    }

    [Fact]
    public void Validators_that_are_joined_through_one_alone_agree_all_the_same()
    {
        var network = Running(4, seed: 12);
        network.Weather = new NetworkWeather { Links = (from, to) => from == 2 || to == 2 };
        var height = network.Height;
        network.RunFor(120_000);

        Assert.True(network.Height - height > 30, network.Break($"{network.Height - height} blocks in two minutes").Message);
    }

    [Fact]
    public void A_validator_that_restarts_takes_part_again_at_once()
    {
        var network = Running(4, seed: 8307);
        for (var i = 0; i < 4; i++)
        {
            network.Validators[i].Crash();
            network.RunFor(700);
            network.Validators[i].Start();
            GoesOn(network);
        }
    }

    [Fact]
    public void All_validators_restarting_at_once_go_on_by_themselves()
    {
        var network = Running(7, seed: 6457);
        foreach (var validator in network.Validators) validator.Crash(afterEffects: 2);
        network.RunFor(5000);
        foreach (var validator in network.Validators) if (!validator.IsUp) validator.Start();
        foreach (var validator in network.Validators) validator.Spare();
        GoesOn(network);
    }

    [Theory] // nspcc-dev/neo-go 2552: four of seven have committed, three have gone to another round
    [InlineData(4)]
    [InlineData(7)]
    public void Commits_that_were_lost_block_nobody(int validators)
    {
        var network = Running(validators, seed: 2552);
        network.Weather = new NetworkWeather { Swallows = QbftCode.Commit };
        network.RunFor(60_000);
        GoesOn(network);
    }

    [Fact] // seed 203 of the random faults
    public void Clocks_that_ran_ahead_and_were_set_right_do_not_stop_the_chain()
    {
        var network = Running(4, seed: 203);
        foreach (var validator in network.Validators) validator.ClockOffset = 3_600_000;
        network.RunFor(10_000);
        Assert.True(network.Validators[0].Head.Header.Timestamp > 3600);
        foreach (var validator in network.Validators) validator.ClockOffset = 0;

        GoesOn(network);
    }

    [Fact] // seed 2328 of the random faults
    public void A_block_that_was_prepared_while_clocks_ran_ahead_is_decided_when_they_are_right()
    {
        var network = Running(4, seed: 2328);
        foreach (var validator in network.Validators) validator.ClockOffset = 3_600_000;
        network.Weather = new NetworkWeather { Swallows = QbftCode.Commit };
        network.RunFor(20_000);
        Assert.Contains(network.Validators, validator => validator.State.Prepared is { } prepared && prepared.Block.Block.Header.Timestamp > 3600);
        foreach (var validator in network.Validators) validator.ClockOffset = 0;

        GoesOn(network);
    }

    [Fact] // seed 3414 of the random faults
    public void Whoever_waited_alone_in_a_round_gives_it_its_whole_time_when_the_others_come()
    {
        var network = new SimulatedNetwork(4, 3414);
        var times = new QbftTimes();
        var height = new QbftHeight(network.Genesis.Header, new ValidatorSet(network.Keys.Select(key => key.Address)), times);
        var state = QbftProtocol.Step(new QbftState(network.Keys[0].Address, new QbftLimits()), new NewHead(height, SigningRecord.Empty, 0, TimeSpan.Zero)).State;
        state = QbftProtocol.Step(state, new BlockTimeout(1, HasTransactions: true, 2000)).State;
        state = QbftProtocol.Step(state, new RoundTimeout(1, 0)).State;
        Assert.Equal(1u, state.Round);

        var timers = new List<int>();
        for (var others = 0; others <= 3; others++)
        {
            var step = QbftProtocol.Step(state, new Received(network.Keys[others].Address, RoundChange.Sign(network.Keys[others], 1, 1, null, QbftDialect.Legacy)));
            state = step.State;
            timers.Add(step.Effects.OfType<StartRoundTimer>().Count());
        }
        // Its own and two more are a quorum; one more changes nothing.
        Assert.Equal([0, 0, 1, 0], timers);
    }

    [Fact]
    public void A_quorum_that_comes_back_after_hours_needs_seconds()
    {
        var network = Running(4, seed: 9040);
        network.Validators[0].Crash();
        network.Validators[1].Crash();
        network.RunFor(6 * 3_600_000);
        network.Validators[0].Start();
        var height = network.Height;
        Assert.True(network.RunUntil(() => network.Height > height, 12_000), "a quorum was back for 12 s");
    }

    [Fact] // hyperledger/besu 10917
    public void Nobody_leaves_the_round_while_an_empty_block_is_put_off()
    {
        var network = new SimulatedNetwork(4, 10917);
        var times = new QbftTimes { BlockPeriod = TimeSpan.FromSeconds(1), EmptyBlockPeriod = TimeSpan.FromSeconds(60) };
        var state = new QbftState(network.Keys[0].Address, new QbftLimits());
        var height = new QbftHeight(network.Genesis.Header, new ValidatorSet(network.Keys.Select(key => key.Address)), times);
        state = QbftProtocol.Step(state, new NewHead(height, SigningRecord.Empty, 0, TimeSpan.Zero)).State;

        var waiting = QbftProtocol.Step(state, new BlockTimeout(1, HasTransactions: false, 1000));
        var due = QbftProtocol.Step(waiting.State, new BlockTimeout(1, HasTransactions: true, 2000));

        Assert.IsType<StartBlockTimer>(Assert.Single(waiting.Effects));
        Assert.Contains(due.Effects, effect => effect is StartRoundTimer);
    }

    [Fact]
    public void Two_blocks_of_one_proposer_are_kept_as_evidence()
    {
        var network = new SimulatedNetwork(4, seed: 11);
        network.Validators[2].Lie = Lie.Equivocates;
        network.Start();
        network.RunFor(30_000);

        Assert.Contains(network.Honest, validator => validator.State.Evidence.Any(found => found.Author == network.Keys[2].Address));
        Assert.All(network.Honest, validator => Assert.All(validator.State.Evidence, found => Assert.Equal(network.Keys[2].Address, found.Author)));
    }

    static SimulatedNetwork Running(int validators, ulong seed)
    {
        var network = new SimulatedNetwork(validators, seed);
        network.Start();
        Assert.True(network.RunUntil(() => network.HaveReached(3), Bound));
        return network;
    }

    static void GoesOn(SimulatedNetwork network)
    {
        network.Weather = NetworkWeather.Fair;
        var height = network.Height;
        Assert.True(network.RunUntil(() => network.HaveReached(height + 2), Bound), network.Break("the chain stands").Message);
    }
}
