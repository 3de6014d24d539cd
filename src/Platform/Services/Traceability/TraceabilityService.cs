using System.Threading.Channels;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>Traceability from the field to the shelf: an EPCIS repository whose events are anchored on the ledger.</summary>
public sealed class TraceabilityService : Service
{
    static readonly TimeSpan AnchorEvery = TimeSpan.FromSeconds(3);

    readonly EpcisApi _epcis;
    readonly TraceApi _trace;
    bool _isTelling;
    readonly Channel<bool> _grown = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public TraceabilityService(Rooms rooms)
    {
        Store = new EventStore(rooms.Database);
        Query = new EventQuery(rooms.Database);
        Graph = new TraceGraph(rooms.Database);
        Anchors = new Anchors(rooms);
        Subscriptions = new Subscriptions(rooms, Store, Query);
        Queries = new NamedQueries(rooms.Database, Query, Subscriptions);
        _epcis = new EpcisApi(Store, Query, rooms.Database, Queries, new SubscriptionsApi(rooms, Subscriptions, Store, Query));
        Desk = new TraceDesk(rooms, Store, Graph);
        _trace = new TraceApi(Desk, Store, Anchors, Graph);
        Store.Grew += () => _grown.Writer.TryWrite(true);
    }

    /// <summary>The events.</summary>
    public EventStore Store { get; }
    public EventQuery Query { get; }
    public TraceGraph Graph { get; }

    /// <summary>Queries under a name.</summary>
    public NamedQueries Queries { get; }

    /// <summary>The standing queries of others.</summary>
    public Subscriptions Subscriptions { get; }

    /// <summary>What of them is on the ledger.</summary>
    public Anchors Anchors { get; }

    /// <summary>Hand-overs, recalls, certificates.</summary>
    public TraceDesk Desk { get; }

    public override string Name => "traceability";
    public override Words Title => new("Traceability", "溯源");
    public override Words Promise => new("Every step of a lot, from farm to shelf, in the words of GS1 EPCIS 2.0; its hash on the ledger, its proof in the shopper's phone.", "以 GS1 EPCIS 2.0 的语言记录批次从产地到货架的每一步；哈希上链，证明在消费者手机里核验。");

    public override IReadOnlyList<ServiceContract> Contracts => [new("TraceAnchor", _ => TraceAnchorContract.Deploy())];
    public override IReadOnlyList<Projection> Projections { get; } = [new TraceIndex()];
    public override IReadOnlyList<Table> Tables => [EventStore.Events, EventStore.Things, EventStore.Captures, NamedQueries.Queries, Hufu.Services.Subscriptions.Standing, Hufu.Services.Anchors.Batches, Hufu.Services.Anchors.Trees, Hufu.Services.Anchors.Secret, TraceDesk.Offers, TraceDesk.RecallOrders, TraceDesk.Certificates];

    public override IReadOnlyList<string> Families => ["traceability", "trace"];

    public override void Map(IEndpointRouteBuilder api)
    {
        _epcis.Map(api);
        _trace.Map(api);
    }

    public override void MapRoot(IEndpointRouteBuilder web) => DigitalLinkResolver.Map(web);

    /// <summary>Anchors what was captured, a few seconds after it came: many events share one transaction.</summary>
    public override async Task RunAsync(CancellationToken stop)
    {
        if (!_isTelling)
        {
            _isTelling = true;
            Subscriptions.Start();
        }
        while (true)
        {
            if (Anchors.Waiting > 0) await Anchors.AnchorAsync(stop).ConfigureAwait(false);
            await _grown.Reader.ReadAsync(stop).ConfigureAwait(false);
            await Task.Delay(AnchorEvery, stop).ConfigureAwait(false);
        }
    }

    public override async Task StopAsync() => await Subscriptions.DisposeAsync().ConfigureAwait(false);
}
