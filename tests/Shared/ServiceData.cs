using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Xunit;

namespace Hufu;

/// <summary>The archives of other people's service data that lie beside a checkout of the repository, read in place. A test that needs one skips, with the reason, where it is absent.</summary>
static class ServiceData
{
    static readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, byte[]>> Read = new();

    /// <summary>The files of an archive by their path in it.</summary>
    public static IReadOnlyDictionary<string, byte[]> Open(string archive)
    {
        var path = Find(archive);
        if (path is null) Assert.Skip($"no ../shared/service-data/{archive} lies beside the repository");
        return Read.GetOrAdd(path, static path =>
        {
            using var zip = ZipFile.OpenRead(path);
            var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var entry in zip.Entries)
            {
                if (entry.Name.Length == 0) continue;
                using var stream = entry.Open();
                using var bytes = new MemoryStream();
                stream.CopyTo(bytes);
                files.Add(entry.FullName, bytes.ToArray());
            }
            return files;
        });
    }

    public static string Text(byte[] file) => Encoding.UTF8.GetString(file);

    static string? Find(string archive)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "service-data", archive));
            if (File.Exists(path)) return path;
        }
        return null;
    }
}
