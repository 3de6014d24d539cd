using System.Text;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>Every change that somebody asked for, in the order it was asked for, each line with the hash of the one before: a line that is changed or missing shows.</summary>
public sealed class AuditLog(Database database)
{
    internal static readonly Table Lines = new("audit_line", "number number key", "at number", "caller text", "method text", "path text", "idempotency_key text", "status number", "hash text");

    public Task WriteAsync(string caller, string method, string path, string key, int status) => database.WriteAsync(session =>
    {
        var (number, before) = session.Find($"SELECT number, hash FROM {Lines} ORDER BY number DESC LIMIT 1", row => (row.Number(0) + 1, row.Text(1)));
        var line = new AuditLine(number, DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()), caller, method, path, key.Length > 0 ? key : null, status, default);
        session.Execute(Lines.Insert([number, line.At, caller, method, path, line.Key, status, line.HashAfter(before)], replaces: false));
    });

    /// <summary>The latest first.</summary>
    public IReadOnlyList<AuditLine> Latest(int most, long? before = null) => database.Read(session => session.Query($"SELECT number, at, caller, method, path, idempotency_key, status, hash FROM {Lines} WHERE number < {before ?? long.MaxValue} ORDER BY number DESC LIMIT {most}", Read));

    /// <summary>The first line that does not follow from the one before it; null where all do.</summary>
    public AuditLine? FirstBroken() => database.Read(session =>
    {
        string? before = null;
        foreach (var line in session.Query($"SELECT number, at, caller, method, path, idempotency_key, status, hash FROM {Lines} ORDER BY number", Read))
        {
            if (line.HashAfter(before) != line.Hash) return line;
            before = line.Hash.ToString();
        }
        return null;
    });

    static AuditLine Read(SqlRow row) => new(row.Number(0), row.Time(1), row.Text(2), row.Text(3), row.Text(4), row.TextOrNull(5), (int)row.Number(6), row.Hash(7));
}

/// <param name="Status">The HTTP status it was answered with.</param>
/// <param name="Hash">Keccak-256 of the line and the hash of the line before.</param>
public sealed record AuditLine(long Number, DateTimeOffset At, string Caller, string Method, string Path, string? Key, int Status, Hash256 Hash)
{
    internal Hash256 HashAfter(string? before) => Keccak256.Hash(Encoding.UTF8.GetBytes(RowText.Write([before, Number, At, Caller, Method, Path, Key, Status])));
}
