using System.Diagnostics;
using System.Text.Json;
using Hufu.Crypto;
using Hufu.Node;
using Hufu.Primitives;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>What `hufu network up --json` started, and what was started again by the commands that it printed.</summary>
sealed class ValidatorNetwork : IAsyncDisposable
{
    const string To = "0x00000000000000000000000000000000000000aa";
    static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    readonly Process _up;
    readonly JsonElement[] _nodes;
    readonly Process[] _processes;
    readonly Dictionary<int, Task<string>> _errors = [];
    ulong _nonce;

    ValidatorNetwork(Process up, JsonElement[] nodes)
    {
        (_up, _nodes) = (up, nodes);
        _processes = [.. nodes.Select(node => Process.GetProcessById(node.GetProperty("pid").GetInt32()))];
    }

    public static async Task<ValidatorNetwork> Up(string folder, int validators)
    {
        var up = HufuProcess.Begin(["network", "up", "--validators", validators.ToString(), "--data", folder, "--rpc-port", "0", "--json"]);
        var line = await up.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await up.StandardError.ReadToEndAsync());
        Assert.True(line.StartsWith("{\"nodes\":", StringComparison.Ordinal), line);
        return new ValidatorNetwork(up, [.. JsonDocument.Parse(line).RootElement.GetProperty("nodes").EnumerateArray()]);
    }

    public int Count => _nodes.Length;

    public string Url(int node) => _nodes[node].GetProperty("rpc").GetString()!;

    public string Enode(int node) => _nodes[node].GetProperty("enode").GetString()!;

    /// <summary>The folder that keeps the validator's chain, its key and what it signed.</summary>
    public string Folder(int node)
    {
        var command = _nodes[node].GetProperty("command").EnumerateArray().Select(item => item.GetString()!).ToList();
        return command[command.IndexOf("--data") + 1];
    }

    /// <summary>A page of the node's port: its status and its text.</summary>
    public async Task<(int Status, string Text)> Get(int node, string path)
    {
        using var response = await Http.GetAsync(new Uri(new Uri(Url(node)), path));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>A signal by its name: TERM for a clean end, STOP and CONT to freeze and thaw.</summary>
    public void Signal(int node, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _processes[node].Id.ToString()]);
        kill.WaitForExit();
        if (signal == "TERM") Assert.True(_processes[node].WaitForExit(TimeSpan.FromSeconds(30)), $"node {node} does not end");
    }

    public void Kill(int node)
    {
        _processes[node].Kill();
        _processes[node].WaitForExit();
    }

    /// <summary>What a node holds of the machine's memory, in bytes; 0 where it is down.</summary>
    public long Memory(int node)
    {
        if (_processes[node].HasExited) return 0;
        _processes[node].Refresh();
        return _processes[node].WorkingSet64;
    }

    /// <summary>Starts a node by the command that was printed for it.</summary>
    /// <param name="changes">Options and their values, in the place of those in the command or after them.</param>
    public void Restart(int node, string[]? changes = null, params (string Name, string Value)[] environment)
    {
        var command = _nodes[node].GetProperty("command").EnumerateArray().Select(item => item.GetString()!).ToList();
        foreach (var change in (changes ?? []).Chunk(2))
            if (command.IndexOf(change[0]) is var at and >= 0) command[at + 1] = change[1];
            else command.InsertRange(command.IndexOf("--data"), change);
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        _processes[node] = Process.Start(start)!;
        _ = _processes[node].StandardOutput.ReadToEndAsync();
        _errors[node] = _processes[node].StandardError.ReadToEndAsync();
    }

    /// <summary>What a node that was started again, and has ended, wrote to its error stream.</summary>
    public string[] Errors(int node) => _errors[node].Result.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public async Task<JsonElement> Call(int node, string method, params object[] parameters)
    {
        using var content = new StringContent(JsonSerializer.Serialize(new { jsonrpc = "2.0", id = 1, method, @params = parameters }), System.Text.Encoding.UTF8, "application/json");
        JsonElement answer;
        try
        {
            using var response = await Http.PostAsync(new Uri(Url(node)), content);
            answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        }
        catch (Exception broken) when (broken is System.Net.Sockets.SocketException or IOException)
        {
            // A node that dies in the very moment of being connected to: HttpClient lets this through as it is.
            throw new HttpRequestException(broken.Message, broken);
        }
        return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(answer.ToString());
    }

    public async Task<ulong> Height(int node) => Convert.ToUInt64((await Call(node, "eth_blockNumber")).GetString(), 16);

    public async Task WaitForHeight(ulong height, int[] nodes)
    {
        var patience = Stopwatch.StartNew();
        foreach (var node in nodes)
            while (true)
            {
                try
                {
                    if (await Height(node) >= height) break;
                }
                catch (Exception starting) when (starting is HttpRequestException or TaskCanceledException)
                {
                    // It is starting.
                }
                if (patience.Elapsed > TimeSpan.FromSeconds(90)) Assert.Fail($"node {node} did not reach {height}: {await Call(node, "hufu_consensus")}");
                await Task.Delay(100);
            }
    }

    public static string AccountOf(int account) => TransactionSigning.AddressOf(DevAccounts.Secrets(10)[account]).ToString();

    /// <summary>A transfer of the last account, each with the next nonce.</summary>
    public Task<string> Send(int node) => Send(node, account: 9, _nonce++);

    public async Task<string> Send(int node, int account, ulong nonce)
    {
        var transfer = new DynamicFeeTransaction
        {
            ChainId = 1981,
            Nonce = nonce,
            GasLimit = 21_000,
            MaxFeePerGas = 10_000_000_000,
            MaxPriorityFeePerGas = 1_000_000_000,
            To = Address.Parse(To),
            Value = UInt256.One,
        };
        var signed = TransactionSigning.Sign(transfer, DevAccounts.Secrets(10)[account]);
        return (await Call(node, "eth_sendRawTransaction", Hex.Encode(signed.Encoded.Span))).GetString()!;
    }

    public async Task<string> WaitForReceipt(int node, string hash)
    {
        var patience = Stopwatch.StartNew();
        while ((await Call(node, "eth_getTransactionReceipt", hash)).ValueKind == JsonValueKind.Null)
        {
            if (patience.Elapsed > TimeSpan.FromSeconds(60)) Assert.Fail($"no receipt of {hash}: {await Call(node, "hufu_consensus")}");
            await Task.Delay(100);
        }
        return hash;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited) process.Kill();
            process.Dispose();
        }
        if (!_up.HasExited) _up.Kill(entireProcessTree: true);
        await _up.WaitForExitAsync();
        _up.Dispose();
    }
}
