using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Hufu.Crypto;

/// <summary>
/// Unicode's normalization form KD (UAX 15), which BIP-39 asks for. Our own, because <see cref="string.Normalize(NormalizationForm)"/> silently
/// does nothing in the invariant globalization mode, and a wallet of other characters would open to another seed.
/// </summary>
static class CompatibilityDecomposition
{
    // Hangul syllables are composed by arithmetic (Unicode Standard, section 3.12).
    const int HangulBase = 0xAC00, HangulCount = 11172, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7, TrailCount = 28, VowelTrailCount = 588;

    static readonly Lazy<(FrozenDictionary<int, int[]> Decompositions, FrozenDictionary<int, int> Classes)> Data = new(Load);

    public static string Of(string text)
    {
        // Letters of ASCII and the unified ideographs are their own decomposition.
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\x7F') || text.All(c => c is <= '\x7F' or >= '\u4E00' and <= '\u9FFF')) return text;
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes()) Decompose(rune.Value, points);
        Reorder(points);
        var result = new StringBuilder(points.Count);
        foreach (var point in points) result.Append(new Rune(point).ToString());
        return result.ToString();
    }

    static void Decompose(int point, List<int> into)
    {
        if (point is >= HangulBase and < HangulBase + HangulCount)
        {
            var index = point - HangulBase;
            into.Add(LeadBase + index / VowelTrailCount);
            into.Add(VowelBase + index % VowelTrailCount / TrailCount);
            if (index % TrailCount != 0) into.Add(TrailBase + index % TrailCount);
        }
        else if (Data.Value.Decompositions.TryGetValue(point, out var parts)) into.AddRange(parts);
        else into.Add(point);
    }

    /// <summary>Sorts each run of combining marks by class, keeping the order of equals.</summary>
    static void Reorder(List<int> points)
    {
        for (var i = 1; i < points.Count; i++)
        {
            var own = Class(points[i]);
            if (own == 0) continue;
            var at = i;
            while (at > 0 && Class(points[at - 1]) > own) at--;
            if (at == i) continue;
            var point = points[i];
            points.RemoveAt(i);
            points.Insert(at, point);
        }
    }

    static int Class(int point) => Data.Value.Classes.GetValueOrDefault(point);

    static (FrozenDictionary<int, int[]>, FrozenDictionary<int, int>) Load()
    {
        var decompositions = new Dictionary<int, int[]>();
        var classes = new Dictionary<int, int>();
        using var stream = typeof(CompatibilityDecomposition).Assembly.GetManifestResourceStream("decompositions.txt")!;
        using var reader = new StreamReader(stream, Encoding.ASCII);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            if (line.Split('=') is [var point, var parts])
            {
                decompositions.Add(Point(point), [.. parts.Split(' ').Select(Point)]);
            }
            else if (line.Split('-', ':') is [var first, var last, var number])
            {
                for (var i = Point(first); i <= Point(last); i++) classes.Add(i, int.Parse(number, CultureInfo.InvariantCulture));
            }
        }
        return (decompositions.ToFrozenDictionary(), classes.ToFrozenDictionary());

        static int Point(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
