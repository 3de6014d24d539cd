using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// SQL written as an interpolated string: <c>$"SELECT block FROM payment WHERE id = {id}"</c>. What stands in braces becomes a parameter and never a part
/// of the text, so that no value can change what a question asks; only a <see cref="Table"/> and another <see cref="SqlText"/> become text.
/// The same text runs on SQLite and on PostgreSQL.
/// </summary>
[InterpolatedStringHandler]
public readonly struct SqlText
{
    readonly StringBuilder _text;
    readonly List<object> _values;

    public SqlText(int literalLength, int formattedCount) => (_text, _values) = (new StringBuilder(literalLength + 4 * formattedCount), new List<object>(formattedCount));

    /// <summary>SQL of this program, word by word. No conversion makes one from a string, or a value in braces would become text.</summary>
    internal static SqlText Literal(string text)
    {
        var sql = new SqlText(text.Length, 0);
        sql.AppendLiteral(text);
        return sql;
    }

    /// <summary>Values in one list.</summary>
    internal const int MostListed = 256;

    // Few sizes, so that few texts have to be prepared.
    static readonly int[] ListSizes = [1, 4, 16, 64, MostListed];

    /// <summary>Values with commas between them, for <c>IN ( )</c>: from 1 to <see cref="MostListed"/>, filled up with the last of them.</summary>
    internal static SqlText List<T>(IReadOnlyList<T> values)
    {
        var size = ListSizes.First(one => one >= values.Count);
        var sql = new SqlText(2 * size, size);
        for (var i = 0; i < size; i++)
        {
            if (i > 0) sql.AppendLiteral(", ");
            sql.AppendFormatted((object?)values[Math.Min(i, values.Count - 1)]);
        }
        return sql;
    }

    internal string Text => _text.ToString();
    internal IReadOnlyList<object> Values => _values;

    public void AppendLiteral(string text) => _text.Append(text);
    public void AppendFormatted(Table table) => _text.Append(table.Name);

    public void AppendFormatted(SqlText part)
    {
        // Its parameters follow ours, so theirs are counted on from here.
        var (text, at) = (part.Text, 0);
        for (var number = 0; number < part._values.Count; number++)
        {
            var mark = "@p" + number.ToString(CultureInfo.InvariantCulture);
            var found = text.IndexOf(mark, at, StringComparison.Ordinal);
            _text.Append(text, at, found - at);
            AppendFormatted(part._values[number]);
            at = found + mark.Length;
        }
        _text.Append(text, at, text.Length - at);
    }

    public void AppendFormatted(object? value)
    {
        _text.Append("@p").Append(_values.Count);
        _values.Add(ToColumn(value));
    }

    /// <summary>A value as a column holds it: text or a 64-bit number. Hashes and addresses are lower-case hexadecimal, amounts decimal, times milliseconds since 1970.</summary>
    internal static object ToColumn(object? value) => value switch
    {
        null => DBNull.Value,
        DBNull or string or long => value,
        int number => (long)number,
        uint number => (long)number,
        // A contract's number may be any of 64 bits: one that a column cannot hold must not stop the index.
        ulong number => (long)Math.Min(number, long.MaxValue),
        bool yes => yes ? 1L : 0L,
        UInt256 amount => amount.ToString(),
        Address address => address.ToString(),
        Hash256 hash => hash.ToString(),
        byte[] bytes => Hex.Encode(bytes),
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        Enum one => one.ToString().ToLowerInvariant(),
        _ => throw new ArgumentException($"a column holds no {value.GetType().Name}", nameof(value)),
    };
}
