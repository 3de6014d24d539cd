using Xunit;

namespace Hufu.EndToEnd;

public sealed class TallyTests
{
    const string Sender = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266", Shop = "0x00000000000000000000000000000000000050fa";

    [Fact]
    public async Task A_tally_made_by_one_command_is_verified_by_another_after_the_node_is_gone_and_refused_when_changed()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "payment.tally.json");
        await using (var hufu = await HufuProcess.Up(Path.Combine(folder.Path, "chain")))
        {
            var transaction = (await hufu.Call("eth_sendTransaction", new { from = Sender, to = Shop, value = "0xde0b6b3a7640000", gas = "0x5208" })).GetString()!;
            await HufuProcess.Succeed("tally", "--rpc", hufu.Url, "--transaction", transaction, "--out", file);
            await HufuProcess.Succeed("tally", "--rpc", hufu.Url, "--account", Shop, "--slot", "0x0", "--out", file + ".slot");
        }

        var said = await HufuProcess.Succeed("verify", file);
        Assert.Contains("sent 1 Ether to 0x00000000000000000000000000000000000050Fa", said, StringComparison.Ordinal);
        Assert.Contains("转出 1 以太", said, StringComparison.Ordinal);
        Assert.Contains("none: trust the RPC endpoint's header 0x", said, StringComparison.Ordinal);
        await HufuProcess.Succeed("verify", file + ".slot");

        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("sent 1 Ether", "sent 9 Ether", StringComparison.Ordinal));
        var (exitCode, _, error) = await HufuProcess.Run("verify", file);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("its evidence does not", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tally_of_nothing_and_a_file_that_is_none_are_refused_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        await using var hufu = await HufuProcess.Up(Path.Combine(folder.Path, "chain"));

        var (exitCode, _, error) = await HufuProcess.Run("tally", "--rpc", hufu.Url, "--transaction", "0x" + new string('1', 64));
        Assert.NotEqual(0, exitCode);
        Assert.Contains("there is no transaction", error, StringComparison.Ordinal);

        var file = Path.Combine(folder.Path, "no.json");
        await File.WriteAllTextAsync(file, "{}");
        (exitCode, _, error) = await HufuProcess.Run("verify", file);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("this is no tally", error, StringComparison.Ordinal);
    }
}
