using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>Who signed a hash (address 0x01). A signature nobody could have made yields no output, not a failure.</summary>
sealed class EcRecover : Precompile
{
    const int HashAt = 0, VAt = 32, SignatureAt = 64, InputSize = 128;

    public override long GasFor(ReadOnlySpan<byte> input) => 3_000;

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output)
    {
        output.Clear();
        Span<byte> padded = stackalloc byte[InputSize];
        Read(input, 0, padded);
        var v = padded[VAt..SignatureAt];
        if (v[..31].ContainsAnyExcept((byte)0) || v[31] is not (27 or 28)) return true;

        Span<byte> publicKey = stackalloc byte[Secp256k1.PublicKeySize];
        if (!Secp256k1.TryRecover(padded[HashAt..VAt], padded[SignatureAt..], v[31] - 27, publicKey)) return true;
        var word = output.Resize(32);
        word.Clear();
        Address.FromPublicKey(publicKey).Bytes.CopyTo(word[12..]);
        return true;
    }
}
