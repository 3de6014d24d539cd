using System.Numerics;
using System.Security.Cryptography;

namespace Hufu.Network;

/// <summary>AES in counter mode (NIST SP 800-38A, section 6.5) over the platform's AES. Every call but the last must give whole blocks of 16 bytes.</summary>
sealed class AesCtr : IDisposable
{
    const int BlockSize = 16, KeystreamSize = 256 * BlockSize;

    readonly Aes _aes = Aes.Create();
    readonly ICryptoTransform _blocks;
    readonly byte[] _counter = new byte[BlockSize];
    readonly byte[] _counters = new byte[KeystreamSize];
    readonly byte[] _keystream = new byte[KeystreamSize];

    public AesCtr(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv16)
    {
        _aes.Mode = CipherMode.ECB;
        _aes.Padding = PaddingMode.None;
        _aes.SetKey(key);
        _blocks = _aes.CreateEncryptor();
        iv16.CopyTo(_counter);
    }

    /// <summary>Encrypts or decrypts in place: the two are one.</summary>
    public void Apply(Span<byte> data)
    {
        while (data.Length > 0)
        {
            var taken = Math.Min(data.Length, KeystreamSize);
            var blocks = (taken + BlockSize - 1) / BlockSize;
            for (var i = 0; i < blocks; i++)
            {
                _counter.CopyTo(_counters, i * BlockSize);
                Increment();
            }
            _blocks.TransformBlock(_counters, 0, blocks * BlockSize, _keystream, 0);
            Xor(data[..taken], _keystream);
            data = data[taken..];
        }
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_keystream);
        _blocks.Dispose();
        _aes.Dispose();
    }

    void Increment()
    {
        for (var i = BlockSize - 1; i >= 0 && ++_counter[i] == 0; i--) { }
    }

    static void Xor(Span<byte> data, ReadOnlySpan<byte> keystream)
    {
        var i = 0;
        for (; i <= data.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            (new Vector<byte>(data[i..]) ^ new Vector<byte>(keystream[i..])).CopyTo(data[i..]);
        for (; i < data.Length; i++) data[i] ^= keystream[i];
    }
}
