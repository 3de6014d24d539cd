using System.Globalization;
using System.Text;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What is done with banks' messages: orders are paid, statements are written, and a bank's own statement is held against the ledger; what does not agree waits until somebody has looked.</summary>
public sealed class BankDesk(PaymentsService service)
{
    const int MostPayments = 1_000;

    internal static readonly Table OpenExceptions = new("iso_exception", "id text key", "account text", "reason text", "said text", "bank text", "ledger text", "found_at number", "closed_by text", "note text", "closed_at number");

    /// <exception cref="ProblemException">It is no message of ISO 20022 that is known here.</exception>
    public static IsoMessage Read(byte[] file) =>
        IsoMessage.TryRead(file, out var message, out var refusal) ? message : throw new ProblemException(400, "iso-unreadable", refusal with { Mend = refusal.Mend.Length > 0 ? refusal.Mend : "check the file with `hufu iso20022 check FILE` before it is sent" });

    /// <summary>All that is wrong in a message; empty where it is accepted.</summary>
    public static IReadOnlyList<Refusal> FaultsOf(IsoMessage message)
    {
        IReadOnlyList<Refusal> faults;
        if (IsOrder(message)) CreditTransferBatch.TryRead(message, out _, out faults);
        else AccountStatement.TryRead(message, out _, out faults);
        return faults;
    }

    /// <summary>Whether a message orders payments; else it tells of an account.</summary>
    public static bool IsOrder(IsoMessage message) => message.Family is "pain.001" or "pacs.008";

    // ---- payments ----

    /// <summary>Executes the credit transfers of a pacs.008 or pain.001 between accounts of this platform, with the caller's rights. The same UETR is paid once, however often it is sent.</summary>
    /// <returns>What became of each, and the message that tells it: a pacs.002 or a pain.002.</returns>
    public async Task<(IReadOnlyList<PaymentOutcome> Outcomes, byte[] Report)> PayAsync(Caller by, IsoMessage message, CancellationToken stop = default)
    {
        if (!IsOrder(message)) throw ProblemException.Invalid($"{message.Name} orders no payments", "a pacs.008 or a pain.001 does", "choose another file");
        if (!CreditTransferBatch.TryRead(message, out var batch, out var faults)) throw new ProblemException(422, "iso-contradicts", new Refusal("the message contradicts itself", string.Join("; ", faults.Take(20)), "nothing of it was executed: mend it and send it again"));
        if (batch.Transfers.Count > MostPayments) throw ProblemException.Invalid("the message is too long", $"{batch.Transfers.Count} payments, at most {MostPayments}", "split it");
        var token = await CoinAsync(stop).ConfigureAwait(false);
        var outcomes = new List<PaymentOutcome>();
        foreach (var transfer in batch.Transfers) outcomes.Add(await ExecuteAsync(by, batch, transfer, token, stop).ConfigureAwait(false));
        return (outcomes, PaymentStatusReport.Write(Keccak256.Hash(Encoding.UTF8.GetBytes($"{batch.Sender} {batch.MessageId}")).ToString()[2..34], DateTimeOffset.UtcNow, batch, outcomes));
    }

    async Task<PaymentOutcome> ExecuteAsync(Caller by, CreditTransferBatch batch, CreditTransfer transfer, Token token, CancellationToken stop)
    {
        // One payment, one key: by the number that it keeps through all banks, or by its place in the sender's messages.
        var number = transfer.Uetr ?? $"{batch.Sender}/{batch.MessageId}/{transfer.TransactionId ?? transfer.EndToEndId}";
        try
        {
            if (transfer.Amount.Currency != CurrencyOf(token)) throw ProblemException.Invalid($"this ledger pays {CurrencyOf(token)}", $"the payment is in the currency {transfer.Amount.Currency}", "send it to another bank");
            var asked = new NewPayment(AccountOf(transfer.DebtorAccount, "the debtor's account"), AccountOf(transfer.CreditorAccount, "the creditor's account"), transfer.Amount.Text, transfer.CreditorReference ?? (transfer.EndToEndId == "NOTPROVIDED" ? number : transfer.EndToEndId));
            var fingerprint = Keccak256.Hash(Encoding.UTF8.GetBytes($"{asked.Payer}\n{asked.Payee}\n{asked.Amount}\n{asked.Reference}"));
            var command = await service.Desk.PayAsync(new Ask("iso20022", number, fingerprint) { By = by }, asked, stop).ConfigureAwait(false);
            return command.State == CommandState.Final
                ? new PaymentOutcome(transfer, PaymentStatus.Settled, At: command.EndedAt, Reference: command.Transaction?.ToString()[2..37], Said: $"transaction {command.Transaction}") { Transaction = command.Transaction }
                : new PaymentOutcome(transfer, PaymentStatus.InProcess, Said: $"command {command.Id}");
        }
        catch (Exception error) when (ProblemException.Of(error) is { } problem && problem.Status < 500)
        {
            return new PaymentOutcome(transfer, PaymentStatus.Rejected, PaymentStatusReport.ReasonOf(problem.Refusal), problem.Refusal.ToString());
        }
    }

