using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>Makes tallies for what is on a chain, from any node of it. What the node answers is checked before it is handed on: a tally that does not hold is never made.</summary>
public sealed class TallyMaker(ChainClient chain)
{
    /// <summary>A transaction, what came of it and its events.</summary>
    /// <param name="known">Contracts whose events may be in it: those are declared, so that they read in words.</param>
    /// <exception cref="ChainException">There is no such transaction in a block, or the node's answers do not fit each other.</exception>
    public Task<byte[]> OfTransactionAsync(Hash256 hash, IReadOnlyList<ContractAbi>? known = null, CancellationToken stop = default) => OfReceiptAsync(hash, null, known ?? [], stop);

    /// <summary>One event of a transaction.</summary>
    /// <param name="position">Among the transaction's events, counted from 0.</param>
    /// <exception cref="ChainException">There is no such event in a block.</exception>
    public Task<byte[]> OfLogAsync(Hash256 hash, int position, IReadOnlyList<ContractAbi>? known = null, CancellationToken stop = default) => OfReceiptAsync(hash, position, known ?? [], stop);

    /// <summary>What an account held when a block was done.</summary>
    public async Task<byte[]> OfAccountAsync(Address address, BlockId at = default, CancellationToken stop = default)
    {
        var block = await BlockAsync(at, stop).ConfigureAwait(false);
        var proof = await chain.GetProofAsync(address, [], block.Hash, stop).ConfigureAwait(false);
        return await WriteAsync(block, tally => tally with { Kind = TallyKind.Account, Address = address, AccountProof = proof.Nodes }, stop).ConfigureAwait(false);
    }

    /// <summary>What a slot of a contract held when a block was done.</summary>
    public async Task<byte[]> OfStorageAsync(Address address, UInt256 slot, BlockId at = default, CancellationToken stop = default)
    {
        var block = await BlockAsync(at, stop).ConfigureAwait(false);
        var proof = await chain.GetProofAsync(address, [slot], block.Hash, stop).ConfigureAwait(false);
        if (proof.Storage.Count != 1) throw Unfit("eth_getProof was asked for one slot", $"it answered with {proof.Storage.Count}");
        return await WriteAsync(block, tally => tally with { Kind = TallyKind.Storage, Address = address, AccountProof = proof.Nodes, Slot = slot, StorageProof = proof.Storage[0].Nodes }, stop).ConfigureAwait(false);
    }

    async Task<byte[]> OfReceiptAsync(Hash256 hash, int? position, IReadOnlyList<ContractAbi> known, CancellationToken stop)
    {
        var receipt = await chain.GetReceiptAsync(hash, stop).ConfigureAwait(false)
            ?? throw new ChainException(new Refusal($"there is no transaction {hash} in a block", "the node has no receipt for it", "check the hash and the chain; a new transaction takes a moment"));
        if (position is { } asked && (asked < 0 || asked >= receipt.Logs.Count))
            throw new ChainException(new Refusal($"transaction {hash} has no event number {asked}", $"it left {receipt.Logs.Count} events, counted from 0", "choose one of them"));
        var block = await BlockAsync(receipt.BlockHash, stop, withTransactions: true).ConfigureAwait(false);
        var transactions = ReadTransactions(block);
        var receipts = (await chain.GetBlockReceiptsAsync(block, stop).ConfigureAwait(false)).Select(one => one.Receipt).ToArray();
        if (receipts.Length != transactions.Count || receipt.TransactionIndex >= receipts.Length || TrieRoot.OfReceipts(receipts) != block.Header.ReceiptsRoot) throw Unfit("the receipts of the block do not have the root in its header", $"block {block.Hash}");

        Log[] told = position is { } one ? [receipt.Logs[one].Log] : [.. receipt.Logs.Select(log => log.Log)];
        return await WriteAsync(block, tally => tally with
        {
            Kind = position is null ? TallyKind.Transaction : TallyKind.Log,
            TransactionIndex = receipt.TransactionIndex,
            TransactionProof = TrieRoot.ProveTransaction(transactions, receipt.TransactionIndex),
            ReceiptProof = TrieRoot.ProveReceipt(receipts, receipt.TransactionIndex),
            LogPosition = position ?? 0,
            Declarations = Declarations(told, known),
        }, stop).ConfigureAwait(false);
    }

