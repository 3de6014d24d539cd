using System.Security.Cryptography;

namespace Hufu.Crypto;

/// <summary>
/// The curve of Ethereum's signatures (SEC 2, section 2.4.1; yellow paper, appendix F).
/// What needs a secret is done by libsecp256k1 where the machine has it, else by Bouncy Castle; what is public is done by
/// libsecp256k1 or by our own <see cref="ManagedSecp256k1"/>. All give the same bytes.
/// </summary>
public static class Secp256k1
{
    public const int SecretSize = 32, HashSize = 32, SignatureSize = 64, PublicKeySize = 64, CompressedPublicKeySize = 33;

    // Eight lanes take the time of so many recoveries by libsecp256k1, however many of them are used.
    const int FewestForLanes = 4;

    static readonly NativeSecp256k1? Native = NativeSecp256k1.TryLoad();

    /// <summary>Who does the work on this machine, for people to read.</summary>
    public static string Implementation =>
        (Native is null ? "managed, signing by Bouncy Castle" : $"native {Native.LibraryName}") + (LaneRecovery.IsSupported ? ", senders eight at a time" : "");

    /// <summary>The public key whose owner signed <paramref name="hash32"/> (SEC 1, section 4.1.6).</summary>
    /// <param name="signature64">r and s, 32 bytes each, big-endian; a high s is accepted: where the protocol forbids it, ask <see cref="HasLowS"/>.</param>
    /// <param name="recoveryId">0 to 3: bit 0 is the parity of R's y, bit 1 tells that R's x is r + n.</param>
    /// <param name="publicKey64">Receives x and y, 32 bytes each, big-endian.</param>
    /// <returns>False where no key exists: r or s is zero or not below n, r is no x of the curve, or the key would be the point at infinity.</returns>
    public static bool TryRecover(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> signature64, int recoveryId, Span<byte> publicKey64)
    {
        RequireLength(hash32, HashSize, nameof(hash32));
        RequireLength(signature64, SignatureSize, nameof(signature64));
        RequireLength(publicKey64, PublicKeySize, nameof(publicKey64));
        if (recoveryId is < 0 or > 3) return false;
        return Native is null
            ? ManagedSecp256k1.TryRecover(hash32, signature64, recoveryId, publicKey64)
            : Native.TryRecover(hash32, signature64, recoveryId, publicKey64);
    }

    /// <summary>Recovers the keys of many signatures, which takes a processor with vectors of 512 bits about half of the time of one by one.</summary>
    /// <param name="publicKeys64">Receives 64 bytes for each that was found.</param>
    /// <param name="found">Receives whether the key exists, as <see cref="TryRecover"/> tells.</param>
    public static void Recover(ReadOnlySpan<SignedHash> signed, Span<byte> publicKeys64, Span<bool> found)
    {
        RequireLength(publicKeys64, signed.Length * PublicKeySize, nameof(publicKeys64));
        while (!signed.IsEmpty)
        {
            var count = Math.Min(signed.Length, LaneRecovery.Most);
            // The last few beyond eight are better done one by one.
            if (count % LaneNumber.Lanes < FewestForLanes && count > LaneNumber.Lanes) count -= count % LaneNumber.Lanes;
            int known = 0, left = (1 << count) - 1;
            if (LaneRecovery.IsSupported && count >= FewestForLanes) LaneRecovery.Recover(signed[..count], publicKeys64, out known, out left);
            for (var i = 0; i < count; i++)
                found[i] = (known >> i & 1) == 1 || ((left >> i & 1) == 1 && signed[i].TryRecover(publicKeys64.Slice(i * PublicKeySize, PublicKeySize)));
            signed = signed[count..];
            publicKeys64 = publicKeys64[(count * PublicKeySize)..];
            found = found[count..];
        }
    }

