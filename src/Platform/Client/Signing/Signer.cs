using System.Diagnostics.CodeAnalysis;
using System.Text;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>An account whose secret is in this process. The secret is never shown: not by <see cref="ToString"/>, not in an error.</summary>
public sealed class Signer
{
    readonly byte[] _secret;

    Signer(byte[] secret) => (_secret, Address) = (secret, TransactionSigning.AddressOf(secret));

    public Address Address { get; }

    /// <param name="secret32">32 bytes, above zero and below the group order; copied.</param>
    public static Signer FromSecret(ReadOnlySpan<byte> secret32) => new(secret32.ToArray());

    public static Signer New() => new(Secp256k1.NewSecret());

    /// <summary>An account of a wallet's words (BIP-39), at m/44'/60'/0'/0/index (BIP-44).</summary>
    public static Signer FromMnemonic(Mnemonic mnemonic, uint index = 0, string passphrase = "") => new(new Wallet(mnemonic, passphrase).Secret(index));

    /// <summary>Unlocks a keystore file (Web3 Secret Storage, versions 3 and 1).</summary>
    public static bool TryFromKeystore(string json, string password, [NotNullWhen(true)] out Signer? signer, [NotNullWhen(false)] out Refusal? refusal)
    {
        signer = Keystore.TryDecrypt(json, password, out var secret, out refusal) ? new Signer(secret) : null;
        return signer is not null;
    }

    public string ToKeystore(string password, int cost = Keystore.StandardCost) => Keystore.Encrypt(_secret, password, cost);

    public Transaction Sign(Transaction transaction) => TransactionSigning.Sign(transaction, _secret);

    public Authorization Sign(Authorization authorization) => TransactionSigning.Sign(authorization, _secret);

    /// <summary>Signs typed data (EIP-712).</summary>
    public Signature Sign(TypedData data) => SignDigest(data.Digest);

    /// <summary>Signs a text as personal_sign does (EIP-191): with a prefix that no transaction has.</summary>
    public Signature SignMessage(string text) => SignMessage(Encoding.UTF8.GetBytes(text));

    public Signature SignMessage(ReadOnlySpan<byte> message) => SignDigest(Signature.MessageDigest(message));

    /// <summary>Signs 32 bytes as they are. Never sign a digest that another party chose: it may be a transaction's.</summary>
    public Signature SignDigest(in Hash256 digest)
    {
        Span<byte> signature = stackalloc byte[Secp256k1.SignatureSize];
        Secp256k1.Sign(digest.Bytes, _secret, signature, out var recoveryId);
        return new Signature(Hash256.FromBytes(signature[..32]), Hash256.FromBytes(signature[32..]), (byte)recoveryId);
    }

    public override string ToString() => Address.ToChecksumString();
}

/// <summary>A signature that names its signer: r, s and the parity of R's y.</summary>
public readonly record struct Signature(Hash256 R, Hash256 S, byte YParity)
{
    public const int Size = 65;

    /// <summary>27 or 28, as contracts take it.</summary>
    public byte V => (byte)(27 + YParity);

    /// <summary>r ‖ s ‖ v, with v 27 or 28.</summary>
    public byte[] ToBytes() => [.. R.Bytes, .. S.Bytes, V];

    /// <summary>Reads r ‖ s ‖ v, with v 27 or 28, or 0 or 1; a high s is refused, since it has a twin.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes65, out Signature signature)
    {
        signature = default;
        if (bytes65.Length != Size || bytes65[64] is not (0 or 1 or 27 or 28) || !Secp256k1.HasLowS(bytes65[..64])) return false;
        signature = new Signature(Hash256.FromBytes(bytes65[..32]), Hash256.FromBytes(bytes65[32..64]), (byte)(bytes65[64] % 27));
        return true;
    }

    /// <summary>Who signed a digest; false where nobody can have.</summary>
    public bool TryRecover(in Hash256 digest, out Address signer)
    {
        Span<byte> publicKey = stackalloc byte[Secp256k1.PublicKeySize];
        var isFound = Secp256k1.TryRecover(digest.Bytes, [.. R.Bytes, .. S.Bytes], YParity, publicKey);
        signer = isFound ? Address.FromPublicKey(publicKey) : default;
        return isFound;
    }

    /// <summary>What personal_sign signs for a message (EIP-191, version 0x45).</summary>
    public static Hash256 MessageDigest(ReadOnlySpan<byte> message) =>
        Keccak256.Hash([.. Encoding.UTF8.GetBytes($"\u0019Ethereum Signed Message:\n{message.Length}"), .. message]);
}
