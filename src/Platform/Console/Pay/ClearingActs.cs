using Hufu.Services;

namespace Hufu.WebConsole;

/// <summary>What people do in the clearing house.</summary>
static class ClearingActs
{
    static readonly (string, string) Risk = Act.Office("risk officer", "风险经办人");

    public static Act[] All { get; } =
    [
        new("admit", "clearing.admit", "/payments/clearing", "Admit a participant", "准入参与方", [new("account", FieldKind.Account, "Account", "账户", "bank-a")],
            values => new("{0} may take part in clearing: pay in, owe and be owed.", "{0} 可参与清算：存入资金、承担债务、收取债权。", values["account"]),
            Act.On(values => new NewParticipant(values["account"]), (doing, ask, body) => Desk(doing).AdmitAsync(ask, body, doing.Stop))) { Signer = Risk },
        new("cap", "clearing.cap", "/payments/clearing", "Set a debit cap", "设定借记上限", [new("account", FieldKind.Account, "Participant", "参与方", "bank-a"), ActFields.Amount with { Name = "cap", English = "At most", Chinese = "最多" }],
            values => new("In one cycle {0} may owe at most {1} net, whatever it has paid in.", "无论存入多少，{0} 在一期内的净欠款不得超过 {1}。", values["account"], values["cap"]),
            Act.On(values => new NewDebitCap(values["account"], values["cap"]), (doing, ask, body) => Desk(doing).CapAsync(ask, body, doing.Stop))) { Signer = Risk },
        new("deposit", "clearing.deposit", "/payments/clearing", "Pay into clearing", "存入清算资金", [new("participant", FieldKind.OwnAccount, "Participant", "参与方"), ActFields.Amount],
            values => new("{0} pays {1} into the clearing house. It stays {0}'s, and can be withdrawn whenever it is not needed to settle.", "{0} 向清算所存入 {1}。资金仍属于 {0}，未用于结算的部分可随时取回。", values["participant"], values["amount"]),
            Act.On(values => new NewDeposit(values["participant"], values["amount"]), (doing, ask, body) => Desk(doing).DepositAsync(ask, body, doing.Stop))),
        new("withdraw", "clearing.withdraw", "/payments/clearing", "Withdraw from clearing", "取回清算资金", [new("participant", FieldKind.OwnAccount, "Participant", "参与方"), ActFields.Amount],
            values => new("{0} takes {1} out of the clearing house.", "{0} 从清算所取回 {1}。", values["participant"], values["amount"]),
            Act.On(values => new NewDeposit(values["participant"], values["amount"]), (doing, ask, body) => Desk(doing).WithdrawAsync(ask, body, doing.Stop))),
        new("owe", "clearing.queue", "/payments/clearing", "Sign an obligation", "签署债务", [new("debtor", FieldKind.OwnAccount, "Who owes", "债务人"), new("creditor", FieldKind.Account, "To whom", "债权人", "bank-b"), ActFields.Amount, new("reference", FieldKind.Text, "Reference", "参考号", "TRADE-88")],
            values => new("{0} signs that it owes {1} the sum of {2} ({3}). It waits for the next cycle, which nets it against everything else; nothing moves before that.", "{0} 签字确认欠 {1} 共 {2}（{3}）。该债务将在下一期清算中与其他债务轧差，此前资金不动。", values["debtor"], values["creditor"], values["amount"], values["reference"]),
            async doing =>
            {
                await Desk(doing).QueueAsync(doing.By, new NewObligation(doing["debtor"], doing["creditor"], doing["amount"], doing["reference"]), doing.Stop).ConfigureAwait(false);
                return Done.Here("{0} has signed that it owes {1} the sum of {2}. It waits for the next cycle.", "{0} 已签字确认欠 {1} 共 {2}，等待下一期清算。", doing["debtor"], doing["creditor"], doing["amount"]);
            }) { Signer = ("The debtor's account signs with its key, which is kept here. Nothing goes onto the ledger yet.", "由债务人账户签名（密钥保存在此）。暂不上账。") },
        new("settle", "clearing.settle", "/payments/clearing", "Settle a clearing cycle", "执行一期清算", [],
            _ => new("Everything that waits and is covered is netted and settled in one transaction. The contract computes every sum from what the debtors signed; whoever orders the cycle chooses nothing but the moment.", "所有等待中且有资金保障的债务将轧差并在一笔交易中结清。每个数额均由合约依据债务人的签名计算；下达清算者只能决定时间。"),
            Act.On(_ => "settle", (doing, ask, _) => Desk(doing).SettleAsync(ask, doing.Stop))) { Signer = Act.Office("clearing operator", "清算操作员") },
    ];

    static ClearingDesk Desk(Doing doing) => doing.Service<PaymentsService>().Clearing;
}
