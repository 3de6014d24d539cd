using System.Buffers;
using System.Diagnostics;
using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>
/// The bytes of a response while they are written, in a buffer from the pool. A method writes its result through <see cref="Result"/>;
/// what a method wrote before it failed is taken back, so that an answer never holds half a result.
/// </summary>
public sealed class Answer : IBufferWriter<byte>, IDisposable
{
    const int FirstSize = 4096;

    // Calls in a trace stand in each other, each in an object and an array, 1025 deep.
    const int MostNested = 4096;

    readonly int _maxBytes;
    readonly Utf8JsonWriter _json;
    byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstSize);
    int _length;
    int _afterId;
    bool _hasResult;
    Action? _afterPosted;

    /// <param name="maxBytes">A response that would grow beyond this becomes an error.</param>
    /// <param name="timeLimit">From now; methods that loop over blocks look at <see cref="IsOverdue"/>.</param>
    public Answer(Caller caller, int maxBytes, TimeSpan timeLimit)
    {
        (Caller, _maxBytes) = (caller, maxBytes);
        Deadline = Stopwatch.GetTimestamp() + (long)(timeLimit.TotalSeconds * Stopwatch.Frequency);
        _json = new Utf8JsonWriter(this, new JsonWriterOptions { SkipValidation = true, MaxDepth = MostNested, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    long Deadline { get; }

    /// <summary>Who asked.</summary>
    public Caller Caller { get; }

    public bool IsOverdue => Stopwatch.GetTimestamp() > Deadline;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);
    public bool IsEmpty => _length == 0;

    /// <summary>Where the one value of the result is written.</summary>
    public Utf8JsonWriter Result
    {
        get
        {
            if (!_hasResult)
            {
                Write("\"result\":"u8);
                _hasResult = true;
                _json.Reset();
            }
            return _json;
        }
    }

    /// <summary>The caller called too often, and nothing was done.</summary>
    internal bool IsRateExceeded { get; set; }

    /// <summary>Has something done once the answer stands in the queue to its peer, so that what follows from it follows it.</summary>
    internal void AfterPosted(Action act) => _afterPosted += act;

    internal Action? TakeAfterPosted()
    {
        var acts = _afterPosted;
        _afterPosted = null;
        return acts;
    }

    internal void Begin(ReadOnlySpan<byte> id)
    {
        Write("{\"jsonrpc\":\"2.0\",\"id\":"u8);
        Write(id.IsEmpty ? "null"u8 : id);
        Write(","u8);
        _afterId = _length;
        _hasResult = false;
    }

    internal void End(RpcError? error)
    {
        if (error is null)
        {
            if (_hasResult) _json.Flush();
            else Write("\"result\":null"u8);
        }
        else
        {
            _length = _afterId;
            Write("\"error\":"u8);
            _json.Reset();
            _json.WriteStartObject();
            _json.WriteNumber("code"u8, error.Code);
            _json.WriteString("message"u8, error.Message);
            if (error.Data is { } data) _json.WriteData("data"u8, data.Span);
            _json.WriteEndObject();
            _json.Flush();
        }
        Write("}"u8);
    }

    /// <summary>Bytes between answers: the brackets and commas of a batch.</summary>
    internal void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _length += bytes.Length;
    }

    internal int Length => _length;

    internal void TakeBackTo(int length) => _length = length;

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_length);
    }

    void Reserve(int count)
    {
        if (_buffer.Length - _length >= Math.Max(count, 1)) return;
        if (_length > _maxBytes) throw new AnswerTooLargeException();
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
        _buffer.AsSpan(0, _length).CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
    }

    public void Dispose()
    {
        _json.Reset();
        _json.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }
}

/// <summary>Leaves a method from deep inside its writing when the response has grown too large; the dispatcher turns it into an error answer.</summary>
sealed class AnswerTooLargeException : Exception;