    /// <summary>An account of this platform: its name, or its address as <see cref="AccountNumber"/> writes it.</summary>
    static string AccountOf(IsoAccount? account, string what)
    {
        if (account is null) throw ProblemException.Invalid($"{what} is missing", "a payment between accounts needs both", "name it under Id/Othr/Id");
        if (account.Iban is { } iban) throw ProblemException.Invalid($"{what} is not here", $"the IBAN {iban} is{(account.IsPossible ? " of another bank" : " no IBAN: its check digits do not fit")}", "name the account of this platform under Id/Othr/Id");
        return AccountNumber.TryRead(account.Other!, out var address) ? address.ToString() : account.Other!;
    }

    async Task<Token> CoinAsync(CancellationToken stop)
    {
        var made = await service.Rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        return await service.Rooms.Tokens.GetAsync(made["Stablecoin"], stop).ConfigureAwait(false);
    }

    static string CurrencyOf(Token token) => token.Symbol.Length > 3 ? token.Symbol[^3..] : token.Symbol;

    // ---- statements ----

    /// <summary>An account's statement, as banks tell it.</summary>
    public async Task<AccountStatement> StatementAsync(string account, DateTimeOffset? from = null, DateTimeOffset? until = null, CancellationToken stop = default)
    {
        var address = service.Rooms.Account(account, "the account");
        var token = await CoinAsync(stop).ConfigureAwait(false);
        var told = await service.Statements.OfAsync(address, from, until, 1_000, stop: stop).ConfigureAwait(false);
        var currency = CurrencyOf(token);
        return new AccountStatement
        {
            Id = $"{address.ToString()[2..12]}-{told.Block}",
            Account = new IsoAccount(null, AccountNumber.Of(address)),
            Currency = currency,
            Owner = service.Rooms.Custody.Find(address)?.Name,
            CreatedAt = DateTimeOffset.UtcNow,
            From = from ?? (told.Entries.Count > 0 ? told.Entries[^1].At : null),
            To = until ?? DateTimeOffset.UtcNow,
            Opening = decimal.Parse(told.Opening, CultureInfo.InvariantCulture),
            Closing = decimal.Parse(told.Closing, CultureInfo.InvariantCulture),
            // Statements of banks begin with what happened first.
            Entries = [.. told.Entries.Reverse().Select(entry => new AccountEntry
            {
                Reference = entry.Transaction.ToString()[2..37], Amount = new IsoAmount(currency, decimal.Parse(entry.Amount, CultureInfo.InvariantCulture)), IsCredit = entry.Direction == "credit", BookedAt = entry.At, BookedOn = DateOnly.FromDateTime(entry.At.UtcDateTime),
                EndToEndId = entry.Reference is { Length: <= 35 } reference ? reference : null, Remittance = entry.Reference, CounterpartAccount = AccountNumber.Of(entry.Counterparty), CounterpartName = service.Rooms.Custody.Find(entry.Counterparty)?.Name,
                Information = $"transaction {entry.Transaction}, block {entry.Block}, counterparty {entry.Counterparty.ToChecksumString()}",
            })],
        };
    }

    // ---- reconciliation ----

