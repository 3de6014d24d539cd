using CsCheck;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests.Payments;

/// <summary>A bank's statement against the ledger: nothing is lost, nothing is joined that does not belong together.</summary>
public class ReconciliationTests
{
    static readonly DateOnly Day = new(2026, 7, 22);

    static AccountEntry Line(decimal amount, string? uetr = null, string? endToEnd = null, bool isCredit = true, string status = "BOOK", bool isReversal = false, string? reference = null, int day = 0) =>
        new() { Amount = new IsoAmount("EUR", amount), Uetr = uetr, EndToEndId = endToEnd, IsCredit = isCredit, Status = status, IsReversal = isReversal, Reference = reference, BookedOn = Day.AddDays(day) };

    static LedgerEntry Paid(string id, decimal amount, string? uetr = null, string? endToEnd = null, bool isCredit = true, string? reference = null) => new(id, new IsoAmount("EUR", amount), isCredit, Day, endToEnd, uetr, reference);

    static Reconciliation Of(AccountEntry[] bank, LedgerEntry[] ledger) => Reconciliation.Of(new AccountStatement { Id = "S", Entries = bank }, ledger);

    [Fact]
    public void References_join_in_the_order_of_their_strength()
    {
        var result = Of([Line(1, uetr: "u1"), Line(2, endToEnd: "e1"), Line(3, reference: "r1")], [Paid("a", 1, uetr: "u1", endToEnd: "e1"), Paid("b", 2, endToEnd: "e1"), Paid("c", 3, reference: "r1")]);

        Assert.Equal([("a", "UETR"), ("b", "end-to-end id"), ("c", "reference")], result.Matched.Select(pair => (pair.Ledger.Id, pair.By)));
        Assert.Empty(result.Exceptions);
    }

    [Fact]
    public void Whatever_differs_goes_to_a_person_with_its_reason()
    {
        Assert.Equal(ReconciliationReason.AmountDiffers, Assert.Single(Of([Line(1, uetr: "u")], [Paid("a", 2, uetr: "u")]).Exceptions).Reason);
        Assert.Equal(ReconciliationReason.DirectionDiffers, Assert.Single(Of([Line(1, uetr: "u")], [Paid("a", 1, uetr: "u", isCredit: false)]).Exceptions).Reason);
        Assert.Equal(ReconciliationReason.DaysApart, Assert.Single(Of([Line(1, uetr: "u", day: 9)], [Paid("a", 1, uetr: "u")]).Exceptions).Reason);
        Assert.Equal(ReconciliationReason.NotOnLedger, Assert.Single(Of([Line(1, uetr: "u")], []).Exceptions).Reason);
        Assert.Equal(ReconciliationReason.NotAtBank, Assert.Single(Of([], [Paid("a", 1)]).Exceptions).Reason);
        Assert.Equal(ReconciliationReason.PerhapsThese, Assert.Single(Of([Line(1)], [Paid("a", 1)]).Exceptions).Reason);
        Assert.Contains(Of([Line(1)], [Paid("a", 1), Paid("b", 1)]).Exceptions, one => one.Reason == ReconciliationReason.Ambiguous);
        Assert.Contains(Of([Line(1, uetr: "u"), Line(1, uetr: "u")], [Paid("a", 1, uetr: "u")]).Exceptions, one => one.Reason == ReconciliationReason.ToldTwice);
        Assert.Contains(Of([Line(1, uetr: "u", status: "PDNG")], [Paid("a", 1, uetr: "u")]).Exceptions, one => one.Reason == ReconciliationReason.NotBooked);
        Assert.Contains(Of([Line(1, uetr: "u", isReversal: true)], []).Exceptions, one => one.Reason == ReconciliationReason.Reversal);
        Assert.Contains(Reconciliation.Of(new AccountStatement { Id = "S", Opening = 0, Closing = 2, Entries = [Line(1)] }, []).Exceptions, one => one.Reason == ReconciliationReason.DoesNotAddUp);
    }

    [Fact]
    public void Every_line_of_either_side_is_in_one_place_and_matches_agree_in_all() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 3]).Array[0, 12].Select(Gen.Select(Gen.Int[1, 3], Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 3]).Array[0, 12]).Sample((bank, ledger) =>
        {
            AccountEntry[] lines = [.. bank.Select((one, i) => Line(one.Item1, one.Item2 == 0 ? null : $"u{one.Item2}", one.Item4 == 0 ? null : $"e{one.Item4}", one.Item3) with { Information = $"{i}" })];
            LedgerEntry[] payments = [.. ledger.Select((one, i) => Paid($"{i}", one.Item1, one.Item2 == 0 ? null : $"u{one.Item2}", one.Item4 == 0 ? null : $"e{one.Item4}", one.Item3))];

            var result = Of(lines, payments);

            var placed = result.Matched.Select(pair => pair.Bank).Concat(result.Exceptions.Select(one => one.Bank).OfType<AccountEntry>()).ToArray();
            Assert.Equal(lines.Select(one => one.Information).Order(), placed.Select(one => one.Information).Order());
            Assert.Equal(result.Matched.Count, result.Matched.Select(pair => pair.Ledger.Id).Distinct().Count());
            Assert.All(result.Matched, pair => Assert.Equal((pair.Bank.Amount, pair.Bank.IsCredit), (pair.Ledger.Amount, pair.Ledger.IsCredit)));
            var seen = result.Matched.Select(pair => pair.Ledger.Id).Concat(result.Exceptions.SelectMany(one => one.Ledger.Select(payment => payment.Id))).ToHashSet();
            Assert.Equal(payments.Length, seen.Count);
        }, iter: 500);
}
