using Hufu.Primitives;

namespace Hufu.Rpc;

public enum BlockReferenceKind : byte
{
    Latest,
    Pending,
    Safe,
    Finalized,
    Earliest,
    Number,
    Hash,
}

/// <summary>How a caller names a block: a tag, a number or a hash (EIP-1898).</summary>
/// <param name="RequireCanonical">With a hash: refuse a block that is not part of the chain that ends in the head.</param>
public readonly record struct BlockReference(BlockReferenceKind Kind, ulong Number = 0, Hash256 Hash = default, bool RequireCanonical = false)
{
    public static readonly BlockReference Latest = new(BlockReferenceKind.Latest);
    public static readonly BlockReference Pending = new(BlockReferenceKind.Pending);

    /// <summary>Reads a tag, a quantity or a hash.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out BlockReference reference)
    {
        reference = default;
        if (text.SequenceEqual("latest"u8)) reference = Latest;
        else if (text.SequenceEqual("pending"u8)) reference = Pending;
        else if (text.SequenceEqual("safe"u8)) reference = new(BlockReferenceKind.Safe);
        else if (text.SequenceEqual("finalized"u8)) reference = new(BlockReferenceKind.Finalized);
        else if (text.SequenceEqual("earliest"u8)) reference = new(BlockReferenceKind.Earliest);
        else if (text.Length == 2 + 2 * Hash256.Size)
        {
            Span<byte> hash = stackalloc byte[Hash256.Size];
            if (!HexText.TryDecode(text, hash)) return false;
            reference = new(BlockReferenceKind.Hash, Hash: Hash256.FromBytes(hash));
        }
        else
        {
            if (!HexText.TryDecodeQuantity(text, out var number) || !number.FitsUInt64) return false;
            reference = new(BlockReferenceKind.Number, number.Low64);
        }
        return true;
    }
}
