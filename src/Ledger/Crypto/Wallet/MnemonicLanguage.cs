namespace Hufu.Crypto;

/// <summary>The languages whose word lists are on board (BIP-39, wordlists).</summary>
public enum MnemonicLanguage
{
    English,
    ChineseSimplified,
}
