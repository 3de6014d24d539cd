using System.Globalization;
using System.Text;
using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>Banks' messages at the door: pacs.008 in and pacs.002 out, statements as camt.053, and a bank's own statement against the ledger.</summary>
static class IsoApi
{
    const int LargestBody = 8 << 20;
    const int MostPayments = 1_000;

    public static void Map(IEndpointRouteBuilder api, PaymentsService service)
    {
        var group = api.MapGroup("/iso20022").WithTags("ISO 20022");
        group.MapPost("/pacs008", (HttpContext http, CancellationToken stop) => PayAsync(http, service, stop))
            .Asks("iso-pay", "Executes the credit transfers of a pacs.008 between accounts of this platform and answers with a pacs.002. The same UETR is paid once, however often it is sent.");
        group.MapPost("/check", async (HttpContext http, CancellationToken stop) =>
        {
            var message = await MessageAsync(http, stop).ConfigureAwait(false);
            IReadOnlyList<Refusal> faults = [];
            if (message.Family is "pain.001" or "pacs.008") CreditTransferBatch.TryRead(message, out _, out faults);
            else AccountStatement.TryRead(message, out _, out faults);
            return TypedResults.Json(new { Message = message.Name, Accepted = faults.Count == 0, Faults = faults });
        }).Asks("iso-check", "Reads a message and tells all that is wrong in it.");
        group.MapPost("/reconcile", (HttpContext http, string account, CancellationToken stop) => ReconcileAsync(http, service, account, stop))
            .Asks("iso-reconcile", "A bank's camt.053 against an account of the ledger: what matches, by what, and every exception with its reason.");
        api.MapGet("/accounts/{account}/statement.camt053", async (string account, DateTimeOffset? from, DateTimeOffset? until, CancellationToken stop) =>
        {
            var statement = await StatementAsync(service, account, from, until, stop).ConfigureAwait(false);
            var id = $"{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}";
            if (!statement.TryWriteStatement(id, out var file, out var refusal)) throw new ProblemException(StatusCodes.Status409Conflict, "no-statement", refusal);
            return TypedResults.File(file, "application/xml", $"{id}.camt053.xml");
        }).Asks("statement-camt053", "An account's statement as a camt.053.001.08.").WithTags("ISO 20022");
    }

    // ---- payments ----

    static async Task<IResult> PayAsync(HttpContext http, PaymentsService service, CancellationToken stop)
    {
        var message = await MessageAsync(http, stop).ConfigureAwait(false);
        if (message.Family != "pacs.008") throw ProblemException.Invalid($"{message.Name} is not executed here", "this takes a pacs.008", "check other messages at /iso20022/check");
        if (!CreditTransferBatch.TryRead(message, out var batch, out var faults)) throw new ProblemException(StatusCodes.Status422UnprocessableEntity, "iso-contradicts", new Refusal("the message contradicts itself", string.Join("; ", faults.Take(20)), "nothing of it was executed: mend it and send it again"));
        if (batch.Transfers.Count > MostPayments) throw ProblemException.Invalid("the message is too long", $"{batch.Transfers.Count} payments, at most {MostPayments}", "split it");
        var made = await service.Rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        var token = await service.Rooms.Tokens.GetAsync(made["Stablecoin"], stop).ConfigureAwait(false);
        var outcomes = new List<PaymentOutcome>();
        foreach (var transfer in batch.Transfers) outcomes.Add(await ExecuteAsync(service, batch, transfer, token, stop).ConfigureAwait(false));
        var answer = PaymentStatusReport.Write(Keccak256.Hash(Encoding.UTF8.GetBytes($"{batch.Sender} {batch.MessageId}")).ToString()[2..34], DateTimeOffset.UtcNow, batch, outcomes);
        return TypedResults.Bytes(answer, "application/xml; charset=utf-8");
    }

    static async Task<PaymentOutcome> ExecuteAsync(PaymentsService service, CreditTransferBatch batch, CreditTransfer transfer, Token token, CancellationToken stop)
    {
        // One payment, one key: by the number that it keeps through all banks, or by its place in the sender's messages.
        var number = transfer.Uetr ?? $"{batch.Sender}/{batch.MessageId}/{transfer.TransactionId ?? transfer.EndToEndId}";
        try
        {
            if (transfer.Amount.Currency != CurrencyOf(token)) throw ProblemException.Invalid($"this ledger pays {CurrencyOf(token)}", $"the payment is in the currency {transfer.Amount.Currency}", "send it to another bank");
            var asked = new NewPayment(AccountOf(transfer.DebtorAccount, "the debtor's account"), AccountOf(transfer.CreditorAccount, "the creditor's account"), transfer.Amount.Text, transfer.CreditorReference ?? (transfer.EndToEndId == "NOTPROVIDED" ? number : transfer.EndToEndId));
            var fingerprint = Keccak256.Hash(Encoding.UTF8.GetBytes($"{asked.Payer}\n{asked.Payee}\n{asked.Amount}\n{asked.Reference}"));
            var command = await service.Desk.PayAsync(new Ask("iso20022", number, fingerprint), asked, stop).ConfigureAwait(false);
            return command.State == CommandState.Final
                ? new PaymentOutcome(transfer, PaymentStatus.Settled, At: command.EndedAt, Reference: command.Transaction?.ToString()[2..37], Said: $"transaction {command.Transaction}")
                : new PaymentOutcome(transfer, PaymentStatus.InProcess, Said: $"command {command.Id}");
        }
        catch (Exception error) when (ProblemException.Of(error) is { } problem && problem.Status < 500)
        {
            return new PaymentOutcome(transfer, PaymentStatus.Rejected, PaymentStatusReport.ReasonOf(problem.Refusal), problem.Refusal.ToString());
        }
    }

