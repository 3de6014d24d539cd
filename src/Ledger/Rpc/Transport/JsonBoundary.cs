using System.Buffers;

namespace Hufu.Rpc;

/// <summary>
/// Where a JSON value ends in a stream of bytes that comes in pieces. Only brackets and quotes are looked at: what stands between them is the
/// parser's business, and what is no JSON ends at the next line.
/// </summary>
struct JsonBoundary
{
    int _depth;
    bool _hasBegun, _isText, _isEscaped;

    /// <summary>How many of these bytes, which follow those of earlier calls, complete the value; -1 where more must come.</summary>
    public long Find(in ReadOnlySequence<byte> bytes)
    {
        var before = 0L;
        foreach (var piece in bytes)
        {
            if (Find(piece.Span) is var end and >= 0) return before + end;
            before += piece.Length;
        }
        return -1;
    }

    int Find(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
            if (IsEnd(bytes[i])) return i + 1;
        return -1;
    }

    bool IsEnd(byte one)
    {
        if (_isText)
        {
            if (_isEscaped) _isEscaped = false;
            else if (one == '\\') _isEscaped = true;
            else if (one == '"') _isText = false;
            return false;
        }
        switch (one)
        {
            case (byte)'"':
                _isText = _hasBegun = true;
                return false;
            case (byte)'{' or (byte)'[':
                _hasBegun = true;
                _depth++;
                return false;
            case (byte)'}' or (byte)']':
                _hasBegun = true;
                return --_depth <= 0;
            case (byte)'\n':
                return _hasBegun && _depth == 0;
            default:
                _hasBegun |= one > ' ';
                return false;
        }
    }
}
