using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Hufu.EndToEnd;

/// <summary>A real `hufu` process on a free port, killed at the latest when the test ends.</summary>
sealed class HufuProcess : IAsyncDisposable
{
    static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };
    static readonly string Assembly = FindAssembly();

    readonly Process _process;
    readonly StringBuilder _output = new();

    HufuProcess(Process process, int port, string dataFolder)
    {
        _process = process;
        (Port, DataFolder) = (port, dataFolder);
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
    }

    /// <summary>The program itself, for scripts that start it.</summary>
    public static string Executable => Path.ChangeExtension(Assembly, null);

    public int Port { get; }
    public string DataFolder { get; }
    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>What the process holds of the machine's memory.</summary>
    public long MemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Starts `hufu up` and waits until it answers.</summary>
    public static Task<HufuProcess> Up(string dataFolder, params string[] arguments) => Start("up", dataFolder, arguments);

    /// <summary>Starts a command that runs a ledger, and waits until it answers.</summary>
    public static Task<HufuProcess> Start(string command, string dataFolder, params string[] arguments) => Start(command, dataFolder, arguments, null);

    /// <summary>As above, on a port that was its own before; null takes a free one.</summary>
    /// <param name="program">Another hufu.dll than the one that was built.</param>
    public static async Task<HufuProcess> Start(string command, string dataFolder, string[] arguments, int? ownPort, string? program = null)
    {
        var port = ownPort ?? FreePort();
        var hufu = new HufuProcess(Begin([command, "--data", dataFolder, "--rpc-port", port.ToString(), .. arguments], program: program), port, dataFolder);
        hufu._process.BeginOutputReadLine();
        hufu._process.BeginErrorReadLine();
        var patience = Stopwatch.StartNew();
        while (true)
        {
            if (hufu._process.HasExited) throw new InvalidOperationException($"hufu {command} ended with {hufu._process.ExitCode}:\n{hufu.Output}");
            try
            {
                await hufu.Call("eth_chainId");
                return hufu;
            }
            catch (HttpRequestException) when (patience.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Runs a command to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> Run(params string[] arguments) => Run([], arguments);

    /// <summary>Runs a command to its end under other environment variables.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> Run((string Name, string Value)[] environment, string[] arguments)
    {
        using var process = Begin(arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"hufu {string.Join(' ', arguments)} did not end");
        }
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Runs a command that has to succeed; what it printed.</summary>
    public static async Task<string> Succeed(params string[] arguments)
    {
        var (exitCode, output, error) = await Run(arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"hufu {string.Join(' ', arguments)} ended with {exitCode}:\n{output}{error}");
    }

    public async Task<JsonElement> Call(string method, params object[] parameters)
    {
        using var response = await Http.PostAsJsonAsync(Url, new { jsonrpc = "2.0", id = 1, method, @params = parameters });
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return answer.TryGetProperty("result", out var result) ? result
            : throw new InvalidOperationException($"{method}: {answer}");
    }

    /// <summary>SIGKILL: the process gets no chance to tidy up.</summary>
    public async Task Kill()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Whether the process ends by itself before the time is over.</summary>
    public async Task<bool> EndedWithin(TimeSpan patience)
    {
        using var over = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(over.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>SIGTERM, as a service manager stops it; the exit code.</summary>
    public async Task<int> Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]);
        await kill.WaitForExitAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await Kill();
        _process.Dispose();
    }

    void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output) _output.AppendLine(line.Data);
    }

    internal static Process Begin(string[] arguments, (string Name, string Value)[]? environment = null, string? program = null)
    {
        var start = new ProcessStartInfo("dotnet", [program ?? Assembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    // Below those that the system gives to connections that go out, which would else take one between its choice and its use; a test that runs beside gets another.
    const int FirstPort = 20_000, Ports = 10_000;
    static int _taken = Environment.ProcessId * 97;

    /// <summary>A port that nobody listens on, and that no other test of this process is given.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = FirstPort + (int)((uint)Interlocked.Increment(ref _taken) % Ports);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    static string FindAssembly()
    {
        // The build puts the command beside the tests, because this project refers to it.
        var path = Path.Combine(AppContext.BaseDirectory, "hufu.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing: build the solution first");
    }
}
