using Hufu.Consensus;
using Hufu.Primitives;

namespace Hufu.Simulation;

/// <summary>A run of random faults from a seed, and what must hold during and after it.</summary>
static class RandomFaults
{
    /// <summary>Once faults have ended and a quorum is honest, the next block is everywhere within this time where at most one validator lies.</summary>
    public static readonly TimeSpan Bound = BoundFor(1);

    // Each liar may be the proposer of a round whose timer has grown to its cap, one after the other.
    static TimeSpan BoundFor(int liars) => TimeSpan.FromSeconds(10 * (2 + Math.Max(1, liars)));

    public static SimulatedNetwork Run(ulong seed, Mutation mutation = Mutation.None)
    {
        var random = new Random((int)(seed * 2654435761 % int.MaxValue));
        var size = mutation == Mutation.None ? 1 + random.Next(13) : 4 + 3 * random.Next(2);
        // Some have states and run what falls due in their blocks.
        var network = new SimulatedNetwork(size, seed, mutation, spare: random.Next(4) == 0 ? 1 : 0, hasJobs: mutation == Mutation.None && seed % 10 == 7);
        ChooseLiars(network, size, random);
        foreach (var validator in network.Validators) validator.ClockOffset = random.Next(-500, 500);
        network.Start();
        if (random.Next(3) == 0) VoteOnMembers(network, size, random);

        var end = network.Now + random.Next(10_000, mutation == Mutation.TimerNotCapped ? 200_000 : 40_000);
        while (network.Now < end)
        {
            network.RunFor(random.Next(200, 3000));
            Strike(network, random);
        }
        Calm(network);
        var height = network.Height;
        var bound = BoundFor(network.Validators.Count(validator => validator.Lie != Lie.None));
        if (!network.RunUntil(() => network.HaveReached(height + 1), (long)bound.TotalMilliseconds)) throw network.Break($"no block {height + 1} within {bound.TotalSeconds} s after the faults ended");
        if (!network.RunUntil(() => network.HaveReached(height + 4), (long)bound.TotalMilliseconds)) throw network.Break($"the chain did not go on to {height + 4}");
        if (network.HasJobs && network.Height > 10 && network.Honest.All(validator => validator.Runs == 0)) throw network.Break("nothing that was due has run");
        return network;
    }

    static void ChooseLiars(SimulatedNetwork network, int size, Random random)
    {
        var most = (size - 1) / 3;
        var lies = Enum.GetValues<Lie>();
        for (var i = random.Next(most + 1); i > 0; i--) network.Validators[random.Next(size)].Lie = lies[1 + random.Next(lies.Length - 1)];
        if (LieThatShows(network.Broken) is { } lie) network.Validators[random.Next(size)].Lie = lie;
        // Never more than may be, however the dice fell.
        foreach (var liar in network.Validators.Where(validator => validator.Lie != Lie.None).Skip(most)) liar.Lie = Lie.None;
    }

    /// <summary>A rule that only a certain liar would make use of being broken.</summary>
    static Lie? LieThatShows(Mutation broken) => broken switch
    {
        Mutation.QuorumOffByOne => Lie.Equivocates,
        Mutation.CertificateNotChecked => Lie.IgnoresCertificates,
        Mutation.ChangerNotChecked => Lie.Impersonates,
        _ => null,
    };

    static void VoteOnMembers(SimulatedNetwork network, int size, Random random)
    {
        // Only honest validators come and go, and enough stay: f liars must stay within what the smaller set bears.
        var liars = network.Validators.Count(validator => validator.Lie != Lie.None);
        var adds = network.Validators.Count > size;
        if (!adds && (size - 2) / 3 < liars) return;
        if (!adds && size < 2) return;
        var candidate = adds ? network.Validators[^1] : network.Honest.ElementAtOrDefault(random.Next(size - liars));
        if (candidate is null) return;
        foreach (var validator in network.Validators) validator.Vote = new QbftVote(candidate.Key.Address, adds);
    }

    static void Strike(SimulatedNetwork network, Random random)
    {
        var victim = network.Validators[random.Next(network.Validators.Count)];
        switch (random.Next(13))
        {
            case 0: network.Weather = NetworkWeather.Fair; break;
            case 1: network.Weather = new NetworkWeather { Drops = random.NextDouble() * 0.6, Duplicates = random.NextDouble() }; break;
            case 2: network.Weather = new NetworkWeather { LeastDelay = 1, MostDelay = random.Next(100, 5000) }; break;
            case 3: network.Weather = new NetworkWeather { Sides = [.. network.Validators.Select(_ => random.Next(2))] }; break;
            case 4: network.Weather = new NetworkWeather { Sides = [.. network.Validators.Select(_ => random.Next(3))], IsOneWay = true }; break;
            case 5: network.Weather = new NetworkWeather { Swallows = (QbftCode)(0x12 + random.Next(4)), Drops = random.NextDouble() * 0.3 }; break;
            case 6: victim.Crash(); break;
            case 7: victim.Crash(afterEffects: 1 + random.Next(6)); break;
            case 8: foreach (var each in network.Validators) if (random.Next(2) == 0) each.Crash(random.Next(4)); break;
            case 9: victim.ClockOffset = random.Next(-3_600_000, 3_600_000); break;
            case 10: if (victim.Lie == Lie.Forgets) victim.WipeDisk(); break;
            default: foreach (var each in network.Validators) if (!each.IsUp && random.Next(3) > 0) each.Start(); break;
        }
    }

    static void Calm(SimulatedNetwork network)
    {
        network.Weather = NetworkWeather.Fair;
        foreach (var validator in network.Validators)
        {
            validator.ClockOffset = Math.Clamp(validator.ClockOffset, -400, 400);
            // Nobody restarts what runs: only those that are down come back.
            if (!validator.IsUp) validator.Start();
            else validator.Spare();
        }
    }
}
