namespace Hufu.Services;

/// <summary>A payment as the ledger knows it.</summary>
/// <param name="Id">The transaction or payment on the ledger.</param>
/// <param name="IsCredit">Money came to the account.</param>
public sealed record LedgerEntry(string Id, IsoAmount Amount, bool IsCredit, DateOnly BookedOn, string? EndToEndId = null, string? Uetr = null, string? Reference = null);

/// <summary>Why a person has to look.</summary>
public enum ReconciliationReason
{
    /// <summary>The bank has it, the ledger has not.</summary>
    NotOnLedger,

    /// <summary>The ledger has it, the bank has not.</summary>
    NotAtBank,

    /// <summary>Both have it, with different amounts.</summary>
    AmountDiffers,
    CurrencyDiffers,

    /// <summary>In for one, out for the other.</summary>
    DirectionDiffers,

    /// <summary>The bank tells it twice.</summary>
    ToldTwice,

    /// <summary>No reference joins them; amount and day do. A person confirms.</summary>
    PerhapsThese,

    /// <summary>More than one payment fits, none better than the others.</summary>
    Ambiguous,

    /// <summary>Booked on days further apart than agreed.</summary>
    DaysApart,

    /// <summary>Announced, not booked: it settles nothing yet.</summary>
    NotBooked,

    /// <summary>The bank takes something back.</summary>
    Reversal,

    /// <summary>Opening balance and lines do not make the closing balance.</summary>
    DoesNotAddUp,
}

/// <param name="Bank">The line of the statement; null where the bank has none.</param>
/// <param name="Ledger">The payments that may belong to it.</param>
/// <param name="Said">In words.</param>
public sealed record ReconciliationException(ReconciliationReason Reason, AccountEntry? Bank, IReadOnlyList<LedgerEntry> Ledger, string Said);

public sealed record ReconciledPair(AccountEntry Bank, LedgerEntry Ledger, string By);

/// <summary>
/// A bank's statement against the ledger. A function of both and nothing else: every line of either side is in exactly one pair or in the exceptions, whatever order they came in.
/// </summary>
public sealed record Reconciliation(IReadOnlyList<ReconciledPair> Matched, IReadOnlyList<ReconciliationException> Exceptions)
{
    /// <param name="daysApart">How many days booking may lie apart: a bank books at night and not on Sundays.</param>
    public static Reconciliation Of(AccountStatement statement, IReadOnlyList<LedgerEntry> ledger, int daysApart = 3)
    {
        var work = new Work(statement, ledger, daysApart);
        work.AddUp();
        work.SetAside();
        work.Join("UETR", one => one.Uetr, one => one.Uetr);
        work.Join("end-to-end id", one => one.EndToEndId, one => one.EndToEndId);
        work.Join("reference", one => one.Reference, one => one.Reference);
        work.Join("remittance", one => one.Remittance, one => one.Reference);
        work.Suggest();
        return work.Done();
    }

    sealed class Work(AccountStatement statement, IReadOnlyList<LedgerEntry> ledger, int daysApart)
    {
        readonly List<ReconciledPair> _matched = [];
        readonly List<ReconciliationException> _exceptions = [];
        readonly List<AccountEntry> _bank = [.. statement.Entries];
        readonly List<LedgerEntry> _ledger = [.. ledger];

        public void AddUp()
        {
            if (statement is { Opening: { } opening, Closing: { } closing } && opening + statement.Movement != closing)
                _exceptions.Add(new(ReconciliationReason.DoesNotAddUp, null, [], $"the statement opens with {opening}, moves {statement.Movement} and closes with {closing}: lines are missing or wrong"));
        }

        /// <summary>Lines that settle nothing, and lines told again.</summary>
        public void SetAside()
        {
            var seen = new HashSet<(string, IsoAmount, bool)>();
            foreach (var line in _bank.ToArray())
            {
                if (line.Status != "BOOK") Except(ReconciliationReason.NotBooked, line, [], $"the bank says {line.Status}: wait for it to be booked");
                else if (line.IsReversal) Except(ReconciliationReason.Reversal, line, [], "the bank takes a payment back: find it and decide");
                else if (line.Uetr is { } uetr && !seen.Add((uetr, line.Amount, line.IsCredit))) Except(ReconciliationReason.ToldTwice, line, [], $"the statement has UETR {uetr} twice");
            }
        }

