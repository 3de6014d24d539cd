using System.Diagnostics.CodeAnalysis;
using Hufu.Crypto;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Takes a block from decoded to verified: everything that can be said of it without the state.</summary>
public sealed class BlockVerification(HeaderRules headers, OmmerRules ommers)
{
    /// <summary>EIP-7934: ten mebibytes less two for the consensus layer's own part.</summary>
    public const int MaxSizeBytes = (10 << 20) - (2 << 20);

    public bool TryVerify(DecodedBlock decoded, Header parent, [NotNullWhen(true)] out VerifiedBlock? verified, [NotNullWhen(false)] out BlockRefusal? refusal)
    {
        verified = null;
        var block = decoded.Block;
        var rules = headers.Forks.RulesOf(block.Header);
        refusal = CheckSize(decoded, rules)
            ?? headers.Check(block.Header, parent)
            ?? CheckBody(block, rules)
            ?? CheckAccessList(decoded, rules)
            ?? ommers.Check(block, rules);
        if (refusal is not null) return false;
        refusal = RecoverSenders(decoded, rules, out var senders);
        if (refusal is not null) return false;
        verified = new VerifiedBlock(block, parent, rules, senders, decoded.AccessList);
        return true;
    }

    static BlockRefusal? CheckSize(DecodedBlock decoded, ForkRules rules) =>
        rules.Has(Eip.BlockSizeLimit) && decoded.SizeBytes > MaxSizeBytes
            ? new BlockRefusal(BlockRule.Size, decoded.Block.Number, $"the block has {decoded.SizeBytes} bytes, at most {MaxSizeBytes} are allowed")
            : null;

    /// <summary>Whether the body is the one whose roots the header states.</summary>
    internal static BlockRefusal? CheckBody(Block block, ForkRules rules)
    {
        var header = block.Header;
        var transactionsRoot = TrieRoot.OfTransactions(block.Transactions);
        if (header.TransactionsRoot != transactionsRoot)
            return BlockRefusal.Mismatch(BlockRule.TransactionsRoot, header, "transactions root", header.TransactionsRoot, transactionsRoot);

        var ommersHash = Block.OmmersHashOf(block.Ommers);
        if (header.OmmersHash != ommersHash)
            return BlockRefusal.Mismatch(BlockRule.OmmersHash, header, "ommers hash", header.OmmersHash, ommersHash);

        if (rules.Has(Eip.Withdrawals) != block.Withdrawals is not null)
            return new BlockRefusal(BlockRule.Fields, header.Number, $"a block of {rules.Fork} {(block.Withdrawals is null ? "must have" : "has no")} withdrawals");
        if (block.Withdrawals is null) return null;
        var withdrawalsRoot = TrieRoot.OfWithdrawals(block.Withdrawals);
        return header.WithdrawalsRoot == withdrawalsRoot ? null
            : BlockRefusal.Mismatch(BlockRule.WithdrawalsRoot, header, "withdrawals root", header.WithdrawalsRoot!.Value, withdrawalsRoot);
    }

    /// <summary>A list that came with the block is the one its header commits to, and names no step that the block does not have.</summary>
    static BlockRefusal? CheckAccessList(DecodedBlock decoded, ForkRules rules)
    {
        if (decoded.AccessList is not { } accessList) return null;
        var header = decoded.Block.Header;
        if (!rules.Has(Eip.BlockAccessLists))
            return new BlockRefusal(BlockRule.Fields, header.Number, $"a block of {rules.Fork} has no block access list");
        if (header.BlockAccessListHash is { } stated && stated != accessList.Hash)
            return BlockRefusal.Mismatch(BlockRule.BlockAccessListHash, header, "block access list hash", stated, accessList.Hash);
        var last = (uint)decoded.Block.Transactions.Count + 1;
        if (accessList.LastIndex > last)
            return new BlockRefusal(BlockRule.BlockAccessList, header.Number, $"the block access list tells of step {accessList.LastIndex}, the last is {last}");
        return CheckAccessListSize(accessList, header);
    }

    internal static BlockRefusal? CheckAccessListSize(BlockAccessList accessList, Header header)
    {
        var (items, most) = ((ulong)accessList.ItemCount, header.GasLimit / BlockAccessList.GasPerItem);
        return items <= most ? null
            : new BlockRefusal(BlockRule.BlockAccessListSize, header.Number, $"the block access list has {items} accounts and slots, a gas limit of {header.GasLimit} allows {most}");
    }

    /// <summary>Who signed each transaction: recovered on all cores before execution begins, and then only looked up.</summary>
    static BlockRefusal? RecoverSenders(DecodedBlock decoded, ForkRules rules, out Address[] senders)
    {
        decoded.RecoverAhead();
        var transactions = decoded.Block.Transactions;
        senders = new Address[transactions.Count];
        for (var i = 0; i < senders.Length; i++)
        {
            if (SenderRecovery.TryRecover(transactions[i], rules, out senders[i])) continue;
            var invalid = new AdmissionRefusal(AdmissionFailure.InvalidSignature, new(
                What: "invalid sender",
                Why: $"the signature is nobody's under {rules.Fork}",
                Mend: "sign it again"));
            return new BlockRefusal(BlockRule.Transaction, decoded.Block.Number, $"transaction {i} ({transactions[i].Hash}): {invalid}") { Admission = invalid };
        }
        return null;
    }
}
