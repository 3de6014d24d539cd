using Hufu.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Hufu.WebConsole;

/// <summary>What people do through the services: a line or two each.</summary>
public static class ActList
{
    static readonly ActField Amount = new("amount", FieldKind.Amount, "Amount", "金额", "100.00");

    public static IReadOnlyList<Act> All { get; } = [.. General, .. Coin, .. Payments, .. Clearing, .. TraceActs.All];

    public static Act? Find(string? key) => All.FirstOrDefault(act => act.Key == key);

    static Act[] General =>
    [
        new("open-account", "/accounts", "Open an account", "开立账户", [new("name", FieldKind.Text, "Name", "名称", "shop", "a short name for people", "便于识别的短名称")],
            values => new("An account named {0} is opened here. Its secret is kept sealed on this machine and told to nobody.", "将在此开立名为 {0} 的账户。其密钥加密保存在本机，不向任何人透露。", values["name"]),
            async (provider, _, values, _) =>
            {
                if (values["name"] is not { Length: > 0 and <= 64 } name || name.Any(char.IsControl)) throw ProblemException.Invalid("the account's name cannot be used", "it has from 1 to 64 letters", "give it a name such as shop");
                await provider.GetRequiredService<Rooms>().Custody.OpenAsync(name, owner: "local").ConfigureAwait(false);
                return null;
            }) { Signer = ("Nothing goes onto the ledger.", "账本上不会有任何改变。") },
        new("setup", "/coin", "Set up the services", "启用服务", [],
            _ => new("The contracts of the services are deployed on this chain, and the rights set up. It is done once.", "将在这条链上部署各项服务的合约并设定权限，只需一次。"),
            async (provider, _, _, stop) =>
            {
                await provider.GetRequiredService<Rooms>().Registry.EnsureAsync(stop).ConfigureAwait(false);
                return null;
            }) { Signer = ("The platform's own account signs and pays.", "由平台自己的账户签名并付费。") },
    ];

    static Act[] Coin =>
    [
        new("attest", "/coin", "Attest the reserve", "证明储备", [Amount with { EnglishHint = "in the bank now", ChineseHint = "银行中的现有金额", Example = "1000000.00" }, new("report", FieldKind.Text, "Report", "报告", "Reserve report of 27 November", "its name; only its hash goes onto the ledger", "报告名称；账本上只记其哈希")],
            values => new("The auditor states that {0} are in reserve, as the report “{1}” says. For 24 hours coins may be issued up to this sum, and no further.", "审计方声明储备为 {0}，依据报告“{1}”。24 小时内发行总额不得超过该数。", values["amount"], values["report"]),
            async (provider, key, values, stop) => Of(await Stablecoin(provider).AttestAsync(Asked(key, new NewAttestation(values["amount"], values["report"]), out var body), body, stop).ConfigureAwait(false)))
            { Signer = ("The auditor's account signs with its key, which is kept here; the platform pays the fee.", "由审计方账户签名（密钥保存在此），手续费由平台支付。") },
        new("mint", "/coin", "Issue coins", "发行稳定币", [new("to", FieldKind.Account, "To", "给谁", "shop"), Amount],
            values => new("{0} new coins are issued to {1}. The contract refuses if that would exceed the attested reserve. From the threshold on, a second officer has to confirm first.", "将向 {1} 发行 {0} 新币。若超过经证明的储备，合约会拒绝；达到门槛的金额须先由第二名经办人确认。", values["amount"], values["to"]),
            async (provider, key, values, stop) => Of(await Stablecoin(provider).MintAsync(Asked(key, new NewMint(values["to"], values["amount"]), out var body), body, stop).ConfigureAwait(false)))
            { Signer = ("The mint officer's account signs; the platform pays the fee.", "由铸币经办人账户签名，手续费由平台支付。") },
        new("confirm-mint", "/coin", "Confirm a large issue", "确认大额发行", [new("id", FieldKind.Number, "Order number", "申请编号", "1")],
            values => new("A second officer lets order {0} happen: the coins are issued.", "第二名经办人同意第 {0} 号申请：将发行相应的币。", values["id"]),
            async (provider, key, values, stop) => Of(await Stablecoin(provider).ConfirmMintAsync(Asked(key, values.Number("id"), out var id), id, stop).ConfigureAwait(false)))
            { Signer = ("The confirming officer's account signs; the platform pays the fee.", "由确认经办人账户签名，手续费由平台支付。") },
        new("redeem", "/coin", "Redeem coins", "赎回", [new("holder", FieldKind.OwnAccount, "Who hands them in", "赎回人"), Amount, new("bank", FieldKind.Text, "Bank account", "银行账户", "DE89370400440532013000", "stays here; only its salted hash goes onto the ledger", "仅保存在此；账本上只有加盐哈希")],
            values => new("{0} hands in {1} coins. They are held until the bank has paid, at par and within five days, and are then destroyed; if nothing comes in time, the holder takes them back.", "{0} 交回 {1} 币。币将由合约保管，直至银行在五天内按面值付款后销毁；逾期未付，持有人可取回。", values["holder"], values["amount"]),
            async (provider, key, values, stop) => Of(await Stablecoin(provider).RedeemAsync(Asked(key, new NewRedemption(values["holder"], values["amount"], values["bank"]), out var body), body, stop).ConfigureAwait(false))),
        new("settle-redemption", "/coin", "Record that the bank has paid", "登记银行已付款", [new("id", FieldKind.Number, "Redemption", "赎回编号", "1"), new("payment", FieldKind.Text, "Bank payment", "银行付款", "pacs.008 of 28 November, no. 17", "its name; only its hash goes onto the ledger", "付款名称；账本上只记其哈希")],
            values => new("Redemption {0} counts as paid by “{1}”; its coins are destroyed.", "第 {0} 号赎回记为已由“{1}”支付，相应的币将被销毁。", values["id"], values["payment"]),
            async (provider, key, values, stop) => Of(await Stablecoin(provider).SettleRedemptionAsync(Asked(key, new RedemptionPayment(values["payment"]), out var body), values.Number("id"), body, stop).ConfigureAwait(false)))
            { Signer = ("The treasury's account signs; the platform pays the fee.", "由资金部账户签名，手续费由平台支付。") },
        new("freeze", "/coin", "Freeze an account by lawful order", "依司法命令冻结账户", [new("account", FieldKind.Account, "Account", "账户", "0x…"), new("document", FieldKind.Text, "Order", "命令文书", "District court, order 17 of 2026", "its name; only its hash goes onto the ledger", "文书名称；账本上只记其哈希")],
            values => new("{0} can neither send nor receive coins from now on, by the order “{1}”. The freeze lapses unless a second officer confirms it.", "依“{1}”，{0} 自此不能收付。若无第二名经办人确认，冻结将失效。", values["account"], values["document"]),
            async (provider, key, values, stop) => Of(await Stablecoin(provider).EnterOrderAsync(Asked(key, new NewOrder("freeze", values["account"], values["document"]), out var body), body, stop).ConfigureAwait(false)))
            { Signer = ("The compliance officer's account signs; the platform pays the fee.", "由合规经办人账户签名，手续费由平台支付。") },
    ];

