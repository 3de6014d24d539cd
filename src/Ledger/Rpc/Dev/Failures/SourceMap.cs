using System.Globalization;

namespace Hufu.Rpc;

/// <summary>What an instruction was compiled from: a piece of a source file, and what a jump does there.</summary>
/// <param name="File">The compiler's number for the file; negative where nobody wrote what was compiled.</param>
/// <param name="Jump">'i' into a function, 'o' out of it, '-' neither.</param>
readonly record struct SourceSpan(int Start, int Length, int File, char Jump);

/// <summary>The source map of Solidity's compiler: for every instruction its span, in a form that leaves out what does not change.</summary>
static class SourceMap
{
    /// <returns>One span for each instruction; null where the text is no source map.</returns>
    public static SourceSpan[]? Read(string text)
    {
        if (text.Length == 0) return null;
        var spans = new List<SourceSpan>();
        var last = new SourceSpan(0, 0, -1, '-');
        foreach (var entry in text.AsSpan().Split(';'))
        {
            var field = 0;
            foreach (var part in text.AsSpan(entry).Split(':'))
            {
                var value = text.AsSpan(entry)[part];
                if (value.Length > 0)
                {
                    if (field == 3) last = last with { Jump = value[0] };
                    else if (field < 3 && int.TryParse(value, CultureInfo.InvariantCulture, out var number))
                        last = field switch { 0 => last with { Start = number }, 1 => last with { Length = number }, _ => last with { File = number } };
                    else if (field < 3) return null;
                }
                field++;
            }
            spans.Add(last);
        }
        return [.. spans];
    }
}
