using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>Whether a blob's polynomial takes a value at a point (address 0x0a; EIP-4844).</summary>
sealed class PointEvaluation : Precompile
{
    const int InputSize = 192;

    // FIELD_ELEMENTS_PER_BLOB and BLS_MODULUS, 32 bytes each.
    static readonly byte[] Answer = Convert.FromHexString(
        "0000000000000000000000000000000000000000000000000000000000001000" +
        "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");

    public override long GasFor(ReadOnlySpan<byte> input) => 50_000;

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output)
    {
        if (input.Length != InputSize) return false;
        var versionedHash = input[..32];
        var z = input[32..64];
        var y = input[64..96];
        var commitment = input[96..144];
        var proof = input[144..];
        Span<byte> hash = stackalloc byte[32];
        Kzg.VersionedHash(commitment, hash);
        if (!hash.SequenceEqual(versionedHash) || !Kzg.VerifyKzgProof(commitment, z, y, proof)) return false;
        output.Set(Answer);
        return true;
    }
}
