using System.Globalization;
using System.Text.RegularExpressions;
using Hufu.Cli;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>Ethereum's own fixtures through `hufu evm`'s runner: a twentieth of each suite by default, all of it with HUFU_SHARE=1.</summary>
public sealed class FixtureSuiteTests(ITestOutputHelper output)
{
    static uint Share => uint.TryParse(Environment.GetEnvironmentVariable("HUFU_SHARE"), CultureInfo.InvariantCulture, out var share) && share > 0 ? share : 20;

    // zkevm v0.3.3 was filled before what bal v5.7.0 (blockchain_amsterdam.zip) settled in EIP-8037: that a failed transaction pays no state gas, that an
    // account made and destroyed in one pays none, and that the state gas of an authorization is counted in full. These four say the opposite.
    const string OfAnOlderDraft = "test_witness_codes_reset_delegation|test_witness_codes_reverted_transaction|test_witness_codes_create_then_selfdestruct_same_tx|test_validation_codes_missing_redelegation_old_marker";

    [Theory]
    [InlineData("eest/state_tests.zip")]
    [InlineData("eest/state_tests_static.zip")]
    [InlineData("ethereum-tests/GeneralStateTests.zip")]
    [InlineData("legacy/cancun_state.zip")]
    [InlineData("legacy/constantinople_state.zip")]
    [InlineData("evm/benchmarks.zip")]
    public void State_tests_end_in_the_expected_root(string archive) => Run(FixtureKind.State, archive);

    [Theory]
    [InlineData("eest/blockchain_frontier.zip")]
    [InlineData("eest/blockchain_homestead.zip")]
    [InlineData("eest/blockchain_byzantium.zip")]
    [InlineData("eest/blockchain_constantinoplefix.zip")]
    [InlineData("eest/blockchain_istanbul.zip")]
    [InlineData("eest/blockchain_berlin.zip")]
    [InlineData("eest/blockchain_london.zip")]
    [InlineData("eest/blockchain_paris.zip")]
    [InlineData("eest/blockchain_shanghai.zip")]
    [InlineData("eest/blockchain_cancun.zip")]
    [InlineData("eest/blockchain_prague.zip")]
    [InlineData("eest/blockchain_osaka.zip")]
    [InlineData("eest/blockchain_transitions.zip")]
    [InlineData("eest/blockchain_extra.zip")]
    [InlineData("eest/blockchain_static.zip")]
    [InlineData("eest/blockchain_amsterdam.zip")]
    [InlineData("eest/zkevm_amsterdam.zip", OfAnOlderDraft)]
    [InlineData("eest/benchmark.zip")]
    [InlineData("ethereum-tests/BlockchainTests_ValidBlocks.zip")]
    [InlineData("ethereum-tests/BlockchainTests_InvalidBlocks.zip")]
    [InlineData("ethereum-tests/BlockchainTests_TransitionTests.zip")]
    [InlineData("legacy/cancun_blockchain.zip")]
    [InlineData("legacy/constantinople_blockchain.zip")]
    public void Blockchain_tests_end_at_the_expected_head(string archive, string? left = null) => Run(FixtureKind.Block, archive, left);

    [Theory]
    [InlineData("eest/blockchain_paris.zip")]
    [InlineData("eest/blockchain_shanghai.zip")]
    [InlineData("eest/blockchain_cancun.zip")]
    [InlineData("eest/blockchain_prague.zip")]
    [InlineData("eest/blockchain_osaka.zip")]
    [InlineData("eest/blockchain_transitions.zip")]
    [InlineData("eest/blockchain_extra.zip")]
    [InlineData("eest/blockchain_static.zip")]
    [InlineData("eest/blockchain_amsterdam.zip")]
    [InlineData("ethereum-tests/BlockchainTests_ValidBlocks.zip")]
    [InlineData("ethereum-tests/BlockchainTests_InvalidBlocks.zip")]
    [InlineData("eest/benchmark_engine.zip")]
    public void A_consensus_client_gets_the_same_verdicts_through_the_Engine_API(string archive) => Run(FixtureKind.Engine, archive);

    [Fact]
    public void Bare_code_leaves_the_expected_gas_and_storage() => Run(FixtureKind.Machine, "legacy/constantinople_vm.zip");

    /// <param name="left">Names that are left out.</param>
    void Run(FixtureKind kind, string archive, string? left = null)
    {
        var failures = new List<string>();
        var run = new FixtureRun { Kind = kind, Path = SharedFolder.Fixture(archive), Share = Share, Names = left is null ? null : new Regex($"^(?!.*({left}))") };
        var counts = run.Run((file, verdict) =>
        {
            if (!verdict.Passed) failures.Add($"{file}::{verdict.Name} [{verdict.Fork}] {verdict.Fault ?? verdict.Skipped}");
        }, TestContext.Current.CancellationToken);
        output.WriteLine($"{archive}: {FixtureRun.Summary(counts)} (one in {Share})");
        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(20).Prepend(FixtureRun.Summary(counts))));
    }
}
