using Hufu.Client;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Client;

public sealed class ContractTests
{
    static readonly Address Shop = Address.FromNumber(0x50fa);

    [Fact]
    public async Task A_generated_client_deploys_calls_reads_events_and_tells_custom_errors()
    {
        await using var chain = await ClientChain.StartAsync();
        using var alice = new TransactionSender(chain.Client, ClientChain.Alice);
        var deployed = await alice.ExecuteAsync(TestTokenContract.Deploy(1_000));
        var token = new TestTokenContract(chain.Client, deployed.ContractAddress!.Value);

        var receipt = await alice.ExecuteAsync(token.Transfer(Shop, 300));

        Assert.Equal(300, await token.BalanceOfAsync(Shop));
        Assert.Equal(1_000, await token.BalanceOfAsync(alice.Address, BlockId.At(receipt.BlockNumber - 1)));
        var transfer = Assert.Single(token.TransferEvents(receipt));
        Assert.Equal(new TestTokenContract.TransferEvent(alice.Address, Shop, 300), transfer);
        var found = await chain.Client.GetLogsAsync(new LogQuery { From = BlockId.Earliest, Addresses = [token.Address], Topics = TestTokenContract.TransferEvent.Filter(to: Shop) });
        Assert.Equal(transfer, TestTokenContract.TransferEvent.Read(Assert.Single(found).Log));

        var refused = await Assert.ThrowsAsync<ChainException>(() => alice.ExecuteAsync(token.Transfer(Shop, 701)));
        Assert.Equal(new TestTokenContract.ERC20InsufficientBalanceError(alice.Address, 700, 701), TestTokenContract.ERC20InsufficientBalanceError.Read(refused.Revert));
        Assert.Contains("balance: 700, needed: 701", refused.Message, StringComparison.Ordinal);

        // With a gas limit of its own nothing is estimated: the refusal comes from the block, and still tells why.
        refused = await Assert.ThrowsAsync<ChainException>(() => alice.ExecuteAsync(token.Transfer(Shop, 701) with { GasLimit = 100_000 }));
        Assert.Contains("needed: 701", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Structs_go_in_and_out_by_their_names()
    {
        var batch = new TestBatchContract(null!, Shop);
        var request = batch.Execute([new(Shop, 5, [1, 2, 3]), new(Address.Zero, 0, [])], wei: 5);

        Assert.True(TestBatchContract.Functions.Execute.TryDecodeCall(request.Data.Span, out var arguments, out _, canonical: true));
        Assert.Equal("[[0x00000000000000000000000000000000000050Fa, 5, 0x010203], [0x0000000000000000000000000000000000000000, 0, 0x]]", AbiJson.Text(arguments[0]), ignoreCase: true);
        Assert.Equal(5, request.Value);
    }

    [Fact]
    public async Task A_permit_signed_here_is_accepted_by_the_contract()
    {
        await using var chain = await ClientChain.StartAsync();
        using var alice = new TransactionSender(chain.Client, ClientChain.Alice);
        using var bob = new TransactionSender(chain.Client, ClientChain.Bob);
        var token = new TestTokenContract(chain.Client, (await alice.ExecuteAsync(TestTokenContract.Deploy(1_000))).ContractAddress!.Value);
        var domain = new TypedDataDomain("Test Token", "1", await chain.Client.GetChainIdAsync(), token.Address);
        Assert.Equal(domain.Separator, await token.DomainSeparatorAsync());

        var permit = ClientChain.Alice.SignDigest(domain.DigestOf("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)", alice.Address, bob.Address, 40, 0, UInt256.MaxValue));
        await bob.ExecuteAsync(token.Permit(alice.Address, bob.Address, 40, UInt256.MaxValue, permit.V, permit.R, permit.S));
        await bob.ExecuteAsync(token.TransferFrom(alice.Address, Shop, 40));

        Assert.Equal(40, await token.BalanceOfAsync(Shop));
    }

    [Fact]
    public void What_is_checked_in_is_what_the_generator_writes()
    {
        var root = SharedFolder.Repository(".");
        string[] folders = [Path.Combine(root, "src", "Platform"), Path.Combine(root, "tests")];
        var generated = folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*Contract.g.cs", SearchOption.AllDirectories)).ToArray();

        Assert.NotEmpty(generated);
        foreach (var file in generated)
        {
            var name = Path.GetFileName(file)[..^"Contract.g.cs".Length];
            // A service's artifacts lie beside its code; the tests have theirs together.
            var beside = Path.Combine(Path.GetDirectoryName(file)!, "artifacts", name + ".json");
            var artifact = File.Exists(beside) ? beside : Path.Combine(root, "tests", "Contracts", "artifacts", name + ".json");
            var text = File.ReadAllText(file);
            var @namespace = text.Split('\n').First(line => line.StartsWith("namespace ", StringComparison.Ordinal))["namespace ".Length..^1];

            Assert.True(ContractSource.TryWrite(File.ReadAllBytes(artifact), name, @namespace, out var source, out var refusal), refusal?.ToString());
            Assert.True(source == text, $"{file} is stale: hufu contract generate {artifact} --namespace {@namespace} --out {file}");
        }
    }

    [Theory]
    [InlineData("""[{"type":"function","name":"Bad Name","inputs":[]}]""")]
    [InlineData("""[{"type":"function","name":"f","inputs":[{"type":"uint7","name":"a"}]}]""")]
    [InlineData("""[{"type":"function","name":"f();evil(","inputs":[]}]""")]
    [InlineData("{}")]
    [InlineData("7")]
    public void An_ABI_that_is_none_is_refused(string json) => Assert.False(ContractSource.TryWrite(System.Text.Encoding.UTF8.GetBytes(json), "X", "N", out _, out _));
}
