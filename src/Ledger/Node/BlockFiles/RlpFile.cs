using System.Buffers.Binary;

using Hufu.Primitives;

namespace Hufu.Node;

/// <summary>Blocks as RLP, one after the other, as geth and the execution-apis tests write chains.</summary>
sealed class RlpFile(FileStream stream) : BlockFile(stream)
{
    public override FiledBlock? Next(out Refusal? refusal)
    {
        refusal = null;
        var first = Stream.ReadByte();
        if (first < 0) return null;
        Stream.Position--;
        if (!TryReadHead(first, out var head, out var length, out var why))
        {
            refusal = Damaged(why);
            return null;
        }
        var rlp = new byte[head + length];
        if (Stream.ReadAtLeast(rlp, rlp.Length, throwOnEndOfStream: false) == rlp.Length) return new FiledBlock(rlp, null);
        refusal = Damaged("the file ends inside a block");
        return null;
    }

    // A list of up to 55 bytes has its length in the first byte; a longer one, the number of the bytes of its length.
    bool TryReadHead(int first, out int head, out long length, out string why)
    {
        (head, length, why) = (1, 0, "");
        if (first < 0xC0) why = "a block is an RLP list, and here is none: is this a file of blocks?";
        else if (first <= 0xF7) length = first - 0xC0;
        else
        {
            Span<byte> digits = stackalloc byte[8];
            digits.Clear();
            var count = first - 0xF7;
            var start = Stream.Position;
            Stream.Position++;
            if (Stream.ReadAtLeast(digits[(8 - count)..], count, throwOnEndOfStream: false) < count) why = "the file ends inside a length";
            Stream.Position = start;
            (head, length) = (1 + count, BinaryPrimitives.ReadInt64BigEndian(digits));
        }
        if (why.Length == 0 && (length < 0 || length > LargestItem || length > Length - Position - head)) why = $"a block of {(ulong)length} bytes does not fit into what is left of the file";
        return why.Length == 0;
    }
}
