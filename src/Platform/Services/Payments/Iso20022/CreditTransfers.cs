using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Xml.Linq;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>One payment of a pain.001 or a pacs.008.</summary>
public sealed record CreditTransfer
{
    /// <summary>The block of payments in a pain.001 it stands in.</summary>
    public string? PaymentInformationId { get; init; }
    public string? InstructionId { get; init; }
    public required string EndToEndId { get; init; }

    /// <summary>pacs.008 before it carried a UETR: the number of the first bank.</summary>
    public string? TransactionId { get; init; }

    /// <summary>The number a payment keeps through all banks.</summary>
    public string? Uetr { get; init; }
    public IsoAmount Amount { get; init; }

    /// <summary>When it shall be executed, or was settled between banks.</summary>
    public DateOnly? Date { get; init; }
    public IsoParty? Debtor { get; init; }
    public IsoAccount? DebtorAccount { get; init; }
    public string? DebtorAgent { get; init; }
    public IsoParty? Creditor { get; init; }
    public IsoAccount? CreditorAccount { get; init; }
    public string? CreditorAgent { get; init; }

    /// <summary>DEBT, CRED, SHAR or SLEV.</summary>
    public string? ChargeBearer { get; init; }

    /// <summary>What the payment is for, in the payer's words.</summary>
    public string? Remittance { get; init; }

    /// <summary>The reference the payee gave (ISO 11649 or its own).</summary>
    public string? CreditorReference { get; init; }
}

/// <summary>Payments that came in one message.</summary>
/// <param name="MessageName">With version: what an answer names.</param>
/// <param name="MessageId">Unique among its sender's messages.</param>
public sealed record CreditTransferBatch(string MessageName, string MessageId, DateTimeOffset? CreatedAt, decimal? ControlSum, string? Sender, IReadOnlyList<CreditTransfer> Transfers)
{
    /// <summary>
    /// Reads a pain.001 (customer to bank) or pacs.008 (bank to bank) of any version. What the message says twice must agree: how many payments, their sum, and the total settled.
    /// All that is wrong is told, not the first alone.
    /// </summary>
    public static bool TryRead(IsoMessage message, [NotNullWhen(true)] out CreditTransferBatch? batch, out IReadOnlyList<Refusal> faults)
    {
        batch = null;
        var rules = new IsoRules();
        if (message.Family is not ("pain.001" or "pacs.008"))
        {
            faults = [new Refusal($"{message.Name} orders no payment", "credit transfers are pain.001 and pacs.008")];
            return false;
        }
        var content = message.Content;
        var header = IsoRules.At(content, "GrpHdr");
        if (header is null)
        {
            faults = [new Refusal($"{content.Name.LocalName}/GrpHdr is missing", "the message needs it")];
            return false;
        }
        var isBetweenBanks = message.Family == "pacs.008";
        List<CreditTransfer> transfers = isBetweenBanks
            ? [.. IsoRules.All(content, "CdtTrfTxInf").Select(one => Transfer(one, one, header, rules, isBetweenBanks: true))]
            : [.. IsoRules.All(content, "PmtInf").SelectMany(block => IsoRules.All(block, "CdtTrfTxInf").Select(one => Transfer(one, block, header, rules, isBetweenBanks: false)))];
        var read = new CreditTransferBatch(message.Name, rules.Required(header, "MsgId"), rules.Time(header, "CreDtTm"), rules.Number(header, "CtrlSum"), SenderOf(message, header, rules), transfers);
        Agree(read, content, header, rules);
        faults = rules.Faults;
        if (faults.Count == 0) batch = read;
        return batch is not null;
    }

    static string? SenderOf(IsoMessage message, XElement header, IsoRules rules) =>
        IsoRules.TextAt(message.Header, "Fr/FIId/FinInstnId/BICFI") ?? rules.Agent(header, "InstgAgt") ?? rules.Party(header, "InitgPty")?.Id ?? rules.Party(header, "InitgPty")?.Name;

