using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Threading.Channels;
using Hufu.Primitives;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Hufu.Services;

/// <summary>
/// Where the services remember: SQLite in a file, or PostgreSQL, by the same SQL. One writer takes changes from a queue and commits those that wait together,
/// so that a disk's sync is shared; readers see a state between two commits and wait for nobody.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    const int MostTogether = 512;

    readonly Func<DbConnection> _open;
    readonly IsolationLevel _reading;
    readonly string _textType;
    readonly ConcurrentBag<SqlSession> _readers = [];
    readonly Channel<IChange> _changes = Channel.CreateUnbounded<IChange>(new UnboundedChannelOptions { SingleReader = true });
    readonly Task _writing;
    SqlSession? _writer;

    Database(string name, Func<DbConnection> open, IsolationLevel reading, string textType)
    {
        (Name, _open, _reading, _textType) = (name, open, reading, textType);
        _writer = new SqlSession(_open());
        _writing = Task.Run(WriteLoopAsync);
    }

    /// <summary>For people: sqlite or postgresql.</summary>
    public string Name { get; }

    /// <param name="path">The file; made where it is absent.</param>
    public static Database OpenSqlite(string path)
    {
        var source = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString();
        return new Database("sqlite", () =>
        {
            var connection = new SqliteConnection(source);
            connection.Open();
            using var command = connection.CreateCommand();
            // FULL: what was acknowledged outlives a power failure, and not only the end of the process.
            command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 30000; PRAGMA cache_size = -32768";
            command.ExecuteNonQuery();
            return connection;
        }, IsolationLevel.Serializable, "TEXT");
    }

    /// <param name="connectionString">As Npgsql takes it; it may hold a password, so it comes from a file and is never shown.</param>
    public static bool TryOpenPostgres(string connectionString, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Database? database, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Refusal? refusal)
    {
        (database, refusal) = (null, null);
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            // What is asked again and again is read and planned once; whoever stands behind a pooler that forbids it says so in the string.
            if (!settings.ShouldSerialize("Max Auto Prepare")) settings.MaxAutoPrepare = 256;
            if (!settings.ShouldSerialize("Auto Prepare Min Usages")) settings.AutoPrepareMinUsages = 2;
            var source = NpgsqlDataSource.Create(settings);
            // By the bytes of its letters, as SQLite orders text: equal questions shall have equal answers.
            database = new Database("postgresql", source.OpenConnection, IsolationLevel.RepeatableRead, "TEXT COLLATE \"C\"");
            return true;
        }
        catch (Exception error) when (error is NpgsqlException or ArgumentException)
        {
            refusal = new Refusal("the database cannot be opened", error is NpgsqlException ? error.Message : "the connection string cannot be read", "check the file with the connection string, and that PostgreSQL runs: Host=localhost;Username=hufu;Database=hufu");
            return false;
        }
    }

    /// <summary>Makes the tables that are not there yet.</summary>
    public Task CreateAsync(IReadOnlyList<Table> tables) => WriteAsync(session =>
    {
        foreach (var statement in tables.SelectMany(table => table.Statements(_textType))) session.Execute(SqlText.Literal(statement));
    });

    /// <summary>Changes the database; durable when the task ends. All of the change counts, or nothing of it.</summary>
    /// <param name="change">Does nothing but use its session: where another change in the same commit fails, it is run once more.</param>
    public Task<T> WriteAsync<T>(Func<SqlSession, T> change)
    {
        var waiting = new Change<T>(change);
        return _changes.Writer.TryWrite(waiting) ? waiting.Done.Task : throw new ObjectDisposedException(nameof(Database));
    }

    public Task WriteAsync(Action<SqlSession> change) => WriteAsync(session =>
    {
        change(session);
        return true;
    });

    /// <summary>Asks; all that is asked is of one state.</summary>
    public T Read<T>(Func<SqlSession, T> question)
    {
        if (!_readers.TryTake(out var session)) session = new SqlSession(_open());
        try
        {
            if (session.Connection is SqliteConnection) session.Execute($"BEGIN DEFERRED");
            else session.Begin(_reading);
            var answer = question(session);
            if (session.Connection is SqliteConnection) session.Execute($"COMMIT");
            else session.Commit();
            _readers.Add(session);
            return answer;
        }
        catch
        {
            // Whatever state it is in, nobody shall find it again.
            session.Dispose();
            throw;
        }
    }

    async Task WriteLoopAsync()
    {
        var together = new List<IChange>();
        while (await _changes.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            together.Clear();
            while (together.Count < MostTogether && _changes.Reader.TryRead(out var change)) together.Add(change);
            if (TryCommit(together, out var error)) continue;
            // One of them, or the commit itself, failed: each alone, so that nobody fails for another.
            if (together.Count == 1) together[0].Fail(error!);
            else
                foreach (var one in together)
                    if (!TryCommit([one], out var why)) one.Fail(why!);
        }
    }

    bool TryCommit(List<IChange> changes, out Exception? error)
    {
        try
        {
            _writer ??= new SqlSession(_open());
            _writer.Begin(_writer.Connection is SqliteConnection ? IsolationLevel.Serializable : IsolationLevel.ReadCommitted);
            foreach (var change in changes) change.Run(_writer);
            _writer.Commit();
            foreach (var change in changes) change.Succeed();
            error = null;
            return true;
        }
        catch (Exception fault)
        {
            error = fault;
            try
            {
                _writer?.RollBack();
            }
            catch (Exception broken) when (broken is DbException or InvalidOperationException)
            {
                // The connection is gone, and the transaction with it; the next change opens another.
                _writer?.Dispose();
                _writer = null;
            }
            if (_writer is { Connection.State: not ConnectionState.Open })
            {
                _writer.Dispose();
                _writer = null;
            }
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _changes.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        _writer?.Dispose();
        while (_readers.TryTake(out var session)) session.Dispose();
    }

    interface IChange
    {
        void Run(SqlSession session);
        void Succeed();
        void Fail(Exception error);
    }

    sealed class Change<T>(Func<SqlSession, T> change) : IChange
    {
        T _result = default!;

        public TaskCompletionSource<T> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Run(SqlSession session) => _result = change(session);
        public void Succeed() => Done.TrySetResult(_result);
        public void Fail(Exception error) => Done.TrySetException(error);
    }
}
