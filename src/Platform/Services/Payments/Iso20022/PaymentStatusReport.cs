using System.Xml.Linq;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What became of a payment, in the words of ISO 20022.</summary>
public enum PaymentStatus
{
    /// <summary>ACSC: settled, and final.</summary>
    Settled,

    /// <summary>ACSP: accepted, settlement under way.</summary>
    InProcess,

    /// <summary>PDNG: waits, for a check or for cover.</summary>
    Pending,

    /// <summary>RJCT: refused, with a reason.</summary>
    Rejected,
}

/// <param name="Payment">What was asked for.</param>
/// <param name="Reason">A code of the external list (AC01, AM04, …); rejected only.</param>
/// <param name="Said">The reason in words a person can read.</param>
/// <param name="Reference">Our number of the payment.</param>
public sealed record PaymentOutcome(CreditTransfer Payment, PaymentStatus Status, string? Reason = null, string? Said = null, DateTimeOffset? At = null, string? Reference = null)
{
    /// <summary>Where it is on the ledger.</summary>
    public Hash256? Transaction { get; init; }
}

/// <summary>Writes the answer about payments that were ordered: a pacs.002.001.10 to the bank that sent a pacs.008, a pain.002.001.10 to the customer that sent a pain.001.</summary>
public static class PaymentStatusReport
{
    public const string Name = "pacs.002.001.10", CustomerName = "pain.002.001.10";

    /// <param name="messageId">Unique among our messages, at most 35 characters.</param>
    /// <param name="batch">The message that is answered: its ids are given back.</param>
    public static byte[] Write(string messageId, DateTimeOffset createdAt, CreditTransferBatch batch, IReadOnlyList<PaymentOutcome> outcomes) =>
        batch.MessageName.StartsWith("pain.001", StringComparison.Ordinal) ? ToCustomer(messageId, createdAt, batch, outcomes) : ToBank(messageId, createdAt, batch, outcomes);

    // A customer's payments stand in blocks, and so do the answers.
    static byte[] ToCustomer(string messageId, DateTimeOffset createdAt, CreditTransferBatch batch, IReadOnlyList<PaymentOutcome> outcomes)
    {
        var iso = new IsoWriter(CustomerName);
        return iso.File("CstmrPmtStsRpt",
            iso.Of("GrpHdr", iso.Text("MsgId", messageId, 35), iso.Time("CreDtTm", createdAt)),
            iso.Of("OrgnlGrpInfAndSts",
                iso.Text("OrgnlMsgId", batch.MessageId, 35), iso.Text("OrgnlMsgNmId", batch.MessageName, 35), iso.Time("OrgnlCreDtTm", batch.CreatedAt),
                iso.Text("OrgnlNbOfTxs", $"{batch.Transfers.Count}", 15), iso.Text("GrpSts", Of(outcomes), 4)),
            outcomes.GroupBy(one => one.Payment.PaymentInformationId ?? "NOTPROVIDED").Select(block => iso.Of("OrgnlPmtInfAndSts",
                iso.Text("OrgnlPmtInfId", block.Key, 35), iso.Text("OrgnlNbOfTxs", $"{block.Count()}", 15), iso.Text("PmtInfSts", Of([.. block]), 4),
                // A customer gave no number of a bank's own.
                block.Select(one => Outcome(iso, one, hasTransactionId: false)))));
    }

    static byte[] ToBank(string messageId, DateTimeOffset createdAt, CreditTransferBatch batch, IReadOnlyList<PaymentOutcome> outcomes)
    {
        var iso = new IsoWriter(Name);
        return iso.File("FIToFIPmtStsRpt",
            iso.Of("GrpHdr", iso.Text("MsgId", messageId, 35), iso.Time("CreDtTm", createdAt)),
            iso.Of("OrgnlGrpInfAndSts",
                iso.Text("OrgnlMsgId", batch.MessageId, 35), iso.Text("OrgnlMsgNmId", batch.MessageName, 35), iso.Time("OrgnlCreDtTm", batch.CreatedAt),
                iso.Text("OrgnlNbOfTxs", $"{batch.Transfers.Count}", 15),
                iso.Text("GrpSts", Of(outcomes), 4)),
            outcomes.Select(one => Outcome(iso, one, hasTransactionId: true)));
    }

    // One word for all of them, where there is one: some settled and some not is PART.
    static string Of(IReadOnlyList<PaymentOutcome> outcomes) => outcomes.Select(one => one.Status).Distinct().ToArray() is [var status] ? Code(status) : "PART";

    static XElement Outcome(IsoWriter iso, PaymentOutcome one, bool hasTransactionId) => iso.Of("TxInfAndSts",
        iso.Text("OrgnlInstrId", one.Payment.InstructionId, 35), iso.Text("OrgnlEndToEndId", one.Payment.EndToEndId, 35), hasTransactionId ? iso.Text("OrgnlTxId", one.Payment.TransactionId, 35) : null, iso.Text("OrgnlUETR", one.Payment.Uetr, 36),
        iso.Text("TxSts", Code(one.Status), 4),
        one.Status == PaymentStatus.Rejected || one.Said is not null
            ? iso.Of("StsRsnInf", one.Reason is null && one.Status != PaymentStatus.Rejected ? null : iso.Of("Rsn", iso.Text("Cd", one.Reason ?? "NARR", 4)), iso.Lines("AddtlInf", one.Said, 105))
            : null,
        iso.Time("AccptncDtTm", one.At), iso.Text("AcctSvcrRef", one.Reference, 35));

    static string Code(PaymentStatus status) => status switch
    {
        PaymentStatus.Settled => "ACSC",
        PaymentStatus.InProcess => "ACSP",
        PaymentStatus.Pending => "PDNG",
        _ => "RJCT",
    };

    /// <summary>The code of the external list that comes nearest to why a payment was refused.</summary>
    public static string ReasonOf(Refusal refusal)
    {
        var text = refusal.ToString();
        return text switch
        {
            _ when Has("has less") || Has("balance") || Has("cover") || Has("funds") => "AM04",
            _ when Has("twice") || Has("already") || Has("reference before") => "AM05",
            _ when Has("currency") => "AM11",
            _ when Has("frozen") || Has("blocked") => "AC06",
            _ when Has("IBAN") || Has("account") => "AC01",
            _ when Has("sum") || Has("total") => "AM10",
            _ when Has("number of payments") => "AM18",
            _ when Has("digits") || Has("amount") => "AM12",
            _ when Has("date") || Has("time") => "DT01",
            _ when Has("BIC") => "RC01",
            _ => "NARR",
        };

        bool Has(string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);
    }
}