    /// <summary>A bank's camt.053 against an account of the ledger. What does not agree joins the queue; the same statement sent again adds nothing.</summary>
    public async Task<Reconciliation> ReconcileAsync(Caller by, IsoMessage message, string account, CancellationToken stop = default)
    {
        service.Rooms.Policy.Require(by, "payments.reconcile");
        if (!AccountStatement.TryRead(message, out var statements, out var faults)) throw new ProblemException(422, "iso-unreadable", new Refusal("the statement cannot be read", string.Join("; ", faults.Take(20)), "ask the bank for it again"));
        var ledger = await StatementAsync(account, stop: stop).ConfigureAwait(false);
        LedgerEntry[] entries = [.. ledger.Entries.Select(entry => new LedgerEntry(entry.Information!, entry.Amount, entry.IsCredit, entry.BookedOn!.Value, entry.EndToEndId, null, entry.Reference))];
        var result = Reconciliation.Of(statements[0] with { Entries = [.. statements.SelectMany(one => one.Entries)] }, entries);
        var address = service.Rooms.Account(account, "the account");
        await service.Rooms.Database.WriteAsync(session =>
        {
            foreach (var one in result.Exceptions)
            {
                var (bank, with) = (one.Bank is { } line ? $"{(line.IsCredit ? "+" : "-")}{line.Amount} {line.BookedOn:yyyy-MM-dd} {line.EndToEndId ?? line.Uetr ?? line.Reference ?? line.Remittance} {line.CounterpartName}".TrimEnd() : null, string.Join('\n', one.Ledger.Select(payment => payment.Id)));
                var id = Keccak256.Hash(Encoding.UTF8.GetBytes($"{address}\n{one.Reason}\n{bank}\n{with}\n{one.Said}"));
                if (session.Count($"SELECT COUNT(*) FROM {OpenExceptions} WHERE id = {id}") == 0)
                    session.Execute(OpenExceptions.Insert([id, address, one.Reason.ToString(), one.Said, bank, with, DateTimeOffset.UtcNow, null, null, null], replaces: false));
            }
        }).ConfigureAwait(false);
        return result;
    }

    /// <summary>What waits for somebody to look at it, the oldest first.</summary>
    public IReadOnlyList<OpenException> Exceptions(int most = 500) => service.Rooms.Database.Read(session => session.Query(SelectExceptions($" WHERE closed_at IS NULL ORDER BY found_at, id LIMIT {most}"), ReadException));

    /// <summary>Somebody has looked: who, and what they found.</summary>
    public async Task CloseAsync(Caller by, Hash256 id, string note)
    {
        service.Rooms.Policy.Require(by, "payments.reconcile");
        if (note.Length is 0 or > 500) throw ProblemException.Invalid("the note is missing", "whoever reads it later wants to know what was found", "write a sentence");
        var known = service.Rooms.Database.Read(session => session.Find(SelectExceptions($" WHERE id = {id}"), ReadException)) ?? throw ProblemException.NotFound($"there is no exception {id}");
        if (known.ClosedAt is null) await service.Rooms.Database.WriteAsync(session => session.Execute($"UPDATE {OpenExceptions} SET closed_by = {by.Name}, note = {note}, closed_at = {DateTimeOffset.UtcNow} WHERE id = {id}")).ConfigureAwait(false);
    }

    static SqlText SelectExceptions(SqlText rest) => $"SELECT id, account, reason, said, bank, ledger, found_at, closed_by, note, closed_at FROM {OpenExceptions}{rest}";

    static OpenException ReadException(SqlRow row) => new(row.Hash(0), row.Address(1), row.Text(2), row.Text(3), row.TextOrNull(4), row.Text(5).Split('\n', StringSplitOptions.RemoveEmptyEntries), row.Time(6), row.TextOrNull(7), row.TextOrNull(8), row.TimeOrNull(9));
}

/// <summary>Something of a reconciliation that a person has to look at.</summary>
/// <param name="Reason">A name of <see cref="ReconciliationReason"/>.</param>
/// <param name="Bank">The line of the statement, where there is one.</param>
/// <param name="Ledger">The payments that may belong to it.</param>
public sealed record OpenException(Hash256 Id, Address Account, string Reason, string Said, string? Bank, IReadOnlyList<string> Ledger, DateTimeOffset FoundAt, string? ClosedBy, string? Note, DateTimeOffset? ClosedAt);