    /// <summary>Whether the owner of <paramref name="publicKey64"/> signed <paramref name="hash32"/>. A high s is as good as a low one; a point off the curve gives false.</summary>
    public static bool Verify(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> signature64, ReadOnlySpan<byte> publicKey64)
    {
        RequireLength(hash32, HashSize, nameof(hash32));
        RequireLength(signature64, SignatureSize, nameof(signature64));
        RequireLength(publicKey64, PublicKeySize, nameof(publicKey64));
        return Native is null
            ? ManagedSecp256k1.Verify(hash32, signature64, publicKey64)
            : Native.Verify(hash32, signature64, publicKey64);
    }

    /// <summary>Whether s is at most half the group order, as EIP-2 asks of transactions.</summary>
    public static bool HasLowS(ReadOnlySpan<byte> signature64)
    {
        RequireLength(signature64, SignatureSize, nameof(signature64));
        return signature64[32..].SequenceCompareTo(HalfOrder) <= 0;
    }

    /// <summary>Signs with the nonce of RFC 6979 and the lower of the two values of s, so the same hash and secret always give the same signature.</summary>
    /// <param name="secret32">A valid secret (<see cref="IsValidSecret"/>), big-endian; anything else is a bug and throws.</param>
    /// <param name="signature64">Receives r and s, 32 bytes each, big-endian.</param>
    /// <param name="recoveryId">What <see cref="TryRecover"/> needs to find the signer's key; 0 or 1 but for one signature in 2^127.</param>
    public static void Sign(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> secret32, Span<byte> signature64, out int recoveryId)
    {
        RequireLength(hash32, HashSize, nameof(hash32));
        RequireSecret(secret32);
        RequireLength(signature64, SignatureSize, nameof(signature64));
        if (Native is null) BouncyCastleSecp256k1.Sign(hash32, secret32, signature64, out recoveryId);
        else Native.Sign(hash32, secret32, signature64, out recoveryId);
    }

    /// <summary>Whether the bytes are a secret key: 32 bytes, above zero and below the group order.</summary>
    public static bool IsValidSecret(ReadOnlySpan<byte> secret32)
    {
        if (secret32.Length != SecretSize) return false;
        // Every byte is looked at whatever the others are, so the time tells nothing about the secret.
        var nonZero = 0;
        var borrow = 0;
        for (var i = SecretSize - 1; i >= 0; i--)
        {
            nonZero |= secret32[i];
            borrow = (secret32[i] - Order[i] - borrow) >> 8 & 1;
        }
        return (nonZero != 0) & (borrow == 1);
    }

    /// <summary>A new secret from the operating system's source of randomness.</summary>
    public static byte[] NewSecret()
    {
        var secret = new byte[SecretSize];
        do RandomNumberGenerator.Fill(secret);
        while (!IsValidSecret(secret));
        return secret;
    }

    /// <summary>The public key of a valid secret, x and y, 32 bytes each, big-endian.</summary>
    public static void PublicKey(ReadOnlySpan<byte> secret32, Span<byte> publicKey64)
    {
        RequireSecret(secret32);
        RequireLength(publicKey64, PublicKeySize, nameof(publicKey64));
        if (Native is null) BouncyCastleSecp256k1.PublicKey(secret32, publicKey64);
        else Native.PublicKey(secret32, publicKey64);
    }

    /// <summary>The public key of a valid secret, x and y, 32 bytes each, big-endian.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> secret32)
    {
        var publicKey = new byte[PublicKeySize];
        PublicKey(secret32, publicKey);
        return publicKey;
    }

    /// <summary>The x coordinate of secret times public key, which both sides of a Diffie-Hellman exchange find (SEC 1, section 3.3.1; devp2p's ECIES).</summary>
    /// <returns>False where the public key is no point of the curve.</returns>
    public static bool TryAgree(ReadOnlySpan<byte> secret32, ReadOnlySpan<byte> publicKey64, Span<byte> sharedX32)
    {
        RequireSecret(secret32);
        RequireLength(publicKey64, PublicKeySize, nameof(publicKey64));
        RequireLength(sharedX32, 32, nameof(sharedX32));
        return Native is null
            ? BouncyCastleSecp256k1.TryAgree(secret32, publicKey64, sharedX32)
            : Native.TryAgree(secret32, publicKey64, sharedX32);
    }

