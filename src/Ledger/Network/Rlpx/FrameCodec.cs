using System.Security.Cryptography;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// Seals and opens RLPx frames (devp2p, rlpx.md, "Framing"): AES-256 in counter mode with a header and a body, each followed by 16 bytes that
/// authenticate it and everything before. A frame that was changed, dropped or repeated on the way does not open. One thread writes, one reads.
/// </summary>
sealed class FrameCodec : IDisposable
{
    public const int HeaderSize = 16, MacSize = 16, LargestFrame = (1 << 24) - 1;

    readonly AesCtr _encrypt, _decrypt;
    readonly FrameMac _egress, _ingress;

    public FrameCodec(RlpxSecrets secrets)
    {
        Span<byte> zero = stackalloc byte[16];
        zero.Clear();
        (_encrypt, _decrypt) = (new AesCtr(secrets.AesSecret, zero), new AesCtr(secrets.AesSecret, zero));
        (_egress, _ingress) = (new FrameMac(secrets.MacSecret, secrets.EgressMac), new FrameMac(secrets.MacSecret, secrets.IngressMac));
    }

    /// <summary>The bytes of a body on the wire: padded to whole blocks, and its code.</summary>
    public static int SealedBodySize(int frameSize) => Padded(frameSize) + MacSize;

    /// <summary>The bytes of a whole frame on the wire.</summary>
    public static int SealedSize(int frameSize) => HeaderSize + MacSize + SealedBodySize(frameSize);

    /// <param name="head">The first bytes of the content: the message id.</param>
    /// <param name="rest">The rest of the content.</param>
    /// <param name="wire">Receives <see cref="SealedSize"/> bytes.</param>
    public void Seal(ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest, Span<byte> wire)
    {
        var size = head.Length + rest.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, LargestFrame);
        wire = wire[..SealedSize(size)];
        wire.Clear();
        var header = wire[..HeaderSize];
        (header[0], header[1], header[2]) = ((byte)(size >> 16), (byte)(size >> 8), (byte)size);
        // [capability id, context id], both zero, as everybody sends them.
        (header[3], header[4], header[5]) = (0xC2, 0x80, 0x80);
        _encrypt.Apply(header);
        _egress.OfHeader(header, wire.Slice(HeaderSize, MacSize));

        var body = wire.Slice(HeaderSize + MacSize, Padded(size));
        head.CopyTo(body);
        rest.CopyTo(body[head.Length..]);
        _encrypt.Apply(body);
        _egress.OfBody(body, wire[^MacSize..]);
    }

    /// <summary>Opens a header and its code, 32 bytes, in place.</summary>
    /// <returns>False where it is not the other side's next header.</returns>
    public bool TryOpenHeader(Span<byte> headerAndMac, out int frameSize)
    {
        frameSize = 0;
        Span<byte> expected = stackalloc byte[MacSize];
        var header = headerAndMac[..HeaderSize];
        _ingress.OfHeader(header, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, headerAndMac.Slice(HeaderSize, MacSize))) return false;
        _decrypt.Apply(header);
        frameSize = header[0] << 16 | header[1] << 8 | header[2];
        return true;
    }

    /// <summary>Opens a padded body and its code in place.</summary>
    public bool TryOpenBody(Span<byte> bodyAndMac)
    {
        Span<byte> expected = stackalloc byte[MacSize];
        var body = bodyAndMac[..^MacSize];
        _ingress.OfBody(body, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, bodyAndMac[^MacSize..])) return false;
        _decrypt.Apply(body);
        return true;
    }

    public void Dispose()
    {
        _encrypt.Dispose();
        _decrypt.Dispose();
        _egress.Dispose();
        _ingress.Dispose();
    }

    static int Padded(int size) => (size + 15) & ~15;

    /// <summary>The running code of one direction.</summary>
    sealed class FrameMac : IDisposable
    {
        readonly RunningKeccak256 _state;
        readonly Aes _aes = Aes.Create();
        readonly ICryptoTransform _block;
        readonly byte[] _digest = new byte[32], _encrypted = new byte[16];

        public FrameMac(byte[] macSecret, RunningKeccak256 state)
        {
            _state = state;
            _aes.Mode = CipherMode.ECB;
            _aes.Padding = PaddingMode.None;
            _aes.SetKey(macSecret);
            _block = _aes.CreateEncryptor();
        }

        public void OfHeader(ReadOnlySpan<byte> header16, Span<byte> mac16)
        {
            _state.Digest(_digest);
            Finish(header16, mac16);
        }

        public void OfBody(ReadOnlySpan<byte> body, Span<byte> mac16)
        {
            _state.Update(body);
            _state.Digest(_digest);
            Span<byte> seed = stackalloc byte[16];
            _digest.AsSpan(0, 16).CopyTo(seed);
            Finish(seed, mac16);
        }

        void Finish(ReadOnlySpan<byte> seed16, Span<byte> mac16)
        {
            _block.TransformBlock(_digest, 0, 16, _encrypted, 0);
            for (var i = 0; i < 16; i++) _encrypted[i] ^= seed16[i];
            _state.Update(_encrypted);
            _state.Digest(_digest);
            _digest.AsSpan(0, 16).CopyTo(mac16);
        }

        public void Dispose()
        {
            _block.Dispose();
            _aes.Dispose();
        }
    }
}
