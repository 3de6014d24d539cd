using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>Statements of account in the platform's coin: the coin's own entries, with the payment that each belongs to.</summary>
public sealed class Statements(Rooms rooms, PaymentsIndex payments, PaymentViews views, StablecoinIndex coin)
{
    /// <param name="before">Only entries before this cursor.</param>
    public async Task<Statement> OfAsync(Address account, DateTimeOffset? from = null, DateTimeOffset? until = null, int most = 100, long? before = null, CancellationToken stop = default)
    {
        if (rooms.Registry.Current is not { } made) return new Statement(account, "", "0", "0", 0, []);
        var token = await rooms.Tokens.GetAsync(made["Stablecoin"], stop).ConfigureAwait(false);
        var rows = coin.EntriesOf(account, most, before, from, until);
        var paid = payments.PaymentsIn([.. rows.Select(row => row.Transaction)]);
        var entries = new List<StatementEntry>(rows.Count);
        foreach (var row in rows)
        {
            // A payment by authorisation passes through the contract: whom it was with, and under which reference, the payment tells.
            var payment = paid[row.Transaction].FirstOrDefault(one => one.Amount == row.Amount && (row.IsCredit ? one.Payee : one.Payer) == account);
            entries.Add(new StatementEntry(row.At, row.IsCredit ? "credit" : "debit", token.Write(row.Amount), payment is null ? row.Counterparty : row.IsCredit ? payment.Payer : payment.Payee,
                payment is null ? null : views.TextOf(payment.Reference), payment?.Id, token.Write(row.Balance), row.Block, row.Transaction, Tallies.Of(row.Transaction), row.Position));
        }
        var opening = rows.Count == 0 ? (coin.EntriesOf(account, 1, before, until: from ?? until) is [var earlier, ..] ? earlier.Balance : UInt256.Zero) : rows[^1].IsCredit ? rows[^1].Balance - rows[^1].Amount : rows[^1].Balance + rows[^1].Amount;
        return new Statement(account, token.Symbol, token.Write(opening), token.Write(rows.Count == 0 ? opening : rows[0].Balance), rooms.Index.Reached?.Number ?? 0, entries);
    }
}

/// <param name="Opening">Before the first of the entries told.</param>
/// <param name="Closing">After the last of them.</param>
/// <param name="Block">As of this block.</param>
public sealed record Statement(Address Account, string Currency, string Opening, string Closing, ulong Block, IReadOnlyList<StatementEntry> Entries);

/// <param name="Direction">credit or debit.</param>
/// <param name="Balance">After this entry.</param>
/// <param name="Cursor">Give it as before= for the next page.</param>
public sealed record StatementEntry(DateTimeOffset At, string Direction, string Amount, Address Counterparty, string? Reference, Hash256? Payment, string Balance, ulong Block, Hash256 Transaction, string Tally, long Cursor);