    static CreditTransfer Transfer(XElement one, XElement block, XElement header, IsoRules rules, bool isBetweenBanks)
    {
        var (isInBlock, ids) = (block != one, IsoRules.At(one, "PmtId"));
        if (ids is null) rules.Fault(one, "PmtId", "is missing", "the payment needs it");
        var references = IsoRules.At(one, "RmtInf");
        return new CreditTransfer
        {
            PaymentInformationId = isInBlock ? rules.Optional(block, "PmtInfId") : null,
            InstructionId = ids is null ? null : rules.Optional(ids, "InstrId"),
            EndToEndId = ids is null ? "" : rules.Required(ids, "EndToEndId"),
            TransactionId = ids is null ? null : rules.Optional(ids, "TxId"),
            Uetr = ids is null ? null : rules.Uetr(ids, "UETR"),
            Amount = isBetweenBanks ? rules.Amount(one, "IntrBkSttlmAmt") : IsoRules.At(one, "Amt/EqvtAmt") is { } equivalent ? rules.Amount(equivalent, "Amt") : rules.Amount(one, "Amt/InstdAmt"),
            Date = isBetweenBanks ? rules.Date(one, "IntrBkSttlmDt") ?? rules.Date(header, "IntrBkSttlmDt") : rules.Date(block, "ReqdExctnDt"),
            Debtor = rules.Party(block, "Dbtr"),
            DebtorAccount = IsoRules.Account(block, "DbtrAcct"),
            DebtorAgent = rules.Agent(block, "DbtrAgt"),
            Creditor = rules.Party(one, "Cdtr"),
            CreditorAccount = IsoRules.Account(one, "CdtrAcct"),
            CreditorAgent = rules.Agent(one, "CdtrAgt"),
            ChargeBearer = Bearer(IsoRules.TextAt(one, "ChrgBr") ?? (isInBlock ? IsoRules.TextAt(block, "ChrgBr") : null), one, rules),
            Remittance = references is null ? null : string.Join(" ", IsoRules.All(references, "Ustrd").Select(line => line.Value.Trim())) is { Length: > 0 } words ? words : null,
            CreditorReference = IsoRules.TextAt(references, "Strd/CdtrRefInf/Ref", "Strd/CdtrRefInf/CdtrRef"),
        };
    }

    static string? Bearer(string? code, XElement one, IsoRules rules)
    {
        if (code is not (null or "DEBT" or "CRED" or "SHAR" or "SLEV")) rules.Fault(one, "ChrgBr", "is no such word", code, "write DEBT, CRED, SHAR or SLEV");
        return code;
    }

    static void Agree(CreditTransferBatch batch, XElement content, XElement header, IsoRules rules)
    {
        if (batch.CreatedAt is null && IsoRules.TextAt(header, "CreDtTm") is null) rules.Fault(header, "CreDtTm", "is missing", "the message needs it");
        if (batch.Transfers.Count == 0) rules.Fault(content, "CdtTrfTxInf", "is missing", "the message orders no payment");
        Count(header, batch.Transfers.Count);
        Sum(header, batch.Transfers);
        // Each block of a pain.001 may count and sum its own.
        foreach (var block in IsoRules.All(content, "PmtInf"))
        {
            var within = IsoRules.All(block, "CdtTrfTxInf").Count();
            if (IsoRules.TextAt(block, "NbOfTxs") is not null) Count(block, within);
            if (IsoRules.TextAt(block, "CtrlSum") is not null) Sum(block, [.. batch.Transfers.Where(one => one.PaymentInformationId == IsoRules.TextAt(block, "PmtInfId"))]);
        }
        if (IsoRules.At(header, "TtlIntrBkSttlmAmt") is not null)
        {
            var total = rules.Amount(header, "TtlIntrBkSttlmAmt");
            if (batch.Transfers.Any(one => one.Amount.Currency != total.Currency) || batch.Transfers.Sum(one => one.Amount.Value) != total.Value)
                rules.Fault(header, "TtlIntrBkSttlmAmt", "is not the total", $"the header says {total}, the payments make {Total(batch.Transfers)}", "send the message again with the right total");
        }
        foreach (var twice in batch.Transfers.Where(one => one.Uetr is not null).GroupBy(one => one.Uetr).Where(same => same.Count() > 1))
            rules.Fault("a payment stands in the message twice", $"UETR {twice.Key}", "give each payment its own");

        void Count(XElement from, int payments)
        {
            if (IsoRules.TextAt(from, "NbOfTxs") is not { } text) rules.Fault(from, "NbOfTxs", "is missing", "the message needs it");
            else if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var said) || said != payments) rules.Fault(from, "NbOfTxs", "is not the number of payments", $"it says {text}, there are {payments}", "send the message again: part of it may be missing");
        }

        void Sum(XElement from, IReadOnlyList<CreditTransfer> payments)
        {
            if (rules.Number(from, "CtrlSum") is { } said && said != payments.Sum(one => one.Amount.Value)) rules.Fault(from, "CtrlSum", "is not the sum of the payments", $"it says {said.ToString(CultureInfo.InvariantCulture)}, they make {Total(payments)}", "send the message again: part of it may be missing");
        }
    }

    static string Total(IReadOnlyList<CreditTransfer> payments) => string.Join(" and ", payments.GroupBy(one => one.Amount.Currency).Select(same => new IsoAmount(same.Key ?? "", same.Sum(one => one.Amount.Value))));
}
