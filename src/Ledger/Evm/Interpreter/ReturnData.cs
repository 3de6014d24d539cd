namespace Hufu.Evm;

/// <summary>
/// The output of the call that ended last (EIP-211). One buffer serves the whole machine: while a call runs,
/// what its caller had from an earlier call can no longer be asked for.
/// </summary>
sealed class ReturnData
{
    const int LargestKept = 1 << 20;

    byte[] _bytes = new byte[1024];

    public int Length { get; private set; }
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Set(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Resize(bytes.Length));

    /// <summary>Room for an output of that length; what stood there before is lost, what stands there now is undefined.</summary>
    public Span<byte> Resize(int length)
    {
        if (_bytes.Length < length) _bytes = new byte[Math.Max(length, 2 * _bytes.Length)];
        Length = length;
        return _bytes.AsSpan(0, length);
    }

    /// <summary>Lets go of an unusual size.</summary>
    public void Trim()
    {
        Length = 0;
        if (_bytes.Length > LargestKept) _bytes = new byte[1024];
    }
}
