namespace Hufu.Services;

/// <summary>
/// A table, declared once for both databases: <c>new Table("payment", "id text key", "payer text index", "block number")</c>. A column is a text or a
/// 64-bit number, may be null unless it is of the key, and may have an index.
/// </summary>
public sealed class Table
{
    readonly string[] _keys;
    readonly List<string> _indexes = [];

    public Table(string name, params string[] columns)
    {
        Name = name;
        var (names, keys, definitions) = (new List<string>(), new List<string>(), new List<(string, bool, bool)>());
        foreach (var column in columns)
        {
            var words = column.Split(' ');
            if (words.Length < 2 || words[1] is not ("text" or "number") || words.Skip(2).Any(word => word is not ("key" or "index"))) throw new ArgumentException($"'{column}' is no column: write name, text or number, and key or index", nameof(columns));
            names.Add(words[0]);
            if (words.Contains("key")) keys.Add(words[0]);
            if (words.Contains("index")) _indexes.Add(words[0]);
            definitions.Add((words[0], words[1] == "text", words.Contains("key")));
        }
        if (keys.Count == 0) throw new ArgumentException($"table {name} has no key", nameof(columns));
        (Columns, _keys, Definitions) = (names, [.. keys], definitions);
    }

    public string Name { get; }
    public IReadOnlyList<string> Columns { get; }
    public IReadOnlyList<string> Keys => _keys;

    internal IReadOnlyList<(string Name, bool IsText, bool IsKey)> Definitions { get; }

    /// <summary>An index over several columns.</summary>
    public Table Indexed(params string[] columns)
    {
        _indexes.Add(string.Join(", ", columns));
        return this;
    }

    internal IEnumerable<string> Statements(string textType)
    {
        var columns = Definitions.Select(column => $"{column.Name} {(column.IsText ? textType : "BIGINT")}{(column.IsKey ? " NOT NULL" : "")}");
        yield return $"CREATE TABLE IF NOT EXISTS {Name} ({string.Join(", ", columns)}, PRIMARY KEY ({string.Join(", ", _keys)}))";
        foreach (var index in _indexes) yield return $"CREATE INDEX IF NOT EXISTS {Name}_{string.Concat(index.Split(", ").Select(one => "_" + one))} ON {Name} ({index})";
    }

    /// <summary>Where the row of a key is.</summary>
    internal SqlText Where(IReadOnlyList<object?> key)
    {
        var sql = new SqlText(32, key.Count);
        for (var i = 0; i < _keys.Length; i++)
        {
            sql.AppendLiteral($"{(i == 0 ? " WHERE " : " AND ")}{_keys[i]} = ");
            sql.AppendFormatted(key[i]);
        }
        return sql;
    }

    /// <param name="row">A value for every column, in the order they were declared.</param>
    internal SqlText Insert(IReadOnlyList<object?> row, bool replaces)
    {
        if (row.Count != Columns.Count) throw new ArgumentException($"a row of {Name} has {Columns.Count} values, not {row.Count}", nameof(row));
        var sql = new SqlText(64, row.Count);
        sql.AppendLiteral($"INSERT INTO {Name} ({string.Join(", ", Columns)}) VALUES (");
        for (var i = 0; i < row.Count; i++)
        {
            if (i > 0) sql.AppendLiteral(", ");
            sql.AppendFormatted(row[i]);
        }
        sql.AppendLiteral(")");
        if (!replaces) return sql;
        var others = Columns.Except(_keys).ToArray();
        sql.AppendLiteral($" ON CONFLICT ({string.Join(", ", _keys)}) DO {(others.Length == 0 ? "NOTHING" : "UPDATE SET " + string.Join(", ", others.Select(column => $"{column} = excluded.{column}")))}");
        return sql;
    }

    internal object?[] KeyOf(IReadOnlyList<object?> row) => [.. _keys.Select(key => row[Columns.ToList().IndexOf(key)])];
}