    static Act[] Payments =>
    [
        new("pay", "/payments", "Pay by reference", "按参考号付款", [new("payer", FieldKind.OwnAccount, "From", "付款人"), new("payee", FieldKind.Account, "To", "收款人", "shop"), Amount with { Example = "12.50" }, new("reference", FieldKind.Text, "Reference", "参考号", "INV-2026-0117", "an invoice can be paid once only", "同一张单据只能付一次")],
            values => new("{0} pays {1} to {2} under the reference {3}. It is final in the next block, cannot be made twice, and cannot be taken back.", "{0} 以参考号 {3} 向 {2} 支付 {1}。下一个区块即告终结，不会重复付款，也无法撤回。", values["payer"], values["amount"], values["payee"], values["reference"]),
            async (provider, key, values, stop) => Of(await Payment(provider).Desk.PayAsync(Asked(key, new NewPayment(values["payer"], values["payee"], values["amount"], values["reference"]), out var body), body, stop).ConfigureAwait(false))),
        new("open-deal", "/payments/escrow", "Hold money in escrow", "设立托管", [new("payer", FieldKind.OwnAccount, "From", "付款人"), new("payee", FieldKind.Account, "For", "收款人", "shop"), Amount, new("days", FieldKind.Number, "Days until it returns", "退回期限（天）", "14"), new("arbiter", FieldKind.Account, "Arbiter", "仲裁人", "", "may be empty", "可留空")],
            values => new("{1} of {0} are held by the contract for {2}. {0} releases them; after {3} days they return by themselves unless released or disputed.", "合约将为 {2} 保管 {0} 的 {1}。由 {0} 放款；{3} 天后若未放款也无争议，则退回。", values["payer"], values["amount"], values["payee"], values["days"]),
            async (provider, key, values, stop) =>
            {
                // The day's end, so that the same form sent twice asks for the same.
                var deadline = new DateTimeOffset(DateTime.UtcNow.Date.AddDays(values.Number("days") is > 0 and < 3_650 and var days ? days + 1 : throw ProblemException.Invalid("the days cannot be used", $"'{values["days"]}' is not from 1 to 3649", "write a number such as 14")), TimeSpan.Zero);
                return Of(await Payment(provider).Desk.OpenDealAsync(Asked(key, new NewDeal(values["payer"], values["payee"], values["amount"], deadline, values["arbiter"] is { Length: > 0 } arbiter ? arbiter : null), out var body), body, stop).ConfigureAwait(false));
            }),
        new("release", "/payments/escrow", "Release from escrow", "放款", [new("id", FieldKind.Number, "Deal", "托管编号", "1"), Amount with { EnglishHint = "empty: all that is held", ChineseHint = "留空：全部" }],
            values => values["amount"] is { Length: > 0 } some
                ? new("Of deal {0}, {1} go to the payee. It cannot be taken back.", "托管 {0} 中的 {1} 将付给收款人，无法撤回。", values["id"], some)
                : new("All that deal {0} holds goes to the payee. It cannot be taken back.", "托管 {0} 中的全部款项将付给收款人，无法撤回。", values["id"]),
            async (provider, key, values, stop) =>
            {
                var deal = Payment(provider).Index.Deal(values.Number("id")) ?? throw ProblemException.NotFound($"there is no deal {values["id"]}");
                return Of(await Payment(provider).Desk.ReleaseAsync(Asked(key, new Release(values["amount"] is { Length: > 0 } amount ? amount : null), out var body), deal, body, stop).ConfigureAwait(false));
            }) { Signer = ("The payer's account signs with its key, which is kept here; the platform pays the fee.", "由付款人账户签名（密钥保存在此），手续费由平台支付。") },
    ];

