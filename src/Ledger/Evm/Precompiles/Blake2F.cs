using System.Buffers.Binary;
using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>The compression function of BLAKE2b (address 0x09; EIP-152). One gas a round.</summary>
sealed class Blake2F : Precompile
{
    const int InputSize = 213;

    public override long GasFor(ReadOnlySpan<byte> input) => input.Length == InputSize ? BinaryPrimitives.ReadUInt32BigEndian(input) : 0;

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output) =>
        input.Length == InputSize && Blake2.F(input, output.Resize(64));
}
