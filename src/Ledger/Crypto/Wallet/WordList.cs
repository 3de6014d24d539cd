using System.Collections.Frozen;
using System.Text;

namespace Hufu.Crypto;

/// <summary>The 2048 words of a language, in the order that gives them their numbers.</summary>
sealed class WordList
{
    public const int Size = 2048, BitsPerWord = 11;

    static readonly Lazy<WordList> English = new(() => Load("english.txt")), ChineseSimplified = new(() => Load("chinese-simplified.txt"));

    readonly string[] _words;
    readonly FrozenDictionary<string, int> _numbers;

    WordList(string[] words)
    {
        _words = words;
        _numbers = words.Select((word, number) => KeyValuePair.Create(word, number)).ToFrozenDictionary(StringComparer.Ordinal);
    }

    public static WordList Of(MnemonicLanguage language) => language == MnemonicLanguage.ChineseSimplified ? ChineseSimplified.Value : English.Value;

    public string this[int number] => _words[number];

    public bool TryFind(string word, out int number) => _numbers.TryGetValue(word, out number);

    static WordList Load(string resource)
    {
        using var stream = typeof(WordList).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var words = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length != Size) throw new InvalidDataException($"{resource} has {words.Length} words, not {Size}");
        return new WordList(words);
    }
}
