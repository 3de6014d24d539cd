using System.Diagnostics.CodeAnalysis;
using System.Text;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>A contract of permissions, and the first block for which it is asked.</summary>
/// <param name="Contract">Null where all may from here on.</param>
public sealed record PermissionPhase(ulong FromBlock, Address? Contract)
{
    /// <summary>The contract that is asked for a block of this number; null where none is.</summary>
    public static Address? ContractAt(IReadOnlyList<PermissionPhase> phases, ulong number)
    {
        Address? contract = null;
        foreach (var phase in phases)
            if (phase.FromBlock <= number) contract = phase.Contract;
        return contract;
    }
}

/// <summary>
/// Which accounts may send transactions, as a contract says (Enterprise Ethereum Client Specification, account permissioning; the interface that Besu calls). A genesis file that
/// names the contract makes it a rule of the chain: a block with a transaction that the contract does not allow on the parent's state is refused, so that a change counts from
/// the next block on. A contract that fails or is not there allows nothing.
/// </summary>
/// <param name="phases">In the order they begin: a chain may come to have such a contract, or another, at a block that all have agreed on.</param>
public sealed class AccountPermissions(IReadOnlyList<PermissionPhase> phases)
{
    static readonly byte[] TransactionAllowed = Keccak256.Hash(Encoding.ASCII.GetBytes("transactionAllowed(address,address,uint256,uint256,uint256,bytes)")).Bytes[..4].ToArray();

    /// <summary>The contract that is asked for a child of this block; null where all may send.</summary>
    public Address? ContractAfter(Header parent) => PermissionPhase.ContractAt(phases, parent.Number + 1);

    /// <summary>Whether a transaction may stand in a child of this block. For any thread.</summary>
    public bool Allows(Blockchain chain, Header parent, Transaction transaction, in Address sender) =>
        ContractAfter(parent) is not { } contract || IsTrue(chain.Ask(parent, contract, Question(transaction, sender)));

    internal BlockRefusal? Check(Blockchain chain, VerifiedBlock block)
    {
        for (var i = 0; i < block.Block.Transactions.Count; i++)
            // The clock of a chain with jobs is looked after by a rule of its own.
            if (!(chain.Jobs is not null && block.Senders[i] == ChainClock.Address) && !Allows(chain, block.Parent, block.Block.Transactions[i], block.Senders[i]))
                return new BlockRefusal(BlockRule.Permission, block.Header.Number, $"transaction {i} of {block.Senders[i]} is not allowed by the permissions contract {ContractAfter(block.Parent)}");
        return null;
    }

    /// <summary>The transactions of a source that may stand in a child of this block.</summary>
    internal ITransactionSource Sieve(Blockchain chain, Header parent, ITransactionSource source) => new Permitted(this, chain, parent, source);

    /// <summary>What an answer of one boolean says; anything else is no.</summary>
    public static bool IsTrue(byte[]? answer) => answer is { Length: >= 32 } && !answer.AsSpan(0, 31).ContainsAnyExcept((byte)0) && answer[31] == 1;

    static byte[] Question(Transaction transaction, in Address sender)
    {
        const int word = 32, fields = 6;
        var data = transaction.Data;
        var question = new byte[4 + (fields + 1) * word + (data.Length + word - 1) / word * word];
        TransactionAllowed.CopyTo(question, 0);
        var at = question.AsSpan(4);
        sender.Bytes.CopyTo(at[12..]);
        if (transaction.To is { } to) to.Bytes.CopyTo(at[(word + 12)..]);
        transaction.Value.WriteBigEndian(at.Slice(2 * word, word));
        transaction.MaxFeePerGas.WriteBigEndian(at.Slice(3 * word, word));
        ((UInt256)transaction.GasLimit).WriteBigEndian(at.Slice(4 * word, word));
        ((UInt256)(uint)(fields * word)).WriteBigEndian(at.Slice(5 * word, word));
        ((UInt256)(uint)data.Length).WriteBigEndian(at.Slice(6 * word, word));
        data.Span.CopyTo(at[(7 * word)..]);
        return question;
    }

    sealed class Permitted(AccountPermissions permissions, Blockchain chain, Header parent, ITransactionSource source) : ITransactionSource
    {
        public bool IsEmpty => source.IsEmpty;

        public bool TryTake([NotNullWhen(true)] out Transaction? transaction, out Address sender)
        {
            while (source.TryTake(out transaction, out sender))
            {
                if (permissions.Allows(chain, parent, transaction, sender)) return true;
                source.SkipSender();
            }
            return false;
        }

        public void SkipSender() => source.SkipSender();
    }
}
