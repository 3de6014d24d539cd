namespace Hufu.Client;

/// <summary>Reads types and parameter lists as people write them. The first fault stays.</summary>
sealed class SignatureReader(string text)
{
    const int LongestText = 16_384;

    int _position = text.Length > LongestText ? text.Length : 0;
    int _depth;

    public string? Error { get; private set; } = text.Length > LongestText ? $"it has {text.Length} characters, more than {LongestText}" : null;

    public bool AtEnd
    {
        get
        {
            SkipSpaces();
            return _position >= text.Length;
        }
    }

    public void Fail(string why)
    {
        Error ??= $"{why} (at character {_position})";
        _position = text.Length;
    }

    public AbiType? ReadType()
    {
        SkipSpaces();
        var word = PeekWord();
        AbiType? type;
        if (Next == '(' || (word is "tuple" && _position + 5 < text.Length && text[_position + 5] == '('))
        {
            if (Next != '(') _position += 5;
            var components = ReadParameters(allowsIndexed: false);
            type = Error is null ? AbiType.TupleWithin(components, null) : null;
        }
        else
        {
            type = AbiType.Elementary(word);
            if (type is null) Fail(word.Length == 0 ? "a type is missing" : $"there is no type '{word}'");
            else _position += word.Length;
        }
        while (type is not null && Next == '[') type = ReadArray(type);
        if (type is null) Fail("the type is too deep or too large");
        return type;
    }

    AbiType? ReadArray(AbiType element)
    {
        var close = text.IndexOf(']', _position);
        if (close < 0)
        {
            Fail("a bracket is not closed");
            return null;
        }
        var digits = text.AsSpan((_position + 1)..close);
        var length = 0;
        if (!digits.IsEmpty && digits is not "0" && !AbiType.TryNumber(digits, out length))
        {
            Fail("the length of an array is no number");
            return null;
        }
        _position = close + 1;
        return AbiType.ArrayWithin(element, digits.IsEmpty ? null : length);
    }

    /// <summary><c>(type [indexed] [name], …)</c>.</summary>
    public IReadOnlyList<AbiParameter> ReadParameters(bool allowsIndexed)
    {
        var parameters = new List<AbiParameter>();
        if (++_depth > AbiType.MaxDepth) Fail("the type is too deep");
        Expect('(');
        if (!TryTake(')'))
        {
            do
            {
                if (ReadType() is not { } type) return [];
                var (name, isIndexed) = ("", false);
                for (var word = TakeWord(); word.Length > 0; word = TakeWord())
                {
                    if (word == "indexed" && allowsIndexed) isIndexed = true;
                    else if (word is "memory" or "calldata" or "storage" or "payable") continue;
                    else if (name.Length == 0) name = word;
                    else Fail($"'{word}' follows the name {name}");
                }
                parameters.Add(new AbiParameter(name, type, isIndexed));
            }
            while (TryTake(','));
            Expect(')');
        }
        _depth--;
        return parameters;
    }

    public string TakeWord()
    {
        SkipSpaces();
        var word = PeekWord().ToString();
        _position += word.Length;
        return word;
    }

    char Next => _position < text.Length ? text[_position] : '\0';

    ReadOnlySpan<char> PeekWord()
    {
        var end = _position;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '_' or '$')) end++;
        return text.AsSpan(_position..end);
    }

    public bool TryTake(char expected)
    {
        SkipSpaces();
        if (Next != expected) return false;
        _position++;
        return true;
    }

    void Expect(char expected)
    {
        if (!TryTake(expected)) Fail($"expected '{expected}'");
    }

    void SkipSpaces()
    {
        while (_position < text.Length && text[_position] == ' ') _position++;
    }
}
