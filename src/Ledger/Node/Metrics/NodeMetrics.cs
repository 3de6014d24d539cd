using System.Diagnostics;
using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Network;
using Hufu.Rpc;
using Prometheus;

namespace Hufu.Node;

/// <summary>What a node counts, in the text form of Prometheus. Most is read when it is asked for; only what would be lost in between is counted as it happens.</summary>
sealed class NodeMetrics
{
    readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    readonly MetricFactory _make;
    readonly Counter _blocks, _transactions, _gas, _reorgs;
    readonly InBlockJobs? _jobs;
    readonly Counter? _jobBlocks;

    public NodeMetrics(Ledger ledger, string version, Func<ulong> freeDiskBytes)
    {
        _make = Prometheus.Metrics.WithCustomRegistry(_registry);
        _make.CreateGauge("hufu_info", "Always 1; the version of the program.", "version").WithLabels(version).Set(1);
        _blocks = _make.CreateCounter("hufu_chain_blocks_total", "Blocks that became part of the chain since the node started.");
        _transactions = _make.CreateCounter("hufu_chain_transactions_total", "Transactions in these blocks.");
        _gas = _make.CreateCounter("hufu_chain_gas_used_total", "Gas used by these blocks.");
        _reorgs = _make.CreateCounter("hufu_chain_reorgs_total", "How often blocks left the chain again.");
        if (ledger.Chain.Jobs is { } jobs)
        {
            _jobs = jobs;
            _jobBlocks = _make.CreateCounter("hufu_jobs_blocks_total", "Blocks that began by running what was due.");
            var next = _make.CreateGauge("hufu_jobs_next_due_seconds", "How long until the first job is due; below 0 it is late. NaN where none waits.");
            _registry.AddBeforeCollectCallback(() => next.Set(jobs.NextDue(ledger.Chain, ledger.Chain.Head.Head) is { } due ? due - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0 : double.NaN));
        }
        var head = _make.CreateGauge("hufu_chain_head_block", "Number of the head.");
        var final = _make.CreateGauge("hufu_chain_finalized_block", "Number of the last block that cannot change any more.");
        var age = _make.CreateGauge("hufu_chain_head_age_seconds", "How long ago the head's timestamp was.");
        var behind = _make.CreateGauge("hufu_sync_behind_blocks", "How many blocks the node has still to fetch; 0 where it is with its peers.");
        var pool = _make.CreateGauge("hufu_pool_transactions", "Transactions in the pool.", "state");
        var disk = _make.CreateGauge("hufu_disk_free_bytes", "What is free where the chain is kept.");
        var memory = _make.CreateGauge("process_resident_memory_bytes", "What the process holds of the machine's memory.");
        var processor = _make.CreateCounter("process_cpu_seconds_total", "Processor time used by the process.");
        _registry.AddBeforeCollectCallback(() =>
        {
            var at = ledger.Chain.Head;
            head.Set(at.Number);
            final.Set(at.Finalised.Number);
            age.Set(Math.Max(0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0 - at.Head.Timestamp));
            behind.Set(ledger.Sync.Progress is { } progress ? progress.HighestBlock - progress.CurrentBlock : 0);
            var (ready, waiting) = ledger.Pool.Count;
            pool.WithLabels("ready").Set(ready);
            pool.WithLabels("waiting").Set(waiting);
            disk.Set(freeDiskBytes());
            using var process = Process.GetCurrentProcess();
            memory.Set(process.WorkingSet64);
            processor.IncTo(process.TotalProcessorTime.TotalSeconds);
        });
    }

    public void Add(PeerSet peers)
    {
        var count = _make.CreateGauge("hufu_peers", "Nodes connected with.", "direction");
        var bytes = _make.CreateCounter("hufu_peer_bytes_total", "Bytes on the wire to and from peers, frames included.", "direction");
        var kinds = _make.CreateCounter("hufu_peer_message_bytes_total", "The same by kind of message: its sub-protocol and its id there.", "protocol", "id", "direction");
        _registry.AddBeforeCollectCallback(() =>
        {
            foreach (var (kind, (kindReceived, kindSent)) in peers.TrafficByKind)
            {
                var id = $"0x{kind.Id:x2}";
                kinds.WithLabels(kind.Protocol, id, "received").IncTo(kindReceived);
                kinds.WithLabels(kind.Protocol, id, "sent").IncTo(kindSent);
            }
            var inbound = peers.Peers.Count(peer => peer.IsInbound);
            count.WithLabels("inbound").Set(inbound);
            count.WithLabels("outbound").Set(peers.Peers.Count - inbound);
            var (received, sent) = peers.Traffic;
            bytes.WithLabels("received").IncTo(received);
            bytes.WithLabels("sent").IncTo(sent);
        });
    }

    public void Add(QbftDriver driver)
    {
        var height = _make.CreateGauge("hufu_qbft_height", "The height being decided.");
        var round = _make.CreateGauge("hufu_qbft_round", "The round it has come to; above 0 a proposer failed.");
        var validators = _make.CreateGauge("hufu_qbft_validators", "Validators of this height.", "state");
        var isValidator = _make.CreateGauge("hufu_qbft_is_validator", "1 where this node is one of them.");
        var isStalled = _make.CreateGauge("hufu_qbft_stalled", "1 where a block is overdue: hufu_consensus tells why.");
        var evidence = _make.CreateGauge("hufu_qbft_equivocations", "Proofs that a validator signed two things at once.");
        var rounds = _make.CreateCounter("hufu_qbft_late_blocks_total", "Blocks decided in a round above 0.");
        var time = _make.CreateHistogram("hufu_qbft_decision_seconds", "From when a block was due until it was decided.", new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.01, 2, 12) });
        driver.Decided += (decidedRound, took) =>
        {
            time.Observe(Math.Max(0, took.TotalSeconds));
            if (decidedRound > 0) rounds.Inc();
        };
        _registry.AddBeforeCollectCallback(() =>
        {
            var report = StallReport.Of(driver, DateTimeOffset.UtcNow);
            height.Set(report.Height);
            round.Set(report.Round);
            validators.WithLabels("all").Set(report.Validators);
            validators.WithLabels("connected").Set(report.Validators - report.Unreachable.Count);
            validators.WithLabels("needed").Set(report.Quorum);
            isValidator.Set(report.IsValidator ? 1 : 0);
            isStalled.Set(report.IsStalled ? 1 : 0);
            evidence.Set(driver.State.Evidence.Count);
        });
    }

    public Task WriteAsync(Stream to, CancellationToken stop) => _registry.CollectAndExportAsTextAsync(to, stop);

    /// <summary>Counts what becomes part of the chain.</summary>
    public async Task RunAsync(Blockchain chain, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var feed = chain.Feed.Subscribe();
            try
            {
                await foreach (var move in feed.Moves.ReadAllAsync(stop).ConfigureAwait(false)) Count(move);
                return;
            }
            catch (FeedOverrun)
            {
                // What was missed is missing in the counts; the gauges are right all the same.
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    void Count(ChainMove move)
    {
        if (move.Reverted.Count > 0) _reorgs.Inc();
        foreach (var block in move.Committed)
        {
            _blocks.Inc();
            _transactions.Inc(block.Transactions.Count);
            _gas.Inc(block.Header.GasUsed);
            if (_jobs?.Begins(block) == true) _jobBlocks!.Inc();
        }
    }
}
