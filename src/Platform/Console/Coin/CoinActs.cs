using Hufu.Primitives;
using Hufu.Services;

namespace Hufu.WebConsole;

/// <summary>What people do with the coin.</summary>
static class CoinActs
{
    static readonly ActField OrderNumber = new("id", FieldKind.Number, "Order number", "申请编号", "1"), Redemption = new("id", FieldKind.Number, "Redemption", "赎回编号", "1"),
        Kind = new("kind", FieldKind.Text, "What is ordered", "命令内容") { Choices = [("freeze", "freeze the account", "冻结账户"), ("unfreeze", "release it again", "解除冻结"), ("seize", "seize coins of it", "扣划其中的币")] },
        Order = new("document", FieldKind.Text, "Order", "命令文书", "District court, order 17 of 2026", "its name or its hash", "文书名称或其哈希");

    static readonly (string, string) Compliance = Act.Office("compliance officer", "合规经办人");

    public static Act[] All { get; } =
    [
        new("attest", "stablecoin.attest", "/coin", "Attest the reserve", "证明储备", [ActFields.Amount with { EnglishHint = "in the bank now", ChineseHint = "银行中的现有金额", Example = "1000000.00" }, ActFields.Document("report", "Report", "报告", "Reserve report of 27 November")],
            values => new("The auditor states that {0} are in reserve, as the report “{1}” says. For 24 hours coins may be issued up to this sum, and no further.", "审计方声明储备为 {0}，依据报告“{1}”。24 小时内发行总额不得超过该数。", values["amount"], values["report"]),
            Act.On(values => new NewAttestation(values["amount"], values["report"]), (doing, ask, body) => Desk(doing).AttestAsync(ask, body, doing.Stop))) { Signer = Act.Office("auditor", "审计方") },
        new("mint", "stablecoin.mint", "/coin", "Issue coins", "发行稳定币", [new("to", FieldKind.Account, "To", "收款账户", "shop"), ActFields.Amount],
            values => new("{0} new coins are issued to {1}. The contract refuses if that would exceed the attested reserve. From the threshold on, a second officer has to confirm first.", "将向 {1} 发行 {0} 新币。若超过经证明的储备，合约会拒绝；达到门槛的金额须先由第二名经办人确认。", values["amount"], values["to"]),
            Act.On(values => new NewMint(values["to"], values["amount"]), (doing, ask, body) => Desk(doing).MintAsync(ask, body, doing.Stop))) { Signer = Act.Office("mint officer", "铸币经办人") },
        new("confirm-mint", "stablecoin.confirm-mint", "/coin", "Confirm a large issue", "确认大额发行", [OrderNumber],
            values => new("A second officer lets order {0} happen: the coins are issued.", "第二名经办人同意第 {0} 号申请：将发行相应的币。", values["id"]),
            Act.On(values => values.Number("id"), (doing, ask, id) => Desk(doing).ConfirmMintAsync(ask, id, doing.Stop))) { Signer = Act.Office("confirming officer", "确认经办人") },
        new("redeem", "stablecoin.redeem", "/coin", "Redeem coins", "赎回", [new("holder", FieldKind.OwnAccount, "Who hands them in", "赎回人"), ActFields.Amount, new("bank", FieldKind.Text, "Bank account", "银行账户", "DE89370400440532013000", "stays here; only its salted hash goes onto the ledger", "仅保存在此；账本上只有加盐哈希") { IsPrivate = true }],
            values => new("{0} hands in {1} coins. They are held until the bank has paid, at par and within five days, and are then destroyed; if nothing comes in time, the holder takes them back.", "{0} 交回 {1} 币。币将由合约保管，直至银行在五天内按面值付款后销毁；逾期未付，持有人可取回。", values["holder"], values["amount"]),
            Act.On(values => new NewRedemption(values["holder"], values["amount"], values["bank"]), (doing, ask, body) => Desk(doing).RedeemAsync(ask, body, doing.Stop))),
        new("settle-redemption", "stablecoin.settle-redemption", "/coin", "Record that the bank has paid", "登记银行已付款", [Redemption, ActFields.Document("payment", "Bank payment", "银行付款", "pacs.008 of 28 November, no. 17")],
            values => new("Redemption {0} counts as paid by “{1}”; its coins are destroyed.", "第 {0} 号赎回记为已由“{1}”支付，相应的币将被销毁。", values["id"], values["payment"]),
            Act.On(values => (Id: values.Number("id"), Body: new RedemptionPayment(values["payment"])), (doing, ask, asked) => Desk(doing).SettleRedemptionAsync(ask, asked.Id, asked.Body, doing.Stop))) { Signer = Act.Office("treasury", "资金部") },
        new("return-redemption", "stablecoin.return-redemption", "/coin", "Give a redemption back", "退回赎回", [Redemption, new("reason", FieldKind.Text, "Reason", "原因", "account closed")],
            values => new("The bank would not pay: the coins of redemption {0} go back to their holder, with the reason “{1}”.", "银行未能付款：第 {0} 号赎回的币将退还持有人，原因为“{1}”。", values["id"], values["reason"]),
            Act.On(values => (Id: values.Number("id"), Body: new RedemptionReturn(values["reason"])), (doing, ask, asked) => Desk(doing).ReturnRedemptionAsync(ask, asked.Id, asked.Body, doing.Stop))) { Signer = Act.Office("treasury", "资金部") },
        new("order", "stablecoin.order", "/coin/orders", "Enter a lawful order", "录入司法命令",
            [Kind, new("account", FieldKind.Account, "Account", "账户", "0x…"), ActFields.Document("document", "Order", "命令文书", "District court, order 17 of 2026"),
                new("to", FieldKind.Account, "Seized coins go to", "扣划去向", "", "for a seizure", "仅扣划时填写") { IsOptional = true }, ActFields.Amount with { EnglishHint = "for a seizure", ChineseHint = "仅扣划时填写", IsOptional = true }],
            values => new("By the order “{2}”: {0}, {1}. A freeze holds at once and lapses unless a second officer confirms it; anything else happens only once the second officer has confirmed.", "依“{2}”：{0}，账户 {1}。冻结立即生效，若无第二名经办人确认则失效；其他命令须经第二名经办人确认后方可执行。", values.Choice(Kind), values["account"], values["document"]),
            Act.On(values => new NewOrder(values["kind"], values["account"], values["document"], values.Optional("to"), values.Optional("amount")), (doing, ask, body) => Desk(doing).EnterOrderAsync(ask, body, doing.Stop))) { Signer = Compliance },
        new("confirm-order", "stablecoin.confirm-order", "/coin/orders", "Confirm a lawful order", "确认司法命令", [Order],
            values => new("A second officer, other than the one who entered it, confirms the order “{0}”, and it is carried out.", "由录入者之外的第二名经办人确认命令“{0}”，随即执行。", values["document"]),
            Act.On(values => HashOf(values["document"]), (doing, ask, document) => Desk(doing).ConfirmOrderAsync(ask, document, new Confirmation(), doing.Stop))) { Signer = Act.Office("other compliance officer", "另一名合规经办人") },
        new("lapse-order", "stablecoin.lapse-order", "/coin/orders", "End an order that nobody confirmed", "终止未确认的命令", [Order],
            values => new("The order “{0}”, which nobody confirmed in time, ends; a freeze by it is lifted.", "逾期未获确认的命令“{0}”终止，其冻结随之解除。", values["document"]),
            Act.On(values => HashOf(values["document"]), (doing, ask, document) => Desk(doing).LapseOrderAsync(ask, document, doing.Stop))) { Signer = ("The platform's own account signs and pays.", "由平台自己的账户签名并付费。") },
    ];

    static StablecoinDesk Desk(Doing doing) => doing.Service<StablecoinService>().Desk;

    // A document is called by its hash on the ledger, and by its name among people.
    static Hash256 HashOf(string document) => document.Length == 66 && Hash256.TryParse(document, out var hash) ? hash : Keccak256.Hash(System.Text.Encoding.UTF8.GetBytes(document));
}
