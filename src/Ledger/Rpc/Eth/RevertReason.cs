using System.Text;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>The words in what a contract reverted with, where it is one of the two errors that Solidity itself throws: Error(string) and Panic(uint256).</summary>
static class RevertReason
{
    static ReadOnlySpan<byte> ErrorSelector => [0x08, 0xc3, 0x79, 0xa0];
    static ReadOnlySpan<byte> PanicSelector => [0x4e, 0x48, 0x7b, 0x71];

    public static RpcError ToError(ReadOnlyMemory<byte> output)
    {
        var words = Words(output.Span);
        return new RpcError(RpcError.RevertedCode, words is null ? "execution reverted" : $"execution reverted: {words}", output);
    }

    /// <summary>Null where the bytes are of another error.</summary>
    public static string? Words(ReadOnlySpan<byte> output)
    {
        if (output.StartsWith(ErrorSelector)) return Text(output[4..]);
        return output.StartsWith(PanicSelector) && output.Length >= 36 ? Panic(UInt256.FromBigEndian(output.Slice(4, 32))) : null;
    }

    // ABI: the offset of the string, then its length and bytes.
    static string? Text(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length < 64 || UInt256.FromBigEndian(encoded[..32]) != 32) return null;
        var length = UInt256.FromBigEndian(encoded.Slice(32, 32));
        return length > (ulong)(encoded.Length - 64) ? null : Encoding.UTF8.GetString(encoded.Slice(64, (int)length.Low64));
    }

    static string Panic(in UInt256 code) => (code.FitsUInt64 ? code.Low64 : ulong.MaxValue) switch
    {
        0x00 => "generic panic",
        0x01 => "assert(false)",
        0x11 => "arithmetic underflow or overflow",
        0x12 => "division or modulo by zero",
        0x21 => "enum overflow",
        0x22 => "invalid encoded storage byte array accessed",
        0x31 => "out-of-bounds array access; popping on an empty array",
        0x32 => "out-of-bounds access of an array or bytesN",
        0x41 => "out of memory",
        0x51 => "uninitialized function",
        _ => $"unknown panic code: {code.ToHexQuantity()}",
    };
}