    // Only what is needed and not known to every reader.
    static string[] Declarations(IEnumerable<Log> logs, IReadOnlyList<ContractAbi> known) =>
        [.. logs.Where(log => !TallyProof.IsStandard(log)).Select(log => known.Select(abi => abi.EventOf(log)).FirstOrDefault(one => one is not null)?.Declaration).OfType<string>().Distinct(StringComparer.Ordinal)];

    static IReadOnlyList<Transaction> ReadTransactions(ChainBlock block)
    {
        try
        {
            var transactions = block.Transactions;
            return TrieRoot.OfTransactions(transactions) == block.Header.TransactionsRoot ? transactions : throw Unfit("the transactions of the block do not have the root in its header", $"block {block.Hash}");
        }
        catch (FormatException error)
        {
            throw Unfit("a transaction of the block is of a kind that Ethereum does not have", error.Message);
        }
    }

    async Task<ChainBlock> BlockAsync(BlockId at, CancellationToken stop, bool withTransactions = false)
    {
        var block = await chain.GetBlockAsync(at, withTransactions, stop).ConfigureAwait(false)
            ?? throw new ChainException(new Refusal($"there is no block {at}", "the node does not have it", "choose another block"));
        return block.IsHeaderWhole ? block
            : throw new ChainException(new Refusal("this chain's headers are not Ethereum's", $"the header of block {block.Header.Number}, as the node tells it, hashes to {block.Header.Hash} and not to {block.Hash}", "tallies need a chain whose headers follow Ethereum's rules"));
    }

    async Task<byte[]> WriteAsync(ChainBlock block, Func<Tally, Tally> evidence, CancellationToken stop)
    {
        var genesis = await BlockAsync(BlockId.At(0), stop).ConfigureAwait(false);
        var tally = evidence(new Tally
        {
            ChainId = await chain.GetChainIdAsync(stop).ConfigureAwait(false),
            Genesis = genesis.Hash,
            Header = block.Header,
            Finality = await SealsAsync(genesis, block, stop).ConfigureAwait(false) ?? (Finality)new UnprovenFinality(await SaidAsync(block, stop).ConfigureAwait(false)),
        });
        return TallyFile.TryWrite(tally, out var file, out var refusal) ? file : throw new ChainException(refusal);
    }

    /// <summary>The seals of a QBFT chain, and as few headers before them as lead there from genesis. Null where the chain has none that prove anything.</summary>
    async Task<QbftFinality?> SealsAsync(ChainBlock genesis, ChainBlock block, CancellationToken stop)
    {
        if (QbftSeals.ValidatorsOf(genesis.Header) is not { } trusted) return null;
        var steps = new List<Header>();
        var reached = 0UL;
        // A header that those trusted so far do not vouch for is reached through one halfway.
        var ahead = new Stack<Header>([block.Header]);
        while (ahead.TryPeek(out var header))
        {
            if (QbftSeals.TryFollow(trusted, header, out var next, out _))
            {
                ahead.Pop();
                if (ahead.Count > 0) steps.Add(header);
                (trusted, reached) = (next, header.Number);
            }
            else if (header.Number <= reached + 1) return null;
            else ahead.Push((await BlockAsync(BlockId.At(reached + (header.Number - reached) / 2), stop).ConfigureAwait(false)).Header);
        }
        return new QbftFinality(genesis.Header, steps);
    }

    // What the node calls the block, the strongest word first.
    async Task<string> SaidAsync(ChainBlock block, CancellationToken stop)
    {
        foreach (var (tag, word) in new[] { (BlockId.Finalized, "finalized"), (BlockId.Safe, "safe") })
        {
            try
            {
                if ((await chain.GetBlockAsync(tag, stop: stop).ConfigureAwait(false))?.Header.Number >= block.Header.Number) return word;
            }
            catch (ChainException error) when (error.Code is not null)
            {
                // The chain has no such word.
            }
        }
        return "latest";
    }

    static ChainException Unfit(string what, string why) => new(new Refusal($"the node's answers do not fit each other: {what}", why, "ask another node, or again: the chain may have moved in between"));
}
