using System.Diagnostics.CodeAnalysis;
using System.Xml.Linq;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>One line of a statement or advice. A line that batches many payments is read as many entries.</summary>
public sealed record AccountEntry
{
    /// <summary>The bank's number of the line.</summary>
    public string? Reference { get; init; }
    public IsoAmount Amount { get; init; }

    /// <summary>Money came in. A reversal is told by what it does to the balance.</summary>
    public bool IsCredit { get; init; }
    public bool IsReversal { get; init; }

    /// <summary>BOOK, PDNG, INFO.</summary>
    public string Status { get; init; } = "BOOK";
    public DateTimeOffset? BookedAt { get; init; }
    public DateOnly? BookedOn { get; init; }
    public DateOnly? ValueOn { get; init; }
    public string? EndToEndId { get; init; }
    public string? Uetr { get; init; }
    public string? TransactionId { get; init; }
    public string? InstructionId { get; init; }
    public string? CounterpartName { get; init; }
    public string? CounterpartAccount { get; init; }
    public string? Remittance { get; init; }

    /// <summary>More for a person to read; on our statements the transaction on the ledger.</summary>
    public string? Information { get; init; }
}

/// <summary>A statement of an account (camt.053), a report within the day (camt.052), or an advice of single lines (camt.054).</summary>
public sealed record AccountStatement
{
    public required string Id { get; init; }
    public IsoAccount? Account { get; init; }
    public string? Currency { get; init; }
    public string? Owner { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? From { get; init; }
    public DateTimeOffset? To { get; init; }

    /// <summary>Below zero where the account is overdrawn. Null on an advice.</summary>
    public decimal? Opening { get; init; }
    public decimal? Closing { get; init; }
    public IReadOnlyList<AccountEntry> Entries { get; init; } = [];

    /// <summary>What the booked lines of the account make together.</summary>
    public decimal Movement => Entries.Where(one => one.Status == "BOOK").Sum(one => one.IsCredit ? one.Amount.Value : -one.Amount.Value);

    // ---- reading ----

    /// <summary>Reads camt.052, camt.053 or camt.054 of any version.</summary>
    public static bool TryRead(IsoMessage message, out IReadOnlyList<AccountStatement> statements, out IReadOnlyList<Refusal> faults)
    {
        statements = [];
        var element = message.Family switch { "camt.052" => "Rpt", "camt.053" => "Stmt", "camt.054" => "Ntfctn", _ => null };
        if (element is null)
        {
            faults = [new Refusal($"{message.Name} is no statement", "statements are camt.052, camt.053 and camt.054")];
            return false;
        }
        var rules = new IsoRules();
        List<AccountStatement> read = [.. IsoRules.All(message.Content, element).Select(one => Statement(one, rules))];
        if (read.Count == 0) rules.Fault($"{message.Content.Name.LocalName}/{element} is missing", "the message holds no statement");
        faults = rules.Faults;
        if (faults.Count == 0) statements = read;
        return faults.Count == 0;
    }

    static AccountStatement Statement(XElement one, IsoRules rules)
    {
        if (IsoRules.At(one, "Acct") is null) rules.Fault(one, "Acct", "is missing", "a statement is of an account");
        var balances = IsoRules.All(one, "Bal").Select(balance => (Type: IsoRules.TextAt(balance, "Tp/CdOrPrtry/Cd", "Tp/Cd") ?? "", Sum: Signed(balance, rules))).ToArray();
        return new AccountStatement
        {
            Id = rules.Required(one, "Id"),
            Account = IsoRules.Account(one, "Acct"),
            Currency = IsoRules.TextAt(one, "Acct/Ccy") ?? IsoRules.All(one, "Bal").Concat(IsoRules.All(one, "Ntry")).Select(sum => IsoRules.At(sum, "Amt")?.Attribute("Ccy")?.Value).FirstOrDefault(),
            Owner = rules.Party(IsoRules.At(one, "Acct") ?? one, "Ownr")?.Name,
            CreatedAt = rules.Time(one, "CreDtTm"),
            From = rules.Time(one, "FrToDt/FrDtTm"),
            To = rules.Time(one, "FrToDt/ToDtTm"),
            Opening = Balance("OPBD", "PRCD"),
            Closing = Balance("CLBD"),
            Entries = [.. IsoRules.All(one, "Ntry").SelectMany(entry => Entry(entry, rules))],
        };

        // What was closed before opens this.
        decimal? Balance(params string[] types) => types.SelectMany(type => balances.Where(balance => balance.Type == type)).Select(balance => (decimal?)balance.Sum).FirstOrDefault();
    }

    static decimal Signed(XElement balance, IsoRules rules)
    {
        var amount = rules.Amount(balance, "Amt").Value;
        return IsCreditAt(balance, rules) ? amount : -amount;
    }

    static bool IsCreditAt(XElement from, IsoRules rules)
    {
        var word = IsoRules.TextAt(from, "CdtDbtInd");
        if (word is not ("CRDT" or "DBIT")) rules.Fault(from, "CdtDbtInd", "is no such word", word ?? "nothing", "write CRDT or DBIT");
        return word == "CRDT";
    }

    static IEnumerable<AccountEntry> Entry(XElement entry, IsoRules rules)
    {
        var whole = new AccountEntry
        {
            Reference = IsoRules.TextAt(entry, "AcctSvcrRef", "NtryRef"),
            Amount = rules.Amount(entry, "Amt"),
            IsCredit = IsCreditAt(entry, rules),
            IsReversal = IsoRules.TextAt(entry, "RvslInd") is "true" or "1",
            Status = IsoRules.TextAt(entry, "Sts/Cd", "Sts/Prtry", "Sts") ?? "",
            BookedAt = rules.Time(entry, "BookgDt/DtTm"),
            BookedOn = rules.Date(entry, "BookgDt"),
            ValueOn = rules.Date(entry, "ValDt"),
            Information = IsoRules.TextAt(entry, "AddtlNtryInf"),
        };
        if (whole.Status.Length == 0) rules.Fault(entry, "Sts", "is missing", "a line is booked, pending or for information");
        var details = IsoRules.All(entry, "NtryDtls").SelectMany(one => IsoRules.All(one, "TxDtls")).ToArray();
        if (details.Length == 0) return [whole];

        var parts = details.Select(one => Detail(whole, one, rules)).ToArray();
        // The parts are told only where they make up the whole: else their amounts are of another currency or before charges.
        return parts.Length == 1 ? [parts[0] with { Amount = whole.Amount, IsCredit = whole.IsCredit }]
            : parts.All(one => one.Amount.Currency == whole.Amount.Currency) && parts.Sum(one => one.IsCredit == whole.IsCredit ? one.Amount.Value : -one.Amount.Value) == whole.Amount.Value ? parts
            : [whole];
    }

    static AccountEntry Detail(AccountEntry whole, XElement one, IsoRules rules)
    {
        var amount = IsoRules.At(one, "Amt") is not null ? rules.Amount(one, "Amt") : IsoRules.At(one, "AmtDtls/TxAmt/Amt") is not null ? rules.Amount(one, "AmtDtls/TxAmt/Amt") : whole.Amount;
        var isCredit = IsoRules.At(one, "CdtDbtInd") is null ? whole.IsCredit : IsCreditAt(one, rules);
        var (party, account) = isCredit ? ("Dbtr", "DbtrAcct") : ("Cdtr", "CdtrAcct");
        var related = IsoRules.At(one, "RltdPties");
        var references = IsoRules.At(one, "RmtInf");
        return whole with
        {
            Reference = IsoRules.TextAt(one, "Refs/AcctSvcrRef") ?? whole.Reference,
            Amount = amount,
            IsCredit = isCredit,
            EndToEndId = IsoRules.TextAt(one, "Refs/EndToEndId") is { } id and not "NOTPROVIDED" ? id : null,
            Uetr = IsoRules.TextAt(one, "Refs/UETR"),
            TransactionId = IsoRules.TextAt(one, "Refs/TxId"),
            InstructionId = IsoRules.TextAt(one, "Refs/InstrId"),
            CounterpartName = related is null ? null : rules.Party(related, party)?.Name,
            CounterpartAccount = related is null ? null : IsoRules.Account(related, account)?.ToString(),
            Remittance = IsoRules.TextAt(references, "Strd/CdtrRefInf/Ref", "Strd/CdtrRefInf/CdtrRef") ?? (references is null ? null : string.Join(" ", IsoRules.All(references, "Ustrd").Select(line => line.Value.Trim())) is { Length: > 0 } words ? words : null),
            Information = IsoRules.TextAt(one, "AddtlTxInf") ?? whole.Information,
        };
    }

    // ---- writing ----

    public const string StatementName = "camt.053.001.08";
    public const string AdviceName = "camt.054.001.08";

    /// <summary>This statement as a camt.053.001.08. False without an account and both balances, or where they and the lines do not add up: such a statement is never sent.</summary>
    public bool TryWriteStatement(string messageId, [NotNullWhen(true)] out byte[]? file, [NotNullWhen(false)] out Refusal? refusal)
    {
        (file, refusal) = (null, null);
        if (Account is null || Currency is null || Opening is null || Closing is null || CreatedAt is null) refusal = new Refusal("the statement is not complete", "it needs an account, a currency, both balances and a time");
        else if (Opening + Movement != Closing) refusal = new Refusal("the statement does not add up", $"{Opening} and {Movement} make {Opening + Movement}, not {Closing}");
        if (refusal is not null) return false;

        var iso = new IsoWriter(StatementName);
        var booked = Entries.Where(one => one.Status == "BOOK").ToArray();
        file = iso.File("BkToCstmrStmt",
            iso.Of("GrpHdr", iso.Text("MsgId", messageId, 35), iso.Time("CreDtTm", CreatedAt)),
            iso.Of("Stmt",
                iso.Text("Id", Id, 35), iso.Time("CreDtTm", CreatedAt),
                From is not null && To is not null ? iso.Of("FrToDt", iso.Time("FrDtTm", From), iso.Time("ToDtTm", To)) : null,
                iso.Account("Acct", Account, iso.Text("Ccy", Currency, 3), Owner is null ? null : iso.Of("Ownr", iso.Text("Nm", Owner, 140))),
                Balance(iso, "OPBD", Opening!.Value, From ?? CreatedAt), Balance(iso, "CLBD", Closing!.Value, To ?? CreatedAt),
                iso.Of("TxsSummry", Totals(iso, "TtlCdtNtries", booked.Where(one => one.IsCredit)), Totals(iso, "TtlDbtNtries", booked.Where(one => !one.IsCredit))),
                Entries.Select(one => Line(iso, one))));
        return true;
    }

    /// <summary>These lines as a camt.054.001.08: each told when it happens, without balances.</summary>
    public byte[] WriteAdvice(string messageId)
    {
        var iso = new IsoWriter(AdviceName);
        return iso.File("BkToCstmrDbtCdtNtfctn",
            iso.Of("GrpHdr", iso.Text("MsgId", messageId, 35), iso.Time("CreDtTm", CreatedAt ?? DateTimeOffset.UnixEpoch)),
            iso.Of("Ntfctn", iso.Text("Id", Id, 35), iso.Time("CreDtTm", CreatedAt), iso.Account("Acct", Account ?? new IsoAccount(null, "NOTPROVIDED"), iso.Text("Ccy", Currency, 3)), Entries.Select(one => Line(iso, one))));
    }

    XElement Balance(IsoWriter iso, string type, decimal sum, DateTimeOffset? at) => iso.Of("Bal",
        iso.Of("Tp", iso.Of("CdOrPrtry", iso.Text("Cd", type, 4))), iso.Amount("Amt", new IsoAmount(Currency!, Math.Abs(sum))), iso.Text("CdtDbtInd", sum < 0 ? "DBIT" : "CRDT", 4), iso.DateOrTime("Dt", at ?? DateTimeOffset.UnixEpoch));

    static XElement Totals(IsoWriter iso, string name, IEnumerable<AccountEntry> entries)
    {
        var all = entries.ToArray();
        return iso.Of(name, iso.Text("NbOfNtries", $"{all.Length}", 15), iso.Text("Sum", new IsoAmount(all.FirstOrDefault()?.Amount.Currency ?? "XXX", all.Sum(one => one.Amount.Value)).Text, 24));
    }

    static XElement Line(IsoWriter iso, AccountEntry one) => iso.Of("Ntry",
        iso.Amount("Amt", one.Amount), iso.Text("CdtDbtInd", one.IsCredit ? "CRDT" : "DBIT", 4), one.IsReversal ? iso.Text("RvslInd", "true", 5) : null, iso.Of("Sts", iso.Text("Cd", one.Status, 4)),
        iso.DateOrTime("BookgDt", one.BookedAt), one.ValueOn is { } value ? iso.Of("ValDt", iso.Text("Dt", value.ToString("yyyy-MM-dd", null), 10)) : iso.DateOrTime("ValDt", one.BookedAt), iso.Text("AcctSvcrRef", one.Reference, 35),
        // Payments: credit transfers received or issued.
        iso.Of("BkTxCd", iso.Of("Domn", iso.Text("Cd", "PMNT", 4), iso.Of("Fmly", iso.Text("Cd", one.IsCredit ? "RCDT" : "ICDT", 4), iso.Text("SubFmlyCd", "OTHR", 4)))),
        iso.Of("NtryDtls", iso.Of("TxDtls",
            iso.Of("Refs", iso.Text("AcctSvcrRef", one.Reference, 35), iso.Text("InstrId", one.InstructionId, 35), iso.Text("EndToEndId", one.EndToEndId ?? "NOTPROVIDED", 35), iso.Text("UETR", one.Uetr, 36), iso.Text("TxId", one.TransactionId, 35)),
            iso.Amount("Amt", one.Amount), iso.Text("CdtDbtInd", one.IsCredit ? "CRDT" : "DBIT", 4), Parties(iso, one),
            one.Remittance is null ? null : iso.Of("RmtInf", iso.Lines("Ustrd", one.Remittance, 140)), iso.Text("AddtlTxInf", one.Information, 500))));

    static XElement? Parties(IsoWriter iso, AccountEntry one)
    {
        if (one.CounterpartName is null && one.CounterpartAccount is null) return null;
        var (party, account) = one.IsCredit ? ("Dbtr", "DbtrAcct") : ("Cdtr", "CdtrAcct");
        var number = one.CounterpartAccount is not { } text ? null : IsoRules.IsIban(text) ? new IsoAccount(text, null) : new IsoAccount(null, text);
        return iso.Of("RltdPties", one.CounterpartName is null ? null : iso.Of(party, iso.Of("Pty", iso.Text("Nm", one.CounterpartName, 140))), iso.Account(account, number));
    }
}
