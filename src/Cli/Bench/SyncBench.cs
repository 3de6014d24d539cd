using System.CommandLine;
using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Crypto;
using Hufu.Network;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Rpc;

namespace Hufu.Cli;

/// <summary>`hufu bench sync`: a chain of transfers fetched from a peer, verified, executed and kept in memory, again and again. Both nodes are in this process.</summary>
static class SyncBench
{
    static readonly Option<int> Blocks = new("--blocks") { Description = "How many blocks.", HelpName = "N", DefaultValueFactory = _ => 200 };
    static readonly Option<int> Transactions = new("--transactions") { Description = "Transfers in each.", HelpName = "N", DefaultValueFactory = _ => 200 };
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static Command Create(Option<int> repeat)
    {
        var command = new Command("sync", "A chain of transfers fetched from a peer, verified, executed and kept in memory. Example: hufu bench sync --blocks 200 --transactions 200") { Blocks, Transactions };
        command.SetAction(async (parsed, stop) =>
        {
            var (blocks, each) = (parsed.GetValue(Blocks), parsed.GetValue(Transactions));
            var secret = DevAccounts.Secrets(1)[0];
            var sender = TransactionSigning.AddressOf(secret);
            if (!GenesisJson.TryParse(DevNetwork.GenesisFile(DevNetwork.ChainId, (ulong)each * 42_000 + 30_000_000, [sender], DevNetwork.DefaultBalance), out var genesis, out var refusal)) return Outcome.Refuse(refusal);
            var (leader, cannot) = await Node.Node.StartAsync(new NodeOptions { Genesis = genesis, Sealing = new SoloOptions { Mode = SoloMode.Manual }, Rpc = new RpcServerOptions { Port = 0 }, Network = new NetworkOptions { HasDiscovery = false } }).ConfigureAwait(false);
            if (leader is null) return Outcome.Refuse(cannot!);
            await using (leader.ConfigureAwait(false))
            {
                // Nobody else writes to this chain: it seals nothing by itself.
                Extend(leader.Chain, blocks, each, secret, sender);
                if (!Enode.TryParse(leader.Enode!, out var enode, out refusal)) return Outcome.Refuse(refusal);
                var options = new NodeOptions { Genesis = genesis, IsFollower = true, Rpc = new RpcServerOptions { Port = 0 }, Network = new NetworkOptions { HasDiscovery = false, Peers = new PeerSetOptions { StaticPeers = [enode] } } };
                Timings.Of(parsed.GetValue(repeat), () => FollowAsync(options, leader.Chain.Head.Hash, stop).GetAwaiter().GetResult()).Report("sync", (long)blocks * each, writer =>
                {
                    writer.WriteNumber("blocks", blocks);
                    writer.WriteNumber("transactions_per_block", each);
                });
            }
            return Outcome.Success;
        });
        return command;
    }

    static void Extend(Blockchain chain, int blocks, int each, byte[] secret, Address sender)
    {
        ulong nonce = 0;
        for (var i = 0; i < blocks; i++)
        {
            var parent = chain.Head.Head;
            var transfers = Enumerable.Range(0, each).Select(at => (TransactionSigning.Sign(new DynamicFeeTransaction
            {
                ChainId = chain.Forks.ChainId,
                Nonce = nonce++,
                GasLimit = 21_000,
                MaxFeePerGas = 100_000_000_000_000,
                MaxPriorityFeePerGas = 1,
                To = Address.FromNumber((uint)(0x10_0000 + nonce)),
                Value = UInt256.One,
            }, secret), sender)).ToList();
            var built = chain.Build(parent.Hash, new BlockAttributes { Timestamp = parent.Timestamp + 1, Beneficiary = sender, Withdrawals = [], ParentBeaconBlockRoot = Hash256.Zero }, new TransactionList(transfers));
            if (built.Block.Transactions.Count != each || chain.Import(built, isChosen: true).IsRefused(out _)) throw new InvalidOperationException($"block {parent.Number + 1} was not made: {built.Block.Transactions.Count} of {each} transfers");
        }
    }

    static async Task FollowAsync(NodeOptions options, Hash256 head, CancellationToken stop)
    {
        var (node, cannot) = await Node.Node.StartAsync(options).ConfigureAwait(false);
        if (node is null) throw new InvalidOperationException(cannot!.ToString());
        await using (node.ConfigureAwait(false))
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(Patience);
            while (node.Chain.Head.Hash != head) await Task.Delay(5, patience.Token).ConfigureAwait(false);
        }
    }
}
