using System.Globalization;
using Hufu.Chain;
using Hufu.Primitives;
using Hufu.Rpc;
using Hufu.State;

namespace Hufu.Node;

/// <summary>The first block of a chain that forks another: the other chain's block as it is, and on its state the development accounts with their money.</summary>
static class ForkGenesis
{
    /// <summary>The other chain's state, with what earlier starts have read of it where the block was named: that of a chain's latest block is not met again.</summary>
    /// <param name="cache">A folder; null, or one in use by another process, keeps it in memory.</param>
    public static ForkOrigin OpenOrigin(ForkPoint fork, string? cache)
    {
        IKeyValueStore? store = null;
        if (cache is not null && fork.IsFixed)
        {
            var folder = Path.Combine(cache, string.Create(CultureInfo.InvariantCulture, $"{fork.ChainId}-{fork.Block.Number}-{fork.Block.Hash.ToString()[2..18]}"));
            if (RocksStore.TryOpen(folder, ForkOrigin.Tables, null, out var kept, out _)) store = kept;
        }
        return new ForkOrigin(fork.Remote, store ?? new MemoryStore(), fork.Block.Number);
    }

    /// <param name="genesis">Of a development network with the other chain's id: its accounts are laid over the other chain's.</param>
    public static GenesisBlock BlockOf(ForkPoint fork, ForkOrigin origin, Genesis genesis)
    {
        var diff = new StateDiff();
        foreach (var (address, given) in genesis.Alloc)
        {
            var isThere = origin.TryGetAccount(address, out var account);
            if (!isThere) account = Account.Empty;
            // A contract of the protocol is needed for blocks of the newest fork; where the other chain has it, it stays as it is.
            if (given.Code.Length > 0 && account.HasCode) continue;
            var change = new AccountDiff { Nonce = Math.Max(account.Nonce, given.Nonce), Balance = given.Code.Length > 0 ? account.Balance : given.Balance, CodeHash = account.CodeHash };
            if (given.Code.Length > 0)
            {
                var code = given.Code.ToArray();
                diff.Codes[change.CodeHash = Keccak256.Hash(code)] = code;
            }
            diff.Accounts[address] = change;
        }
        // The body stays with the other chain, which answers for it; what is here is a header to build on.
        return new GenesisBlock(new Block(fork.Block, [], [], fork.Block.WithdrawalsRoot is null ? null : []), diff) { IsForked = true };
    }
}
