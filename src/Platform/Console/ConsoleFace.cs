using Hufu.Client;
using Hufu.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Hufu.WebConsole;

/// <summary>The console as the platform's face: explorer, operations, and the pages of the services that run beside it.</summary>
public static class ConsoleFace
{
    /// <param name="chain">The chain that the platform uses too.</param>
    public static Face Of(ChainClient chain, ConsoleOptions options) => new(
        builder =>
        {
            builder.Services.AddConsole(chain, options with { Abis = [.. Artifacts.All.Values, .. options.Abis] });
            builder.Services.AddSingleton<PlatformNames>();
            foreach (var section in Sections) builder.Services.AddSingleton(section);
            foreach (var role in Roles) builder.Services.AddSingleton(role);
        },
        web => web.UseConsole(),
        web => web.MapConsole());

    static ConsoleSection[] Sections =>
    [
        new(10, "Money", "资金",
        [
            new("/coin", "coin", "Stablecoin", "稳定币"),
            new("/payments", "pay", "Payments", "支付"),
            new("/payments/streams", "stream", "Paid over time", "分期付款"),
            new("/payments/escrow", "contract", "Escrow", "托管"),
            new("/payments/clearing", "peers", "Clearing", "清算"),
            new("/payments/bank", "bank", "Banks' files", "银行报文"),
            new("/accounts", "person", "Accounts", "账户"),
        ]),
        new(20, "Supply chain", "供应链",
        [
            new("/trace", "trace", "Traceability", "溯源"),
            new("/trace/hand-overs", "hand", "Hand-overs", "交接"),
            new("/trace/recalls", "recall", "Recalls", "召回"),
            new("/trace/certificates", "badge", "Certificates", "证书"),
            new("/trace/balance", "scale", "Mass balance", "物料平衡"),
            new("/trace/sheet", "sheet", "From a spreadsheet", "表格导入"),
            new("/capture", "phone", "With a phone", "手机登记"),
            new("/trace/watches", "bell", "Told to partners", "伙伴通报"),
        ]),
    ];

    static RoleStep SetUp => new("Set up the services", "启用服务", "Their contracts are put onto this chain. It takes a few seconds, and is done once.", "将各项服务的合约部署到这条链上，只需数秒，只做一次。", Path: "/do/setup") { IsDone = services => IsSetUp(services) };

    static bool IsSetUp(IServiceProvider services) => services.GetService<Rooms>()?.Registry.Current is not null;

    static int Accounts(IServiceProvider services) => services.GetRequiredService<Rooms>().Custody.All().Count(one => one.Owner.Length > 0);

    static bool Coin(IServiceProvider services, Func<StablecoinIndex, bool> isDone) => IsSetUp(services) && isDone(services.GetRequiredService<StablecoinService>().Index);

    static bool Paid(IServiceProvider services, Func<PaymentsIndex, bool> isDone) => IsSetUp(services) && isDone(services.GetRequiredService<PaymentsService>().Index);

    static bool Trace(IServiceProvider services, Func<TraceabilityService, bool> isDone) => isDone(services.GetRequiredService<TraceabilityService>());

