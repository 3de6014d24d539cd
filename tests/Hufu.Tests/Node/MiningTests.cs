using System.Text;
using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Crypto;
using Hufu.Network;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Node;

/// <summary>A small private network of proof of work.</summary>
public sealed class MiningTests
{
    const string GenesisFile = """
        {
          "config": {
            "chainId": 1982, "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0, "byzantiumBlock": 0, "constantinopleBlock": 0,
            "petersburgBlock": 0, "istanbulBlock": 0, "berlinBlock": 0, "londonBlock": 0, "ethash": { "fixeddifficulty": 20 }
          },
          "difficulty": "0x14", "gasLimit": "0x1c9c380", "alloc": { "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266": { "balance": "0x21e19e0c9bab2400000" } }
        }
        """;

    static readonly Address Miner = Address.Parse("0x00000000000000000000000000000000000000c1"), Other = Address.Parse("0x00000000000000000000000000000000000000c2");

    [Fact]
    public async Task Two_miners_and_a_follower_have_one_chain_whose_every_seal_is_checked()
    {
        await using var first = await Start(Miner, []);
        await using var second = await Start(Other, [EnodeOf(first)]);
        await using var follower = await Start(null, [EnodeOf(first), EnodeOf(second)]);
        var transfer = TransactionSigning.Sign(new DynamicFeeTransaction
        {
            ChainId = 1982,
            GasLimit = 21_000,
            MaxFeePerGas = 10_000_000_000,
            MaxPriorityFeePerGas = 1_000_000_000,
            To = Other,
            Value = UInt256.One,
        }, DevAccounts.Secrets(1)[0]);
        await Until(() => follower.PeerCount == 2, "the follower has no peers");
        Assert.Null(follower.Pool.Add(transfer).Refusal);

        await Until(() => follower.Chain.Head.Number >= 6 && AccountOf(follower, DevAddress).Nonce == 1, "the transfer was not mined");
        // The tips may differ; what lies a few blocks back is the same for all.
        var number = follower.Chain.Head.Number - 3;
        await Until(() => first.Chain.Blocks.CanonicalHash(number) == follower.Chain.Blocks.CanonicalHash(number) && second.Chain.Blocks.CanonicalHash(number) == follower.Chain.Blocks.CanonicalHash(number), "the chains differ");

        var block = follower.Chain.Blocks.BlockOf(follower.Chain.Blocks.CanonicalHash(number)!.Value)!;
        Assert.Equal(20UL, (ulong)block.Header.Difficulty.Low64);
        var forged = block with { Header = block.Header with { Nonce = block.Header.Nonce + 1 } };
        Assert.Equal(BlockRule.Seal, follower.Chain.Import(forged).Refusal?.Rule);
        Assert.False((AccountOf(follower, Miner).Balance + AccountOf(follower, Other).Balance).IsZero);
    }

    [Fact]
    public async Task What_is_no_network_of_proof_of_work_is_not_mined()
    {
        Assert.True(GenesisJson.TryParse(DevNetwork.GenesisFile(1, null, [], UInt256.Zero), out var genesis, out _));
        var (node, refusal) = await Hufu.Node.Node.StartAsync(new NodeOptions { Genesis = genesis, Rpc = new RpcServerOptions { Port = 0 }, Mining = new MiningOptions { Beneficiary = Miner } });
        Assert.Null(node);
        Assert.Contains("no network of proof of work", refusal!.What, StringComparison.Ordinal);
    }

    static Account AccountOf(Hufu.Node.Node node, Address address) => node.Chain.StateAt(node.Chain.Head.Hash)!.TryGetAccount(address, out var account) ? account : default;

    static Address DevAddress => Address.FromPublicKey(Secp256k1.PublicKey(DevAccounts.Secrets(1)[0]));

    static Enode EnodeOf(Hufu.Node.Node node) => Enode.TryParse(node.Enode!, out var enode, out _) ? enode : throw new InvalidOperationException(node.Enode);

    static async Task<Hufu.Node.Node> Start(Address? miner, Enode[] peers)
    {
        Assert.True(GenesisJson.TryParse(Encoding.UTF8.GetBytes(GenesisFile), out var genesis, out var wrong), wrong?.ToString());
        var (node, refusal) = await Hufu.Node.Node.StartAsync(new NodeOptions
        {
            Genesis = genesis,
            IsFollower = true,
            Mining = miner is { } beneficiary ? new MiningOptions { Beneficiary = beneficiary } : null,
            Rpc = new RpcServerOptions { Port = 0 },
            Network = new NetworkOptions { HasDiscovery = false, Peers = new PeerSetOptions { StaticPeers = peers, LongestBackoff = TimeSpan.FromSeconds(1) } },
        });
        return node ?? throw new InvalidOperationException(refusal!.ToString());
    }

    static async Task Until(Func<bool> condition, string why)
    {
        for (var i = 0; i < 3000; i++)
        {
            if (condition()) return;
            await Task.Delay(20);
        }
        Assert.Fail(why);
    }
}
