using Xunit;

namespace Hufu;

/// <summary>The folder of official fixtures that lies beside a checkout of the repository. A test that needs it skips, with the reason, where it is absent.</summary>
static class SharedFolder
{
    static readonly string? Found = Search();

    public static bool Exists => Found is not null;

    /// <summary>The full path of a file or folder under <c>shared/fixtures</c>; skips the running test where it is absent.</summary>
    public static string Fixture(string relative)
    {
        if (Found is null) Assert.Skip("no folder ../shared/fixtures lies beside the repository");
        var path = Path.Combine(Found, "fixtures", relative);
        if (!File.Exists(path) && !Directory.Exists(path)) Assert.Skip($"the fixtures beside the repository have no {relative}");
        return path;
    }

    /// <summary>The full path of a file under <c>shared/peers</c>; skips the running test where it is absent.</summary>
    public static string Peer(string relative)
    {
        var path = Found is null ? "" : Path.Combine(Found, "peers", relative);
        if (!File.Exists(path)) Assert.Skip($"no ../shared/peers/{relative} lies beside the repository");
        return path;
    }

    /// <summary>The full path of a file or folder of the repository itself, such as <c>networks/dev.json</c>.</summary>
    public static string Repository(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Hufu.slnx"))) return Path.Combine(folder.FullName, relative);
        throw new DirectoryNotFoundException("the tests do not run inside the repository");
    }

    // From the test assembly upwards, the first folder that has a sibling "shared" with fixtures in it.
    static string? Search()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var shared = Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared"));
            if (Directory.Exists(Path.Combine(shared, "fixtures"))) return shared;
        }
        return null;
    }
}
