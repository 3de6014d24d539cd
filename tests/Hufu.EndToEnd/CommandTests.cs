using Xunit;

namespace Hufu.EndToEnd;

public sealed class CommandTests
{
    [Fact]
    public async Task Up_tells_where_to_connect_and_stops_cleanly()
    {
        using var data = new TemporaryFolder();
        await using var hufu = await HufuProcess.Up(data.Path);

        Assert.Equal("0x7a69", (await hufu.Call("eth_chainId")).GetString());
        Assert.Equal(0, await hufu.Stop());
        Assert.Contains(hufu.Url, hufu.Output, StringComparison.Ordinal);
        Assert.Contains("UNSAFE", hufu.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_second_process_on_the_same_folder_is_refused_with_the_reason()
    {
        using var data = new TemporaryFolder();
        await using var hufu = await HufuProcess.Up(data.Path);

        var (exitCode, output, error) = await HufuProcess.Run("up", "--data", data.Path, "--rpc-port", "0");

        Assert.NotEqual(0, exitCode);
        Assert.Contains(data.Path, output + error, StringComparison.Ordinal);
    }
}
