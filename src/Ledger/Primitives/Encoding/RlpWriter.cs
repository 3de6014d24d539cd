using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Hufu.Primitives;

/// <summary>
/// Writes RLP (yellow paper, appendix B). A list is opened, filled and closed; its header is put in front when its length is known.
/// <see cref="Rent"/> hands out a writer that the thread keeps; disposing gives it back. What was <see cref="Written"/> is to be read before the next write.
/// </summary>
public sealed class RlpWriter : IDisposable
{
    // A buffer grown beyond this by one large block is not kept by the thread for the small items that follow: it goes back to those that all threads share.
    const int LargestKept = 1 << 16;

    // Rentals nest (a block asks its transactions for their envelopes while it is written), so the thread keeps a chain.
    [ThreadStatic] static RlpWriter? _spares;

    byte[] _buffer;
    int _length;
    RlpWriter? _nextSpare;

    public RlpWriter(int capacity = 512) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    public static RlpWriter Rent()
    {
        if (_spares is not { } writer) return new RlpWriter();
        _spares = writer._nextSpare;
        writer._nextSpare = null;
        writer._length = 0;
        return writer;
    }

    public void Dispose()
    {
        if (_buffer.Length > LargestKept)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            return;
        }
        _nextSpare = _spares;
        _spares = this;
    }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);
    public int Length => _length;
    public byte[] ToArray() => Written.ToArray();
    public void Clear() => _length = 0;

    /// <summary>Forgets what was written beyond an earlier <see cref="Length"/>.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length, nameof(length));
        _length = length;
    }

    /// <summary>Opens a list; give the returned mark to <see cref="EndList"/>.</summary>
    public int StartList()
    {
        Reserve(1)[0] = 0;
        _length++;
        return _length;
    }

    public void EndList(int mark) => PutHeader(mark, 0xC0);

    /// <summary>Opens a byte string whose content is written next; give the returned mark to <see cref="EndBytes"/>.</summary>
    public int StartBytes() => StartList();

    public void EndBytes(int mark)
    {
        if (_length - mark == 1 && _buffer[mark] < 0x80)
        {
            // Such a byte stands for itself.
            _buffer[mark - 1] = _buffer[mark];
            _length--;
        }
        else PutHeader(mark, 0x80);
    }

    void PutHeader(int mark, byte shortForm)
    {
        var content = _length - mark;
        if (content <= 55)
        {
            _buffer[mark - 1] = (byte)(shortForm + content);
            return;
        }
        var lengthBytes = ByteCount((ulong)content);
        Reserve(lengthBytes);
        _buffer.AsSpan(mark, content).CopyTo(_buffer.AsSpan(mark + lengthBytes));
        _buffer[mark - 1] = (byte)(shortForm + 55 + lengthBytes);
        WriteLength(_buffer.AsSpan(mark, lengthBytes), content);
        _length += lengthBytes;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 1 && bytes[0] < 0x80)
        {
            Reserve(1)[0] = bytes[0];
            _length++;
            return;
        }
        var span = Reserve(bytes.Length + 9);
        if (bytes.Length <= 55)
        {
            span[0] = (byte)(0x80 + bytes.Length);
            bytes.CopyTo(span[1..]);
            _length += 1 + bytes.Length;
            return;
        }
        var lengthBytes = ByteCount((ulong)bytes.Length);
        span[0] = (byte)(0xB7 + lengthBytes);
        WriteLength(span.Slice(1, lengthBytes), bytes.Length);
        bytes.CopyTo(span[(1 + lengthBytes)..]);
        _length += 1 + lengthBytes + bytes.Length;
    }

    /// <summary>Bytes that already are RLP, or the type byte of an EIP-2718 envelope.</summary>
    public void WriteRaw(ReadOnlySpan<byte> encoded)
    {
        encoded.CopyTo(Reserve(encoded.Length));
        _length += encoded.Length;
    }

    public void WriteRaw(byte value)
    {
        Reserve(1)[0] = value;
        _length++;
    }

    public void Write(ulong value)
    {
        Span<byte> big = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(big, value);
        Write(big[(8 - ByteCount(value))..]);
    }

    public void Write(in UInt256 value)
    {
        Span<byte> big = stackalloc byte[32];
        value.WriteBigEndian(big);
        Write(big[(32 - value.ByteLength)..]);
    }

    public void Write(in Hash256 hash) => Write(hash.Bytes);
    public void Write(in Address address) => Write(address.Bytes);

    /// <summary>An address, or the empty item for none.</summary>
    public void Write(in Address? address)
    {
        if (address is { } some) Write(some.Bytes);
        else WriteRaw(0x80);
    }

    Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count) Grow(count);
        return _buffer.AsSpan(_length);
    }

    void Grow(int count)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    static int ByteCount(ulong value) => 8 - BitOperations.LeadingZeroCount(value) / 8;

    static void WriteLength(Span<byte> digits, int length)
    {
        for (var i = digits.Length - 1; i >= 0; i--)
        {
            digits[i] = (byte)length;
            length >>= 8;
        }
    }
}
