using System.Collections.Concurrent;
using System.IO.Compression;

namespace Hufu.Cli;

/// <summary>
/// The test files under a path: one JSON file, a folder of them, or zip archives of them. Each worker opens archives of its own,
/// because a <see cref="ZipArchive"/> is not shared between threads.
/// </summary>
sealed class FixtureSource
{
    // A larger entry is no test anyone wrote; refusing it bounds memory against a zip bomb.
    const long LargestEntry = 512L << 20;

    readonly List<(string Archive, string Entry)> _files = [];

    FixtureSource() { }

    public int Count => _files.Count;

    public static FixtureSource Open(string path)
    {
        var source = new FixtureSource();
        if (File.Exists(path)) source.AddFile(path);
        else if (Directory.Exists(path))
        {
            foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                if (IsArchive(file) || file.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) source.AddFile(file);
            }
        }
        else throw new FileNotFoundException($"'{path}' is neither a file nor a folder");
        return source;
    }

    /// <summary>Only the entries whose name's CRC-32 is a multiple of <paramref name="divisor"/>: a share of a large suite, the same at every run.</summary>
    public void KeepShare(uint divisor)
    {
        if (divisor > 1) _files.RemoveAll(file => System.IO.Hashing.Crc32.HashToUInt32(System.Text.Encoding.UTF8.GetBytes(file.Entry)) % divisor != 0);
    }

    /// <summary>Reads every file once, spread over <paramref name="workers"/> threads.</summary>
    public void ForEach(int workers, Action<string, ReadOnlyMemory<byte>> visit, CancellationToken stop)
    {
        // The largest entries tend to stand together; one shared queue keeps the workers evenly busy.
        var queue = new ConcurrentQueue<(string Archive, string Entry)>(_files);
        Exception? failed = null;
        var threads = Enumerable.Range(0, Math.Max(1, workers)).Select(_ => new Thread(() =>
        {
            var archives = new Dictionary<string, ZipArchive>();
            try
            {
                while (!stop.IsCancellationRequested && Volatile.Read(ref failed) is null && queue.TryDequeue(out var file))
                {
                    var (name, bytes) = Read(file, archives);
                    visit(name, bytes);
                }
            }
            catch (Exception error)
            {
                Interlocked.CompareExchange(ref failed, error, null);
            }
            finally
            {
                foreach (var archive in archives.Values) archive.Dispose();
            }
        }, maxStackSize: 16 << 20)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (failed is not null) throw new InvalidOperationException(failed.Message, failed);
    }

    void AddFile(string path)
    {
        if (!IsArchive(path))
        {
            _files.Add(("", path));
            return;
        }
        using var archive = ZipFile.OpenRead(path);
        foreach (var entry in archive.Entries)
        {
            if (entry.FullName.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) _files.Add((path, entry.FullName));
        }
    }

    static bool IsArchive(string path) => path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);

    static (string Name, ReadOnlyMemory<byte> Bytes) Read((string Archive, string Entry) file, Dictionary<string, ZipArchive> archives)
    {
        if (file.Archive.Length == 0) return (file.Entry, File.ReadAllBytes(file.Entry));
        if (!archives.TryGetValue(file.Archive, out var archive)) archives.Add(file.Archive, archive = ZipFile.OpenRead(file.Archive));
        var entry = archive.GetEntry(file.Entry) ?? throw new InvalidDataException($"{file.Archive} has no entry {file.Entry}");
        if (entry.Length > LargestEntry) throw new InvalidDataException($"{file.Archive}!{file.Entry} would unpack to {entry.Length} bytes, more than {LargestEntry}");
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return ($"{Path.GetFileName(file.Archive)}!{file.Entry}", bytes);
    }
}
