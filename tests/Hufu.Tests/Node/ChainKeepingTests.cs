using Hufu.Node;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Node;

/// <summary>A node that is told how much memory and how much of the past it may keep.</summary>
public sealed class ChainKeepingTests
{
    const string Someone = "0x00000000000000000000000000000000000000c1";

    [Fact]
    public async Task With_the_smallest_cache_and_the_shortest_history_the_last_states_are_read_and_older_ones_refused()
    {
        var folder = Directory.CreateTempSubdirectory("hufu-keeping-").FullName;
        try
        {
            Assert.True(Hufu.Primitives.GenesisJson.TryParse(DevNetwork.GenesisFile(31337, null, [], Hufu.Primitives.UInt256.One), out var genesis, out var refusal), refusal?.ToString());
            var options = new NodeOptions
            {
                Genesis = genesis,
                DataFolder = folder,
                HasDevMethods = true,
                Rpc = new RpcServerOptions { Port = 0 },
                Keeping = new ChainKeeping { CacheBytes = ChainKeeping.LeastCacheBytes, States = ChainKeeping.FewestStates },
            };
            for (var start = 0; start < 2; start++)
            {
                var (node, cannot) = await Hufu.Node.Node.StartAsync(options);
                Assert.True(node is not null, cannot?.ToString());
                await using var ends = node;
                if (start == 0)
                {
                    for (var block = 50; block <= 500; block += 50)
                    {
                        await node.AskAsync("hardhat_setBalance", Someone, $"0x{block:x}");
                        await node.AskAsync("hardhat_mine", "0x32");
                    }
                }
                Assert.Equal(500UL, node.Chain.Head.Number);
                Assert.Equal("0x1f4", (await node.AskAsync("eth_getBalance", Someone, "latest")).GetProperty("result").GetString());
                Assert.Equal("0x1c2", (await node.AskAsync("eth_getBalance", Someone, $"0x{401:x}")).GetProperty("result").GetString());
                Assert.Contains("not kept any more", (await node.AskAsync("eth_getBalance", Someone, "0x64")).GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
                Assert.Null(node.Chain.VerifyState());
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
