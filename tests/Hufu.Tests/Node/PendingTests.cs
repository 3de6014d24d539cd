using Hufu.Node;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Node;

/// <summary>"pending" on a chain that is no development chain: the head's state at the time of the block to come.</summary>
public sealed class PendingTests
{
    // TIMESTAMP, NUMBER, and BLOCKHASH of the block before; each returned as a word.
    const string Timestamp = "0x425f5260205ff3", Number = "0x435f5260205ff3", Before = "0x60014303405f5260205ff3";

    [Fact]
    public async Task A_call_in_the_pending_block_has_its_time_where_blocks_wait_for_transactions()
    {
        Assert.True(Hufu.Primitives.GenesisJson.TryParse(DevNetwork.GenesisFile(31337, null, [], Hufu.Primitives.UInt256.One), out var genesis, out var refusal), refusal?.ToString());
        var (node, cannot) = await Hufu.Node.Node.StartAsync(new NodeOptions { Genesis = genesis with { Timestamp = 1_700_000_000 }, Rpc = new RpcServerOptions { Port = 0 } });
        Assert.True(node is not null, cannot?.ToString());
        await using var ends = node;

        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.Equal(1_700_000_000ul, await Word(node, Timestamp, "latest"));
        Assert.InRange(await Word(node, Timestamp, "pending"), now, now + 60);
        Assert.Equal(0ul, await Word(node, Number, "latest"));
        Assert.Equal(1ul, await Word(node, Number, "pending"));
        Assert.Equal(node.Chain.Head.Hash.ToString(), await Text(node, "eth_call", new { data = Before }, "pending"));
        // TIMESTAMP above a time that has come by now: JUMPI over a REVERT. Gas is estimated for the block to come.
        await Text(node, "eth_estimateGas", new { data = $"0x63{now - 1:x8}4211600d575f5ffd5b00" });
    }

    static async Task<ulong> Word(Hufu.Node.Node node, string code, string block) => Convert.ToUInt64((await Text(node, "eth_call", new { data = code }, block))[50..], 16);

    static async Task<string> Text(Hufu.Node.Node node, string method, params object?[] parameters)
    {
        var answer = await node.AskAsync(method, parameters);
        return answer.TryGetProperty("result", out var result) ? result.GetString()! : throw new InvalidOperationException($"{method}: {answer}");
    }
}
