using System.Diagnostics.CodeAnalysis;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>A block as it came from outside: well-formed, and nothing more is known of it.</summary>
/// <param name="SizeBytes">The length of its RLP.</param>
public sealed record DecodedBlock(Block Block, int SizeBytes)
{
    // What one thread recovers at a time.
    const int Share = 16;

    /// <summary>The access list that came beside the block (EIP-7928); null where none did: then execution alone says what it is.</summary>
    public BlockAccessList? AccessList { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> rlp, [NotNullWhen(true)] out DecodedBlock? decoded, [NotNullWhen(false)] out BlockRefusal? refusal)
    {
        decoded = null;
        refusal = null;
        if (Block.TryDecode(rlp, out var block, out var why)) decoded = new DecodedBlock(block, rlp.Length);
        else refusal = new BlockRefusal(BlockRule.Encoding, 0, why.Why);
        return decoded is not null;
    }

    /// <summary>A block that this process made or already holds as a value.</summary>
    public static DecodedBlock Of(Block block)
    {
        using var writer = RlpWriter.Rent();
        block.Write(writer);
        return new DecodedBlock(block, writer.Length);
    }

    /// <summary>Finds out who signed, on all cores, before anybody asks: while an earlier block still executes. The transactions keep what was found; nothing is judged.</summary>
    public void RecoverAhead()
    {
        var transactions = Block.Transactions;
        if (transactions.Count <= Share) SenderRecovery.Recover(transactions, 0, transactions.Count);
        else Parallel.For(0, (transactions.Count + Share - 1) / Share, share => SenderRecovery.Recover(transactions, share * Share, Math.Min(Share, transactions.Count - share * Share)));
    }
}
