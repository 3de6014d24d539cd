using Hufu.Services;

namespace Hufu.WebConsole;

/// <summary>What people do with payments, escrow and streams.</summary>
static class PaymentActs
{
    static readonly ActField Deal = new("id", FieldKind.Number, "Deal", "托管编号", "1"), Stream = new("id", FieldKind.Number, "Stream", "分期编号", "1"),
        Party = new("account", FieldKind.OwnAccount, "In whose name", "以谁的名义"),
        Step = new("step", FieldKind.Text, "An instalment every", "每期间隔") { Choices = [("1", "second", "一秒"), ("3600", "hour", "一小时"), ("86400", "day", "一天"), ("604800", "week", "一周"), ("2592000", "thirty days", "三十天")] };

    public static Act[] All { get; } =
    [
        new("pay", "payments.pay", "/payments", "Pay by reference", "按参考号付款", [new("payer", FieldKind.OwnAccount, "From", "付款人"), new("payee", FieldKind.Account, "To", "收款人", "shop"), ActFields.Amount with { Example = "12.50" }, new("reference", FieldKind.Text, "Reference", "参考号", "INV-2026-0117", "an invoice can be paid once only", "同一张单据只能付一次")],
            values => new("{0} pays {1} to {2} under the reference {3}. It is final in the next block, cannot be made twice, and cannot be taken back.", "{0} 以参考号 {3} 向 {2} 支付 {1}。下一个区块即告终结，不会重复付款，也无法撤回。", values["payer"], values["amount"], values["payee"], values["reference"]),
            Act.On(values => new NewPayment(values["payer"], values["payee"], values["amount"], values["reference"]), (doing, ask, body) => Service(doing).Desk.PayAsync(ask, body, doing.Stop))),

        new("open-deal", "escrow.open", "/payments/escrow", "Hold money in escrow", "设立托管", [new("payer", FieldKind.OwnAccount, "From", "付款人"), new("payee", FieldKind.Account, "For", "收款人", "shop"), ActFields.Amount, new("days", FieldKind.Number, "Days until it returns", "退回期限（天）", "14"), new("arbiter", FieldKind.Account, "Arbiter", "仲裁人", "", "may stay empty", "可留空") { IsOptional = true }],
            values => new("{1} of {0} are held by the contract for {2}. {0} releases them; after {3} days they return by themselves unless released or disputed.", "合约将为 {2} 保管 {0} 的 {1}。由 {0} 放款；{3} 天后若未放款也无争议，则退回。", values["payer"], values["amount"], values["payee"], values["days"]),
            Act.On(values => new NewDeal(values["payer"], values["payee"], values["amount"], DayAfter(values), values.Optional("arbiter")), (doing, ask, body) => Service(doing).Desk.OpenDealAsync(ask, body, doing.Stop))),
        new("release", "escrow.release", "/payments/escrow", "Release from escrow", "放款", [Deal, ActFields.Amount with { EnglishHint = "empty: all that is held", ChineseHint = "留空：全部", IsOptional = true }],
            values => values.Optional("amount") is { } some
                ? new("Of deal {0}, {1} go to the payee. It cannot be taken back.", "托管 {0} 中的 {1} 将付给收款人，无法撤回。", values["id"], some)
                : new("All that deal {0} holds goes to the payee. It cannot be taken back.", "托管 {0} 中的全部款项将付给收款人，无法撤回。", values["id"]),
            Act.On(values => new Release(values.Optional("amount")), (doing, ask, body) => Service(doing).Desk.ReleaseAsync(ask, DealOf(doing), body, doing.Stop))) { Signer = Act.Payer },
        new("refund", "escrow.refund", "/payments/escrow", "Return from escrow", "退款", [Deal, Party],
            values => new("What deal {0} holds goes back to the payer. The payee may do so at any time; the payer once the day has come.", "托管 {0} 中的款项将退还付款人。收款人随时可退；付款人须待期限届满。", values["id"]),
            Act.On(values => new By(values["account"]), (doing, ask, body) => Service(doing).Desk.RefundAsync(ask, DealOf(doing), body, doing.Stop))),
        new("dispute", "escrow.dispute", "/payments/escrow", "Dispute a deal", "提出争议", [Deal, Party, ActFields.Document("evidence", "Evidence", "证据", "Photos of 27 November")],
            values => new("{0} disputes deal {1} with the evidence “{2}”. What is held moves only by the arbiter's word from then on.", "{0} 对托管 {1} 提出争议，证据为“{2}”。此后款项只能由仲裁人裁定。", values["account"], values["id"], values["evidence"]),
            Act.On(values => new Dispute(values["evidence"], values["account"]), (doing, ask, body) => Service(doing).Desk.DisputeAsync(ask, DealOf(doing), body, doing.Stop))),
        new("arbitrate", "escrow.arbitrate", "/payments/escrow", "Decide a dispute", "裁定争议", [Deal, ActFields.Amount with { Name = "toPayee", English = "To the payee", Chinese = "付给收款人", EnglishHint = "the rest returns to the payer", ChineseHint = "其余退还付款人" }],
            values => new("The arbiter decides deal {0}: {1} go to the payee, the rest returns to the payer. It cannot be taken back.", "仲裁人裁定托管 {0}：{1} 付给收款人，其余退还付款人。无法撤回。", values["id"], values["toPayee"]),
            Act.On(values => new Arbitration(values["toPayee"]), (doing, ask, body) => Service(doing).Desk.ArbitrateAsync(ask, DealOf(doing), body, doing.Stop))) { Signer = ("The arbiter's account signs with its key, which is kept here; the platform pays the fee.", "由仲裁人账户签名（密钥保存在此），手续费由平台支付。") },

        new("open-stream", "streams.open", "/payments/streams", "Pay over time", "分期付款", [new("payer", FieldKind.OwnAccount, "From", "付款人"), new("payee", FieldKind.Account, "To", "收款人", "shop"), ActFields.Amount with { EnglishHint = "in all", ChineseHint = "总额" }, Step, new("steps", FieldKind.Number, "Instalments", "期数", "12")],
            values => new("{0} puts {1} aside for {2}: in {3} equal instalments, one every {4}, it becomes {2}'s and can be collected. {0} may end it; what has fallen due by then stays {2}'s.", "{0} 为 {2} 预存 {1}：分 {3} 期等额到期，每期间隔{4}，到期即可领取。{0} 可随时终止，已到期的部分归 {2}。", values["payer"], values["amount"], values["payee"], values["steps"], values.Choice(Step)),
            Act.On(values => new NewStream(values["payer"], values["payee"], values["amount"], (long)values.Number("step"), (long)values.Number("steps")), (doing, ask, body) => Service(doing).Desk.OpenStreamAsync(ask, body, doing.Stop))),
        new("collect", "streams.withdraw", "/payments/streams", "Collect what has fallen due", "领取到期款项", [Stream, ActFields.Amount with { EnglishHint = "empty: all that has fallen due", ChineseHint = "留空：全部到期款", IsOptional = true }],
            values => values.Optional("amount") is { } some
                ? new("The payee of stream {0} collects {1} of what has fallen due.", "分期 {0} 的收款人领取到期款中的 {1}。", values["id"], some)
                : new("The payee of stream {0} collects all that has fallen due.", "分期 {0} 的收款人领取全部到期款。", values["id"]),
            Act.On(values => new Withdrawal(values.Optional("amount")), (doing, ask, body) => Service(doing).Desk.WithdrawAsync(ask, StreamOf(doing), body, doing.Stop))) { Signer = ("The payee's account signs with its key, which is kept here; the platform pays the fee.", "由收款人账户签名（密钥保存在此），手续费由平台支付。") },
        new("end-stream", "streams.cancel", "/payments/streams", "End a stream", "终止分期", [Stream],
            values => new("The payer ends stream {0}. What has fallen due stays the payee's, the rest returns to the payer at once.", "付款人终止分期 {0}。已到期部分归收款人，其余立即退还付款人。", values["id"]),
            Act.On(values => values.Number("id"), (doing, ask, _) => Service(doing).Desk.CancelAsync(ask, StreamOf(doing), doing.Stop))) { Signer = Act.Payer },

        new("close-exception", "payments.reconcile", "/payments/bank", "Close an exception", "了结差异", [new("id", FieldKind.Text, "Exception", "差异编号", "0x…"), new("note", FieldKind.Text, "What you found", "核查结果", "Booked a day late; the bank confirmed it")],
            values => new("The exception is taken off the queue, with your name and the note “{0}”.", "该差异将移出队列，并记录你的名字与说明“{0}”。", values["note"]),
            async doing =>
            {
                if (!Primitives.Hash256.TryParse(doing["id"], out var id)) throw ProblemException.Invalid("there is no such exception", doing["id"], "choose one from the queue");
                await Service(doing).Bank.CloseAsync(doing.By, id, doing["note"]).ConfigureAwait(false);
                return Done.Here("The exception is off the queue; who looked at it and what was found is kept.", "差异已移出队列；核查人与结果已留存。");
            }) { Signer = Act.Nothing },
    ];

    static PaymentsService Service(Doing doing) => doing.Service<PaymentsService>();

    static DealRow DealOf(Doing doing) => Service(doing).Index.Deal(doing.Values.Number("id")) ?? throw ProblemException.NotFound($"there is no deal {doing["id"]}");

    static StreamRow StreamOf(Doing doing) => Service(doing).Index.Stream(doing.Values.Number("id")) ?? throw ProblemException.NotFound($"there is no stream {doing["id"]}");

    // The day's end, so that the same form sent twice asks for the same.
    static DateTimeOffset DayAfter(ActValues values) => new(DateTime.UtcNow.Date.AddDays(values.Number("days") is > 0 and < 3_650 and var days ? days + 1
        : throw ProblemException.Invalid("the days cannot be used", $"'{values["days"]}' is not from 1 to 3649", "write a number such as 14")), TimeSpan.Zero);
}
