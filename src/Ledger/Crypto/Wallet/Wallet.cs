using System.Globalization;
using System.Security.Cryptography;

namespace Hufu.Crypto;

/// <summary>The accounts of a mnemonic where Ethereum's wallets look for them: m/44'/60'/0'/0/0, 1, 2 … (BIP-44, coin type 60).</summary>
public sealed class Wallet
{
    readonly HierarchicalKey _accounts;

    public Wallet(Mnemonic mnemonic, string passphrase = "")
    {
        var seed = mnemonic.ToSeed(passphrase);
        _accounts = HierarchicalKey.FromSeed(seed).Derive("m/44'/60'/0'/0");
        CryptographicOperations.ZeroMemory(seed);
    }

    /// <summary>The secret key of an account, 32 bytes.</summary>
    public byte[] Secret(uint index) => _accounts.Child(index).Secret.ToArray();

    /// <summary>Where the account stands in the tree.</summary>
    public static string Path(uint index) => string.Create(CultureInfo.InvariantCulture, $"m/44'/60'/0'/0/{index}");
}
