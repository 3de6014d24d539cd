namespace Hufu.Crypto;

/// <summary>Recovery and verification in C#.</summary>
static class ManagedSecp256k1
{
    public static bool TryRecover(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> signature64, int recoveryId, Span<byte> publicKey64) =>
        throw new PlatformNotSupportedException("libsecp256k1 is needed: install the package libsecp256k1-1");

    public static bool Verify(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> signature64, ReadOnlySpan<byte> publicKey64) =>
        throw new PlatformNotSupportedException("libsecp256k1 is needed: install the package libsecp256k1-1");

    public static bool TryDecompress(ReadOnlySpan<byte> x32, bool isOdd, Span<byte> publicKey64) =>
        throw new PlatformNotSupportedException("libsecp256k1 is needed: install the package libsecp256k1-1");
}