        public void Join(string by, Func<AccountEntry, string?> ofBank, Func<LedgerEntry, string?> ofLedger)
        {
            var candidates = _ledger.Where(one => !string.IsNullOrEmpty(ofLedger(one))).ToLookup(one => ofLedger(one)!, StringComparer.Ordinal);
            foreach (var line in _bank.ToArray())
            {
                if (ofBank(line) is not { Length: > 0 } key) continue;
                var found = candidates[key].Where(_ledger.Contains).ToArray();
                if (found.Length == 0) continue;
                // Of several with one reference, the one that agrees in all else.
                var best = found.Where(one => Objection(line, one) is null).ToArray();
                if (best.Length == 1 || (best.Length > 1 && best.Distinct().Count() == 1)) Pair(line, best[0], by);
                else if (best.Length > 1) Except(ReconciliationReason.Ambiguous, line, best, $"{best.Length} payments of the ledger have the same {by}");
                else if (found.Length == 1 && Objection(line, found[0]) is { } objection)
                {
                    Except(objection.Reason, line, found, objection.Said);
                    _ledger.Remove(found[0]);
                }
                else Except(ReconciliationReason.Ambiguous, line, found, $"{found.Length} payments of the ledger have the same {by}, and none has the amount {line.Amount}");
            }
        }

        /// <summary>Without a reference, amount, direction and day make a suggestion and never a match: two people may pay the same.</summary>
        public void Suggest()
        {
            foreach (var line in _bank.ToArray())
            {
                var near = _ledger.Where(one => Objection(line, one) is null).ToArray();
                if (near.Length == 1 && _bank.Count(other => Objection(other, near[0]) is null) == 1)
                {
                    Except(ReconciliationReason.PerhapsThese, line, near, $"no reference joins them; amount {line.Amount} and day do");
                    _ledger.Remove(near[0]);
                }
                else if (near.Length > 0) Except(ReconciliationReason.Ambiguous, line, near, $"{near.Length} payments of the ledger have the amount {line.Amount} on these days");
                else Except(ReconciliationReason.NotOnLedger, line, [], $"the ledger has no payment of {line.Amount} {(line.IsCredit ? "received" : "sent")} with these references");
            }
        }

        public Reconciliation Done()
        {
            foreach (var one in _ledger) _exceptions.Add(new(ReconciliationReason.NotAtBank, null, [one], $"the statement has no line for {one.Amount} {(one.IsCredit ? "received" : "sent")} ({one.Id})"));
            return new Reconciliation(_matched, _exceptions);
        }

        (ReconciliationReason Reason, string Said)? Objection(AccountEntry line, LedgerEntry one)
        {
            if (line.Amount.Currency != one.Amount.Currency) return (ReconciliationReason.CurrencyDiffers, $"the bank has {line.Amount}, the ledger {one.Amount}");
            if (line.Amount.Value != one.Amount.Value) return (ReconciliationReason.AmountDiffers, $"the bank has {line.Amount}, the ledger {one.Amount}");
            if (line.IsCredit != one.IsCredit) return (ReconciliationReason.DirectionDiffers, $"the bank says {(line.IsCredit ? "received" : "sent")}, the ledger the opposite");
            if ((line.BookedOn ?? line.ValueOn) is { } day && Math.Abs(day.DayNumber - one.BookedOn.DayNumber) > daysApart) return (ReconciliationReason.DaysApart, $"the bank booked on {day:yyyy-MM-dd}, the ledger on {one.BookedOn:yyyy-MM-dd}");
            return null;
        }

        void Pair(AccountEntry line, LedgerEntry one, string by)
        {
            _matched.Add(new(line, one, by));
            _bank.Remove(line);
            _ledger.Remove(one);
        }

        void Except(ReconciliationReason reason, AccountEntry line, IReadOnlyList<LedgerEntry> with, string said)
        {
            _exceptions.Add(new(reason, line, with, said));
            _bank.Remove(line);
        }
    }
}
