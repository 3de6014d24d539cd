using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>Rows of the index as people read them: amounts with their decimals, references as text, and where the proof is.</summary>
public sealed class PaymentViews(Rooms rooms, PaymentsIndex index)
{
    public async Task<PaymentView> OfAsync(PaymentRow row, CancellationToken stop = default)
    {
        var token = await rooms.Tokens.ShownAsync(row.Token, stop).ConfigureAwait(false);
        return new PaymentView(row.Id, row.Payer, row.Payee, token.Write(row.Amount), token.Symbol, row.Token, TextOf(row.Reference), row.At, row.Block, row.Transaction, $"/api/v1/payments/{row.Id}/tally", row.Position);
    }

    public async Task<IReadOnlyList<PaymentView>> OfAsync(IReadOnlyList<PaymentRow> rows, CancellationToken stop = default)
    {
        var views = new List<PaymentView>(rows.Count);
        foreach (var row in rows) views.Add(await OfAsync(row, stop).ConfigureAwait(false));
        return views;
    }

    public async Task<DealView> OfAsync(DealRow row, CancellationToken stop = default)
    {
        var token = await rooms.Tokens.ShownAsync(row.Token, stop).ConfigureAwait(false);
        return new DealView(row.Id, row.Payer, row.Payee, token.Write(row.Amount), token.Symbol, token.Write(row.Held), token.Write(row.Released), token.Write(row.Refunded), row.State, row.Deadline, row.Arbiter, row.SecretHash, row.At, row.Transaction, Tallies.Of(row.Transaction));
    }

    public async Task<StreamView> OfAsync(StreamRow row, CancellationToken stop = default)
    {
        var token = await rooms.Tokens.ShownAsync(row.Token, stop).ConfigureAwait(false);
        return new StreamView(row.Id, row.Payer, row.Payee, token.Write(row.Deposited), token.Symbol, token.Write(row.VestedDown(DateTimeOffset.UtcNow)), token.Write(row.Withdrawn), token.Write(row.Returned),
            Moments.Of(row.Start), row.Step, row.Steps, row.State, row.At, row.Transaction, Tallies.Of(row.Transaction));
    }

    public async Task<PositionView> OfAsync(PositionRow row, CancellationToken stop = default)
    {
        var token = await rooms.Tokens.ShownAsync(row.Token, stop).ConfigureAwait(false);
        return new PositionView(row.Participant, token.Write(row.Balance), token.Symbol, row.DebitCap.IsZero ? null : token.Write(row.DebitCap), row.Participates);
    }

    public async Task<ObligationView> OfAsync(ObligationRow row, CancellationToken stop = default)
    {
        var token = await rooms.Tokens.ShownAsync(row.Token, stop).ConfigureAwait(false);
        var settled = index.SettledObligation(row.Id);
        return new ObligationView(row.Id, row.Debtor, row.Creditor, token.Write(row.Amount), token.Symbol, TextOf(row.Reference), row.Counterpart.IsZero ? null : row.Counterpart,
            settled is not null ? "settled" : row.Deadline <= (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() ? "expired" : "waiting", settled?.Cycle, Moments.Of(row.Deadline), row.QueuedAt);
    }

    public async Task<CycleView> OfAsync(CycleRow row, CancellationToken stop = default)
    {
        var totals = new Dictionary<Address, UInt256>();
        var settled = index.SettledIn(row.Number);
        foreach (var one in settled) totals[one.Token] = totals.GetValueOrDefault(one.Token) + one.Amount;
        var (nets, gross) = (new List<NetView>(), new List<TokenAmount>());
        foreach (var one in index.NetsOf(row.Number))
        {
            var token = await rooms.Tokens.ShownAsync(one.Token, stop).ConfigureAwait(false);
            nets.Add(new NetView(one.Participant, ClearingApi.WriteNet(one.Net, token.Decimals), token.Symbol));
        }
        foreach (var (address, sum) in totals)
        {
            var token = await rooms.Tokens.ShownAsync(address, stop).ConfigureAwait(false);
            gross.Add(new TokenAmount(token.Write(sum), token.Symbol));
        }
        return new CycleView(row.Number, row.Obligations, gross, nets, [.. settled.Select(one => one.Id)], row.Root, row.At, row.Block, row.Transaction, $"/api/v1/clearing/cycles/{row.Number}/tally");
    }

    /// <summary>A reference in words: from the chain where it is short, from our notes where it is long.</summary>
    public string TextOf(Hash256 reference)
    {
        var text = References.TextOf(reference);
        return text.StartsWith("0x", StringComparison.Ordinal) ? rooms.Database.Read(session => session.Find($"SELECT reference FROM {References.Texts} WHERE word = {reference}", row => row.Text(0))) ?? text : text;
    }
}

/// <param name="Currency">The token's symbol.</param>
/// <param name="Cursor">Of this entry: give it as before= for the next page.</param>
public sealed record PaymentView(Hash256 Id, Address Payer, Address Payee, string Amount, string Currency, Address Token, string Reference, DateTimeOffset At, ulong Block, Hash256 Transaction, string Tally, long Cursor);
public sealed record DealView(ulong Id, Address Payer, Address Payee, string Amount, string Currency, string Held, string Released, string Refunded, string State, DateTimeOffset Deadline, Address? Arbiter, Hash256? SecretHash, DateTimeOffset At, Hash256 Transaction, string Tally);

/// <param name="Vested">What has become the payee's by now, withdrawn or not.</param>
public sealed record StreamView(ulong Id, Address Payer, Address Payee, string Amount, string Currency, string Vested, string Withdrawn, string Returned, DateTimeOffset Start, uint StepSeconds, uint Steps, string State, DateTimeOffset At, Hash256 Transaction, string Tally);
public sealed record ParticipantView(Address Account, bool Participates);
public sealed record PositionView(Address Participant, string Balance, string Currency, string? DebitCap, bool Participates);

/// <param name="State">waiting, settled or expired.</param>
public sealed record ObligationView(Hash256 Id, Address Debtor, Address Creditor, string Amount, string Currency, string Reference, Hash256? Counterpart, string State, ulong? Cycle, DateTimeOffset Deadline, DateTimeOffset QueuedAt);
public sealed record TokenAmount(string Amount, string Currency);
public sealed record NetView(Address Participant, string Net, string Currency);
public sealed record CycleView(ulong Number, int Obligations, IReadOnlyList<TokenAmount> Gross, IReadOnlyList<NetView> Nets, IReadOnlyList<Hash256> Settled, Hash256 Root, DateTimeOffset At, ulong Block, Hash256 Transaction, string Tally);
