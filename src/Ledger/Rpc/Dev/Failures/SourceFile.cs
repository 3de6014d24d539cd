using System.Text;
using System.Text.RegularExpressions;

namespace Hufu.Rpc;

/// <summary>A source file, in which places are counted as the compiler does: in bytes.</summary>
sealed partial class SourceFile
{
    readonly string _name;
    readonly byte[] _text;
    readonly List<(int At, string Name, bool IsContract)> _declarations = [];

    public SourceFile(string name, string text)
    {
        (_name, _text) = (name, Encoding.UTF8.GetBytes(text));
        // Latin-1 keeps a character for each byte, so that places stay what they are.
        var code = Encoding.Latin1.GetString(_text);
        code = Hidden().Replace(code, static hidden => new string(' ', hidden.Length));
        foreach (Match found in Declaration().Matches(code))
        {
            var contract = found.Groups["contract"];
            var function = found.Groups["function"];
            _declarations.Add((found.Index, contract.Success ? contract.Value : function.Success ? function.Value : found.Groups["special"].Value, contract.Success));
        }
    }

    /// <summary>A place as people name it: the function around it, file, line and column.</summary>
    public string Describe(SourceSpan span)
    {
        var at = Math.Clamp(span.Start, 0, _text.Length);
        var line = 1 + _text.AsSpan(0, at).Count((byte)'\n');
        var column = at - _text.AsSpan(0, at).LastIndexOf((byte)'\n');
        var place = $"{_name}:{line}:{column}";
        return Around(at) is { } function ? $"{function} ({place})" : place;
    }

    /// <summary>Whether a place is a contract or a function as a whole: what the compiler adds of its own, such as the choice of the function, has no other.</summary>
    public bool IsDeclaration(SourceSpan span) => _declarations.Exists(one => one.At == span.Start);

    // The last function that begins at or before the place, in the last contract that does.
    string? Around(int at)
    {
        string? contract = null, function = null;
        foreach (var (begin, name, isContract) in _declarations)
        {
            if (begin > at) break;
            if (isContract) (contract, function) = (name, null);
            else function = name;
        }
        return contract is null ? function : function is null ? contract : $"{contract}.{function}";
    }

    // Comments and strings: what stands in them declares nothing.
    [GeneratedRegex("""//[^\n]*|/\*[\s\S]*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""")]
    private static partial Regex Hidden();

    [GeneratedRegex("""\b(?:(?:abstract\s+)?(?:contract|library|interface)\s+(?<contract>[\w$]+)\s*(?:is\b|layout\b|\{)|(?:function|modifier)\s+(?<function>[\w$]+)\s*[({v]|(?<special>constructor|receive|fallback)\s*\()""")]
    private static partial Regex Declaration();
}
