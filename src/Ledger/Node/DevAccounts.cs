using Hufu.Crypto;

namespace Hufu.Node;

/// <summary>The accounts of development tools: those of the mnemonic that every one of them ships. Everybody knows their secrets.</summary>
public static class DevAccounts
{
    public const string Phrase = "test test test test test test test test test test test junk";
    public const int DefaultCount = 10;
    public const int MaxCount = 10_000;

    /// <summary>The account that the services of a development chain act by: behind all that can be asked for, so that nobody counts on its nonce.</summary>
    public static byte[] PlatformSecret() => Open().Secret(MaxCount);

    /// <summary>The secrets at m/44'/60'/0'/0/i.</summary>
    public static IReadOnlyList<byte[]> Secrets(int count)
    {
        var wallet = Open();
        return [.. Enumerable.Range(0, count).Select(index => wallet.Secret((uint)index))];
    }

    static Wallet Open() => Mnemonic.TryParse(Phrase, out var mnemonic, out var refusal) ? new Wallet(mnemonic) : throw new InvalidOperationException(refusal.ToString());
}
