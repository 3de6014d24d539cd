using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>Payments by reference, escrow, streams, and a clearing house: their contracts, rights and endpoints.</summary>
public sealed class PaymentsService : Service
{
    /// <summary>Platform accounts that hold the rights from the start.</summary>
    public const string ClearingOperator = "clearing-operator", RiskOfficer = "risk-officer";

    /// <param name="coin">What is remembered of the platform's coin: statements are in it.</param>
    public PaymentsService(Rooms rooms, StablecoinIndex coin)
    {
        Rooms = rooms;
        Index = new PaymentsIndex(rooms.Database);
        Views = new PaymentViews(rooms, Index);
        Desk = new PaymentsDesk(rooms);
        Clearing = new ClearingDesk(rooms, Desk, Index);
        Statements = new Statements(rooms, Index, Views, coin);
        Bank = new BankDesk(this);
        Gate = new PaymentGate(rooms, Desk);
        Paid = new PaidResources(rooms);
    }

    public PaymentsIndex Index { get; }
    public PaymentViews Views { get; }

    /// <summary>Payments, deals and streams.</summary>
    public PaymentsDesk Desk { get; }
    public ClearingDesk Clearing { get; }
    public Statements Statements { get; }

    /// <summary>Banks' messages.</summary>
    public BankDesk Bank { get; }

    /// <summary>Payments between machines, and what is sold to them here.</summary>
    public PaymentGate Gate { get; }
    public PaidResources Paid { get; }
    internal Rooms Rooms { get; }

    public override string Name => "payments";
    public override Words Title => new("Payments", "支付");
    public override Words Promise => new("Pay by reference, once; net many obligations and settle them together; hold money until a condition is met; pay over time.", "按参考号付款，只付一次；把许多债务轧差后一次结清；款项在条件满足前由合约保管；按时间分期付款。");

    public override IReadOnlyList<ServiceContract> Contracts =>
    [
        new("Payments", made => PaymentsContract.Deploy(made.Access)),
        new("ClearingHouse", made => ClearingHouseContract.Deploy(made.Access)),
        new("Escrow", _ => EscrowContract.Deploy()),
        new("Streams", _ => StreamsContract.Deploy()),
    ];

    public override IReadOnlyList<Role> Roles =>
    [
        new("payments.tokens", new("decides which tokens are taken", "决定接受哪些代币")) { Opens = [("Payments", "accept"), ("ClearingHouse", "setToken")], Holders = [RiskOfficer] },
        new("payments.clearing", new("orders clearing cycles", "下达清算批次")) { Opens = [("ClearingHouse", "settle")], Holders = [ClearingOperator] },
        new("payments.risk", new("admits participants and sets their debit caps", "准入参与者并设定其借记上限")) { Opens = [("ClearingHouse", "setParticipant"), ("ClearingHouse", "setDebitCap")], Holders = [RiskOfficer] },
        new("payments.pauser", new("stops new payments and cycles", "暂停新的付款与清算")) { Opens = [("Payments", "pause"), ("Payments", "unpause"), ("ClearingHouse", "pause"), ("ClearingHouse", "unpause")], Holders = [RiskOfficer] },
    ];

    public override IReadOnlyList<Projection> Projections => [Index];
    public override IReadOnlyList<Table> Tables => [References.Texts, ClearingDesk.Obligations, BankDesk.OpenExceptions, PaidResources.Resources];

    public override IReadOnlyList<string> Families => ["payments", "escrow", "streams", "clearing"];
    public override IReadOnlyList<Job> Jobs => PaymentsJobs.Of(this);

    public override void Map(IEndpointRouteBuilder api)
    {
        PaymentsApi.Map(api, this);
        ClearingApi.Map(api, this);
        IsoApi.Map(api, Bank);
        X402Api.Map(api, this);
    }

    public override void MapRoot(IEndpointRouteBuilder web) => X402Api.MapRoot(web, this);
}
