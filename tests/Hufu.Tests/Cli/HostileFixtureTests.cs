using System.Text;
using CsCheck;
using Hufu.Cli;
using Hufu.Tests.Primitives;
using Xunit;

namespace Hufu.Tests.Cli;

public sealed class HostileFixtureTests : IDisposable
{
    // Small enough that most damage hits something that matters; the code adds 1 to slot 0.
    const string StateTest = """
        {"adds one":{"env":{"currentCoinbase":"0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba","currentGasLimit":"0x5f5e100","currentNumber":"0x01","currentTimestamp":"0x03e8","currentBaseFee":"0x07","currentRandom":"0x00"},
        "pre":{"0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b":{"balance":"0x0de0b6b3a7640000","nonce":"0x00","code":"0x","storage":{}},
        "0x1000000000000000000000000000000000000000":{"balance":"0x00","nonce":"0x01","code":"0x60016000540160005500","storage":{"0x00":"0x05"}}},
        "transaction":{"nonce":"0x00","gasPrice":"0x0a","gasLimit":["0x0186a0"],"to":"0x1000000000000000000000000000000000000000","value":["0x00"],"data":["0x"],"sender":"0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b"},
        "post":{"Shanghai":[{"indexes":{"data":0,"gas":0,"value":0},"hash":"0x0000000000000000000000000000000000000000000000000000000000000000","logs":"0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"}]}}}
        """;

    const string BlockTest = """
        {"one block":{"network":"Shanghai","sealEngine":"NoProof","lastblockhash":"0x0000000000000000000000000000000000000000000000000000000000000000",
        "genesisBlockHeader":{"parentHash":"0x0000000000000000000000000000000000000000000000000000000000000000","uncleHash":"0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347","coinbase":"0x0000000000000000000000000000000000000000","stateRoot":"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421","transactionsTrie":"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421","receiptTrie":"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421","bloom":"0x00","difficulty":"0x00","number":"0x00","gasLimit":"0x5f5e100","gasUsed":"0x00","timestamp":"0x00","extraData":"0x00","mixHash":"0x0000000000000000000000000000000000000000000000000000000000000000","nonce":"0x0000000000000000","baseFeePerGas":"0x07","withdrawalsRoot":"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"},
        "pre":{"0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b":{"balance":"0x0de0b6b3a7640000","nonce":"0x00","code":"0x","storage":{}}},
        "blocks":[{"rlp":"0xf90260f9025ba0","expectException":"BlockException.RLP"},{"rlp":"0xc0"}],"postState":{}}}
        """;

    readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(0, StateTest)]
    [InlineData(1, BlockTest)]
    public void A_damaged_fixture_gets_a_verdict_and_never_a_crash(int kind, string json)
    {
        GenPrimitives.Damaged(Encoding.UTF8.GetBytes(json)).Sample(bytes =>
        {
            File.WriteAllBytes(_file, bytes);
            var run = new FixtureRun { Kind = (FixtureKind)kind, Path = _file, Workers = 1 };
            run.Run(static (_, verdict) => Assert.NotNull(verdict.Name), TestContext.Current.CancellationToken);
        }, iter: GenPrimitives.FuzzCases / 3, threads: 1);
    }

    [Fact]
    public void The_undamaged_state_test_runs_to_its_root()
    {
        File.WriteAllText(_file, StateTest);
        FixtureVerdict? found = null;
        new FixtureRun { Kind = FixtureKind.State, Path = _file, Workers = 1 }.Run((_, verdict) => found = verdict, TestContext.Current.CancellationToken);
        Assert.Contains("the state root is", found!.Fault, StringComparison.Ordinal);
    }
}