    static Role[] Roles =>
    [
        new("issuer", "coin", "Issuer of a stablecoin", "稳定币发行方", "Every coin backed, and everybody able to check it.", "每一枚币都有储备，人人可以核验。",
        [
            SetUp,
            new("Open an account for a customer", "为客户开立账户", "Its key is kept here, sealed. The customer needs no coin for fees.", "密钥加密保存在此，客户无须持有手续费。", Path: "/do/open-account") { IsDone = services => Accounts(services) > 0 },
            new("Attest the reserve", "证明储备", "The auditor signs what is in the bank. Only then can coins be issued.", "审计方签字证明银行里的金额，此后方可发币。", Path: "/do/attest") { IsDone = services => Coin(services, coin => coin.AttestationsNow(1).Count > 0) },
            new("Issue coins", "发行", "Never more than the reserve: the contract refuses it. Try it with too much.", "绝不超过储备：合约会拒绝。不妨试试超额发行。", Path: "/do/mint") { IsDone = services => Coin(services, coin => coin.MintsNow(1).Count > 0) },
            new("See it balance", "查看平衡", "Reserve against supply, redemptions and their clock, on one page.", "储备与供应、赎回及其时限，一页看清。", Path: "/coin"),
            new("Redeem", "赎回", "Coins come back and are destroyed once the bank has paid.", "币交回后，待银行付款即销毁。", Path: "/do/redeem") { IsDone = services => Coin(services, coin => coin.RedemptionsNow(1).Count > 0) },
        ]),
        new("food", "trace", "Food chain: farm to shop", "食品供应链：产地到门店", "Every step recorded once, proven on the shopper's own phone.", "每一步只记一次，消费者用自己的手机核验。",
        [
            SetUp,
            new("Record a lot", "登记批次", "Mangoes picked at the farm, for example: a product number, a lot, how much, and where.", "例如产地采摘的芒果：商品编号、批号、数量与地点。", Path: "/do/record") { IsDone = services => Trace(services, trace => trace.Store.Count > 0) },
            new("Record what happens to it", "登记后续环节", "Packed, shipped, received, on sale: the same form, another step.", "包装、发运、收货、上架：同一表单，换一个环节。", Path: "/do/record") { IsDone = services => Trace(services, trace => trace.Store.Count > 1) },
            new("Hand it over", "交接", "Giver and receiver both sign; neither can deny it later.", "交方与收方共同签名，事后均不能否认。", Path: "/do/hand-over") { IsDone = services => Trace(services, trace => trace.Desk.LatestOffers(1).Count > 0) },
            new("Record in the field", "在田间登记", "On a phone, without a network too: what you record is sent when the network is back.", "用手机登记，无网络也行：联网后自动发送。", Path: "/capture"),
            new("Hold a recall drill", "做一次召回演练", "Name a lot, and see in a second everything it went into and who had it last.", "给出批次，一秒内查出它流入何处、最后在谁手中。", Path: "/do/recall") { IsDone = services => Trace(services, trace => trace.Desk.Recalls(1).Count > 0) },
            new("Scan the code", "扫描二维码", "The lot's page shows a QR code. A phone that scans it sees the journey, and checks the proof by itself.", "批次页面上有二维码。手机扫码即可看到来路，并自行核验证明。", Path: "/trace"),
        ]),
        new("payments", "pay", "Payment company or merchant", "支付公司或商户", "Paid once, final in one block, with a receipt that a court can check.", "只付一次，一个区块即终结，收据可供法庭核验。",
        [
            SetUp,
            new("Open two accounts", "开立两个账户", "For example alice and shop.", "例如 alice 与 shop。", Path: "/do/open-account") { IsDone = services => Accounts(services) > 1 },
            new("Attest a reserve", "证明储备", "Coins are issued only against a reserve that the auditor attested. On this chain you may play the auditor.", "只有经审计方证明储备之后才能发行。在本机的链上，你可以扮演审计方。", Path: "/do/attest") { IsDone = services => Coin(services, coin => coin.AttestationsNow(1).Count > 0) },
            new("Give the payer coins", "让付款人持有币", "Issue some to alice, as an issuer does.", "像发行方那样向 alice 发行一些。", Path: "/do/mint") { IsDone = services => Coin(services, coin => coin.MintsNow(1).Count > 0) },
            new("Pay the merchant", "向商户付款", "By a reference. Send the same form twice: it is still one payment.", "凭参考号付款。同一表单提交两次，仍只付一次。", Path: "/do/pay") { IsDone = services => Paid(services, payments => payments.Latest(1).Count > 0) },
            new("Download the tally", "下载凭证", "The page that follows offers it; the statement of either account does too.", "随后的页面可以取得；双方的对账单里也有。", Path: "/payments"),
            new("Settle a clearing cycle", "执行一期清算", "Admit two accounts, let them pay in, sign what they owe each other, and settle the net.", "准入两个账户，存入资金，签署彼此债务，然后结清净额。", Path: "/payments/clearing") { IsDone = services => Paid(services, payments => payments.LatestCycles(1).Count > 0) },
        ]),
    ];
}
