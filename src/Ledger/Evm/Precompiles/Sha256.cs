using System.Security.Cryptography;

namespace Hufu.Evm;

/// <summary>SHA-256 (address 0x02).</summary>
sealed class Sha256 : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 60 + 12 * Words(input);

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output)
    {
        SHA256.HashData(input, output.Resize(32));
        return true;
    }
}
