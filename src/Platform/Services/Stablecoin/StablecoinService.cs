using Hufu.Primitives;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>A fiat-backed coin: reserve, mint desk, redemption queue and lawful orders; their contracts, rights and endpoints.</summary>
public sealed class StablecoinService : Service
{
    /// <summary>Where redemptions are paid to: kept here alone.</summary>
    internal static readonly Table BankAccounts = new("coin_bank_account", "hash text key", "account text", "salt text");

    readonly Rooms _rooms;

    public StablecoinService(Rooms rooms)
    {
        _rooms = rooms;
        Index = new StablecoinIndex(rooms.Database);
        Desk = new StablecoinDesk(rooms, Index);
    }

    /// <summary>Platform accounts that hold the rights from the start. Two of each pair, since nobody confirms what he ordered himself.</summary>
    public const string Auditor = "reserve-auditor", Issuer = "mint-officer", Confirmer = "mint-confirmer", MasterMinter = "master-minter", Treasury = "treasury",
        ComplianceOfficer = "compliance-officer", SecondOfficer = "second-officer";

    const byte Decimals = 6;
    const ulong ReserveValidity = 24 * 3600, RedemptionTerm = 5 * 24 * 3600;

    // From 100,000 on two officers are needed; the first minter may mint ten million a day.
    static readonly UInt256 Threshold = 100_000_000_000, Ceiling = 10_000_000_000_000;

    public override string Name => "stablecoin";
    public override Words Title => new("Stablecoin", "稳定币");
    public override Words Promise => new("A coin that is never minted above its attested reserve, is redeemed against the clock, and whose lawful orders need four eyes.", "铸造量不超过经审计的储备，赎回有时限，冻结与扣划须由两人经手。");

    public override IReadOnlyList<ServiceContract> Contracts =>
    [
        new("Stablecoin", made => StablecoinContract.Deploy("Hufu Dollar", "HUSD", Decimals, made.Access)),
        new("ReserveFeed", made => ReserveFeedContract.Deploy(made.Access, made.Account(Auditor), ReserveValidity)),
        new("MintDesk", made => MintDeskContract.Deploy(made.Access, made["Stablecoin"], made["ReserveFeed"], Threshold)),
        new("RedemptionQueue", made => RedemptionQueueContract.Deploy(made.Access, made["Stablecoin"], RedemptionTerm)),
        new("OrderDesk", made => OrderDeskContract.Deploy(made.Access, made["Stablecoin"])),
    ];

    public override IReadOnlyList<Role> Roles =>
    [
        new("stablecoin.mint-desk", new("creates coins", "铸造")) { Opens = [("Stablecoin", "mint")], Holders = ["MintDesk"] },
        new("stablecoin.redemption-queue", new("destroys its own coins", "销毁自身持有的币")) { Opens = [("Stablecoin", "burn")], Holders = ["RedemptionQueue"] },
        new("stablecoin.order-desk", new("freezes and seizes by order", "依令冻结与扣划")) { Opens = [("Stablecoin", "freeze"), ("Stablecoin", "forceTransfer")], Holders = ["OrderDesk"] },
        new("stablecoin.confirmer", new("confirms large mints", "确认大额铸造")) { Opens = [("MintDesk", "confirm")], Holders = [Confirmer] },
        new("stablecoin.master-minter", new("appoints minters and sets their bounds", "任命铸造人并设定额度")) { Opens = [("MintDesk", "setMinter"), ("MintDesk", "setThreshold")], Holders = [MasterMinter] },
        new("stablecoin.reserve", new("appoints the auditor", "任命审计人")) { Opens = [("ReserveFeed", "appoint"), ("ReserveFeed", "setValidity")], Holders = [MasterMinter] },
        new("stablecoin.treasury", new("settles redemptions", "办理赎回")) { Opens = [("RedemptionQueue", "settle"), ("RedemptionQueue", "giveBack"), ("RedemptionQueue", "setTerm")], Holders = [Treasury] },
        new("stablecoin.compliance", new("enters and confirms lawful orders", "录入并确认司法命令")) { Opens = [("OrderDesk", "enter"), ("OrderDesk", "confirm")], Holders = [ComplianceOfficer, SecondOfficer] },
        new("stablecoin.pauser", new("stops all transfers", "暂停一切转账")) { Opens = [("Stablecoin", "pause"), ("Stablecoin", "unpause")], Holders = [ComplianceOfficer] },
    ];

    public override IReadOnlyList<string> Accounts => [Auditor, Issuer];

    /// <summary>What is remembered of the coin.</summary>
    public StablecoinIndex Index { get; }

    /// <summary>What can be done with it.</summary>
    public StablecoinDesk Desk { get; }

    /// <summary>How the reserve, the supply and the redemptions stand.</summary>
    public Task<ReserveReport> ReportAsync(CancellationToken stop = default) => StablecoinApi.ReportAsync(_rooms, Desk, Index, stop);

    public override IReadOnlyList<Projection> Projections => [Index];
    public override IReadOnlyList<Table> Tables => [BankAccounts];

    public override IEnumerable<SetupStep> Configure(Deployment deployment)
    {
        yield return new SetupStep("stablecoin.minter", new MintDeskContract(_rooms.Chain, deployment["MintDesk"]).SetMinter(deployment.Account(Issuer), Ceiling, Ceiling), deployment.Account(MasterMinter));
        if (deployment.Find("Payments") is { } payments) yield return new SetupStep("payments.accept-coin", new PaymentsContract(_rooms.Chain, payments).Accept(deployment["Stablecoin"], true), deployment.Account(PaymentsService.RiskOfficer));
        if (deployment.Find("ClearingHouse") is { } house) yield return new SetupStep("clearing.accept-coin", new ClearingHouseContract(_rooms.Chain, house).SetToken(deployment["Stablecoin"], true), deployment.Account(PaymentsService.RiskOfficer));
    }

    public override IReadOnlyList<Job> Jobs =>
    [
        new("stablecoin.note-overdue", new("puts on record which redemptions were not met in time", "将未按时办理的赎回记录在案"), TimeSpan.FromMinutes(1), true)
        {
            // In time is up to the very second.
            Calls = new("RedemptionQueue", "noteOverdue", 100_000, most => [.. Index.RedemptionsToNote(most).Select(one => new Duty(one.Id, one.DueBy.AddSeconds(1)))], id => Index.Redemption(id) is not { State: "open", NotedAt: null }),
        },
    ];

    public override void Map(IEndpointRouteBuilder api) => StablecoinApi.Map(api, _rooms, Desk, Index);
}
