using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// What one service remembers of the chain: tables made from events and from nothing else, so that they can be made again from the first block and come out
/// the same, and taken back block by block where a chain reorganises. <see cref="EventIndex"/> owns when; a projection says what.
/// </summary>
public abstract class Projection
{
    /// <summary>Counted up whenever <see cref="Apply"/> or the tables change: the index is then made anew at the next start.</summary>
    public virtual int Version => 1;

    public abstract IReadOnlyList<Table> Tables { get; }

    /// <summary>The names (in the registry) of the contracts whose events it hears.</summary>
    public abstract IReadOnlyList<string> Contracts { get; }

    /// <summary>Takes one event in, in the chain's order. Reads nothing but the event and the tables, or rebuilding would give something else.</summary>
    public abstract void Apply(IndexChange change, IndexedEvent told);
}

/// <summary>An event of a contract that a projection hears.</summary>
/// <param name="Contract">The contract's name in the registry.</param>
/// <param name="Position">Among the logs of the block.</param>
public sealed record IndexedEvent(string Contract, Log Log, Hash256 Transaction, int Position, IndexedBlock Block)
{
    /// <summary>Orders events of the whole chain: the block's number and the place in it.</summary>
    public long Order => (long)Block.Number * 1_000_000 + Position;
}

/// <param name="Timestamp">Seconds since 1970.</param>
public sealed record IndexedBlock(ulong Number, Hash256 Hash, ulong Timestamp)
{
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeSeconds((long)Timestamp);
}

/// <summary>Changes the tables of projections, and notes how each change is taken back.</summary>
public sealed class IndexChange
{
    internal static readonly Table Undo = new("index_undo", "block number key", "step number key", "target text", "row_key text", "old_row text");

    readonly SqlSession _session;
    readonly IndexedBlock _block;
    readonly bool _canBeUndone;
    long _step;

    internal IndexChange(SqlSession session, IndexedBlock block, bool canBeUndone) => (_session, _block, _canBeUndone) = (session, block, canBeUndone);

    /// <param name="row">A value for every column, in the order they were declared.</param>
    public void Insert(Table table, params object?[] row)
    {
        Note(table, table.KeyOf(row), old: null);
        _session.Execute(table.Insert(row, replaces: false));
    }

    /// <summary>Changes some columns of one row.</summary>
    /// <returns>False where there is no such row; then nothing has changed.</returns>
    public bool Update(Table table, object?[] key, params (string Column, object? Value)[] changes)
    {
        if (Row(table, key) is not { } old) return false;
        Note(table, key, old);
        object?[] row = [.. old];
        foreach (var (column, value) in changes) row[IndexOf(table, column)] = value;
        _session.Execute(table.Insert(row, replaces: true));
        return true;
    }

    public bool Delete(Table table, params object?[] key)
    {
        if (Row(table, key) is not { } old) return false;
        Note(table, key, old);
        _session.Execute($"DELETE FROM {table}{table.Where(key)}");
        return true;
    }

    public T? Find<T>(SqlText sql, Func<SqlRow, T> read) => _session.Find(sql, read);
    public IReadOnlyList<T> Query<T>(SqlText sql, Func<SqlRow, T> read) => _session.Query(sql, read);

    object?[]? Row(Table table, object?[] key)
    {
        var columns = table.Columns.Count;
        return _session.Find($"SELECT * FROM {table}{table.Where(key)}", row => Enumerable.Range(0, columns).Select(row.Value).ToArray());
    }

    static int IndexOf(Table table, string column)
    {
        for (var i = 0; i < table.Columns.Count; i++)
            if (table.Columns[i] == column) return i;
        throw new ArgumentException($"{table.Name} has no column {column}", nameof(column));
    }

    void Note(Table table, object?[] key, object?[]? old)
    {
        if (!_canBeUndone) return;
        _session.Execute(Undo.Insert([_block.Number, _step++, table.Name, RowText.Write(key), old is null ? null : RowText.Write(old)], replaces: false));
    }

    /// <summary>Puts everything back as it was before a block.</summary>
    internal static void TakeBack(SqlSession session, ulong block, IReadOnlyDictionary<string, Table> tables)
    {
        foreach (var (name, key, old) in session.Query($"SELECT target, row_key, old_row FROM {Undo} WHERE block = {block} ORDER BY step DESC", row => (row.Text(0), row.Text(1), row.TextOrNull(2))))
        {
            var table = tables[name];
            if (old is null) session.Execute($"DELETE FROM {table}{table.Where(RowText.Read(key))}");
            else session.Execute(table.Insert(RowText.Read(old), replaces: true));
        }
        session.Execute($"DELETE FROM {Undo} WHERE block = {block}");
    }
}
