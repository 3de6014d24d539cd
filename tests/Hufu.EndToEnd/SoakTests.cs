using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>
/// Many subscribers on a chain that makes blocks as fast as it can, slow and vanishing ones among them. A few seconds with 200 in CI;
/// HUFU_SOAK_SECONDS=600 for the long run with 1,000.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    static readonly int Seconds = int.TryParse(Environment.GetEnvironmentVariable("HUFU_SOAK_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 8;

    static int Subscribers => Seconds > 60 ? 1000 : 200;

    [Fact]
    public async Task Healthy_subscribers_miss_no_header_and_memory_stays_flat_beside_slow_and_vanishing_ones()
    {
        using var data = new TemporaryFolder();
        await using var hufu = await HufuProcess.Up(data.Path);
        using var over = new CancellationTokenSource();
        var slow = Task.WhenAll(Enumerable.Range(0, Subscribers / 10).Select(_ => ReadSlowly(hufu, over.Token)));
        var vanishing = Task.WhenAll(Enumerable.Range(0, Subscribers / 10).Select(seed => Vanish(hufu, seed, over.Token)));
        var healthy = new HealthyReader[Subscribers * 8 / 10];
        for (var i = 0; i < healthy.Length; i++) healthy[i] = await HealthyReader.Begin(hufu);

        var clock = Stopwatch.StartNew();
        var blocks = 0;
        var early = 0L;
        while (clock.Elapsed.TotalSeconds < Seconds)
        {
            await hufu.Call("evm_mine");
            blocks++;
            if (early == 0 && clock.Elapsed.TotalSeconds > Seconds / 4.0) early = hufu.MemoryBytes;
        }
        var late = hufu.MemoryBytes;
        var head = Convert.ToInt64((await hufu.Call("eth_blockNumber")).GetString()![2..], 16);
        foreach (var reader in healthy) await reader.Until(head);
        output.WriteLine($"{Subscribers} subscribers, {blocks} blocks in {clock.Elapsed.TotalSeconds:F0} s, {blocks / clock.Elapsed.TotalSeconds:F0} a second; memory {early >> 20} MiB, then {late >> 20} MiB");
        await over.CancelAsync();
        await Task.WhenAll(slow, vanishing);

        Assert.All(healthy, reader => Assert.Null(reader.Fault));
        Assert.True(late < early * 5 / 4 + (96 << 20), $"memory grew from {early >> 20} to {late >> 20} MiB");
    }

    static async Task<ClientWebSocket> Subscribe(HufuProcess hufu, CancellationToken stop)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(hufu.Url.Replace("http", "ws")), stop);
        await socket.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}"""u8.ToArray(), WebSocketMessageType.Text, true, stop);
        return socket;
    }

    /// <summary>Takes one piece now and then, until it is dropped, and comes back.</summary>
    static async Task ReadSlowly(HufuProcess hufu, CancellationToken stop)
    {
        var buffer = new byte[512];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = await Subscribe(hufu, stop);
                while (socket.State == WebSocketState.Open)
                {
                    await socket.ReceiveAsync(buffer.AsMemory(), stop);
                    await Task.Delay(500, stop);
                }
            }
            catch (Exception error) when (error is WebSocketException or OperationCanceledException)
            {
                // Dropped, or the test is over.
            }
        }
    }

    /// <summary>Subscribes and goes away without a word, again and again.</summary>
    static async Task Vanish(HufuProcess hufu, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = await Subscribe(hufu, stop);
                await Task.Delay(random.Next(1000), stop);
                socket.Abort();
            }
            catch (Exception error) when (error is WebSocketException or OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    /// <summary>Reads as fast as it can, and notices each header that is not the one after the last.</summary>
    sealed class HealthyReader
    {
        readonly ClientWebSocket _socket;
        long _last = -1;

        HealthyReader(ClientWebSocket socket) => _socket = socket;

        public string? Fault { get; private set; }

        public static async Task<HealthyReader> Begin(HufuProcess hufu)
        {
            var reader = new HealthyReader(await Subscribe(hufu, TestContext.Current.CancellationToken));
            _ = Task.Run(reader.ReadAll);
            return reader;
        }

        public async Task Until(long number)
        {
            for (var clock = Stopwatch.StartNew(); Interlocked.Read(ref _last) < number && Fault is null; await Task.Delay(20))
                if (clock.Elapsed.TotalSeconds > 60) Fault = $"header {number} did not come; the last was {_last}";
        }

        async Task ReadAll()
        {
            var buffer = new byte[8192];
            try
            {
                while (true)
                {
                    var length = 0;
                    ValueWebSocketReceiveResult part;
                    do
                    {
                        part = await _socket.ReceiveAsync(buffer.AsMemory(length), default);
                        length += part.Count;
                    }
                    while (!part.EndOfMessage);
                    if (part.MessageType == WebSocketMessageType.Close)
                    {
                        Fault = $"dropped: {_socket.CloseStatusDescription}";
                        return;
                    }
                    Take(buffer.AsSpan(0, length));
                }
            }
            catch (WebSocketException error)
            {
                Fault ??= error.Message;
            }
        }

        void Take(ReadOnlySpan<byte> message)
        {
            var at = message.IndexOf("\"number\":\"0x"u8);
            if (at < 0) return;
            var digits = message[(at + "\"number\":\"0x".Length)..];
            digits = digits[..digits.IndexOf((byte)'"')];
            var number = long.Parse(Encoding.ASCII.GetString(digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (_last >= 0 && number != _last + 1) Fault ??= $"header {number} came after {_last}";
            Interlocked.Exchange(ref _last, number);
        }
    }
}