    /// <summary>The same exchange, but the whole shared point in its compressed form (discv5's `ecdh`).</summary>
    /// <returns>False where the public key is no point of the curve.</returns>
    public static bool TryAgreePoint(ReadOnlySpan<byte> secret32, ReadOnlySpan<byte> publicKey64, Span<byte> shared33)
    {
        RequireSecret(secret32);
        RequireLength(publicKey64, PublicKeySize, nameof(publicKey64));
        RequireLength(shared33, CompressedPublicKeySize, nameof(shared33));
        return Native is null
            ? BouncyCastleSecp256k1.TryAgreePoint(secret32, publicKey64, shared33)
            : Native.TryAgreePoint(secret32, publicKey64, shared33);
    }

    /// <summary>The sum of two secrets modulo the group order (BIP-32's child key).</summary>
    /// <returns>False where <paramref name="tweak32"/> is not below the order or the sum is zero.</returns>
    public static bool TryAddSecrets(ReadOnlySpan<byte> secret32, ReadOnlySpan<byte> tweak32, Span<byte> sum32)
    {
        RequireSecret(secret32);
        RequireLength(tweak32, SecretSize, nameof(tweak32));
        RequireLength(sum32, SecretSize, nameof(sum32));
        return Native is null
            ? BouncyCastleSecp256k1.TryAddSecrets(secret32, tweak32, sum32)
            : Native.TryAddSecrets(secret32, tweak32, sum32);
    }

    /// <summary>The compressed form of a public key: 02 or 03 by the parity of y, then x (SEC 1, section 2.3.3).</summary>
    public static void Compress(ReadOnlySpan<byte> publicKey64, Span<byte> compressed33)
    {
        RequireLength(publicKey64, PublicKeySize, nameof(publicKey64));
        RequireLength(compressed33, CompressedPublicKeySize, nameof(compressed33));
        compressed33[0] = (byte)(2 + (publicKey64[63] & 1));
        publicKey64[..32].CopyTo(compressed33[1..]);
    }

    /// <summary>Finds y of a compressed public key (SEC 1, section 2.3.4). False where the bytes name no point.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> compressed33, Span<byte> publicKey64)
    {
        RequireLength(publicKey64, PublicKeySize, nameof(publicKey64));
        if (compressed33.Length != CompressedPublicKeySize || compressed33[0] is not (2 or 3)) return false;
        return ManagedSecp256k1.TryDecompress(compressed33[1..], isOdd: compressed33[0] == 3, publicKey64);
    }

    /// <summary>n, the number of points of the curve, big-endian.</summary>
    public static ReadOnlySpan<byte> Order =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE,
        0xBA, 0xAE, 0xDC, 0xE6, 0xAF, 0x48, 0xA0, 0x3B, 0xBF, 0xD2, 0x5E, 0x8C, 0xD0, 0x36, 0x41, 0x41,
    ];

    static ReadOnlySpan<byte> HalfOrder =>
    [
        0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0x5D, 0x57, 0x6E, 0x73, 0x57, 0xA4, 0x50, 0x1D, 0xDF, 0xE9, 0x2F, 0x46, 0x68, 0x1B, 0x20, 0xA0,
    ];

    static void RequireSecret(ReadOnlySpan<byte> secret32)
    {
        if (!IsValidSecret(secret32)) throw new ArgumentException("a secret is 32 bytes, above zero and below the group order", nameof(secret32));
    }

    static void RequireLength(ReadOnlySpan<byte> bytes, int length, string name)
    {
        if (bytes.Length != length) throw new ArgumentException($"{length} bytes are needed, not {bytes.Length}", name);
    }
}
