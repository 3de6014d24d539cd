using Hufu.Primitives;
using Xunit;

namespace Hufu.State;

public class WorldStateTests
{
    [Fact]
    public void An_empty_state_has_the_root_of_an_empty_trie() =>
        Assert.Equal(Account.EmptyTrieRoot, WorldState.BeginEmpty().Root());

    [Fact]
    public void The_mainnet_rule_of_one_funded_account_gives_its_known_shape()
    {
        var transition = WorldState.BeginEmpty();
        transition.Apply(Fund(Address.FromNumber(1), 7));
        var leaf = RlpOfLeaf(Address.FromNumber(1), Account.Empty with { Balance = 7 });
        Assert.Equal(Keccak256.Hash(leaf), transition.Root());
    }

    [Fact]
    public void A_committed_block_is_the_head_and_earlier_blocks_stay_readable()
    {
        var world = WorldState.InMemory();
        var alice = Address.FromNumber(0xA11CE);
        BlockId? parent = null;
        for (ulong number = 0; number < 5; number++)
        {
            var transition = parent is { } at ? world.Begin(at)! : WorldState.BeginEmpty();
            transition.Apply(Fund(alice, 100 + number));
            var block = new BlockId(number, Keccak256.Hash([(byte)number]));
            Assert.True(world.Commit(transition, block, new WriteBatch(), sync: false));
            parent = block;
        }
        Assert.Equal(4ul, world.Head!.Value.Number);
        for (ulong number = 0; number < 5; number++)
        {
            Assert.True(world.At(number)!.TryGetAccount(alice, out var account));
            Assert.Equal((UInt256)(100 + number), account.Balance);
        }
        Assert.Null(world.At(5));
    }

    static StateDiff Fund(Address address, ulong balance)
    {
        var diff = new StateDiff();
        diff.Accounts.Add(address, new AccountDiff { Balance = balance });
        return diff;
    }

    static byte[] RlpOfLeaf(Address address, Account account)
    {
        using var value = new RlpWriter();
        account.Write(value);
        using var writer = new RlpWriter();
        TrieNode.WriteLeaf(writer, new NibblePath(Keccak256.Hash(address.Bytes).Bytes), value.Written);
        return writer.ToArray();
    }
}
