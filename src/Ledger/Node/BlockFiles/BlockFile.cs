using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Node;

/// <summary>A block out of a file, as bytes, with what the file tells about it.</summary>
/// <param name="Rlp">The block: header and body in one list.</param>
/// <param name="TotalDifficulty">That of the chain up to and with the block, where the file states it.</param>
public sealed record FiledBlock(byte[] Rlp, UInt256? TotalDifficulty);

/// <summary>A file of blocks in order: RLP one after the other, or era1. What it holds is not trusted; a file that ends inside a block, or is none, is refused.</summary>
public abstract class BlockFile : IDisposable
{
    // Far beyond any block there is, and short of what a hostile length would make us reserve.
    private protected const long LargestItem = 256L << 20;

    private protected BlockFile(FileStream stream) => Stream = stream;

    private protected FileStream Stream { get; }

    /// <summary>How far the file has been read, in bytes, and how long it is.</summary>
    public long Position => Stream.Position;
    public long Length => Stream.Length;

    public static bool TryOpen(string path, [NotNullWhen(true)] out BlockFile? file, [NotNullWhen(false)] out Refusal? refusal)
    {
        (file, refusal) = (null, null);
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
            file = Era1File.Is(stream) ? new Era1File(stream) : new RlpFile(stream);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            refusal = new Refusal($"cannot read {path}", error.Message, "check the path");
            return false;
        }
    }

    /// <summary>The next block; null at the end of the file, or with a refusal where the file is damaged.</summary>
    public abstract FiledBlock? Next(out Refusal? refusal);

    private protected Refusal Damaged(string why) => new($"{Stream.Name} is damaged at byte {Stream.Position}", why, "get the file anew");

    public void Dispose()
    {
        Stream.Dispose();
        GC.SuppressFinalize(this);
    }
}