    static Act[] Clearing =>
    [
        new("admit", "/payments/clearing", "Admit a participant", "准入参与方", [new("account", FieldKind.Account, "Account", "账户", "bank-a")],
            values => new("{0} may take part in clearing: pay in, owe and be owed.", "{0} 可参与清算：存入资金、承担债务、收取债权。", values["account"]),
            async (provider, key, values, stop) => Of(await Payment(provider).Clearing.AdmitAsync(Asked(key, new NewParticipant(values["account"]), out var body), body, stop).ConfigureAwait(false)))
            { Signer = ("The risk officer's account signs; the platform pays the fee.", "由风险经办人账户签名，手续费由平台支付。") },
        new("deposit", "/payments/clearing", "Pay into clearing", "存入清算资金", [new("participant", FieldKind.OwnAccount, "Participant", "参与方"), Amount],
            values => new("{0} pays {1} into the clearing house. It stays {0}'s, and can be withdrawn whenever it is not needed to settle.", "{0} 向清算所存入 {1}。资金仍属于 {0}，未用于结算的部分可随时取回。", values["participant"], values["amount"]),
            async (provider, key, values, stop) => Of(await Payment(provider).Clearing.DepositAsync(Asked(key, new NewDeposit(values["participant"], values["amount"]), out var body), body, stop).ConfigureAwait(false))),
        new("withdraw", "/payments/clearing", "Withdraw from clearing", "取回清算资金", [new("participant", FieldKind.OwnAccount, "Participant", "参与方"), Amount],
            values => new("{0} takes {1} out of the clearing house.", "{0} 从清算所取回 {1}。", values["participant"], values["amount"]),
            async (provider, key, values, stop) => Of(await Payment(provider).Clearing.WithdrawAsync(Asked(key, new NewDeposit(values["participant"], values["amount"]), out var body), body, stop).ConfigureAwait(false))),
        new("owe", "/payments/clearing", "Sign an obligation", "签署债务", [new("debtor", FieldKind.OwnAccount, "Who owes", "债务人"), new("creditor", FieldKind.Account, "To whom", "债权人", "bank-b"), Amount, new("reference", FieldKind.Text, "Reference", "参考号", "TRADE-88")],
            values => new("{0} signs that it owes {1} the sum of {2} ({3}). It waits for the next cycle, which nets it against everything else; nothing moves before that.", "{0} 签字确认欠 {1} 共 {2}（{3}）。该债务将在下一期清算中与其他债务轧差，此前资金不动。", values["debtor"], values["creditor"], values["amount"], values["reference"]),
            async (provider, _, values, stop) =>
            {
                await Payment(provider).Clearing.QueueAsync(new NewObligation(values["debtor"], values["creditor"], values["amount"], values["reference"]), stop).ConfigureAwait(false);
                return null;
            }) { Signer = ("The debtor's account signs with its key, which is kept here. Nothing goes onto the ledger yet.", "由债务人账户签名（密钥保存在此）。暂不上账。") },
        new("settle", "/payments/clearing", "Settle a clearing cycle", "执行一期清算", [],
            _ => new("Everything that waits and is covered is netted and settled in one transaction. The contract computes every sum from what the debtors signed; whoever orders the cycle chooses nothing but the moment.", "所有等待中且有资金保障的债务将轧差并在一笔交易中结清。每个数额均由合约依据债务人的签名计算；下达清算者只能决定时间。"),
            async (provider, key, _, stop) => Of(await Payment(provider).Clearing.SettleAsync(Ask.For(Act.Caller, key, "settle"), stop).ConfigureAwait(false)))
            { Signer = ("The clearing operator's account signs; the platform pays the fee.", "由清算操作员账户签名，手续费由平台支付。") },
    ];

    static StablecoinDesk Stablecoin(IServiceProvider provider) => provider.GetRequiredService<StablecoinService>().Desk;

    static PaymentsService Payment(IServiceProvider provider) => provider.GetRequiredService<PaymentsService>();

    static Command? Of(Command command) => command;

    static Ask Asked<T>(string key, T body, out T same)
    {
        same = body;
        return Ask.For(Act.Caller, key, body);
    }
}
