using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>The code of an account that runs the code of another: 0xef0100 and the other's address (EIP-7702).</summary>
public static class Delegation
{
    public const int Size = 3 + Address.Size;

    static ReadOnlySpan<byte> Prefix => [0xef, 0x01, 0x00];

    public static bool TryRead(ReadOnlySpan<byte> code, out Address target)
    {
        target = default;
        if (code.Length != Size || !code.StartsWith(Prefix)) return false;
        target = Address.FromBytes(code[3..]);
        return true;
    }

    public static byte[] CodeFor(in Address target) => [.. Prefix, .. target.Bytes];
}
