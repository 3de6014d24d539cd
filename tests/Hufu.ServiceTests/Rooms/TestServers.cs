using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Hufu.Client;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests;

static class FreePorts
{
    public static int One()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>anvil of npm, on a free port; the running test skips where it is not installed.</summary>
sealed class TestAnvil : IAsyncDisposable
{
    readonly Process _process;

    TestAnvil(Process process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    public static async Task<TestAnvil> StartAsync()
    {
        var program = SharedFolder.Repository("tests/Hufu.EndToEnd/clients/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
        if (!File.Exists(program)) Assert.Skip("anvil is not installed: run tests/Hufu.EndToEnd/clients/install.sh (Node.js 20.19 or newer)");
        var port = FreePorts.One();
        var anvil = new TestAnvil(Process.Start(new ProcessStartInfo(program, ["--port", port.ToString(CultureInfo.InvariantCulture), "--silent"]))!, new Uri($"http://127.0.0.1:{port}"));
        await using var chain = await ChainClient.ConnectAsync(anvil.Url);
        for (var i = 0; ; i++)
        {
            try
            {
                await chain.GetBlockNumberAsync();
                return anvil;
            }
            catch (ChainException) when (i < 20)
            {
                await Task.Delay(200);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

/// <summary>A PostgreSQL of its own, in a folder that goes with it; the running test skips where none is installed.</summary>
sealed class TestPostgres : IAsyncDisposable
{
    readonly Process _process;
    readonly string _folder;

    TestPostgres(Process process, string folder, string connectionString) => (_process, _folder, ConnectionString) = (process, folder, connectionString);

    public string ConnectionString { get; }

    public static async Task<TestPostgres> StartAsync()
    {
        var bin = Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).LastOrDefault(path => File.Exists(Path.Combine(path, "initdb"))) : null;
        if (bin is null) Assert.Skip("PostgreSQL is not installed: apt-get install postgresql");
        // It refuses to run as root, as continuous integration does.
        var isRoot = Environment.UserName == "root";
        var folder = Directory.CreateTempSubdirectory("hufu-postgres-").FullName;
        if (isRoot) await RunAsync("chown", ["postgres", folder]);
        string[] As(params string[] command) => isRoot ? ["-u", "postgres", "--", .. command] : command[1..];
        var data = Path.Combine(folder, "data");
        await RunAsync(isRoot ? "runuser" : Path.Combine(bin, "initdb"), As(Path.Combine(bin, "initdb"), "-D", data, "-U", "hufu", "-A", "trust", "--no-sync", "-E", "UTF8"));
        var port = FreePorts.One();
        var start = new ProcessStartInfo(isRoot ? "runuser" : Path.Combine(bin, "postgres"), As(Path.Combine(bin, "postgres"), "-D", data, "-p", port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + folder)) { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var connection = $"Host=127.0.0.1;Port={port};Username=hufu;Database=postgres";
        for (var i = 0; ; i++)
        {
            if (Database.TryOpenPostgres(connection, out var database, out var refusal))
            {
                await database.DisposeAsync();
                return new TestPostgres(process, folder, connection);
            }
            Assert.True(i < 100 && !process.HasExited, refusal.ToString());
            await Task.Delay(100);
        }
    }

    static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await output}{await error}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
