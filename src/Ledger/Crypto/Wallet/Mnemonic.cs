using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>A wallet's secret as 12 to 24 words (BIP-39).</summary>
public sealed class Mnemonic
{
    const int SeedSize = 64, SeedIterations = 2048, MostWords = 24;

    Mnemonic(string phrase) => Phrase = phrase;

    /// <summary>The words, joined by single spaces. Who knows them owns the wallet.</summary>
    public string Phrase { get; }

    /// <summary>New words from the operating system's source of randomness.</summary>
    /// <param name="words">12, 15, 18, 21 or 24.</param>
    public static Mnemonic Create(int words = 12, MnemonicLanguage language = MnemonicLanguage.English)
    {
        if (words is < 12 or > MostWords || words % 3 != 0) throw new ArgumentOutOfRangeException(nameof(words), words, "a mnemonic has 12, 15, 18, 21 or 24 words");
        var entropy = RandomNumberGenerator.GetBytes(words / 3 * 4);
        try
        {
            return FromEntropy(entropy, language);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(entropy);
        }
    }

    /// <summary>The words for 16, 20, 24, 28 or 32 bytes.</summary>
    public static Mnemonic FromEntropy(ReadOnlySpan<byte> entropy, MnemonicLanguage language = MnemonicLanguage.English)
    {
        if (entropy.Length is < 16 or > 32 || entropy.Length % 4 != 0)
            throw new ArgumentException($"a mnemonic holds 16, 20, 24, 28 or 32 bytes, not {entropy.Length}", nameof(entropy));

        // The checksum, a bit for every four bytes, makes the bits a multiple of eleven.
        Span<byte> bits = [.. entropy, SHA256.HashData(entropy)[0]];
        var list = WordList.Of(language);
        var words = new string[entropy.Length / 4 * 3];
        for (var i = 0; i < words.Length; i++) words[i] = list[ReadWord(bits, i)];
        CryptographicOperations.ZeroMemory(bits);
        return new Mnemonic(string.Join(' ', words));
    }

    /// <summary>Takes words in any language on board, in any spacing, English ones in any letter case; refuses an unknown word, a wrong count and a wrong checksum.</summary>
    public static bool TryParse(string phrase, [NotNullWhen(true)] out Mnemonic? mnemonic, [NotNullWhen(false)] out Refusal? refusal)
    {
        mnemonic = null;
        if (phrase.Length > 1024)
        {
            refusal = Invalid($"it has {phrase.Length} characters, more than any");
            return false;
        }
        string[] words = [.. CompatibilityDecomposition.Of(phrase).ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
        if (words.Length is < 12 or > MostWords || words.Length % 3 != 0)
        {
            refusal = Invalid($"it has {words.Length} words, not 12, 15, 18, 21 or 24");
            return false;
        }

        refusal = null;
        foreach (var language in Enum.GetValues<MnemonicLanguage>())
        {
            if (!TryReadEntropy(words, language, out var why)) refusal ??= Invalid(why);
            else
            {
                refusal = null;
                mnemonic = new Mnemonic(string.Join(' ', words));
                return true;
            }
            // A word of the first language was found: that language's complaint is the useful one.
            if (WordList.Of(language).TryFind(words[0], out _))
            {
                refusal = Invalid(why);
                return false;
            }
        }
        refusal ??= Invalid("its words are in no list");
        return false;
    }

    /// <summary>The 64 bytes from which all keys derive.</summary>
    /// <param name="passphrase">A second factor: every passphrase opens another wallet, none is wrong.</param>
    public byte[] ToSeed(string passphrase = "") => SeedOf(Phrase, passphrase);

    internal static byte[] SeedOf(string phrase, string passphrase)
    {
        var password = Encoding.UTF8.GetBytes(CompatibilityDecomposition.Of(phrase));
        var salt = Encoding.UTF8.GetBytes("mnemonic" + CompatibilityDecomposition.Of(passphrase));
        var seed = Rfc2898DeriveBytes.Pbkdf2(password, salt, SeedIterations, HashAlgorithmName.SHA512, SeedSize);
        CryptographicOperations.ZeroMemory(password);
        CryptographicOperations.ZeroMemory(salt);
        return seed;
    }

    /// <summary>Does not show the words, so that a log cannot.</summary>
    public override string ToString() => "mnemonic";

    static bool TryReadEntropy(string[] words, MnemonicLanguage language, out string why)
    {
        var list = WordList.Of(language);
        Span<byte> bits = stackalloc byte[MostWords * WordList.BitsPerWord / 8 + 1];
        bits.Clear();
        for (var i = 0; i < words.Length; i++)
        {
            if (!list.TryFind(words[i], out var number))
            {
                // Only the place is told: the word itself might be a secret typed into the wrong field.
                why = $"word {i + 1} is in no list";
                return false;
            }
            WriteWord(bits, i, number);
        }
        var entropy = bits[..(words.Length / 3 * 4)];
        var checksumBits = words.Length / 3;
        var mask = (byte)(0xFF << (8 - checksumBits));
        var isRight = ((SHA256.HashData(entropy)[0] ^ bits[entropy.Length]) & mask) == 0;
        CryptographicOperations.ZeroMemory(bits);
        why = isRight ? "" : "its checksum does not fit: a word is wrong, or two have changed places";
        return isRight;
    }

    static int ReadWord(ReadOnlySpan<byte> bits, int index)
    {
        var number = 0;
        for (var bit = index * WordList.BitsPerWord; bit < (index + 1) * WordList.BitsPerWord; bit++)
            number = 2 * number + (bits[bit / 8] >> (7 - bit % 8) & 1);
        return number;
    }

    static void WriteWord(Span<byte> bits, int index, int number)
    {
        for (var i = 0; i < WordList.BitsPerWord; i++)
        {
            var bit = index * WordList.BitsPerWord + i;
            bits[bit / 8] |= (byte)((number >> (WordList.BitsPerWord - 1 - i) & 1) << (7 - bit % 8));
        }
    }

    static Refusal Invalid(string why) => new("invalid mnemonic", why, "write the words as they were given, in their order");
}
