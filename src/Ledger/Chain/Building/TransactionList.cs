using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>A fixed list of transactions as a source, for blocks whose content is given.</summary>
public sealed class TransactionList(IReadOnlyList<(Transaction Transaction, Address Sender)> transactions) : ITransactionSource
{
    readonly HashSet<Address> _skipped = [];
    int _next;

    public bool IsEmpty => _next >= transactions.Count;

    public bool TryTake([NotNullWhen(true)] out Transaction? transaction, out Address sender)
    {
        while (_next < transactions.Count)
        {
            (transaction, sender) = transactions[_next++];
            if (!_skipped.Contains(sender)) return true;
        }
        (transaction, sender) = (null, default);
        return false;
    }

    public void SkipSender() => _skipped.Add(transactions[_next - 1].Sender);
}