    /// <summary>An account of this platform: its name, or its address in the base 58 of <see cref="NumberOf"/>, since an address in hexadecimal is longer than any account number may be.</summary>
    static string AccountOf(IsoAccount? account, string what)
    {
        if (account is null) throw ProblemException.Invalid($"{what} is missing", "a payment between accounts needs both", "name it under Id/Othr/Id");
        if (account.Iban is { } iban) throw ProblemException.Invalid($"{what} is not here", $"the IBAN {iban} is{(account.IsPossible ? " of another bank" : " no IBAN: its check digits do not fit")}", "name the account of this platform under Id/Othr/Id");
        return TryReadNumber(account.Other!, out var address) ? address.ToString() : account.Other!;
    }

    static string CurrencyOf(Token token) => token.Symbol.Length > 3 ? token.Symbol[^3..] : token.Symbol;

    // ---- statements ----

    static async Task<AccountStatement> StatementAsync(PaymentsService service, string account, DateTimeOffset? from, DateTimeOffset? until, CancellationToken stop)
    {
        var address = service.Rooms.Account(account, "the account");
        var made = await service.Rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        var token = await service.Rooms.Tokens.GetAsync(made["Stablecoin"], stop).ConfigureAwait(false);
        var told = await service.Statements.OfAsync(address, from, until, 1_000, stop: stop).ConfigureAwait(false);
        var currency = CurrencyOf(token);
        return new AccountStatement
        {
            Id = $"{address.ToString()[2..12]}-{told.Block}",
            Account = new IsoAccount(null, NumberOf(address)),
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
                EndToEndId = entry.Reference is { Length: <= 35 } reference ? reference : null, Remittance = entry.Reference, CounterpartAccount = NumberOf(entry.Counterparty), CounterpartName = service.Rooms.Custody.Find(entry.Counterparty)?.Name,
                Information = $"transaction {entry.Transaction}, block {entry.Block}, counterparty {entry.Counterparty.ToChecksumString()}",
            })],
        };
    }

    static async Task<IResult> ReconcileAsync(HttpContext http, PaymentsService service, string account, CancellationToken stop)
    {
        var message = await MessageAsync(http, stop).ConfigureAwait(false);
        if (!AccountStatement.TryRead(message, out var statements, out var faults)) throw new ProblemException(StatusCodes.Status422UnprocessableEntity, "iso-unreadable", new Refusal("the statement cannot be read", string.Join("; ", faults.Take(20)), "ask the bank for it again"));
        var ledger = await StatementAsync(service, account, null, null, stop).ConfigureAwait(false);
        LedgerEntry[] entries = [.. ledger.Entries.Select(entry => new LedgerEntry(entry.Information!, entry.Amount, entry.IsCredit, entry.BookedOn!.Value, entry.EndToEndId, null, entry.Reference))];
        var result = Reconciliation.Of(statements[0] with { Entries = [.. statements.SelectMany(one => one.Entries)] }, entries);
        return TypedResults.Json(new
        {
            Matched = result.Matched.Select(pair => new { pair.By, Bank = Line(pair.Bank), Ledger = pair.Ledger.Id }),
            Exceptions = result.Exceptions.Select(one => new { Reason = one.Reason.ToString(), one.Said, Bank = one.Bank is null ? null : Line(one.Bank), Ledger = one.Ledger.Select(payment => payment.Id) }),
        });

        static object Line(AccountEntry entry) => new { Amount = entry.Amount.ToString(), Direction = entry.IsCredit ? "credit" : "debit", entry.Reference, entry.EndToEndId, entry.Uetr, entry.BookedOn, entry.CounterpartName, entry.Remittance };
    }

    // ---- account numbers ----

    const string Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>An address as an account number: HF, then its bytes with a check byte in base 58. At most 34 characters.</summary>
    internal static string NumberOf(in Address address)
    {
        var number = new System.Numerics.BigInteger([.. address.Bytes, Keccak256.Hash(address.Bytes).Bytes[0]], isUnsigned: true, isBigEndian: true);
        var text = new StringBuilder();
        for (var i = 0; i < 29; i++)
        {
            number = System.Numerics.BigInteger.DivRem(number, 58, out var digit);
            text.Insert(0, Digits[(int)digit]);
        }
        return "HF" + text;
    }

    internal static bool TryReadNumber(string text, out Address address)
    {
        address = default;
        if (text.Length != 31 || !text.StartsWith("HF", StringComparison.Ordinal)) return false;
        var number = System.Numerics.BigInteger.Zero;
        foreach (var one in text[2..])
        {
            var digit = Digits.IndexOf(one, StringComparison.Ordinal);
            if (digit < 0) return false;
            number = number * 58 + digit;
        }
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        if (bytes.Length > 21) return false;
        byte[] whole = [.. new byte[21 - bytes.Length], .. bytes];
        address = Address.FromBytes(whole.AsSpan(0, 20));
        return Keccak256.Hash(address.Bytes).Bytes[0] == whole[20];
    }

    static async Task<IsoMessage> MessageAsync(HttpContext http, CancellationToken stop)
    {
        using var body = new MemoryStream();
        var buffer = new byte[81_920];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, stop).ConfigureAwait(false)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > LargestBody) throw new ProblemException(StatusCodes.Status413PayloadTooLarge, "too-large", new Refusal("the message is too large", $"more than {LargestBody} bytes", "split it"));
        }
        return IsoMessage.TryRead(body.ToArray(), out var message, out var refusal) ? message : throw new ProblemException(StatusCodes.Status400BadRequest, "iso-unreadable", refusal with { Mend = refusal.Mend.Length > 0 ? refusal.Mend : "check the file with `hufu iso20022 check FILE` before it is sent" });
    }
}
