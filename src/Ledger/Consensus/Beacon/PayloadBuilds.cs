using System.Buffers.Binary;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>The builds under way and those not yet forgotten, each under the id that its head and attributes give it. Safe for any thread.</summary>
/// <param name="transactions">What waits for a block with this parent and these attributes, best first.</param>
/// <param name="sidecarOf">The blobs of a waiting transaction.</param>
/// <param name="reportFault">Hears of faults of a build.</param>
sealed class PayloadBuilds(
    Blockchain chain, Func<Header, BlockAttributes, ITransactionSource> transactions, Func<Hash256, BlobSidecar?> sidecarOf, TimeProvider clock, Action<Exception> reportFault)
{
    // A proposer has one block in the making, two around a change of the head.
    const int Limit = 8;

    readonly Lock _lock = new();
    readonly Dictionary<ulong, PayloadBuild> _byId = [];
    readonly Queue<ulong> _order = [];
    Task _running = Task.CompletedTask;

    /// <summary>Begins to build, unless the same is being built already. For the writer's thread: the empty block is built at once.</summary>
    public ulong Begin(Header parent, BlockAttributes attributes)
    {
        var id = IdOf(parent, attributes);
        if (Find(id) is not null) return id;
        var build = new PayloadBuild(chain.Build(parent.Hash, attributes, new TransactionList([])), () => Build(parent, attributes), clock);
        lock (_lock)
        {
            _byId.Add(id, build);
            _order.Enqueue(id);
            while (_order.Count > Limit && _byId.Remove(_order.Dequeue(), out var oldest)) oldest.Stop();
            _running = _running.IsCompleted ? Task.Run(build.RunAsync) : Task.WhenAll(_running, Task.Run(build.RunAsync));
        }
        return id;
    }

    public PayloadBuild? Find(ulong id)
    {
        lock (_lock) return _byId.GetValueOrDefault(id);
    }

    public void TransactionsArrived()
    {
        lock (_lock)
            foreach (var build in _byId.Values) build.TransactionsArrived();
    }

    /// <summary>Stops all builds; completes when none of them reads the chain any more.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            foreach (var build in _byId.Values) build.Stop();
            return _running;
        }
    }

    BuiltPayload? Build(Header parent, BlockAttributes attributes)
    {
        try
        {
            if (chain.BuildAside(parent, attributes, transactions(parent, attributes)) is not { } built) return null;
            return BlobsBundle.TryGather(built.Block, chain.Forks.RulesOf(built.Header), sidecarOf, out var blobs) ? new BuiltPayload(built, blobs) : null;
        }
#pragma warning disable CA1031 // A build that goes wrong leaves the one before it; the fault is told, and the node lives on.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            reportFault(fault);
            return null;
        }
    }

    /// <summary>Eight bytes of the hash of all that distinguishes one build from another.</summary>
    static ulong IdOf(Header parent, BlockAttributes attributes)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(parent.Hash);
        writer.Write(attributes.Timestamp);
        writer.Write(attributes.PrevRandao);
        writer.Write(attributes.Beneficiary);
        writer.Write(attributes.ParentBeaconBlockRoot);
        writer.Write(attributes.SlotNumber ?? 0);
        writer.Write(attributes.GasLimitTarget ?? 0);
        var withdrawals = writer.StartList();
        foreach (var withdrawal in attributes.Withdrawals ?? []) withdrawal.Write(writer);
        writer.EndList(withdrawals);
        writer.EndList(list);
        return BinaryPrimitives.ReadUInt64BigEndian(Keccak256.Hash(writer.Written).Bytes);
    }
}
