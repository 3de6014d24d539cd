using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Transactions in the order in which a builder should try them: each sender's by nonce, the best paying first.</summary>
public interface ITransactionSource
{
    /// <summary>Whether nothing is left to try. What is left may still be refused by the block.</summary>
    bool IsEmpty { get; }

    /// <summary>The next transaction; false when none is left.</summary>
    bool TryTake([NotNullWhen(true)] out Transaction? transaction, out Address sender);

    /// <summary>The transaction just taken cannot stand in this block; what the same sender sent after it cannot either.</summary>
    void SkipSender();
}
