using System.Collections.Concurrent;
using Hufu.Primitives;
using Hufu.Services;

namespace Hufu.WebConsole;

/// <summary>Files between being looked at and being acted on: shown what they will do, then confirmed. Kept in memory for a while, each for whoever brought it.</summary>
public sealed class Uploads
{
    /// <summary>The largest file that is taken.</summary>
    public const int Largest = 8 << 20;

    const int Most = 32;

    static readonly TimeSpan Kept = TimeSpan.FromMinutes(30);

    readonly ConcurrentDictionary<string, Upload> _files = new(StringComparer.Ordinal);

    sealed record Upload(byte[] Content, string Name, string Owner, DateTimeOffset At);

    /// <returns>By what it is asked for again: made of its content, so that the same file is the same.</returns>
    public string Keep(byte[] content, string name, Caller by)
    {
        var now = DateTimeOffset.UtcNow;
        foreach (var (old, _) in _files.Where(one => now - one.Value.At > Kept)) _files.TryRemove(old, out _);
        while (_files.Count >= Most && _files.MinBy(one => one.Value.At) is { Key: { } oldest }) _files.TryRemove(oldest, out _);
        var id = Keccak256.Hash([.. System.Text.Encoding.UTF8.GetBytes(by.Name + "\n"), .. content]).ToString()[2..34];
        _files[id] = new Upload(content, name, by.Name, now);
        return id;
    }

    public (byte[] Content, string Name)? Find(string? id, Caller by) => id is not null && _files.TryGetValue(id, out var file) && file.Owner == by.Name ? (file.Content, file.Name) : null;

    /// <summary>Reads a file that a form brought.</summary>
    /// <exception cref="ProblemException">There is none, or it is too large.</exception>
    public static async Task<byte[]> ReadAsync(Microsoft.AspNetCore.Http.IFormFile? file, CancellationToken stop)
    {
        if (file is not { Length: > 0 and <= Largest }) throw ProblemException.Invalid("there is no file to look at", file is null || file.Length == 0 ? "none was given" : $"it has {file.Length} bytes", $"choose a file of at most {Largest >> 20} MiB");
        using var content = new MemoryStream((int)file.Length);
        await file.CopyToAsync(content, stop).ConfigureAwait(false);
        return content.ToArray();
    }
}
