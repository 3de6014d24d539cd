using System.Globalization;
using Xunit;

namespace Hufu.Simulation;

/// <summary>
/// Random faults from seeds. HUFU_SEEDS=10000 makes the long run; HUFU_SEED=n replays one. A failure names its seed.
/// </summary>
public sealed class RandomFaultTests
{
    const int Share = 60;

    [Fact]
    public void No_fault_breaks_safety_and_the_chain_goes_on_when_faults_end()
    {
        if (Number("HUFU_SEED") is { } seed)
        {
            RandomFaults.Run((ulong)seed).Dispose();
            return;
        }
        var first = Number("HUFU_FIRST_SEED") ?? 1;
        Parallel.For(0, Number("HUFU_SEEDS") ?? Share, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount / 2) }, i => RandomFaults.Run((ulong)(first + i)).Dispose());
    }

    [Fact]
    public void A_seed_gives_the_same_run_every_time()
    {
        var (first, second) = (RandomFaults.Run(77), RandomFaults.Run(77));

        Assert.Equal((first.Steps, first.Height, first.Now), (second.Steps, second.Height, second.Now));
        Assert.Equal(first.Validators[0].Head.Hash, second.Validators[0].Head.Hash);
    }

    [Theory]
    [InlineData((int)Mutation.QuorumOffByOne)]
    [InlineData((int)Mutation.CertificateNotChecked)]
    [InlineData((int)Mutation.DoubleSignAllowed)]
    [InlineData((int)Mutation.TimerNotCapped)]
    [InlineData((int)Mutation.RecordNotRead)]
    [InlineData((int)Mutation.ChangerNotChecked)]
    public void A_rule_broken_on_purpose_is_found(int mutation)
    {
        for (ulong seed = 1; seed <= 400; seed++)
        {
            try
            {
                RandomFaults.Run(seed, (Mutation)mutation).Dispose();
            }
            catch (BrokenPromiseException found)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{(Mutation)mutation} found by seed {seed}: {found.Message.Split('\n')[0]}");
                return;
            }
        }
        Assert.Fail($"no seed up to 400 shows {(Mutation)mutation}");
    }

    static int? Number(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
