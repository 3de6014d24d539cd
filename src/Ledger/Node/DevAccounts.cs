using Hufu.Crypto;

namespace Hufu.Node;

/// <summary>The accounts of development tools: those of the mnemonic that every one of them ships. Everybody knows their secrets.</summary>
public static class DevAccounts
{
    public const string Phrase = "test test test test test test test test test test test junk";
    public const int DefaultCount = 10;
    public const int MaxCount = 10_000;

    /// <summary>The secrets at m/44'/60'/0'/0/i.</summary>
    public static IReadOnlyList<byte[]> Secrets(int count)
    {
        if (!Mnemonic.TryParse(Phrase, out var mnemonic, out var refusal)) throw new InvalidOperationException(refusal.ToString());
        var wallet = new Wallet(mnemonic);
        return [.. Enumerable.Range(0, count).Select(index => wallet.Secret((uint)index))];
    }
}
