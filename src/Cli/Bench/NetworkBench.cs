using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hufu.Client;
using Hufu.Crypto;
using Hufu.Node;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>
/// `hufu bench network`: a whole network of validators on this machine, a process each, and transfers sent to all of them: how many a second become final, how long
/// each takes from the moment it is submitted, and what goes over the wires for it.
/// </summary>
static partial class NetworkBench
{
    const int Senders = 40, BatchSize = 50;
    const ulong GasLimit = 600_000_000;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    static readonly Option<int[]> Validators = new("--validators") { Description = "How many validators; several are measured one after the other.", HelpName = "N", DefaultValueFactory = _ => [1, 4], AllowMultipleArgumentsPerToken = true };
    static readonly Option<int> Transactions = new("--transactions") { Description = "Transfers sent as fast as they are taken, for the rate.", HelpName = "N", DefaultValueFactory = _ => 10_000 };
    static readonly Option<int> Rate = new("--rate") { Description = "Transfers a second, for the latency.", HelpName = "N", DefaultValueFactory = _ => 50 };
    static readonly Option<int> Seconds = new("--seconds") { Description = "For how long that rate is kept.", HelpName = "SECONDS", DefaultValueFactory = _ => 15 };

    public static Command Create()
    {
        var command = new Command("network", """
            A network of validators on this machine, one process each: transfers final a second, time from submission to finality, bytes on the wires for each.

            Example:
              hufu bench network --validators 1 4 7 13
            """)
        { Validators, Transactions, Rate, Seconds };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var figures = new List<Figures>();
        foreach (var validators in parsed.GetValue(Validators) ?? [])
        {
            var folder = Directory.CreateTempSubdirectory("hufu-bench").FullName;
            try
            {
                if (LocalNetwork.TryPrepare(folder, validators, 0, 1, Accounts(), out var network, GasLimit) is { } refusal) return Outcome.Refuse(refusal);
                await using var running = LocalProcesses.Start(network);
                if (await running.ReadyAsync(isQuiet: false).WaitAsync(Patience, stop).ConfigureAwait(false) is { } failed) return Outcome.Refuse(failed);
                await using var measured = new Measured(network, running);
                figures.Add(await measured.RunAsync(parsed.GetValue(Transactions), parsed.GetValue(Rate), parsed.GetValue(Seconds), stop).ConfigureAwait(false));
                figures[^1].WriteJson();
            }
            catch (Exception gone) when (gone is ChainException or HttpRequestException or TimeoutException)
            {
                return Outcome.Refuse(new Refusal("the measurement did not come to its end", gone.Message, "run it on a machine that is less busy"));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        WriteTable(figures);
        return Outcome.Success;
    }

    /// <summary>For people, on the error stream: the output has a JSON object a line. In brackets how much more it is than for the first.</summary>
    static void WriteTable(List<Figures> figures)
    {
        if (figures.Count == 0) return;
        var first = figures[0];
        (string Name, Func<Figures, double> Of)[] rows =
        [
            ("transfers final a second", one => one.PerSecond), ("bytes on the wires a transfer", one => one.WireBytes), ("CPU us a transfer, all", one => one.ProcessorMicroseconds),
            ("CPU us a transfer, each", one => one.ProcessorMicroseconds / one.Validators), ("CPU % of a core at the pace, each", one => one.PacedShare * 100 / one.Validators), ("final ms at the pace, p50", one => one.P50), ("p90", one => one.P90), ("p99", one => one.P99),
        ];
        Console.Error.WriteLine($"{"validators",-34}{string.Concat(figures.Select(one => $"{one.Validators,18}"))}");
        foreach (var (name, of) in rows)
            Console.Error.WriteLine($"{name,-34}{string.Concat(figures.Select(one => string.Create(CultureInfo.InvariantCulture, $"{of(one),9:0.0} {(of(first) > 0 ? $"({of(one) / of(first):0.00})" : ""),8}")))}");
    }

    /// <summary>What a network of so many validators took and gave.</summary>
    /// <param name="WireBytes">Sent by all nodes, for each transfer.</param>
    /// <param name="WireBytesByKind">The same by kind of message.</param>
    /// <param name="ProcessorMicroseconds">Of all nodes, for each transfer sent as fast as they are taken.</param>
    /// <param name="PacedShare">Of one core, by all nodes, at the steady pace.</param>
    sealed record Figures(int Validators, int Transactions, double PerSecond, double WireBytes, IReadOnlyDictionary<string, double> WireBytesByKind, double ProcessorMicroseconds, int Pace, double PacedShare, double P50, double P90, double P99)
    {
        public void WriteJson() => Outcome.WriteJson(writer =>
        {
            writer.WriteString("bench"u8, "network");
            writer.WriteNumber("validators"u8, Validators);
            writer.WriteNumber("transactions"u8, Transactions);
            writer.WriteNumber("per_second"u8, Math.Round(PerSecond, 1));
            writer.WriteNumber("wire_bytes_per_transaction"u8, Math.Round(WireBytes, 1));
            writer.WriteStartObject("wire_bytes_by_kind"u8);
            foreach (var (kind, bytes) in WireBytesByKind.OrderByDescending(kind => kind.Value)) writer.WriteNumber(kind, Math.Round(bytes, 1));
            writer.WriteEndObject();
            writer.WriteNumber("cpu_us_per_transaction"u8, Math.Round(ProcessorMicroseconds, 1));
            writer.WriteNumber("cpu_s_per_1000_and_validator"u8, Math.Round(ProcessorMicroseconds / 1000 / Validators, 4));
            writer.WriteNumber("paced_per_second"u8, Pace);
            writer.WriteNumber("paced_cpu_share_per_validator"u8, Math.Round(PacedShare / Validators, 4));
            writer.WriteNumber("final_ms_p50"u8, Math.Round(P50, 1));
            writer.WriteNumber("final_ms_p90"u8, Math.Round(P90, 1));
            writer.WriteNumber("final_ms_p99"u8, Math.Round(P99, 1));
        });
    }

    static List<Address> Accounts() => [.. DevAccounts.Secrets(Senders).Select(secret => Address.FromPublicKey(Secp256k1.PublicKey(secret)))];

    /// <summary>One network while it is measured.</summary>
    sealed partial class Measured(IReadOnlyList<LocalValidator> network, LocalProcesses running) : IAsyncDisposable
    {
        readonly List<byte[]> _secrets = [.. DevAccounts.Secrets(Senders)];
        readonly ulong[] _nonces = new ulong[Senders];
        readonly ChainClient[] _nodes = [.. network.Select(node => new ChainClient(new HttpTransport(new Uri(node.Url))))];
        readonly ConcurrentDictionary<Hash256, long> _submitted = new();
        readonly ConcurrentDictionary<Hash256, long> _final = new();
        readonly HttpClient _http = new();

        public async Task<Figures> RunAsync(int transactions, int rate, int seconds, CancellationToken stop)
        {
            using var watching = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await UntilAsync(async () => await _nodes[0].GetBlockNumberAsync(stop).ConfigureAwait(false) >= 2, stop).ConfigureAwait(false);
            var watch = WatchAsync(watching.Token);
            // What compiles at the first use, and first connections, are not what is measured.
            await SendAsync(200 * network.Count, stop).ConfigureAwait(false);

            var ((wireBefore, kindsBefore), processorBefore) = (await WireAsync(stop).ConfigureAwait(false), Processor());
            var clock = Stopwatch.StartNew();
            await SendAsync(transactions, stop).ConfigureAwait(false);
            var perSecond = transactions / clock.Elapsed.TotalSeconds;
            var ((wire, kinds), processor) = (await WireAsync(stop).ConfigureAwait(false), Processor() - processorBefore);
            var byKind = kinds.Select(kind => (kind.Key, Bytes: (kind.Value - kindsBefore.GetValueOrDefault(kind.Key)) / transactions)).Where(kind => kind.Bytes >= 0.05).ToDictionary(kind => kind.Key, kind => kind.Bytes);

            (processorBefore, clock) = (Processor(), Stopwatch.StartNew());
            var latencies = await PaceAsync(rate, seconds, stop).ConfigureAwait(false);
            var pacedShare = (Processor() - processorBefore) / clock.Elapsed;
            await watching.CancelAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(false);
            return new Figures(network.Count, transactions, perSecond, (wire - wireBefore) / transactions, byKind, processor.TotalMicroseconds / transactions, rate, pacedShare, At(latencies, 0.5), At(latencies, 0.9), At(latencies, 0.99));
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var node in _nodes) await node.DisposeAsync().ConfigureAwait(false);
            _http.Dispose();
        }

        /// <summary>Sends as fast as the nodes take them, each sender to a node of its own, and waits until all are final.</summary>
        async Task SendAsync(int count, CancellationToken stop)
        {
            var signed = Enumerable.Range(0, Senders).Select(sender => Enumerable.Range(0, count / Senders + (sender < count % Senders ? 1 : 0)).Select(_ => Sign(sender)).ToList()).ToList();
            await Task.WhenAll(signed.Select((some, sender) => SubmitAsync(some, sender % network.Count, stop))).ConfigureAwait(false);
            await AllFinalAsync(signed.SelectMany(some => some).Select(transaction => transaction.Hash), stop).ConfigureAwait(false);
        }

        async Task SubmitAsync(List<Transaction> transactions, int node, CancellationToken stop)
        {
            foreach (var batch in transactions.Chunk(BatchSize))
            {
                var calls = new JsonArray([.. batch.Select((transaction, i) => (JsonNode)new JsonObject { ["jsonrpc"] = "2.0", ["id"] = i, ["method"] = "eth_sendRawTransaction", ["params"] = new JsonArray(Hex.Encode(transaction.Encoded.Span)) })]);
                using var content = new StringContent(calls.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
                using var response = await _http.PostAsync(new Uri(network[node].Url), content, stop).ConfigureAwait(false);
                using var answers = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false));
                foreach (var answer in answers.RootElement.EnumerateArray())
                    if (answer.TryGetProperty("error", out var error)) throw new ChainException(new Refusal("a node refused a transfer", error.ToString()));
            }
        }

        /// <summary>Sends at a steady pace, whatever becomes of what was sent, and gives the milliseconds from submission to finality, in ascending order.</summary>
        async Task<double[]> PaceAsync(int rate, int seconds, CancellationToken stop)
        {
            var (clock, all, sending) = (Stopwatch.StartNew(), new List<Hash256>(), new List<Task>());
            for (var i = 0; i < rate * seconds; i++)
            {
                var due = TimeSpan.FromSeconds(i / (double)rate) - clock.Elapsed;
                if (due > TimeSpan.Zero) await Task.Delay(due, stop).ConfigureAwait(false);
                var transaction = Sign(i % Senders);
                all.Add(transaction.Hash);
                _submitted[transaction.Hash] = Stopwatch.GetTimestamp();
                sending.Add(_nodes[i % Senders % network.Count].SendRawAsync(transaction.Encoded, stop));
            }
            await Task.WhenAll(sending).ConfigureAwait(false);
            await AllFinalAsync(all, stop).ConfigureAwait(false);
            return [.. all.Select(hash => Stopwatch.GetElapsedTime(_submitted[hash], _final[hash]).TotalMilliseconds).Order()];
        }

        /// <summary>Notes when the blocks appear at the first node: under QBFT they are final then.</summary>
        async Task WatchAsync(CancellationToken stop)
        {
            try
            {
                var next = await _nodes[0].GetBlockNumberAsync(stop).ConfigureAwait(false);
                while (true)
                {
                    if (await _nodes[0].GetBlockAsync(BlockId.At(next), withTransactions: false, stop).ConfigureAwait(false) is not { } block)
                    {
                        await Task.Delay(5, stop).ConfigureAwait(false);
                        continue;
                    }
                    var now = Stopwatch.GetTimestamp();
                    foreach (var hash in block.TransactionHashes) _final[hash] = now;
                    next++;
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The way to stop.
            }
        }

        Task AllFinalAsync(IEnumerable<Hash256> hashes, CancellationToken stop)
        {
            var open = hashes.ToHashSet();
            return UntilAsync(() =>
            {
                open.RemoveWhere(_final.ContainsKey);
                return Task.FromResult(open.Count == 0);
            }, stop);
        }

        static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken stop)
        {
            for (var patience = Stopwatch.StartNew(); !await condition().ConfigureAwait(false); await Task.Delay(10, stop).ConfigureAwait(false))
                if (patience.Elapsed > Patience) throw new TimeoutException("the network did not do its work in time");
        }

        Transaction Sign(int sender) => TransactionSigning.Sign(new DynamicFeeTransaction
        {
            ChainId = LocalNetwork.ChainId,
            Nonce = _nonces[sender]++,
            GasLimit = 21_000,
            MaxFeePerGas = 10_000_000_000,
            MaxPriorityFeePerGas = 1_000_000_000,
            To = Address.Parse("0x00000000000000000000000000000000000000aa"),
            Value = UInt256.One,
        }, _secrets[sender]);

        /// <summary>What all nodes have sent, in bytes, and how much of it in each kind of message.</summary>
        async Task<(double All, Dictionary<string, double> Kinds)> WireAsync(CancellationToken stop)
        {
            var (all, kinds) = (0.0, new Dictionary<string, double>());
            foreach (var node in network)
                foreach (var line in (await _http.GetStringAsync(new Uri(new Uri(node.Url), "/metrics"), stop).ConfigureAwait(false)).Split('\n'))
                {
                    if (line.StartsWith("hufu_peer_bytes_total{direction=\"sent\"}", StringComparison.Ordinal)) all += Value(line);
                    else if (Kind().Match(line) is { Success: true } kind && NameOf(kind.Groups[1].Value, kind.Groups[2].Value) is var name) kinds[name] = kinds.GetValueOrDefault(name) + Value(line);
                }
            return (all, kinds);

            static double Value(string line) => double.Parse(line[(line.IndexOf('}') + 1)..], CultureInfo.InvariantCulture);
        }

        static string NameOf(string protocol, string id) => (protocol, id) switch
        {
            ("eth", "0x01") => "eth NewBlockHashes",
            ("eth", "0x02") => "eth Transactions",
            ("eth", "0x07") => "eth NewBlock",
            ("eth", "0x08") => "eth NewPooledTransactionHashes",
            ("eth", "0x11") => "eth BlockRangeUpdate",
            ("istanbul", "0x12") => "istanbul Proposal",
            ("istanbul", "0x13") => "istanbul Prepare",
            ("istanbul", "0x14") => "istanbul Commit",
            ("istanbul", "0x15") => "istanbul RoundChange",
            _ => $"{protocol} {id}",
        };

        [GeneratedRegex("""^hufu_peer_message_bytes_total\{protocol="(\w+)",id="(\w+)",direction="sent"\}""")]
        private static partial Regex Kind();

        TimeSpan Processor()
        {
            var sum = TimeSpan.Zero;
            foreach (var process in running.Processes)
            {
                process.Refresh();
                sum += process.TotalProcessorTime;
            }
            return sum;
        }

        static double At(double[] ascending, double share) => ascending.Length == 0 ? 0 : ascending[Math.Min(ascending.Length - 1, (int)(ascending.Length * share))];
    }
}
