using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>The messages of `snap/1` by their id (devp2p, caps/snap.md), and the limits kept here.</summary>
static class SnapMessage
{
    public const int GetAccountRange = 0, AccountRange = 1, GetStorageRanges = 2, StorageRanges = 3, GetByteCodes = 4, ByteCodes = 5, GetTrieNodes = 6, TrieNodes = 7;

    /// <summary>How many message ids the sub-protocol takes.</summary>
    public const int Length = 8;

    /// <summary>A state is served as long as its block is among so many last ones.</summary>
    public const ulong ServedBlocks = 128;

    public const int MostAnsweredBytes = 2 << 20, MostAccounts = 1024, MostCodes = 1024, MostNodes = 1024;

    /// <summary>What is asked for at once.</summary>
    public const int AskedBytes = 512 << 10;

    /// <summary>A path of a trie: hex-prefix form (yellow paper, appendix C) as far as it is not whole.</summary>
    public static byte[] PathOf(in Hash256 path, int depth)
    {
        var nibbles = new NibblePath(path.Bytes).Slice(0, depth);
        var encoded = new byte[nibbles.HexPrefixLength];
        nibbles.WriteHexPrefix(encoded, leaf: false);
        return encoded;
    }

    /// <summary>Reads a path in either form; false where it is none.</summary>
    public static bool TryReadPath(ReadOnlySpan<byte> encoded, out Hash256 path, out int depth)
    {
        (path, depth) = (default, 2 * Hash256.Size);
        if (encoded.Length == Hash256.Size)
        {
            path = Hash256.FromBytes(encoded);
            return true;
        }
        // Some write the root as nothing at all.
        if (encoded.IsEmpty) return (depth = 0) == 0;
        if (!NibblePath.TryReadHexPrefix(encoded, out var nibbles, out _) || nibbles.Length > 2 * Hash256.Size) return false;
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        bytes.Clear();
        for (var i = 0; i < nibbles.Length; i++) bytes[i >> 1] |= (byte)(nibbles[i] << ((~i & 1) << 2));
        (path, depth) = (Hash256.FromBytes(bytes), nibbles.Length);
        return true;
    }
}
