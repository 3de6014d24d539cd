using System.Data.Common;
using System.Globalization;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>A transaction of the database, as whoever reads or changes it sees it.</summary>
public sealed class SqlSession : IDisposable
{
    // Texts come from the code and not from outside, so there are only so many of them.
    readonly Dictionary<string, DbCommand> _prepared = new(StringComparer.Ordinal);
    readonly DbConnection _connection;
    DbTransaction? _transaction;

    internal SqlSession(DbConnection connection) => _connection = connection;

    internal DbConnection Connection => _connection;

    /// <summary>How many rows it changed.</summary>
    public int Execute(SqlText sql) => Prepare(sql).ExecuteNonQuery();

    public IReadOnlyList<T> Query<T>(SqlText sql, Func<SqlRow, T> read)
    {
        using var reader = Prepare(sql).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(new SqlRow(reader)));
        return rows;
    }

    /// <summary>The first row, or nothing.</summary>
    public T? Find<T>(SqlText sql, Func<SqlRow, T> read)
    {
        using var reader = Prepare(sql).ExecuteReader();
        return reader.Read() ? read(new SqlRow(reader)) : default;
    }

    /// <summary>The one number that a question has for an answer; 0 where it has none.</summary>
    public long Count(SqlText sql) => Prepare(sql).ExecuteScalar() is { } value and not DBNull ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : 0;

    DbCommand Prepare(SqlText sql)
    {
        var text = sql.Text;
        if (!_prepared.TryGetValue(text, out var command))
        {
            command = _connection.CreateCommand();
            // Only table names and literals of this program stand in the text (SqlText).
            command.CommandText = text;
            foreach (var _ in sql.Values)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = "@p" + command.Parameters.Count.ToString(CultureInfo.InvariantCulture);
                command.Parameters.Add(parameter);
            }
            _prepared.Add(text, command);
        }
        command.Transaction = _transaction;
        for (var i = 0; i < sql.Values.Count; i++) command.Parameters[i].Value = sql.Values[i];
        return command;
    }

    internal void Begin(System.Data.IsolationLevel level) => _transaction = _connection.BeginTransaction(level);

    internal void Commit()
    {
        _transaction!.Commit();
        _transaction.Dispose();
        _transaction = null;
    }

    internal void RollBack()
    {
        _transaction?.Rollback();
        _transaction?.Dispose();
        _transaction = null;
    }

    public void Dispose()
    {
        _transaction?.Dispose();
        foreach (var command in _prepared.Values) command.Dispose();
        _connection.Dispose();
    }
}

/// <summary>One row of an answer, its columns counted from 0.</summary>
public readonly struct SqlRow(DbDataReader reader)
{
    public string Text(int column) => reader.GetString(column);
    public string? TextOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    public long Number(int column) => reader.GetInt64(column);
    public long? NumberOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);
    public ulong Block(int column) => (ulong)reader.GetInt64(column);
    public bool Yes(int column) => reader.GetInt64(column) != 0;
    public UInt256 Amount(int column) => UInt256.Parse(reader.GetString(column));
    public Address Address(int column) => Primitives.Address.Parse(reader.GetString(column));
    public Address? AddressOrNull(int column) => reader.IsDBNull(column) ? null : Address(column);
    public Hash256 Hash(int column) => Hash256.Parse(reader.GetString(column));
    public Hash256? HashOrNull(int column) => reader.IsDBNull(column) ? null : Hash(column);
    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));
    /// <summary>A time that a contract holds, in seconds since 1970.</summary>
    public DateTimeOffset Moment(int column) => Moments.Of((ulong)Math.Max(0, reader.GetInt64(column)));
    public DateTimeOffset? TimeOrNull(int column) => reader.IsDBNull(column) ? null : Time(column);

    /// <summary>A number or a text, as it is there; null where there is nothing.</summary>
    internal object? Value(int column) => reader.IsDBNull(column) ? null : reader.GetValue(column) switch { int number => (long)number, var value => value };
}
