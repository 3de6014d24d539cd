using Hufu.Consensus;
using Xunit;

namespace Hufu.Simulation;

/// <summary>Stalls that other networks met, one by one.</summary>
public sealed class ScenarioTests
{
    static readonly long Bound = (long)RandomFaults.Bound.TotalMilliseconds;

    [Fact] // hyperledger/besu 7642
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

    [Fact] // hyperledger/besu 8307, 8425
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

    [Fact] // nspcc-dev/neo-go 2552: some have committed, others have gone to another round
    public void Commits_that_were_lost_block_nobody()
    {
        var network = Running(4, seed: 2552);
        network.Weather = new NetworkWeather { Swallows = QbftCode.Commit };
        network.RunFor(60_000);
        GoesOn(network);
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
        state = QbftProtocol.Step(state, new NewHead(height, SigningRecord.Empty, 0)).State;

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
